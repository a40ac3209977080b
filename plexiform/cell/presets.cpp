#include "plexiform/cell/presets.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

#include "plexiform/base/error.hpp"
#include "plexiform/base/nearest.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/cell/circuit_rate.hpp"
#include "plexiform/cell/preset.hpp"

namespace plexiform {
namespace {

constexpr double kUnset = std::numeric_limits<double>::quiet_NaN();

constexpr Preset mosaic(const char* name, const char* description, Layout (*layout)(std::uint64_t)) {
  return {.name = name,
          .description = description,
          .layout = layout,
          .frames = 30000,
          .subunits = SubunitNonlinearity::relu,
          .spikes = SpikeRule::poisson,
          .amplitude = 1,
          .filter_norm = 1,
          .threshold = kUnset,
          .threshold_of_mean = 0.5,
          .gain = kUnset,
          .target_rate = 0.1};
}

constexpr std::array kPresets{
    Preset{.name = "yan2020",
           .description = "8 x 8 pixels, four subunits of 2 x 2 pixels, at most one spike a frame; the cell of Yan et "
                          "al. 2020 (gain 2: sparse; --set gain=10: denser)",
           .layout = blocks_layout,
           .frames = 300000,
           .subunits = SubunitNonlinearity::relu,
           .spikes = SpikeRule::at_most_one,
           .amplitude = 0.5,
           .filter_norm = 2,
           .threshold = 2.5,
           .threshold_of_mean = kUnset,
           .gain = 2,
           .target_rate = kUnset},
    mosaic("mosaic5", "16 x 16 pixels, five Gaussian subunits on a ring, seeded layout, 0.1 spikes a frame",
           ring_layout),
    mosaic("mosaic9", "16 x 16 pixels, nine Gaussian subunits on a grid, seeded layout, 0.1 spikes a frame",
           grid_layout),
    mosaic("linear", "16 x 16 pixels, one wide Gaussian filter: a cell without subunits, 0.1 spikes a frame",
           single_layout),
};

/// The drive on frames of the cell's own, whatever it is shown later.
std::vector<double> calibration_drive(const Circuit& circuit, const CellRecipe& recipe, int threads) {
  constexpr std::int64_t kFrames = 20000;
  constexpr std::uint64_t kCalibrationPurpose = 2;
  WhiteNoiseRecipe noise;
  noise.values = recipe.noise;
  noise.seed = derived_seed(recipe.seed, kCalibrationPurpose);
  noise.shape = {1, circuit.spatial.shape[1], circuit.spatial.shape[2]};
  const std::int64_t begin = circuit.lags() - 1;
  return circuit_drive(circuit, *make_stimulus(noise), begin, begin + kFrames, threads);
}

double mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// Mean spikes per frame at a gain, `above` being the drive above threshold.
double mean_rate(std::span<const double> above, double gain, SpikeRule rule) {
  double sum = 0;
  for (const double x : above) sum += rule == SpikeRule::at_most_one ? std::min(1.0, gain * x) : gain * x;
  return sum / static_cast<double>(above.size());
}

/// What no gain can exceed: with at most one spike a frame, the share of frames whose drive is above threshold.
double highest_rate(std::span<const double> above, SpikeRule rule) {
  const auto n = std::count_if(above.begin(), above.end(), [](double x) { return x > 0; });
  if (rule == SpikeRule::poisson && n > 0) return std::numeric_limits<double>::infinity();
  return static_cast<double>(n) / static_cast<double>(above.size());
}

/// The gain that gives the target rate; the rate grows with the gain.
double gain_for(double target, std::vector<double> drive, const Circuit& circuit) {
  if (target == 0) return 0;
  for (double& x : drive) x = std::max(x - circuit.threshold, 0.0);
  const double most = highest_rate(drive, circuit.spikes);
  if (target >= most) {
    throw Error(ErrorKind::usage, "target_rate is " + std::to_string(target) + " spikes per frame, expected below " +
                                      std::to_string(most) + ": the other frames have no drive above the threshold " +
                                      std::to_string(circuit.threshold));
  }
  double high = target / mean(drive);
  if (circuit.spikes == SpikeRule::poisson) return high;
  while (mean_rate(drive, high, circuit.spikes) < target) high *= 2;
  double low = 0;
  for (int halving = 0; halving < 60; ++halving) {
    const double middle = (low + high) / 2;
    (mean_rate(drive, middle, circuit.spikes) < target ? low : high) = middle;
  }
  return high;
}

/// Of two settings for one thing: the recipe's, whichever it is, before the preset's.
struct Choice {
  double absolute, relative;
  bool is_absolute() const { return !std::isnan(absolute); }
};

Choice choose(std::optional<double> absolute, std::optional<double> relative, double preset_absolute,
              double preset_relative) {
  if (absolute) return {*absolute, kUnset};
  if (relative) return {kUnset, *relative};
  return {preset_absolute, preset_relative};
}

NdArray<float> same_temporal_filter(std::int64_t subunits) {
  const std::vector<float> filter = temporal_filter();
  NdArray<float> all({subunits, static_cast<std::int64_t>(filter.size())});
  for (std::int64_t i = 0; i < subunits; ++i) std::copy(filter.begin(), filter.end(), all.row(i).begin());
  return all;
}

}  // namespace

std::vector<PresetInfo> presets() {
  std::vector<PresetInfo> infos;
  for (const Preset& preset : kPresets) infos.push_back({preset.name, preset.description});
  return infos;
}

const Preset& preset_of(const std::string& name) {
  std::vector<std::string> known;
  std::string list;
  for (const Preset& preset : kPresets) {
    if (name == preset.name) return preset;
    known.emplace_back(preset.name);
    list += (list.empty() ? "" : ", ") + known.back();
  }
  const auto near = nearest(name, known);
  throw Error(ErrorKind::usage, "unknown preset '" + name + "'" + (near ? "; did you mean '" + *near + "'?" : ""),
              "known: " + list);
}

Circuit make_circuit(const CellRecipe& recipe, int threads) {
  check_recipe(recipe);
  const Preset& preset = preset_of(recipe.preset);
  Layout layout = preset.layout(recipe.seed);
  Circuit circuit;
  circuit.temporal = same_temporal_filter(layout.weight.shape[0]);
  circuit.spatial = std::move(layout.spatial);
  circuit.weight = std::move(layout.weight);
  circuit.nonlinearity = recipe.subunits.value_or(preset.subunits);
  circuit.spikes = recipe.spikes.value_or(preset.spikes);
  circuit.amplitude = recipe.amplitude.value_or(preset.amplitude) * preset.filter_norm;

  const Choice threshold =
      choose(recipe.threshold, recipe.threshold_of_mean, preset.threshold, preset.threshold_of_mean);
  const Choice gain = choose(recipe.gain, recipe.target_rate, preset.gain, preset.target_rate);
  std::vector<double> drive;
  if (!threshold.is_absolute() || !gain.is_absolute()) drive = calibration_drive(circuit, recipe, threads);
  circuit.threshold = threshold.is_absolute() ? threshold.absolute : threshold.relative * mean(drive);
  circuit.gain =
      gain.is_absolute() ? gain.absolute / recipe.frame_rate : gain_for(gain.relative, std::move(drive), circuit);
  return circuit;
}

}  // namespace plexiform
