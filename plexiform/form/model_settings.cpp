#include "plexiform/form/model_settings.hpp"

#include <utility>

#include "plexiform/base/error.hpp"
#include "plexiform/base/nearest.hpp"
#include "plexiform/base/wording.hpp"

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

void at_least(const char* name, double value, double least) {
  if (value >= least) return;
  throw Error(ErrorKind::usage,
              std::string(name) + " is " + number_text(value) + ", expected " + number_text(least) + " or more")
      .mended_by(name, number_text(least));
}

/// Numbers without which there is no network or no training; NaN is none.
void check_numbers(const ModelSettings& m, const TrainSettings& t) {
  for (const auto& [name, value] :
       {std::pair("lags", m.lags), std::pair("window", m.window), std::pair("filters", m.filters),
        std::pair("filter_size", m.filter_size), std::pair("starts", t.starts), std::pair("batch", t.batch),
        std::pair("passes", t.passes), std::pair("steps", t.steps), std::pair("patience", t.patience)})
    at_least(name, static_cast<double>(value), 1);
  for (const auto& [name, value] :
       {std::pair("noise", m.noise), std::pair("averaging", t.averaging), std::pair("l1_filter", t.l1_filter),
        std::pair("l2_filter", t.l2_filter), std::pair("smooth_filter", t.smooth_filter),
        std::pair("smooth_temporal", t.smooth_temporal), std::pair("l1_map", t.l1_map), std::pair("l2_map", t.l2_map),
        std::pair("l1_activity", t.l1_activity), std::pair("block_seconds", t.block_seconds)})
    at_least(name, value, 0);
  for (const auto& [name, value] : {std::pair("learning_rate", t.learning_rate), std::pair("final_rate", t.final_rate),
                                    std::pair("contrast_scale", m.contrast_scale)})
    at_least(name, value, 1e-9);
  if (m.filters > kMostFilters)
    throw Error(ErrorKind::usage,
                "filters is " + std::to_string(m.filters) + ", expected " + std::to_string(kMostFilters) + " or fewer")
        .mended_by("filters", std::to_string(kMostFilters));
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
  check_numbers(m, settings.train);
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
