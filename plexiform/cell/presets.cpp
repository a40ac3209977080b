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
#include "plexiform/base/streams.hpp"
#include "plexiform/cell/circuit_rate.hpp"
#include "plexiform/cell/preset.hpp"

namespace plexiform {
namespace {

constexpr double kUnset = std::numeric_limits<double>::quiet_NaN();

constexpr Preset mosaic(const char* name, const char* description, Layout (*layout)(std::uint64_t, double)) {
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

/// A cell without subunits that differs from Poisson counts of a rectified rate in one thing, which `what` may set.
constexpr Preset linear(const char* name, const char* description, void (*what)(Preset&)) {
  Preset preset = mosaic(name, description, spot_layout);
  preset.subunits = SubunitNonlinearity::linear;
  preset.threshold = 0.2;
  preset.threshold_of_mean = kUnset;
  preset.sizes_differ = false;
  what(preset);
  return preset;
}

constexpr std::array kPresets{
    Preset{.name = "yan2020",
           .description = "8 x 8 pixels, four subunits of 2 x 2 pixels, at most one spike a frame; the cell of Yan et "
                          "al. 2020 (gain 2: sparse, gain 10: denser)",
           .layout = blocks_layout,
           .frames = 300000,
           .subunits = SubunitNonlinearity::relu,
           .spikes = SpikeRule::at_most_one,
           .amplitude = 0.5,
           .filter_norm = 2,
           .threshold = 2.5,
           .threshold_of_mean = kUnset,
           .gain = 2,
           .target_rate = kUnset,
           .sizes_differ = false},
    mosaic("mosaic5", "16 x 16 pixels, five Gaussian subunits on a ring, seeded layout, 0.1 spikes a frame",
           ring_layout),
    mosaic("mosaic9", "16 x 16 pixels, nine Gaussian subunits on a grid, seeded layout, 0.1 spikes a frame",
           grid_layout),
    [] {
      Preset preset =
          mosaic("linear", "16 x 16 pixels, one wide Gaussian filter: a cell without subunits, 0.1 spikes a frame",
                 single_layout);
      preset.sizes_differ = false;
      return preset;
    }(),
    linear("linear_inseparable", "like linear, seeded; centre and later surround: not separable in space and time",
           [](Preset& p) { p.layout = small_spot_layout, p.surround = 0.7; }),
    linear(
        "linear_saturating",
        "like linear, seeded; a rate that saturates: half its most at one standard deviation of drive above threshold",
        [](Preset& p) { p.output = OutputNonlinearity::saturating; }),
    linear("linear_exponential",
           "like linear, seeded; a rate that grows exponentially: e-fold in one standard deviation of drive",
           [](Preset& p) { p.output = OutputNonlinearity::exponential; }),
    linear("linear_overdispersed", "like linear, seeded; counts of twice the variance of Poisson's",
           [](Preset& p) { p.spikes = SpikeRule::negative_binomial; }),
    linear("linear_underdispersed", "like linear, seeded; counts of less variance than Poisson's: at most one a frame",
           [](Preset& p) { p.spikes = SpikeRule::at_most_one, p.threshold = 1; }),
};

/// The drive on frames of the cell's own, whatever it is shown later.
std::vector<double> calibration_drive(const Circuit& circuit, const CellRecipe& recipe, const Context& context) {
  constexpr std::int64_t kFrames = 20000;
  WhiteNoiseRecipe noise;
  noise.values = recipe.noise;
  noise.seed = derived_seed(recipe.seed, purposes::model_cell::kCalibration);
  noise.shape = {1, circuit.spatial.shape[1], circuit.spatial.shape[2]};
  const std::int64_t begin = circuit.lags() - 1;
  return circuit_drive(circuit, *make_stimulus(noise), begin, begin + kFrames, context);
}

double mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// Mean spikes per frame at a gain, `rate` being that at a gain of 1.
double mean_rate(std::span<const double> rate, double gain, SpikeRule rule) {
  double sum = 0;
  for (const double x : rate) sum += rule == SpikeRule::at_most_one ? std::min(1.0, gain * x) : gain * x;
  return sum / static_cast<double>(rate.size());
}

/// What no gain can exceed: with at most one spike a frame, the share of frames whose drive is above threshold.
double highest_rate(std::span<const double> rate, SpikeRule rule) {
  const auto n = std::count_if(rate.begin(), rate.end(), [](double x) { return x > 0; });
  if (rule != SpikeRule::at_most_one && n > 0) return std::numeric_limits<double>::infinity();
  return static_cast<double>(n) / static_cast<double>(rate.size());
}

/// The gain that gives the target rate; the rate grows with the gain.
double gain_for(double target, std::vector<double> drive, const Circuit& circuit) {
  if (target == 0) return 0;
  for (double& x : drive) x = output_of(circuit, x);
  const double most = highest_rate(drive, circuit.spikes);
  if (target >= most) {
    throw Error(ErrorKind::usage, "target_rate is " + std::to_string(target) + " spikes per frame, expected below " +
                                      std::to_string(most) + ": the other frames have no drive above the threshold " +
                                      std::to_string(circuit.threshold));
  }
  double high = target / mean(drive);
  if (circuit.spikes != SpikeRule::at_most_one) return high;
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

/// [subunit, lag]; each subunit slower or faster by a factor of its own where `vary` is above 0.
NdArray<float> temporal_filters(std::int64_t subunits, std::uint64_t seed, double vary) {
  const CounterRandom random(seed, streams::model_cell::kTemporal);
  NdArray<float> all({subunits, kPresetLags});
  for (std::int64_t i = 0; i < subunits; ++i) {
    const double part = 2 * random.uniform(static_cast<std::uint64_t>(i)) - 1;
    const auto filter = temporal_filter(vary > 0 ? std::exp(part * std::log1p(vary)) : 1);
    std::copy(filter.begin(), filter.end(), all.row(i).begin());
  }
  return all;
}

/// One more subunit, the last.
void add_surround(Circuit& circuit, double share) {
  constexpr double kDelay = 1;  // frames
  const auto append = [](NdArray<float>& array, const std::vector<float>& row) {
    array.values.insert(array.values.end(), row.begin(), row.end());
    ++array.shape[0];
  };
  const double sum = std::accumulate(circuit.weight.values.begin(), circuit.weight.values.end(), 0.0);
  append(circuit.spatial, surround_filter(circuit.spatial.shape[1]));
  append(circuit.temporal, temporal_filter(1, kDelay));
  append(circuit.weight, {static_cast<float>(-share * sum)});
}

/// What is set must mean something to the rest of the recipe.
void require_meaning(const CellRecipe& recipe, const Preset& preset) {
  const auto require = [](bool meant, const std::string& key, const std::string& found, const std::string& expected) {
    if (meant) return;
    throw Error(ErrorKind::usage, key + " is set, but " + found + ", expected " + expected, "omit " + key);
  };
  const auto spikes = recipe.spikes.value_or(preset.spikes);
  const auto output = recipe.output.value_or(preset.output);
  require(!recipe.fano || spikes == SpikeRule::negative_binomial, "fano", "spikes is " + to_string(spikes),
          to_string(SpikeRule::negative_binomial));
  require(!recipe.output_scale || output != OutputNonlinearity::rectified, "output_scale",
          "output is " + to_string(output), "saturating or exponential");
  require(recipe.sizes_vary == 0 || preset.sizes_differ, "sizes_vary",
          std::string("the preset is ") + preset.name + ", whose sizes are fixed", "mosaic5 or mosaic9");
}

/// All but threshold, gain and output_scale.
Circuit parts_of(const CellRecipe& recipe, const Preset& preset) {
  Layout layout = preset.layout(recipe.seed, recipe.sizes_vary);
  Circuit circuit;
  circuit.temporal = temporal_filters(layout.weight.shape[0], recipe.seed, recipe.temporal_vary);
  circuit.spatial = std::move(layout.spatial);
  circuit.weight = std::move(layout.weight);
  circuit.nonlinearity = recipe.subunits.value_or(preset.subunits);
  circuit.output = recipe.output.value_or(preset.output);
  circuit.spikes = recipe.spikes.value_or(preset.spikes);
  circuit.amplitude = recipe.amplitude.value_or(preset.amplitude) * preset.filter_norm;
  if (circuit.spikes == SpikeRule::negative_binomial) circuit.fano = recipe.fano.value_or(preset.fano);
  if (const double share = recipe.surround.value_or(preset.surround); share > 0) add_surround(circuit, share);
  return circuit;
}

double standard_deviation(std::span<const double> values) {
  const double middle = mean(values);
  double sum = 0;
  for (const double v : values) sum += (v - middle) * (v - middle);
  return std::sqrt(sum / static_cast<double>(values.size()));
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

Circuit make_circuit(const CellRecipe& recipe, const Context& context) {
  check_recipe(recipe);
  const Preset& preset = preset_of(recipe.preset);
  require_meaning(recipe, preset);
  Circuit circuit = parts_of(recipe, preset);
  const Choice threshold =
      choose(recipe.threshold, recipe.threshold_of_mean, preset.threshold, preset.threshold_of_mean);
  const Choice gain = choose(recipe.gain, recipe.target_rate, preset.gain, preset.target_rate);
  const bool scaled = circuit.output != OutputNonlinearity::rectified;
  std::vector<double> drive;
  if (!threshold.is_absolute() || !gain.is_absolute() || scaled) drive = calibration_drive(circuit, recipe, context);
  circuit.threshold = threshold.is_absolute() ? threshold.absolute : threshold.relative * mean(drive);
  if (scaled) circuit.output_scale = recipe.output_scale.value_or(1) * standard_deviation(drive);
  circuit.gain =
      gain.is_absolute() ? gain.absolute / recipe.frame_rate : gain_for(gain.relative, std::move(drive), circuit);
  return circuit;
}

}  // namespace plexiform
