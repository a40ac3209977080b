#include <toml++/toml.h>

#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/nearest.hpp"
#include "plexiform/base/wording.hpp"
#include "plexiform/cell/preset.hpp"
#include "plexiform/cell/presets.hpp"
#include "plexiform/cell/shown.hpp"
#include "plexiform/recording/magnitudes.hpp"

namespace plexiform {
namespace {

[[noreturn]] void refuse(const std::string& key, const std::string& found, const std::string& expected) {
  throw Error(ErrorKind::usage, key + " is " + found + ", expected " + expected);
}

template <class T>
T parsed(const std::string& key, const std::string& text) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [stopped, code] = std::from_chars(text.data(), end, value);
  if (code == std::errc{} && stopped == end) return value;
  refuse(key, "'" + text + "'",
         std::is_floating_point_v<T> ? "a number"
         : std::is_unsigned_v<T>     ? "a whole number, 0 or more"
                                     : "a whole number");
}

NoiseValues noise_values(const std::string& text) {
  if (text == "binary") return NoiseValues::binary;
  if (text == "gaussian") return NoiseValues::gaussian;
  refuse("noise", "'" + text + "'", "binary or gaussian");
}

Normalisation normalisation(const std::string& text) {
  if (text == "set") return Normalisation::set;
  if (text == "image") return Normalisation::image;
  refuse("normalisation", "'" + text + "'", "set or image");
}

struct Key {
  const char* name;
  void (*set)(CellRecipe& recipe, const std::string& key, const std::string& value);
};

/// A key whose field is a number, or an optional one.
template <class T, auto member>
void set_number(CellRecipe& recipe, const std::string& key, const std::string& value) {
  recipe.*member = parsed<T>(key, value);
}
template <class T, auto member>
void set_shown(CellRecipe& recipe, const std::string& key, const std::string& value) {
  recipe.show.*member = parsed<T>(key, value);
}

template <class T, auto member>
void set_trait(CellRecipe& recipe, const std::string& key, const std::string& value) {
  recipe.traits.*member = parsed<T>(key, value);
}

bool yes_or_no(const std::string& key, const std::string& text) {
  if (text == "yes") return true;
  if (text == "no") return false;
  refuse(key, "'" + text + "'", "yes or no");
}

constexpr std::array kKeys{
    Key{"preset", [](CellRecipe& r, const std::string&, const std::string& v) { r.preset = v; }},
    Key{"seed", set_number<std::uint64_t, &CellRecipe::seed>},
    Key{"stimulus_seed", set_number<std::uint64_t, &CellRecipe::stimulus_seed>},
    Key{"frames", set_number<std::int64_t, &CellRecipe::frames>},
    Key{"frame_rate", set_number<double, &CellRecipe::frame_rate>},
    Key{"noise", [](CellRecipe& r, const std::string&, const std::string& v) { r.noise = noise_values(v); }},
    Key{"cells", set_number<std::int64_t, &CellRecipe::cells>},
    Key{"stimulus", [](CellRecipe& r, const std::string&, const std::string& v) { r.show.kind = shown_from(v); }},
    Key{"contrast", set_shown<double, &ShowRecipe::contrast>},
    Key{"frames_each", set_shown<std::int64_t, &ShowRecipe::frames_each>},
    Key{"normalisation",
        [](CellRecipe& r, const std::string&, const std::string& v) { r.show.normalisation = normalisation(v); }},
    Key{"images", [](CellRecipe& r, const std::string&, const std::string& v) { r.show.images = {v}; }},
    Key{"raw", [](CellRecipe& r, const std::string&, const std::string& v) { r.show.raw = raw_image_from(v); }},
    Key{"image_scale", set_shown<std::int64_t, &ShowRecipe::image_scale>},
    Key{"jitter", set_shown<double, &ShowRecipe::jitter>},
    Key{"subunits",
        [](CellRecipe& r, const std::string&, const std::string& v) { r.subunits = subunit_nonlinearity_from(v); }},
    Key{"output",
        [](CellRecipe& r, const std::string&, const std::string& v) { r.output = output_nonlinearity_from(v); }},
    Key{"output_scale", set_number<double, &CellRecipe::output_scale>},
    Key{"spikes", [](CellRecipe& r, const std::string&, const std::string& v) { r.spikes = spike_rule_from(v); }},
    Key{"amplitude", set_number<double, &CellRecipe::amplitude>},
    Key{"threshold", set_number<double, &CellRecipe::threshold>},
    Key{"threshold_of_mean", set_number<double, &CellRecipe::threshold_of_mean>},
    Key{"gain", set_number<double, &CellRecipe::gain>},
    Key{"target_rate", set_number<double, &CellRecipe::target_rate>},
    Key{"fano", set_number<double, &CellRecipe::fano>},
    Key{"sizes_vary", set_number<double, &CellRecipe::sizes_vary>},
    Key{"temporal_vary", set_number<double, &CellRecipe::temporal_vary>},
    Key{"surround", set_number<double, &CellRecipe::surround>},
    Key{"latency_vary", set_trait<double, &CellTraits::latency_vary>},
    Key{"other_polarity", set_trait<std::int64_t, &CellTraits::other_polarity>},
    Key{"twins",
        [](CellRecipe& r, const std::string& key, const std::string& v) { r.traits.twins = yes_or_no(key, v); }},
    Key{"suppressive", set_trait<std::int64_t, &CellTraits::suppressive>},
    Key{"suppressive_weight", set_trait<double, &CellTraits::suppressive_weight>},
    Key{"suppressive_delay", set_trait<double, &CellTraits::suppressive_delay>},
    Key{"suppressive_size", set_trait<double, &CellTraits::suppressive_size>},
    Key{"suppressive_polarity", [](CellRecipe& r, const std::string&,
                                   const std::string& v) { r.traits.suppressive_polarity = polarity_from(v); }},
    Key{"subunit_surround", set_trait<double, &CellTraits::subunit_surround>},
    Key{"subunit_surround_size", set_trait<double, &CellTraits::subunit_surround_size>},
    Key{"profile", [](CellRecipe& r, const std::string&, const std::string& v) { r.traits.profile = profile_from(v); }},
    Key{"drift", set_trait<double, &CellTraits::drift>},
    Key{"shared_noise", set_trait<double, &CellTraits::shared_noise>},
    Key{"refractory", set_trait<double, &CellTraits::refractory>},
    Key{"divisive_gain", set_trait<double, &CellTraits::divisive_gain>},
};

const Key& key_of(const std::string& name) {
  std::vector<std::string> known;
  for (const Key& key : kKeys) {
    if (name == key.name) return key;
    known.emplace_back(key.name);
  }
  std::string list;
  for (const auto& one : known) list += (list.empty() ? "" : ", ") + one;
  const auto near = nearest(name, known);
  throw Error(ErrorKind::usage, "unknown setting '" + name + "'" + (near ? "; did you mean '" + *near + "'?" : ""),
              "known: " + list);
}

void check_finite(const char* key, std::optional<double> value) {
  if (value && !std::isfinite(*value)) refuse(key, number_text(*value), "a finite number");
}
void check_not_negative(const char* key, std::optional<double> value) {
  if (value && !(std::isfinite(*value) && *value >= 0)) refuse(key, number_text(*value), "a number, 0 or more");
}
void check_positive(const char* key, std::optional<double> value) {
  if (value && !(std::isfinite(*value) && *value > 0)) refuse(key, number_text(*value), "a number above 0");
}
void check_range(const char* key, std::optional<double> value, bool holds, const char* expected) {
  if (value && !holds) refuse(key, number_text(*value), expected);
}
void check_variation(const char* key, std::optional<double> value) {
  check_range(key, value, value >= 0 && value <= 2, "a number from 0 to 2");
}
void check_share(const char* key, std::optional<double> value) {
  check_range(key, value, value >= 0 && value <= 1, "a number from 0 to 1");
}
void check_count(const char* key, std::optional<std::int64_t> value, std::int64_t most) {
  if (value && (*value < 0 || *value > most)) refuse(key, std::to_string(*value), "0 to " + std::to_string(most));
}

void check_traits(const CellTraits& traits) {
  check_variation("latency_vary", traits.latency_vary);
  check_count("other_polarity", traits.other_polarity, 1000);  // the layout knows how many it has
  check_count("suppressive", traits.suppressive, 12);
  const auto above = [](const char* key, std::optional<double> value, double most, const char* expected) {
    check_range(key, value, value > 0 && value <= most, expected);
  };
  above("suppressive_weight", traits.suppressive_weight, 2, "a number above 0, at most 2");
  check_range("suppressive_delay", traits.suppressive_delay,
              traits.suppressive_delay >= 0 && traits.suppressive_delay <= 10, "a number from 0 to 10");
  above("suppressive_size", traits.suppressive_size, 8, "a number above 0, at most 8");
  check_share("subunit_surround", traits.subunit_surround);
  // Narrower ones take the centre away.
  check_range("subunit_surround_size", traits.subunit_surround_size,
              traits.subunit_surround_size >= 1.5 && traits.subunit_surround_size <= 10, "a number from 1.5 to 10");
  check_variation("drift", traits.drift);
  check_variation("shared_noise", traits.shared_noise);
  check_share("refractory", traits.refractory);
  check_share("divisive_gain", traits.divisive_gain);
}
void check_one_of(const char* a, bool has_a, const char* b, bool has_b) {
  if (has_a && has_b) {
    throw Error(ErrorKind::usage, std::string(a) + " and " + b + " are both set, expected one of them",
                std::string("omit ") + a + " or " + b);
  }
}

/// A value as set_recipe_value takes it.
std::string text_of(const std::string& key, const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* whole = node.as_integer()) return std::to_string(whole->get());
  if (const auto* number = node.as_floating_point()) return number_text(number->get());
  refuse(key, "a value of another type", "a number or a text");
}

