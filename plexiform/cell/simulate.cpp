#include <algorithm>

#include "plexiform/base/random.hpp"
#include "plexiform/cell/circuit_rate.hpp"
#include "plexiform/cell/counts.hpp"
#include "plexiform/cell/preset.hpp"
#include "plexiform/cell/presets.hpp"

namespace plexiform {
namespace {

constexpr std::uint64_t kStimulusPurpose = 1;
constexpr std::uint64_t kSpikePurpose = 3;

StimulusRecipe stimulus_recipe(const CellRecipe& recipe, const Circuit& circuit, std::uint64_t stimulus_seed) {
  WhiteNoiseRecipe noise;
  noise.values = recipe.noise;
  noise.seed = derived_seed(stimulus_seed, kStimulusPurpose);
  noise.shape = {1, circuit.spatial.shape[1], circuit.spatial.shape[2]};
  return noise;
}

/// Fills counts from the first frame with a whole history on; a piece of rates at a time, so that memory stays small.
void draw_counts(const Circuit& circuit, const Stimulus& stimulus, const CounterRandom& random, int threads,
                 std::span<std::int32_t> counts) {
  constexpr std::int64_t kPiece = 1 << 17;
  const auto frames = static_cast<std::int64_t>(counts.size());
  for (std::int64_t begin = circuit.lags() - 1; begin < frames; begin += kPiece) {
    const std::int64_t end = std::min(begin + kPiece, frames);
    const std::vector<double> rate = circuit_rate(circuit, stimulus, begin, end, threads);
    for (std::int64_t t = begin; t < end; ++t) {
      counts[static_cast<std::size_t>(t)] = static_cast<std::int32_t>(
          draw_count(circuit, random, static_cast<std::uint64_t>(t), rate[static_cast<std::size_t>(t - begin)]));
    }
  }
}

}  // namespace

Recording simulate(const CellRecipe& recipe, int threads) {
  const Circuit circuit = make_circuit(recipe, threads);
  const std::int64_t frames = recipe.frames.value_or(preset_of(recipe.preset).frames);
  const std::uint64_t stimulus_seed = recipe.stimulus_seed.value_or(recipe.seed);

  Recording recording;
  recording.recipe = stimulus_recipe(recipe, circuit, stimulus_seed);
  recording.stimulus = make_stimulus(*recording.recipe);
  recording.frame_rate = recipe.frame_rate;
  recording.names = {recipe.preset + " " + std::to_string(recipe.seed)};
  recording.segments = {{.start = 0, .length = frames, .first_frame = 0, .history_begin = 0}};
  recording.source = "simulated: preset " + recipe.preset + ", seed " + std::to_string(recipe.seed) +
                     ", stimulus seed " + std::to_string(stimulus_seed);
  recording.counts = NdArray<std::int32_t>({1, frames});
  // Two cells that see the same stimulus do not share the chance in their spikes: the layout's seed is the stream.
  const CounterRandom random(derived_seed(stimulus_seed, kSpikePurpose), recipe.seed);
  draw_counts(circuit, *recording.stimulus, random, threads, recording.counts.row(0));
  recording.truth = {circuit};
  return recording;
}

}  // namespace plexiform
