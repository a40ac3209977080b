#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

#include "plexiform/base/error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/base/streams.hpp"
#include "plexiform/base/wording.hpp"
#include "plexiform/cell/circuit_rate.hpp"
#include "plexiform/cell/preset.hpp"

namespace plexiform {
namespace {

constexpr double kUnset = std::numeric_limits<double>::quiet_NaN();

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

/// Expected spikes of a frame.
double expected_count(const Circuit& circuit, double rate) {
  return circuit.spikes == SpikeRule::at_most_one ? std::min(1.0, rate) : rate;
}

/// The probability that a frame has none.
double none(const Circuit& circuit, double rate) {
  switch (circuit.spikes) {
    case SpikeRule::poisson:
      return std::exp(-rate);
    case SpikeRule::at_most_one:
      return std::max(0.0, 1 - rate);
    case SpikeRule::negative_binomial:
      return std::pow(circuit.fano, -rate / (circuit.fano - 1));
  }
  throw InternalError("none: a spike rule without a meaning");
}

/// Mean spikes per frame at a gain, `rate` being that at a gain of 1. With a refractory cell, the expectation over what
/// spikes came before: how long ago the last was is carried along as a distribution.
double mean_count(std::span<const double> rate, double gain, const Circuit& circuit) {
  constexpr std::size_t kAges = 24;  // frames since the last spike; later ones no longer matter
  double sum = 0;
  if (circuit.refractory == 0) {
    for (const double x : rate) sum += expected_count(circuit, gain * x);
    return sum / static_cast<double>(rate.size());
  }
  std::array<double, kAges> age{}, factor{};
  age.back() = 1;
  for (std::size_t k = 0; k + 1 < kAges; ++k)
    factor[k] = 1 - circuit.refractory * std::exp(-static_cast<double>(k) / circuit.refractory_frames);
  factor.back() = 1;
  for (const double x : rate) {
    std::array<double, kAges> next{};
    for (std::size_t k = 0; k < kAges; ++k) {
      const double now = gain * x * factor[k], silent = age[k] * none(circuit, now);
      sum += age[k] * expected_count(circuit, now);
      next[std::min(k + 1, kAges - 1)] += silent;
      next[0] += age[k] - silent;
    }
    age = next;
  }
  return sum / static_cast<double>(rate.size());
}

/// What no gain can exceed: with at most one spike a frame, the share of frames whose drive is above threshold.
double highest_count(std::span<const double> rate, const Circuit& circuit) {
  const auto n = std::count_if(rate.begin(), rate.end(), [](double x) { return x > 0; });
  if (circuit.spikes != SpikeRule::at_most_one && n > 0) return std::numeric_limits<double>::infinity();
  if (circuit.refractory > 0) return mean_count(rate, 1e100, circuit);
  return static_cast<double>(n) / static_cast<double>(rate.size());
}

/// The gain that gives the target rate; the mean count grows with the gain.
double gain_for(double target, std::span<const double> rate, const Circuit& circuit) {
  if (target == 0) return 0;
  const double most = highest_count(rate, circuit);
  if (target >= most) {
    throw Error(ErrorKind::usage, "target_rate is " + std::to_string(target) + " spikes per frame, expected below " +
                                      std::to_string(most) + ": the other frames have no drive above the threshold " +
                                      std::to_string(circuit.threshold) +
                                      (circuit.refractory > 0 ? ", or follow a spike" : ""));
  }
  double high = target / mean(rate);
  if (circuit.spikes != SpikeRule::at_most_one && circuit.refractory == 0) return high;
  while (mean_count(rate, high, circuit) < target) high *= 2;
  double low = 0;
  const int halvings = circuit.refractory == 0 ? 60 : 25;  // the expectation takes longer, and is an estimate as it is
  for (int halving = 0; halving < halvings; ++halving) {
    const double middle = (low + high) / 2;
    (mean_count(rate, middle, circuit) < target ? low : high) = middle;
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

double standard_deviation(std::span<const double> values) {
  const double middle = mean(values);
  double sum = 0;
  for (const double v : values) sum += (v - middle) * (v - middle);
  return std::sqrt(sum / static_cast<double>(values.size()));
}

/// The mean of what the divisor pools.
double pool_mean_of(std::span<const double> drive, double threshold) {
  double sum = 0;
  for (const double d : drive) sum += std::max(d - threshold, 0.0);
  if (sum > 0) return sum / static_cast<double>(drive.size());
  throw Error(ErrorKind::usage,
              "divisive_gain is set, but the drive is never above the threshold " + number_text(threshold),
              "lower the threshold, or omit divisive_gain");
}

}  // namespace

Circuit make_circuit(const CellRecipe& recipe, const Context& context) {
  check_recipe(recipe);
  const Preset& preset = preset_of(recipe.preset);
  require_meaning(recipe, preset);
  Circuit circuit = parts_of(recipe, preset);
  const Choice threshold =
      choose(recipe.threshold, recipe.threshold_of_mean, preset.threshold, preset.threshold_of_mean);
  const Choice gain = choose(recipe.gain, recipe.target_rate, preset.gain, preset.target_rate);
  const bool scaled = circuit.output != OutputNonlinearity::rectified, divided = circuit.divisive_gain > 0;
  std::vector<double> drive;
  if (!threshold.is_absolute() || !gain.is_absolute() || scaled || divided)
    drive = calibration_drive(circuit, recipe, context);
  circuit.threshold = threshold.is_absolute() ? threshold.absolute : threshold.relative * mean(drive);
  if (scaled) circuit.output_scale = recipe.output_scale.value_or(1) * standard_deviation(drive);
  if (divided) circuit.pool_mean = pool_mean_of(drive, circuit.threshold);
  circuit.gain = gain.is_absolute() ? gain.absolute / recipe.frame_rate
                                    : gain_for(gain.relative, rate_of_drive(circuit, drive), circuit);
  return circuit;
}

}  // namespace plexiform
