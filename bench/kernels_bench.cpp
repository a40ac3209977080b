// The kernels on one strip of a tile, one thread. Counters: GFLOP/s as step_operations counts them.
#include <benchmark/benchmark.h>

#include <vector>

#include "plexiform/base/random.hpp"
#include "plexiform/compute/machine.hpp"
#include "plexiform/compute/movie_filter.hpp"
#include "plexiform/stimulus/recipe.hpp"

namespace plexiform {
namespace {

std::vector<float> normal(std::size_t n, std::uint64_t seed) {
  const CounterRandom random(seed, 1);
  std::vector<float> all(n);
  for (std::size_t i = 0; i < n; ++i) all[i] = static_cast<float>(random.normal(i));
  return all;
}

/// Binary noise, `stretch` answered frames a lane.
Tile noise_tile(const ConvShape& s, std::size_t stretch) {
  auto movie = normal((stretch * kLanes + s.lags - 1) * s.pixels(), 1);
  for (auto& v : movie) v = v < 0 ? -1.0F : 1.0F;
  return tile_of_block(movie, s.pixels(), s.lags);
}

ConvShape shape_of(const benchmark::State& state) {
  const auto arg = [&](std::size_t i) { return static_cast<std::size_t>(state.range(i)); };
  return {arg(0), 1, arg(1), arg(1), arg(2), arg(3), arg(3), arg(4)};
}

/// Forward and gradient of a layer on one strip, [lags, side, filters, filter side, padding, stretch].
void layer(benchmark::State& state, const char* algorithm, bool separable) {
  const ConvShape s = shape_of(state);
  const auto stretch = static_cast<std::size_t>(state.range(5));
  if (!separable) ::setenv("PLEXIFORM_ALGORITHM", algorithm, 1);
  const auto spatial = normal(s.filters * s.taps(), 2), temporal = normal(s.filters * s.lags, 3),
             full = normal(s.filters * s.lags * s.taps(), 4);
  std::vector<float> to_spatial(spatial.size()), to_temporal(temporal.size()), to_full(full.size());
  const Tile tile = noise_tile(s, stretch);
  const FilterWeights weights =
      separable ? FilterWeights{{spatial.data(), temporal.data()}, nullptr} : FilterWeights{{}, full.data()};
  const FilterGradient gradient =
      separable ? FilterGradient{{to_spatial.data(), to_temporal.data()}, nullptr} : FilterGradient{{}, to_full.data()};
  MovieFilter filter;
  StripSpace space;
  for (auto _ : state) {
    filter.begin(s, weights, view(tile, 1), 0);
    for (std::size_t strip = 0; strip < strips(); ++strip) {
      filter.forward(strip, space);
      filter.backward(strip, space, gradient);
    }
    filter.finish(gradient);
  }
  state.counters["GFLOP/s"] = benchmark::Counter(
      step_operations(s, filter.algorithm(), stretch) / 1e9 * static_cast<double>(state.iterations()),
      benchmark::Counter::kIsRate);
  ::unsetenv("PLEXIFORM_ALGORITHM");
}

void separable(benchmark::State& state) {
  layer(state, "", true);
}
void direct(benchmark::State& state) {
  layer(state, "direct", false);
}
void temporal(benchmark::State& state) {
  layer(state, "temporal", false);
}
void spectral(benchmark::State& state) {
  layer(state, "spectral", false);
}
BENCHMARK(separable)->Args({20, 16, 1, 5, 2, 63})->Args({20, 15, 1, 7, 0, 63})->Args({20, 20, 8, 9, 0, 125});
BENCHMARK(separable)->Args({20, 15, 1, 15, 0, 63});  // LN: one position
BENCHMARK(direct)->Args({5, 16, 2, 5, 2, 63})->Args({1, 36, 8, 11, 0, 63});
BENCHMARK(temporal)->Args({20, 8, 8, 7, 0, 125})->Args({20, 16, 8, 16, 0, 125});
BENCHMARK(spectral)->Args({20, 8, 8, 7, 0, 125})->Args({20, 20, 8, 9, 0, 125})->Args({40, 50, 8, 15, 0, 63});

/// From what 256 subunits see to the loss's gradient; the argument is the noise in hundredths.
void readout(benchmark::State& state) {
  constexpr std::size_t kPositions = 256, kFrames = 63;
  const auto map = normal(kPositions, 1), bias = normal(1, 2);
  const std::vector<float> output = {-2, 0, 0};
  std::vector<float> to_map(kPositions), to_bias(1), to_output(3);
  Targets targets(kFrames);
  std::fill(targets.weights.begin(), targets.weights.end(), 1.0F);
  StripSpace space;
  space.seen.zeroed(kPositions * kFrames * kernels::strip_lanes());
  const ReadoutWeights weights{SubunitNonlinearity::relu, bias.data(), map.data(), nullptr};
  std::vector<double> losses(kLanes);
  for (auto _ : state) {
    kernels::readout_forward(weights, 1, kPositions, view(targets), {static_cast<float>(state.range(0)) / 100, {1, 2}},
                             false, 0, space);
    kernels::poisson(OutputKind::softplus, output.data(), view(targets), 1, 0, space, losses.data(), to_output.data());
    kernels::readout_backward(weights, 1, kPositions, view(targets), 0, 0, space,
                              {to_bias.data(), to_map.data(), nullptr});
  }
  state.SetItemsProcessed(state.iterations() *
                          static_cast<std::int64_t>(kPositions * kFrames * kernels::strip_lanes()));
}
BENCHMARK(readout)->Arg(0)->Arg(10);

/// Frames of 200 x 150 values replayed from ran1; items: values.
void replay(benchmark::State& state) {
  Ran1Recipe recipe;
  recipe.seed = -1000;
  recipe.height = 150;
  recipe.width = 200;
  const auto stimulus = make_stimulus(StimulusRecipe(recipe));
  std::vector<float> out(100 * 225);
  std::int64_t frame = 0;
  for (auto _ : state) {
    stimulus->read(frame, frame + 100, {60, 60, 15, 15}, out);
    frame += 100;
  }
  state.SetItemsProcessed(state.iterations() * 100 * 30'000);
}
BENCHMARK(replay)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace plexiform
