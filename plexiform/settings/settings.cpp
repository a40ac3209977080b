#include "plexiform/settings/settings.hpp"

#include <toml++/toml.h>

#include <charconv>
#include <cmath>
#include <functional>
#include <limits>
#include <sstream>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/nearest.hpp"
#include "plexiform/base/wording.hpp"

namespace plexiform {
namespace {

/// One setting: how it is read from text and written back. The table below is the only list of them.
struct Setting {
  std::string name;
  std::string meaning;
  std::function<void(Settings&, const std::string&)> set;
  std::function<std::string(const Settings&)> get;  ///< as TOML
};

[[noreturn]] void refuse(const std::string& name, const std::string& found, const std::string& expected) {
  throw Error(ErrorKind::usage, "setting '" + name + "' is '" + found + "', expected " + expected);
}

/// TOML tells a number from a whole one by its point.
std::string real_text(double value) {
  const std::string result = number_text(value);
  return result.find_first_of(".en") == std::string::npos ? result + ".0" : result;
}

template <class Part>
Setting integer(std::string name, Part Settings::*part, std::int64_t Part::*member, std::int64_t low, std::int64_t high,
                std::string meaning) {
  auto set = [=](Settings& s, const std::string& text) {
    std::int64_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc{} || end != text.data() + text.size() || value < low || value > high)
      refuse(name, text, "a whole number from " + std::to_string(low) + " to " + std::to_string(high));
    s.*part.*member = value;
  };
  return {name, std::move(meaning), set, [=](const Settings& s) { return std::to_string(s.*part.*member); }};
}

template <class Part>
Setting real(std::string name, Part Settings::*part, double Part::*member, double low, double high,
             std::string meaning) {
  auto set = [=](Settings& s, const std::string& text) {
    double value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc{} || end != text.data() + text.size() || !std::isfinite(value) || value < low ||
        value > high)
      refuse(name, text,
             std::isinf(high) ? "a number of at least " + real_text(low)
                              : "a number from " + real_text(low) + " to " + real_text(high));
    s.*part.*member = value;
  };
  return {name, std::move(meaning), set, [=](const Settings& s) { return real_text(s.*part.*member); }};
}

template <class Part>
Setting flag(std::string name, Part Settings::*part, bool Part::*member, std::string meaning) {
  auto set = [=](Settings& s, const std::string& text) {
    if (text != "true" && text != "false") refuse(name, text, "true or false");
    s.*part.*member = text == "true";
  };
  return {name, std::move(meaning), set,
          [=](const Settings& s) { return std::string(s.*part.*member ? "true" : "false"); }};
}

template <class Part, class Enum>
Setting choice(std::string name, Part Settings::*part, Enum Part::*member, std::vector<std::string> words,
               std::string meaning) {
  auto set = [=](Settings& s, const std::string& text) {
    for (std::size_t i = 0; i < words.size(); ++i)
      if (words[i] == text) {
        s.*part.*member = static_cast<Enum>(i);
        return;
      }
    std::string expected = words[0];
    for (std::size_t i = 1; i < words.size(); ++i) expected += (i + 1 < words.size() ? ", " : " or ") + words[i];
    refuse(name, text, expected);
  };
  auto get = [=](const Settings& s) { return '"' + words[static_cast<std::size_t>(s.*part.*member)] + '"'; };
  return {name, std::move(meaning), set, get};
}

/// "auto" lets the fit choose; any other word fixes the nonlinearity.
Setting subunits() {
  const std::string name = "subunits";
  const Setting fixed = choice(name, &Settings::model, &ModelSettings::subunits,
                               {"relu", "half_squared", "squared", "linear", "auto"}, "");
  auto set = [=](Settings& s, const std::string& text) {
    s.train.try_subunits = text == "auto";
    if (!s.train.try_subunits) fixed.set(s, text);
  };
  auto get = [=](const Settings& s) { return s.train.try_subunits ? std::string("\"auto\"") : fixed.get(s); };
  return {name, "subunit nonlinearity; auto: relu and half_squared are tried (squared where the average is empty)", set,
          get};
}

