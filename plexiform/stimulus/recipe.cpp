#include "plexiform/stimulus/recipe.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "plexiform/base/error.hpp"
#include "plexiform/base/nearest.hpp"
#include "plexiform/stimulus/dead_leaves.hpp"
#include "plexiform/stimulus/full_field.hpp"
#include "plexiform/stimulus/gratings.hpp"
#include "plexiform/stimulus/ran1.hpp"
#include "plexiform/stimulus/ran1_stimulus.hpp"
#include "plexiform/stimulus/white_noise.hpp"

namespace plexiform {
namespace {

using Json = nlohmann::ordered_json;

/// The name of a kind of recipe in JSON.
template <class Recipe>
constexpr const char* kKind = nullptr;
template <>
constexpr const char* kKind<WhiteNoiseRecipe> = "white_noise";
template <>
constexpr const char* kKind<Ran1Recipe> = "ran1";
template <>
constexpr const char* kKind<DeadLeavesRecipe> = "dead_leaves";
template <>
constexpr const char* kKind<GratingRecipe> = "gratings";
template <>
constexpr const char* kKind<FlickerRecipe> = "flicker";
template <>
constexpr const char* kKind<ChirpRecipe> = "chirp";

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

/// Pixels, frames or the like.
void check_above(const char* name, double value, double least) {
  if (!(std::isfinite(value) && value >= least)) {
    refuse(std::string(name) + " is " + std::to_string(value) + ", expected a number of " + std::to_string(least) +
           " or more");
  }
}

void check_frames_each(std::int64_t frames) {
  check_length("frames_each", frames);
  if (frames < 1) refuse("frames_each is 0, expected 1 or more");
}

void check(const DeadLeavesRecipe& recipe) {
  check_grid(recipe.shape.channels, recipe.shape.height, recipe.shape.width);
  check_contrast(recipe.contrast);
  check_above("smallest", recipe.smallest, 0.25);  // smaller leaves take for ever to cover a pixel
  check_above("largest", recipe.largest, recipe.smallest);
  check_frames_each(recipe.frames_each);
}

void check(const GratingRecipe& recipe) {
  check_grid(recipe.shape.channels, recipe.shape.height, recipe.shape.width);
  check_contrast(recipe.contrast);
  check_above("shortest", recipe.shortest, 2);  // shorter periods do not exist on a grid
  check_above("longest", recipe.longest, recipe.shortest);
  check_above("cycle", recipe.cycle, 2);
  check_frames_each(recipe.frames_each);
}

void check(const FlickerRecipe& recipe) {
  check_grid(recipe.shape.channels, recipe.shape.height, recipe.shape.width);
  check_contrast(recipe.contrast);
  check_frames_each(recipe.frames_each);
}

void check(const ChirpRecipe& recipe) {
  check_grid(recipe.shape.channels, recipe.shape.height, recipe.shape.width);
  check_contrast(recipe.contrast);
  check_above("top_hertz", recipe.top_hertz, 0.5);
  check_above("frame_rate", recipe.frame_rate, 2 * recipe.top_hertz);  // Nyquist
}

void check(const Ran1Recipe& recipe) {
  check_grid(1, recipe.height, recipe.width);
  check_contrast(recipe.contrast);
  check_seed("seed", recipe.seed);
  check_length("running_frames", recipe.running_frames);
  check_length("frozen_frames", recipe.frozen_frames);
  if (recipe.frozen_frames > 0 && recipe.running_frames == 0) {
    refuse("frozen_frames is " + std::to_string(recipe.frozen_frames) + " and running_frames is 0, expected both",
           "give the number of running frames between two frozen blocks");
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
constexpr Choice<Normalisation> kNormalisations[] = {{"set", Normalisation::set}, {"image", Normalisation::image}};
constexpr Choice<GratingMotion> kMotions[] = {{"drifting", GratingMotion::drifting},
                                              {"reversing", GratingMotion::reversing}};

template <class On>
void shape_fields(FrameShape& shape, On on) {
  on("channels", shape.channels);
  on("height", shape.height);
  on("width", shape.width);
}

/// Calls on(name, field) for each field of a recipe.
template <class On>
void fields(WhiteNoiseRecipe& r, On on) {
  on("values", r.values);
  on("seed", r.seed);
  shape_fields(r.shape, on);
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

template <class On>
void fields(DeadLeavesRecipe& r, On on) {
  on("seed", r.seed);
  shape_fields(r.shape, on);
  on("smallest", r.smallest);
  on("largest", r.largest);
  on("normalisation", r.normalisation);
  on("contrast", r.contrast);
  on("frames_each", r.frames_each);
}

template <class On>
void fields(GratingRecipe& r, On on) {
  on("motion", r.motion);
  on("seed", r.seed);
  shape_fields(r.shape, on);
  on("contrast", r.contrast);
  on("shortest", r.shortest);
  on("longest", r.longest);
  on("cycle", r.cycle);
  on("frames_each", r.frames_each);
}

template <class On>
void fields(FlickerRecipe& r, On on) {
  on("values", r.values);
  on("seed", r.seed);
  shape_fields(r.shape, on);
  on("contrast", r.contrast);
  on("frames_each", r.frames_each);
}

template <class On>
void fields(ChirpRecipe& r, On on) {
  shape_fields(r.shape, on);
  on("contrast", r.contrast);
  on("frame_rate", r.frame_rate);
  on("top_hertz", r.top_hertz);
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
  void operator()(const char* name, Normalisation value) const { choose(name, value, kNormalisations); }
  void operator()(const char* name, GratingMotion value) const { choose(name, value, kMotions); }

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
  void operator()(const char* name, Normalisation& value) const { choose(name, value, kNormalisations); }
  void operator()(const char* name, GratingMotion& value) const { choose(name, value, kMotions); }

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
Json written(Recipe recipe) {
  Json json;
  json["kind"] = kKind<Recipe>;
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
  // Unknown names come first, so that a misspelt field is reported as such and not as missing.
  fields(recipe, [&](const char* name, const auto&) { known.emplace_back(name); });
  refuse_unknown(json, known);
  fields(recipe, Reader{json});
  check(recipe);
  return recipe;
}

std::unique_ptr<Stimulus> made(const WhiteNoiseRecipe& recipe) {
  return white_noise_stimulus(recipe);
}
std::unique_ptr<Stimulus> made(const Ran1Recipe& recipe) {
  return ran1_stimulus(recipe);
}
std::unique_ptr<Stimulus> made(const DeadLeavesRecipe& recipe) {
  return dead_leaves_stimulus(recipe);
}
std::unique_ptr<Stimulus> made(const GratingRecipe& recipe) {
  return grating_stimulus(recipe);
}
std::unique_ptr<Stimulus> made(const FlickerRecipe& recipe) {
  return flicker_stimulus(recipe);
}
std::unique_ptr<Stimulus> made(const ChirpRecipe& recipe) {
  return chirp_stimulus(recipe);
}

/// The recipe of the kind that is named; tries the alternatives in turn.
template <std::size_t i = 0>
StimulusRecipe reading_kind(const std::string& kind, const Json& json, const std::string& names_before = {}) {
  if constexpr (i < std::variant_size_v<StimulusRecipe>) {
    using Recipe = std::variant_alternative_t<i, StimulusRecipe>;
    if (kind == kKind<Recipe>) return reading<Recipe>(json);
    return reading_kind<i + 1>(kind, json, names_before + (i == 0 ? "" : ", ") + kKind<Recipe>);
  } else {
    refuse("its kind is '" + kind + "', expected one of " + names_before);
  }
}

}  // namespace

std::unique_ptr<Stimulus> make_stimulus(const StimulusRecipe& recipe) {
  return std::visit(
      [](const auto& r) {
        check(r);
        return made(r);
      },
      recipe);
}

std::string to_json(const StimulusRecipe& recipe) {
  return std::visit([](const auto& r) { return written(r).dump(); }, recipe);
}

StimulusRecipe recipe_from_json(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) refuse("is not a JSON object");
  const auto kind = json.find("kind");
  if (kind == json.end() || !kind->is_string()) {
    refuse("its kind is " + (kind == json.end() ? std::string("missing") : kind->dump()) + ", expected a name");
  }
  return reading_kind(kind->get<std::string>(), json);
}

}  // namespace plexiform
