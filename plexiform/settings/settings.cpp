#include "plexiform/settings/settings.hpp"

#include <toml++/toml.h>

#include <charconv>
#include <functional>
#include <optional>
#include <sstream>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/nearest.hpp"
#include "plexiform/form/setting_ranges.hpp"

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

template <class Number>
std::optional<Number> number_from(const std::string& text) {
  Number value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// A number in the range that it has in every way to set it.
Setting number(std::string name, std::string meaning) {
  const SettingRange& range = setting_range(name);
  auto set = [name, &range](Settings& s, const std::string& text) {
    std::optional<double> value;
    if (!is_whole(range))
      value = number_from<double>(text);
    else if (const auto whole = number_from<std::int64_t>(text))
      value = static_cast<double>(*whole);
    if (!value || !is_in(range, *value)) refuse(name, text, expected_text(range));
    put_value(range, s, *value);
  };
  auto get = [&range](const Settings& s) {
    const double value = value_of(range, s);
    return is_whole(range) ? std::to_string(static_cast<std::int64_t>(value)) : real_text(value);
  };
  return {std::move(name), std::move(meaning), set, get};
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
  using M = ModelSettings;
  using T = TrainSettings;
  const auto m = &Settings::model;
  const auto t = &Settings::train;
  static const std::vector<Setting> settings = {
      number("lags", "frames of history, the frame itself included"),
      number("window", "side of the window around the cell, pixels"),
      number("filters", "number of filters"),
      number("filter_size", "side of a filter, pixels"),
      flag("separable", m, &M::separable, "filter = spatial x temporal; false: any space-time filter"),
      flag("full_window", m, &M::full_window, "filters as large as the window; filter_size is ignored"),
      choice("padding", m, &M::padding, {"zero", "valid"}, "zero contrast around the window, or whole filters only"),
      subunits(),
      number("noise", "standard deviation of noise added to subunits while training"),
      choice("map", m, &M::map, {"nonnegative", "free"}, "output weights over positions"),
      flag("suppression", m, &M::suppression, "a second map, of subunits of the opposite sign, that is subtracted"),
      choice("output", m, &M::output, {"softplus", "fitted"}, "output nonlinearity"),
      number("contrast_scale", "what a contrast of 1 is worth at the input"),
      flag("try_forms", t, &T::try_forms,
           "also fit a larger filter, twice as many, and one that is not separable; validation decides"),
      choice("start_from", t, &T::start_from, {"average", "random"},
             "filters begin at the spike-triggered average, or at random"),
      number("starts", "fits from different starts; the best validation likelihood is kept"),
      number("batch", "frames a step"),
      number("passes", "at most so many passes over the training blocks"),
      number("steps", "at most about so many steps, but never fewer than ten of the passes"),
      number("patience", "passes without a better validation likelihood"),
      number("learning_rate", "Adam's rate at the start"),
      number("final_rate", "share of the rate that is left after all passes (cosine)"),
      number("averaging", "decay a step of the running average of the weights; 0: none"),
      flag("unit_filters", t, &T::unit_filters, "scale filters to unit norm after each step"),
      number("l1_filter", "L1 penalty on filter weights"),
      number("l2_filter", "L2 penalty on filter weights"),
      number("smooth_filter", "penalty on the Laplacian of the spatial filter"),
      number("smooth_temporal", "penalty on the second difference over lags"),
      number("l1_map", "L1 penalty on output weights"),
      number("l2_map", "L2 penalty on output weights"),
      number("l1_activity", "L1 penalty on the subunits' activity"),
      number("block_seconds", "length of the blocks that train and validate, seconds (never below 300 frames)"),
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
