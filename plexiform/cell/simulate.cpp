#include <algorithm>
#include <cmath>
#include <cstdio>

#include "plexiform/base/random.hpp"
#include "plexiform/base/streams.hpp"
#include "plexiform/cell/circuit_rate.hpp"
#include "plexiform/cell/counts.hpp"
#include "plexiform/cell/gain_change.hpp"
#include "plexiform/cell/preset.hpp"
#include "plexiform/cell/presets.hpp"
#include "plexiform/cell/shown.hpp"

namespace plexiform {
namespace {

/// Fills counts from the first frame with a whole history on; a piece of rates at a time, so that memory stays small.
void draw_counts(const Circuit& circuit, const Stimulus& stimulus, const CounterRandom& random,
                 std::span<std::int32_t> counts, const Context& context) {
  constexpr std::int64_t kPiece = 1 << 17;
  const auto frames = static_cast<std::int64_t>(counts.size());
  LogGain log_gain(circuit);
  SpikeHistory history(circuit);
  for (std::int64_t t = 0; t < circuit.lags() - 1; ++t) log_gain.next();
  for (std::int64_t begin = circuit.lags() - 1; begin < frames; begin += kPiece) {
    const std::int64_t end = std::min(begin + kPiece, frames);
    const std::vector<double> rate = circuit_rate(circuit, stimulus, begin, end, context);
    for (std::int64_t t = begin; t < end; ++t) {
      const double expected = rate[static_cast<std::size_t>(t - begin)] * std::exp(log_gain.next()) * history.factor();
      const std::int64_t count = draw_count(circuit, random, static_cast<std::uint64_t>(t), expected);
      history.add(count);
      counts[static_cast<std::size_t>(t)] = static_cast<std::int32_t>(count);
    }
  }
}

/// One segment of frames; a chirp over and over, whose frames are the same ones each time, so that those that test do
/// not train.
std::vector<Segment> segments_of(const Recording& recording, std::int64_t frames) {
  const auto* chirp = recording.recipe ? std::get_if<ChirpRecipe>(&*recording.recipe) : nullptr;
  if (chirp == nullptr || frames <= period_of(*chirp)) return {{.start = 0, .length = frames}};
  std::vector<Segment> segments;
  for (std::int64_t start = 0; start < frames; start += period_of(*chirp))
    segments.push_back({.start = start,
                        .length = std::min(period_of(*chirp), frames - start),
                        .repeat = static_cast<std::int64_t>(segments.size())});
  return segments;
}

/// The settings that a stored movie does not keep.
std::string words_of_images(const ShowRecipe& show) {
  std::string text = "images of";
  for (const auto& path : show.images) text += " " + path.string();
  text += show.normalisation == Normalisation::image ? ", normalised one by one" : ", over the mean of the set";
  const auto add = [&](const std::string& name, double value) {
    char number[64];
    std::snprintf(number, sizeof number, "%g", value);
    text += ", " + name + " " + number;
  };
  add("contrast", show.contrast);
  add("scale", static_cast<double>(show.image_scale.value_or(1)));
  add("frames each", static_cast<double>(show.frames_each.value_or(1)));
  add("jitter", show.jitter.value_or(0));
  return text;
}

std::string source_of(const CellRecipe& recipe, std::uint64_t stimulus_seed) {
  std::string text = "simulated: preset " + recipe.preset + ", seed " + std::to_string(recipe.seed);
  if (recipe.cells > 1) text += " to " + std::to_string(recipe.seed + static_cast<std::uint64_t>(recipe.cells) - 1);
  text += ", stimulus seed " + std::to_string(stimulus_seed);
  if (recipe.show.kind == Shown::images) return text + ", " + words_of_images(recipe.show);
  if (recipe.show.kind != Shown::white) text += ", stimulus " + to_string(recipe.show.kind);
  return text;
}

}  // namespace

Recording simulate(const CellRecipe& recipe, const Context& context) {
  std::vector<Circuit> circuits;
  std::vector<CellRecipe> cells;
  const std::uint64_t stimulus_seed = recipe.stimulus_seed.value_or(recipe.seed);
  for (std::int64_t i = 0; i < recipe.cells; ++i) {
    cells.push_back(recipe);
    cells.back().stimulus_seed = stimulus_seed;  // and the noise that the cells share is one
    cells.back().seed += static_cast<std::uint64_t>(i);
    circuits.push_back(make_circuit(cells.back(), context));
  }
  const std::int64_t frames = recipe.frames.value_or(preset_of(recipe.preset).frames);
  const auto& grid = circuits.front().spatial.shape;
  ShownMovie shown = shown_movie(recipe.show, recipe.noise, recipe.frame_rate, {1, grid[1], grid[2]}, frames,
                                 derived_seed(stimulus_seed, purposes::model_cell::kStimulus));

  Recording recording;
  recording.recipe = std::move(shown.recipe);
  recording.stimulus = std::move(shown.stimulus);
  recording.frame_rate = recipe.frame_rate;
  recording.segments = segments_of(recording, frames);
  recording.source = source_of(recipe, stimulus_seed);
  recording.counts = NdArray<std::int32_t>({recipe.cells, frames});
  for (std::int64_t i = 0; i < recipe.cells; ++i) {
    const auto& circuit = circuits[static_cast<std::size_t>(i)];
    const std::uint64_t seed = cells[static_cast<std::size_t>(i)].seed;
    recording.names.push_back(recipe.preset + " " + std::to_string(seed));
    // Two cells that see the same stimulus do not share the chance in their spikes: the layout's seed is the stream.
    const CounterRandom random(derived_seed(stimulus_seed, purposes::model_cell::kSpikes), seed);
    draw_counts(circuit, *recording.stimulus, random, recording.counts.row(i), context);
  }
  recording.truth = std::move(circuits);
  return recording;
}

}  // namespace plexiform
