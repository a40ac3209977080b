#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "plexiform/base/error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/base/streams.hpp"
#include "plexiform/cell/draws_impl.hpp"
#include "plexiform/cell/gain_change.hpp"
#include "plexiform/cell/preset.hpp"

namespace plexiform {
namespace {

void append(NdArray<float>& array, const std::vector<float>& row) {
  array.values.insert(array.values.end(), row.begin(), row.end());
  ++array.shape[0];
}

std::vector<float> negated(std::span<const float> filter) {
  std::vector<float> other(filter.begin(), filter.end());
  for (float& v : other) v = -v;
  return other;
}

/// [subunit, lag]; each subunit slower or faster by a factor of its own where `vary` is above 0, and later or earlier
/// by up to `latency_vary` frames.
NdArray<float> temporal_filters(std::int64_t subunits, std::uint64_t seed, double vary, double latency_vary) {
  const CounterRandom random(seed, streams::model_cell::kTemporal), delays(seed, streams::model_cell::kLatency);
  NdArray<float> all({subunits, kPresetLags});
  for (std::int64_t i = 0; i < subunits; ++i) {
    const double part = 2 * random.uniform(static_cast<std::uint64_t>(i)) - 1;
    const double delay = latency_vary * (2 * delays.uniform(static_cast<std::uint64_t>(i)) - 1);
    const auto filter = temporal_filter(vary > 0 ? std::exp(part * std::log1p(vary)) : 1, delay);
    std::copy(filter.begin(), filter.end(), all.row(i).begin());
  }
  return all;
}

/// Turns `count` of the subunits, which the seed chooses, into ON ones.
void turn_polarity(Circuit& circuit, std::int64_t count, const std::string& preset, std::uint64_t seed) {
  const std::int64_t n = circuit.subunits();
  if (count > n)
    throw Error(ErrorKind::usage, "other_polarity is " + std::to_string(count) + ", expected at most " +
                                      std::to_string(n) + ", the subunits of " + preset);
  std::vector<std::int64_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  Draws draws(seed, streams::model_cell::kPolarity);
  for (std::int64_t i = 0; i < count; ++i) {
    std::swap(order[static_cast<std::size_t>(i)], order[static_cast<std::size_t>(i + draws.integer(n - i))]);
    const auto row = circuit.temporal.row(order[static_cast<std::size_t>(i)]);
    std::ranges::copy(negated(row), row.begin());
  }
}

/// After all subunits, one more of the same shape and weight for each, of the other polarity.
void add_twins(Circuit& circuit) {
  const std::int64_t n = circuit.subunits();
  for (std::int64_t i = 0; i < n; ++i) {
    const auto shape = circuit.spatial.row(i);
    const std::vector<float> spatial(shape.begin(), shape.end());
    append(circuit.spatial, spatial);
    append(circuit.temporal, negated(circuit.temporal.row(i)));
    append(circuit.weight, {circuit.weight.values[static_cast<std::size_t>(i)]});
  }
}

/// One more subunit, the last.
void add_surround(Circuit& circuit, double share, double driving_weight) {
  constexpr double kDelay = 1;  // frames
  append(circuit.spatial, surround_filter(circuit.spatial.shape[1]));
  append(circuit.temporal, temporal_filter(1, kDelay));
  append(circuit.weight, {static_cast<float>(-share * driving_weight)});
}

struct Suppression {
  std::int64_t count;
  double weight, most_weight;  ///< share of the driving weights; above `weight` the end of the range it is drawn from
  double delay;                ///< frames
  double size;                 ///< pixels of 16
  RelativePolarity polarity;
};

/// `count` more subunits, the last ones: wide Gaussians around the centre.
void add_suppressive(Circuit& circuit, const Suppression& what, double driving_weight, std::uint64_t seed) {
  constexpr double kVariation = 0.15, kPlaceVariation = 0.5, kNeighbours = 1.19;  // the cosine of 0.7 of two Gaussians
  const std::int64_t side = circuit.spatial.shape[1];
  const double pixels = static_cast<double>(side) / 16, centre = static_cast<double>(side - 1) / 2;
  const double size = what.size * pixels;
  const auto n = static_cast<double>(what.count);
  const double radius = what.count > 1 ? kNeighbours * size / 2 / std::sin(std::numbers::pi / n) : 0;
  Draws draws(seed, streams::model_cell::kSuppressive);
  const double share = what.most_weight > what.weight ? draws.uniform(what.weight, what.most_weight) : what.weight;
  const double turn = draws.uniform(0, 2 * std::numbers::pi);
  const double middle_x = centre + kPlaceVariation * pixels * draws.normal();
  const double middle_y = centre + kPlaceVariation * pixels * draws.normal();
  std::vector<float> temporal = temporal_filter(1, what.delay);
  if (what.polarity == RelativePolarity::other) temporal = negated(temporal);
  std::vector<double> weights;
  for (std::int64_t i = 0; i < what.count; ++i) {
    const double angle = turn + 2 * std::numbers::pi * static_cast<double>(i) / n;
    const double sd_long = size * draws.varied(kVariation), sd_wide = size * draws.varied(kVariation);
    const Spot spot{middle_x + radius * std::cos(angle), middle_y + radius * std::sin(angle), sd_long, sd_wide,
                    draws.uniform(0, std::numbers::pi)};
    weights.push_back(draws.uniform(0.7, 1.3));
    append(circuit.spatial, drawn_on_grid(spot, side));
    append(circuit.temporal, temporal);
  }
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (const double w : weights) append(circuit.weight, {static_cast<float>(-share * driving_weight * w / sum)});
}

/// Drift, noise, and the offset that makes their gain 1 on average.
void change_gain(Circuit& circuit, const CellTraits& traits, const CellRecipe& recipe, std::int64_t frames,
                 std::uint64_t seed) {
  constexpr double kNoiseFrames = 60;
  const double drift = traits.drift.value_or(0), noise = traits.shared_noise.value_or(0);
  if (drift > 0) circuit.drift = seeded_drift(drift, frames, seed);
  if (noise > 0)
    circuit.shared_noise =
        SharedNoise{noise, kNoiseFrames,
                    derived_seed(recipe.stimulus_seed.value_or(recipe.seed), purposes::model_cell::kSharedNoise)};
  if (!circuit.drift && !circuit.shared_noise) return;
  LogGain gain(circuit);
  double sum = 0;
  for (std::int64_t t = 0; t < frames; ++t) sum += std::exp(gain.next());
  circuit.log_gain_offset = std::log(sum / static_cast<double>(frames));
}

}  // namespace

CellTraits traits_of(const CellRecipe& recipe, const Preset& preset) {
  CellTraits traits = recipe.traits;
  const auto take = [&](auto member) {
    if (!(traits.*member)) traits.*member = preset.traits.*member;
  };
  take(&CellTraits::latency_vary);
  take(&CellTraits::other_polarity);
  take(&CellTraits::twins);
  take(&CellTraits::suppressive);
  take(&CellTraits::suppressive_weight);
  take(&CellTraits::suppressive_delay);
  take(&CellTraits::suppressive_size);
  take(&CellTraits::suppressive_polarity);
  take(&CellTraits::subunit_surround);
  take(&CellTraits::subunit_surround_size);
  take(&CellTraits::profile);
  take(&CellTraits::drift);
  take(&CellTraits::shared_noise);
  take(&CellTraits::refractory);
  take(&CellTraits::divisive_gain);
  return traits;
}

Circuit parts_of(const CellRecipe& recipe, const Preset& preset) {
  const std::uint64_t seed =
      preset.kind == 0 ? recipe.seed : derived_seed(recipe.seed, purposes::model_cell::kKinds + preset.kind);
  const CellTraits traits = traits_of(recipe, preset);
  Layout layout = preset.layout(seed, recipe.sizes_vary);
  draw_profiles(layout, traits.profile.value_or(Profile::gaussian), seed);
  add_subunit_surrounds(layout, traits.subunit_surround.value_or(0),
                        traits.subunit_surround_size.value_or(kSubunitSurroundSize));
  Circuit circuit;
  circuit.temporal = temporal_filters(layout.weight.shape[0], seed, recipe.temporal_vary.value_or(preset.temporal_vary),
                                      traits.latency_vary.value_or(0));
  circuit.spatial = std::move(layout.spatial);
  circuit.weight = std::move(layout.weight);
  circuit.nonlinearity = recipe.subunits.value_or(preset.subunits);
  circuit.output = recipe.output.value_or(preset.output);
  circuit.spikes = recipe.spikes.value_or(preset.spikes);
  circuit.amplitude = recipe.amplitude.value_or(preset.amplitude) * preset.filter_norm;
  if (circuit.spikes == SpikeRule::negative_binomial) circuit.fano = recipe.fano.value_or(preset.fano);
  turn_polarity(circuit, traits.other_polarity.value_or(0), preset.name, seed);
  if (traits.twins.value_or(false)) add_twins(circuit);
  const double driving = std::accumulate(circuit.weight.values.begin(), circuit.weight.values.end(), 0.0);
  if (const double share = recipe.surround.value_or(preset.surround); share > 0) add_surround(circuit, share, driving);
  if (const auto count = traits.suppressive.value_or(0); count > 0)
    add_suppressive(
        circuit,
        {count, traits.suppressive_weight.value_or(kSuppressiveWeight),
         recipe.traits.suppressive_weight ? 0 : preset.most_suppressive_weight,
         traits.suppressive_delay.value_or(kSuppressiveDelay), traits.suppressive_size.value_or(kSuppressiveSize),
         traits.suppressive_polarity.value_or(RelativePolarity::same)},
        driving, seed);
  if (traits.refractory.value_or(0) > 0) circuit.refractory = *traits.refractory, circuit.refractory_frames = 2;
  if (traits.divisive_gain.value_or(0) > 0) circuit.divisive_gain = *traits.divisive_gain, circuit.pool_frames = 30;
  change_gain(circuit, traits, recipe, recipe.frames.value_or(preset.frames), seed);
  return circuit;
}

}  // namespace plexiform
