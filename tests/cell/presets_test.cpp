#include "plexiform/cell/presets.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/expect_error.hpp"
#include "plexiform/cell/circuit_rate.hpp"

namespace plexiform {
namespace {

using testing::expect_error;

CellRecipe recipe(const std::string& preset, std::uint64_t seed = 101) {
  CellRecipe r;
  r.preset = preset;
  r.seed = seed;
  return r;
}

double mean_count(const Recording& recording) {
  const auto& counts = recording.counts.values;
  return std::accumulate(counts.begin(), counts.end(), 0.0) / static_cast<double>(counts.size());
}

TEST(Presets, AreTheFourOfTheReference) {
  std::vector<std::string> names;
  for (const auto& preset : presets()) {
    names.push_back(preset.name);
    EXPECT_FALSE(preset.description.empty());
  }
  EXPECT_EQ(names, (std::vector<std::string>{"yan2020", "mosaic5", "mosaic9", "linear"}));
  expect_error(ErrorKind::usage, {"unknown preset 'mosiac5'", "did you mean 'mosaic5'"},
               [] { make_circuit(recipe("mosiac5")); });
}

TEST(Yan2020, IsAsSparseAsThePaperSays) {
  // paper_method.md: a spike in about 1.2 % of frames with gain 2, in about 6 % with gain 10. Rounded figures; with
  // 300,000 frames the standard errors are below 0.05 %.
  auto cell = recipe("yan2020");
  const Recording sparse = simulate(cell);
  EXPECT_EQ(sparse.bins(), 300000);
  EXPECT_NEAR(mean_count(sparse), 0.012, 0.001);
  EXPECT_EQ(std::ranges::max(sparse.counts.values), 1);
  cell.gain = 10;
  EXPECT_NEAR(mean_count(simulate(cell)), 0.06, 0.003);
}

/// The cell as paper_method.md writes it, with pixels of +-0.5 that a subunit sums with weight 1.
double yan2020_by_the_paper(const Stimulus& stimulus, const std::vector<float>& temporal, std::int64_t t,
                            SubunitNonlinearity f) {
  std::vector<float> movie(20 * 64);
  stimulus.read(t - 19, t + 1, whole(stimulus.shape()), movie);
  double sum = 0;
  for (const int top : {2, 4}) {
    for (const int left : {2, 4}) {
      double x = 0;
      for (int lag = 0; lag < 20; ++lag) {
        for (const int at : {top * 8 + left, top * 8 + left + 1, top * 8 + left + 8, top * 8 + left + 9}) {
          x += double{temporal[static_cast<std::size_t>(lag)]} * 0.5 *
               movie[static_cast<std::size_t>((19 - lag) * 64 + at)];
        }
      }
      sum += f == SubunitNonlinearity::squared ? x * x : std::max(x, 0.0);
    }
  }
  return 2 * std::max(sum - 2.5, 0.0) / 30;
}

TEST(Yan2020, HasThePapersRateThoughItsFiltersHaveUnitNorm) {
  for (const auto f : {SubunitNonlinearity::relu, SubunitNonlinearity::squared}) {
    auto cell = recipe("yan2020");
    cell.subunits = f;
    cell.frames = 21;
    const Recording recording = simulate(cell);
    const Circuit& circuit = recording.truth[0];
    EXPECT_EQ(circuit.amplitude, 1);
    const auto row = circuit.temporal.row(0);
    const auto rate = circuit_rate(circuit, *recording.stimulus, 19, 3000);
    double sum = 0;
    for (std::size_t t = 0; t < rate.size(); ++t) {
      const double expected =
          yan2020_by_the_paper(*recording.stimulus, {row.begin(), row.end()}, 19 + static_cast<std::int64_t>(t), f);
      ASSERT_NEAR(rate[t], expected, 1e-9);
      sum += expected;
    }
    EXPECT_GT(sum, 10);
  }
}

TEST(Mosaics, FireATenthOfASpikeAFrameWithAnySubunits) {
  for (const char* preset : {"mosaic5", "mosaic9", "linear"}) {
    for (const auto f : {SubunitNonlinearity::relu, SubunitNonlinearity::half_squared, SubunitNonlinearity::squared}) {
      auto cell = recipe(preset);
      cell.subunits = f;
      const Recording recording = simulate(cell);
      EXPECT_EQ(recording.bins(), 30000);
      // The calibration's 20,000 frames and the spikes' own chance together: a few per cent.
      EXPECT_NEAR(mean_count(recording), 0.1, 0.01) << preset << " " << to_string(f);
      EXPECT_GT(std::ranges::max(recording.counts.values), 1) << "Poisson counts can exceed one";
    }
  }
}

TEST(Mosaics, HaveAThresholdOfHalfTheDrivesMean) {
  const auto cell = recipe("mosaic9");
  const Recording recording = simulate(cell);
  const auto drive = circuit_drive(recording.truth[0], *recording.stimulus, 19, 30000);
  const double mean = std::accumulate(drive.begin(), drive.end(), 0.0) / static_cast<double>(drive.size());
  EXPECT_NEAR(recording.truth[0].threshold / mean, 0.5, 0.02);
}

TEST(Circuits, DependOnTheLayoutsSeedOnly) {
  auto cell = recipe("mosaic5");
  const Circuit one = make_circuit(cell);
  cell.stimulus_seed = 7;
  cell.frames = 500;
  const Recording other = simulate(cell);
  EXPECT_EQ(other.truth[0].gain, one.gain);
  EXPECT_EQ(other.truth[0].threshold, one.threshold);
  EXPECT_EQ(other.truth[0].spatial.values, one.spatial.values);
  EXPECT_NE(make_circuit(recipe("mosaic5", 102)).spatial.values, one.spatial.values);
}

TEST(Circuits, TakeThresholdAndGainAsTheyAreGiven) {
  auto cell = recipe("mosaic5");
  cell.threshold = 1.25;
  cell.gain = 6;
  cell.amplitude = 0.5;
  const Circuit circuit = make_circuit(cell);
  EXPECT_EQ(circuit.threshold, 1.25);
  EXPECT_EQ(circuit.gain, 6.0 / 30);
  EXPECT_EQ(circuit.amplitude, 0.5);
}

TEST(Circuits, ReachATargetRateWithAtMostOneSpike) {
  auto cell = recipe("mosaic5");
  cell.spikes = SpikeRule::at_most_one;
  cell.target_rate = 0.45;  // many frames at their limit of one
  const Recording recording = simulate(cell);
  EXPECT_NEAR(mean_count(recording), 0.45, 0.015);
  EXPECT_EQ(std::ranges::max(recording.counts.values), 1);
}

TEST(Circuits, TellWhatNoGainCanReach) {
  auto cell = recipe("yan2020");
  cell.target_rate = 0.9;
  expect_error(ErrorKind::usage, {"target_rate is 0.9", "expected below 0."}, [&] { make_circuit(cell); });
  cell.target_rate = 0.1;
  cell.threshold = 1000;
  expect_error(ErrorKind::usage, {"target_rate is 0.1", "threshold 1000"}, [&] { make_circuit(cell); });
  cell.target_rate = 0;
  EXPECT_EQ(make_circuit(cell).gain, 0);
}

TEST(Recipes, RefuseWhatMakesNoSense) {
  const auto refused = [](auto change, const std::vector<std::string>& words) {
    auto cell = recipe("mosaic5");
    change(cell);
    expect_error(ErrorKind::usage, words, [&] { simulate(cell); });
  };
  const double nan = std::nan("");
  refused([](auto& r) { r.frames = 20; }, {"frames is 20", "more than the 20 lags"});
  refused([](auto& r) { r.frames = -1; }, {"frames is -1"});
  refused([](auto& r) { r.frames = std::int64_t{1} << 60; }, {"frames is", "at most"});
  refused([](auto& r) { r.frame_rate = 0; }, {"frame_rate is 0", "above 0"});
  refused([&](auto& r) { r.frame_rate = nan; }, {"frame_rate is nan"});
  refused([](auto& r) { r.amplitude = -1; }, {"amplitude is -1"});
  refused([](auto& r) { r.gain = -2; }, {"gain is -2", "0 or more"});
  refused([](auto& r) { r.target_rate = -0.1; }, {"target_rate is -0.1"});
  refused([&](auto& r) { r.threshold = nan; }, {"threshold is nan"});
  refused([&](auto& r) { r.threshold_of_mean = HUGE_VAL; }, {"threshold_of_mean is inf"});
  refused([](auto& r) { r.gain = 1, r.target_rate = 1; }, {"gain and target_rate are both set"});
  refused([](auto& r) { r.threshold = 1, r.threshold_of_mean = 1; }, {"threshold and threshold_of_mean are both set"});
}

}  // namespace
}  // namespace plexiform
