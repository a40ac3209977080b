#include "plexiform/stimulus/recipe.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "plexiform/base/error.hpp"
#include "plexiform/base/nearest.hpp"
#include "plexiform/stimulus/ran1.hpp"
#include "plexiform/stimulus/ran1_stimulus.hpp"
#include "plexiform/stimulus/white_noise.hpp"

namespace plexiform {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kWhiteNoise = "white_noise";
constexpr const char* kRan1 = "ran1";

[[noreturn]] void refuse(const std::string& message, const std::string& advice = {}) {
  throw Error(ErrorKind::data, "stimulus recipe: " + message, advice);
}

// ---- what makes sense

void check_grid(std::int64_t channels, std::int64_t height, std::int64_t width) {
  constexpr std::int64_t kLongest = 1 << 20;  // an axis; the product of three stays far from overflow
  for (const std::int64_t n : {channels, height, width}) {
    if (n >= 1 && n <= kLongest) continue;
    refuse("the grid has " + std::to_string(channels) + " channels of " + std::to_string(height) + " x " +
           std::to_string(width) + " pixels, expected each from 1 to " + std::to_string(kLongest));
  }
}

void check_contrast(double contrast) {
  if (!(std::isfinite(contrast) && contrast > 0)) {
    refuse("the contrast is " + std::to_string(contrast) + ", expected a number above 0");
  }
}

void check_length(const char* name, std::int64_t frames) {
  constexpr std::int64_t kLongest = std::int64_t{1} << 40;
  if (frames < 0 || frames > kLongest) {
    refuse(std::string(name) + " is " + std::to_string(frames) + ", expected 0 to " + std::to_string(kLongest));
  }
}

void check_seed(const char* name, std::int64_t seed) {
  if (seed >= 0 || seed <= -Ran1::kModulus) {
    refuse(std::string(name) + " is " + std::to_string(seed) + ", expected a negative number above " +
           std::to_string(-Ran1::kModulus) + ", as ran1 takes it");
  }
}

void check(const WhiteNoiseRecipe& recipe) {
  check_grid(recipe.shape.channels, recipe.shape.height, recipe.shape.width);
  check_contrast(recipe.contrast);
}

void check(const Ran1Recipe& recipe) {
  check_grid(1, recipe.height, recipe.width);
  check_contrast(recipe.contrast);
  check_seed("seed", recipe.seed);
  check_length("running_frames", recipe.running_frames);
  check_length("frozen_frames", recipe.frozen_frames);
  if (recipe.frozen_frames > 0 && recipe.running_frames == 0) {
    refuse("frozen_frames is " + std::to_string(recipe.frozen_frames) + " and running_frames is 0, expected both",
           "say how many running frames come between two frozen blocks");
  }
  if (recipe.frozen_frames > 0 && recipe.frozen_seed != 0) check_seed("frozen_seed", recipe.frozen_seed);
}

// ---- one list of fields for both directions

template <class Enum>
struct Choice {
  const char* name;
  Enum value;
};
constexpr Choice<NoiseValues> kNoiseValues[] = {{"binary", NoiseValues::binary}, {"gaussian", NoiseValues::gaussian}};
constexpr Choice<PixelOrder> kPixelOrders[] = {{"xy", PixelOrder::xy}, {"yx", PixelOrder::yx}};

/// Calls on(name, field) for each field of a recipe.
template <class On>
void fields(WhiteNoiseRecipe& r, On on) {
  on("values", r.values);
  on("seed", r.seed);
  on("channels", r.shape.channels);
  on("height", r.shape.height);
  on("width", r.shape.width);
  on("contrast", r.contrast);
}

template <class On>
void fields(Ran1Recipe& r, On on) {
  on("values", r.values);
  on("seed", r.seed);
  on("height", r.height);
  on("width", r.width);
  on("order", r.order);
  on("contrast", r.contrast);
  on("running_frames", r.running_frames);
  on("frozen_frames", r.frozen_frames);
  on("frozen_seed", r.frozen_seed);
}

/// Writes a field.
struct Writer {
  Json& json;
  template <class T>
  void operator()(const char* name, const T& value) const {
    json[name] = value;
  }
  void operator()(const char* name, NoiseValues value) const { choose(name, value, kNoiseValues); }
  void operator()(const char* name, PixelOrder value) const { choose(name, value, kPixelOrders); }