const std::vector<Setting>& table() {
  constexpr double inf = std::numeric_limits<double>::infinity();
  using M = ModelSettings;
  using T = TrainSettings;
  const auto m = &Settings::model;
  const auto t = &Settings::train;
  static const std::vector<Setting> settings = {
      integer("lags", m, &M::lags, 1, 1000, "frames of history, the frame itself included"),
      integer("window", m, &M::window, 1, 1000, "side of the window around the cell, pixels"),
      integer("filters", m, &M::filters, 1, kMostFilters, "number of filters"),
      integer("filter_size", m, &M::filter_size, 1, 1000, "side of a filter, pixels"),
      flag("separable", m, &M::separable, "filter = spatial x temporal; false: any space-time filter"),
      flag("full_window", m, &M::full_window, "filters as large as the window; filter_size is ignored"),
      choice("padding", m, &M::padding, {"zero", "valid"}, "zero contrast around the window, or whole filters only"),
      subunits(),
      real("noise", m, &M::noise, 0, inf, "standard deviation of noise added to subunits while training"),
      choice("map", m, &M::map, {"nonnegative", "free"}, "output weights over positions"),
      flag("suppression", m, &M::suppression, "a second map, of subunits of the opposite sign, that is subtracted"),
      choice("output", m, &M::output, {"softplus", "fitted"}, "output nonlinearity"),
      real("contrast_scale", m, &M::contrast_scale, 1e-6, 1e6, "what a contrast of 1 is worth at the input"),
      flag("try_forms", t, &T::try_forms,
           "also fit a larger filter, twice as many, and one that is not separable; validation decides"),
      choice("start_from", t, &T::start_from, {"average", "random"},
             "filters begin at the spike-triggered average, or at random"),
      integer("starts", t, &T::starts, 1, 1000, "fits from different starts; the best validation likelihood is kept"),
      integer("batch", t, &T::batch, 1, 10'000'000, "frames a step"),
      integer("passes", t, &T::passes, 1, 1'000'000, "at most so many passes over the training blocks"),
      integer("steps", t, &T::steps, 1, 1'000'000'000,
              "at most about so many steps, but never fewer than ten of the passes"),
      integer("patience", t, &T::patience, 1, 1'000'000, "passes without a better validation likelihood"),
      real("learning_rate", t, &T::learning_rate, 1e-9, 10, "Adam's rate at the start"),
      real("final_rate", t, &T::final_rate, 1e-6, 1, "share of the rate that is left after all passes (cosine)"),
      real("averaging", t, &T::averaging, 0, 0.999999, "decay a step of the running average of the weights; 0: none"),
      flag("unit_filters", t, &T::unit_filters, "scale filters to unit norm after each step"),
      real("l1_filter", t, &T::l1_filter, 0, inf, "L1 penalty on filter weights"),
      real("l2_filter", t, &T::l2_filter, 0, inf, "L2 penalty on filter weights"),
      real("smooth_filter", t, &T::smooth_filter, 0, inf, "penalty on the Laplacian of the spatial filter"),
      real("smooth_temporal", t, &T::smooth_temporal, 0, inf, "penalty on the second difference over lags"),
      real("l1_map", t, &T::l1_map, 0, inf, "L1 penalty on output weights"),
      real("l2_map", t, &T::l2_map, 0, inf, "L2 penalty on output weights"),
      real("l1_activity", t, &T::l1_activity, 0, inf, "L1 penalty on the subunits' activity"),
      real("block_seconds", t, &T::block_seconds, 0, 1e6,
           "length of the blocks that train and validate, seconds (never below 300 frames)"),
  };
  return settings;
}

std::string line_of(const toml::source_region& source) {
  return "line " + std::to_string(source.begin.line);
}

std::string toml_text(const toml::node& node) {
  if (const auto text = node.as_string()) return text->get();
  if (const auto whole = node.as_integer()) return std::to_string(whole->get());
  if (const auto number = node.as_floating_point()) return real_text(number->get());
  if (const auto flag = node.as_boolean()) return flag->get() ? "true" : "false";
  return "a table or list";
}

}  // namespace

std::vector<SettingInfo> setting_list() {
  std::vector<SettingInfo> list;
  for (const auto& setting : table()) list.push_back({setting.name, setting.meaning, setting.get({})});
  return list;
}

void set_value(Settings& settings, const std::string& name, const std::string& value) {
  std::vector<std::string> known;
  for (const auto& setting : table()) {
    if (setting.name == name) return setting.set(settings, value);
    known.push_back(setting.name);
  }
  const auto near = nearest(name, known);
  std::string list;
  for (const auto& one : known) list += (list.empty() ? "" : ", ") + one;
  throw Error(ErrorKind::usage, "unknown setting '" + name + "'" + (near ? "; did you mean '" + *near + "'?" : ""),
              "known: " + list);
}

void set_assignment(Settings& settings, const std::string& assignment) {
  const auto equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0)
    throw Error(ErrorKind::usage, "a setting is '" + assignment + "', expected name=value, such as filters=4");
  set_value(settings, assignment.substr(0, equals), assignment.substr(equals + 1));
}

Settings read_settings(const std::filesystem::path& path, const Settings& base) {
  return parse_settings(read_text(path), path.string(), base);
}

std::span<const RenamedSetting> renamed_settings() {
  return {};  // none so far: {"before", "now"}
}

Settings parse_settings(const std::string& text, const std::string& source, const Settings& base,
                        std::span<const RenamedSetting> renamed) {
  toml::table parsed;
  try {
    parsed = toml::parse(text, source);
  } catch (const toml::parse_error& problem) {
    throw Error(ErrorKind::damaged, "is not TOML: " + std::string(problem.description()))
        .in_object(line_of(problem.source()))
        .in_file(source);
  }
  if (const auto version = parsed["version"].value<std::int64_t>(); version.value_or(0) > kSettingsVersion)
    throw Error(
        ErrorKind::damaged,
        "found version " + std::to_string(*version) + " of settings, expected 1 to " + std::to_string(kSettingsVersion),
        "a newer plexiform wrote it: use that one")
        .in_file(source);
  Settings settings = base;
  const auto at_line = [&](const toml::node& node, const auto& use) {
    try {
      use();
    } catch (const Error& error) {
      throw error.in_object(line_of(node.source())).in_file(source);
    }
  };
  if (const auto* preset = parsed.get("preset"))
    at_line(*preset, [&] { settings = preset_settings(toml_text(*preset)); });
  for (const auto& [key, node] : parsed) {
    std::string name(key.str());
    if (name == "preset" || name == "run" || name == "format" || name == "version") continue;
    for (const RenamedSetting& old : renamed)
      if (name == old.before) name = old.now;
    const std::string value = toml_text(node);
    at_line(node, [&] { set_value(settings, name, value); });
  }
  return settings;
}

std::string to_toml(const Settings& settings) {
  std::ostringstream out;
  out << "preset = \"" << settings.preset << "\"\n";
  for (const auto& setting : table()) out << setting.name << " = " << setting.get(settings) << "\n";
  return out.str();
}

}  // namespace plexiform
