// Whole fits of one model cell (mosaic5, 30,000 frames): one, and many on resampled frames, together. The counter
// "of peak" is the share of the machine's multiply-adds that the convolutions reach.
#include <benchmark/benchmark.h>

#include "plexiform/base/parallel.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/cell/presets.hpp"
#include "plexiform/compute/machine.hpp"
#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/fit/initial.hpp"
#include "plexiform/fit/trainings.hpp"

namespace plexiform {
namespace {

constexpr std::int64_t kPasses = 5;

struct Cell {
  Settings settings;
  Dataset data;
  FirstLook look;

  Cell() {
    CellRecipe recipe;
    recipe.preset = "mosaic5";
    recipe.frames = 30'000;
    const Recording recording = simulate(recipe);
    SplitSettings how;
    how.test.frames = 0;
    how.lags = settings.model.lags;
    const Window window = whole(recording.stimulus->shape());
    const std::int64_t cell = 0;
    data = std::move(make_datasets(recording, std::span(&cell, 1), std::span(&window, 1), make_split(recording, how),
                                   settings, {})[0]);
    look = first_look(data, false);
    settings.train.passes = kPasses;
    settings.train.starts = 1;
  }
};

/// Weights of a bootstrap over training chunks, [bin].
std::vector<float> resampled(const Dataset& data, std::uint64_t seed) {
  std::vector<float> weights(data.counts.size());
  const CounterRandom random(seed, 5);
  const auto n = static_cast<std::int64_t>(data.train.size());
  for (std::int64_t i = 0; i < n; ++i) {
    const Chunk& chunk = data.train[static_cast<std::size_t>(random.integer(static_cast<std::uint64_t>(i), n))];
    for (std::int64_t t = 0; t < chunk.length; ++t) weights[static_cast<std::size_t>(chunk.first_bin + t)] += 1;
  }
  return weights;
}

/// The argument is the number of fits.
void fits(benchmark::State& state) {
  static const Cell cell;
  static const MachinePeak peak = measure_machine(0);
  const auto count = static_cast<std::size_t>(state.range(0));
  std::vector<std::vector<Targets>> targets;
  for (std::size_t i = 0; i < count; ++i)
    targets.push_back(make_targets(cell.data.train_tiles, cell.data.counts, resampled(cell.data, i)));
  double operations = 0;
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<Training> all;
    for (std::size_t i = 0; i < count; ++i) {
      all.push_back(std::move(network_trainings(cell.data, cell.look, cell.settings, i)[0]));
      all.back().train_targets = &targets[i];
    }
    state.ResumeTiming();
    train(all, cell.data, 1, default_threads(), {});
    const LayerWeights weights = layer_weights(all[0].state.network);
    for (const auto& fit : all)
      operations += static_cast<double>(fit.state.steps) *
                    step_operations(weights.shape, Algorithm::separable, cell.data.train_tiles.lane_frames);
  }
  state.counters["of peak"] = benchmark::Counter(operations / peak.operations, benchmark::Counter::kIsRate);
}
BENCHMARK(fits)->Arg(1)->Arg(8)->Arg(32)->Unit(benchmark::kMillisecond)->UseRealTime()->MinTime(1);

}  // namespace
}  // namespace plexiform