  template <class Enum, std::size_t n>
  void choose(const char* name, Enum value, const Choice<Enum> (&choices)[n]) const {
    for (const auto& choice : choices) {
      if (choice.value == value) json[name] = choice.name;
    }
  }
};

/// Reads a field.
struct Reader {
  const Json& json;

  const Json& at(const char* name) const {
    const auto found = json.find(name);
    if (found == json.end()) refuse(std::string("the field '") + name + "' is missing");
    return *found;
  }
  [[noreturn]] static void wrong(const char* name, const Json& found, const std::string& expected) {
    refuse(std::string("the field '") + name + "' is " + found.dump() + ", expected " + expected);
  }

  void operator()(const char* name, double& value) const {
    const Json& found = at(name);
    if (!found.is_number()) wrong(name, found, "a number");
    value = found.get<double>();
  }
  void operator()(const char* name, std::uint64_t& value) const {
    const Json& found = at(name);
    if (!found.is_number_unsigned()) wrong(name, found, "a whole number, 0 or more");
    value = found.get<std::uint64_t>();
  }
  void operator()(const char* name, std::int64_t& value) const {
    const Json& found = at(name);
    const bool too_large = found.is_number_unsigned() && found.get<std::uint64_t>() > INT64_MAX;
    if (!found.is_number_integer() || too_large) wrong(name, found, "a whole number");
    value = found.get<std::int64_t>();
  }
  void operator()(const char* name, NoiseValues& value) const { choose(name, value, kNoiseValues); }
  void operator()(const char* name, PixelOrder& value) const { choose(name, value, kPixelOrders); }

  template <class Enum, std::size_t n>
  void choose(const char* name, Enum& value, const Choice<Enum> (&choices)[n]) const {
    const Json& found = at(name);
    std::string expected;
    for (const auto& choice : choices) {
      if (found.is_string() && found.get<std::string>() == choice.name) {
        value = choice.value;
        return;
      }
      expected += (expected.empty() ? "" : " or ") + std::string(choice.name);
    }
    wrong(name, found, expected);
  }
};

template <class Recipe>
Json written(const char* kind, Recipe recipe) {
  Json json;
  json["kind"] = kind;
  fields(recipe, Writer{json});
  return json;
}

void refuse_unknown(const Json& json, const std::vector<std::string>& known) {
  for (const auto& [name, value] : json.items()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const auto near = nearest(name, known);
    refuse("unknown field '" + name + "'" + (near ? "; did you mean '" + *near + "'?" : ""));
  }
}

template <class Recipe>
StimulusRecipe reading(const Json& json) {
  std::vector<std::string> known{"kind"};
  Recipe recipe;
  // Unknown names come first, so that a misspelt field is told as such and not as missing.
  fields(recipe, [&](const char* name, const auto&) { known.emplace_back(name); });
  refuse_unknown(json, known);
  fields(recipe, Reader{json});
  check(recipe);
  return recipe;
}

}  // namespace

std::unique_ptr<Stimulus> make_stimulus(const StimulusRecipe& recipe) {
  std::visit([](const auto& r) { check(r); }, recipe);
  if (const auto* white = std::get_if<WhiteNoiseRecipe>(&recipe)) return white_noise_stimulus(*white);
  return ran1_stimulus(std::get<Ran1Recipe>(recipe));
}

std::string to_json(const StimulusRecipe& recipe) {
  if (const auto* white = std::get_if<WhiteNoiseRecipe>(&recipe)) return written(kWhiteNoise, *white).dump();
  return written(kRan1, std::get<Ran1Recipe>(recipe)).dump();
}

StimulusRecipe recipe_from_json(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) refuse("is no JSON object");
  const auto kind = json.find("kind");
  if (kind != json.end() && *kind == kWhiteNoise) return reading<WhiteNoiseRecipe>(json);
  if (kind != json.end() && *kind == kRan1) return reading<Ran1Recipe>(json);
  refuse("its kind is " + (kind == json.end() ? std::string("missing") : kind->dump()) + ", expected " + kWhiteNoise +
         " or " + kRan1);
}

}  // namespace plexiform
