#include "plexiform/form/model_settings.hpp"

#include <cmath>

#include "plexiform/base/error.hpp"
#include "plexiform/base/nearest.hpp"
#include "plexiform/base/wording.hpp"
#include "plexiform/form/setting_ranges.hpp"

namespace plexiform {
namespace {

/// The paper's network and penalties (Yan et al. 2020, as its published code has them): full space-time filters,
/// `valid` convolution, free output weights, contrast +-0.5, Keras' Adam.
Settings yan2020() {
  Settings s;
  s.preset = "yan2020";
  s.model.window = 8;
  s.model.filters = 8;
  s.model.filter_size = 7;
  s.model.separable = false;
  s.model.padding = Padding::valid;
  s.model.noise = 0.1;
  s.model.map = MapKind::free;
  s.model.contrast_scale = 0.5;
  s.train.try_subunits = false;
  s.train.start_from = StartFrom::random;
  s.train.starts = 1;
  s.train.batch = 5000;
  s.train.passes = 1000;
  s.train.steps = 50'000;
  s.train.learning_rate = 1e-3;
  s.train.final_rate = 1;
  s.train.averaging = 0;
  s.train.unit_filters = false;
  s.train.l1_filter = 5.5e-4;
  s.train.l2_filter = 1e-3;
  s.train.l1_map = 0;
  s.train.l2_map = 1e-3;
  s.train.l1_activity = 1e-3;
  return s;
}

/// One separable filter over the whole window: a linear-nonlinear model in the same words.
Settings ln() {
  Settings s;
  s.preset = "ln";
  s.model.full_window = true;
  s.model.padding = Padding::valid;
  s.model.subunits = SubunitNonlinearity::linear;
  s.model.map = MapKind::nonnegative;
  s.train.try_subunits = false;
  s.train.starts = 1;
  s.train.l1_map = 0;
  return s;
}

/// Numbers without which there is no network or no training.
void check_numbers(const Settings& settings) {
  for (const SettingRange& range : setting_ranges()) {
    const double value = value_of(range, settings);
    if (is_in(range, value)) continue;
    const double allowed = value > range.high && std::isfinite(range.high) ? range.high : range.low;
    throw Error(ErrorKind::usage,
                std::string(range.name) + " is " + number_text(value) + ", expected " + expected_text(range))
        .mended_by(range.name, number_text(allowed));
  }
}

}  // namespace

std::vector<std::string> setting_presets() {
  return {"default", "ln", "yan2020"};
}

Settings preset_settings(const std::string& name) {
  if (name == "default") return {};
  if (name == "ln") return ln();
  if (name == "yan2020") return yan2020();
  const auto known = setting_presets();
  const auto near = nearest(name, known);
  throw Error(ErrorKind::usage, "unknown preset '" + name + "'" + (near ? "; did you mean '" + *near + "'?" : ""),
              "known: default, ln, yan2020");
}

void check_settings(const Settings& settings) {
  const auto& m = settings.model;
  check_numbers(settings);
  if (!m.full_window && m.filter_size > m.window)
    throw Error(
        ErrorKind::usage,
        "filter_size is " + std::to_string(m.filter_size) + " pixels, the window has " + std::to_string(m.window),
        "make the filter smaller or the window larger")
        .mended_by("filter_size", std::to_string(m.window));
  if (m.full_window && m.padding == Padding::zero)
    throw Error(ErrorKind::usage, "full_window is true and padding is zero, expected padding valid")
        .mended_by("padding", "valid");
  if (m.full_window && settings.train.try_forms)
    throw Error(ErrorKind::usage, "full_window and try_forms are both true, expected one of them",
                "try_forms is for filters smaller than the window")
        .mended_by("try_forms", "false");
}

}  // namespace plexiform