std::string line_of(const toml::source_region& source) {
  return "line " + std::to_string(source.begin.line);
}

toml::table parsed_file(const std::filesystem::path& path) {
  try {
    return toml::parse(read_text(path), path.string());
  } catch (const toml::parse_error& error) {
    throw Error(ErrorKind::damaged, "is not TOML: " + std::string(error.description()))
        .in_object(line_of(error.source()))
        .in_file(path);
  }
}

}  // namespace

void check_recipe(const CellRecipe& recipe) {
  preset_of(recipe.preset);
  constexpr std::int64_t kMostFrames = 1'000'000'000;
  if (recipe.frames && (*recipe.frames <= kPresetLags || *recipe.frames > kMostFrames)) {
    refuse("frames", std::to_string(*recipe.frames),
           "more than the " + std::to_string(kPresetLags) + " lags of the filter, and at most " +
               std::to_string(kMostFrames));
  }
  constexpr std::int64_t kMostCells = 10'000;
  if (recipe.cells < 1 || recipe.cells > kMostCells) {
    refuse("cells", std::to_string(recipe.cells), "1 to " + std::to_string(kMostCells));
  }
  check_range("frame_rate", recipe.frame_rate, kFrameRates.holds(recipe.frame_rate), kFrameRates.range);
  check_positive("amplitude", recipe.amplitude);
  check_finite("threshold", recipe.threshold);
  check_finite("threshold_of_mean", recipe.threshold_of_mean);
  check_not_negative("gain", recipe.gain);
  check_not_negative("target_rate", recipe.target_rate);
  check_positive("output_scale", recipe.output_scale);
  check_range("fano", recipe.fano, recipe.fano > 1 && recipe.fano <= 100, "a number above 1, at most 100");
  check_variation("sizes_vary", recipe.sizes_vary);
  check_variation("temporal_vary", recipe.temporal_vary);
  check_not_negative("surround", recipe.surround);
  check_traits(recipe.traits);
  check_one_of("threshold", recipe.threshold.has_value(), "threshold_of_mean", recipe.threshold_of_mean.has_value());
  check_one_of("gain", recipe.gain.has_value(), "target_rate", recipe.target_rate.has_value());
}

void set_recipe_value(CellRecipe& recipe, const std::string& key, const std::string& value) {
  CellRecipe changed = recipe;
  key_of(key).set(changed, key, value);
  check_recipe(changed);
  recipe = std::move(changed);
}

CellRecipe read_recipe(const std::filesystem::path& path) {
  CellRecipe recipe;
  for (const auto& [key, node] : parsed_file(path)) {
    const std::string name(key.str());
    try {
      set_recipe_value(recipe, name, text_of(name, node));
    } catch (const Error& error) {
      throw error.in_object(line_of(key.source())).in_file(path);
    }
  }
  return recipe;
}

}  // namespace plexiform
