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

TEST(Presets, AreTheFourOfTheReferenceFiveLinearKindsAndSixteenMore) {
  std::vector<std::string> names;
  for (const auto& preset : presets()) {
    names.push_back(preset.name);
    EXPECT_FALSE(preset.description.empty());
  }
  EXPECT_EQ(names, (std::vector<std::string>{"yan2020",
                                             "mosaic5",
                                             "mosaic9",
                                             "linear",
                                             "linear_inseparable",
                                             "linear_saturating",
                                             "linear_exponential",
                                             "linear_overdispersed",
                                             "linear_underdispersed",
                                             "latency",
                                             "onoff",
                                             "suppression",
                                             "crossover",
                                             "surround",
                                             "irregular",
                                             "exponential_profile",
                                             "drift",
                                             "refractory",
                                             "bursty",
                                             "shared_noise",
                                             "gain",
                                             "even",
                                             "twelve",
                                             "linear_ushaped",
                                             "linear_surround"}));
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

TEST(LinearKinds, FireATenthOfASpikeAFrameAndAreLinear) {
  for (const auto& preset : presets()) {
    if (!preset.name.starts_with("linear_") || preset.name == "linear_ushaped") continue;
    const Recording recording = simulate(recipe(preset.name));
    EXPECT_NEAR(mean_count(recording), 0.1, 0.01) << preset.name;
    EXPECT_EQ(recording.truth[0].nonlinearity, SubunitNonlinearity::linear) << preset.name;
    EXPECT_EQ(driving_subunits(recording.truth[0]), std::vector<std::int64_t>{0}) << preset.name;
    EXPECT_NE(make_circuit(recipe(preset.name, 102)).spatial.values, recording.truth[0].spatial.values) << preset.name;
  }
}

TEST(LinearKinds, AreWhatTheirNamesSay) {
  EXPECT_EQ(make_circuit(recipe("linear_saturating")).output, OutputNonlinearity::saturating);
  EXPECT_EQ(make_circuit(recipe("linear_exponential")).output, OutputNonlinearity::exponential);
  EXPECT_EQ(make_circuit(recipe("linear_overdispersed")).fano, 2);
  EXPECT_EQ(make_circuit(recipe("linear_underdispersed")).spikes, SpikeRule::at_most_one);
}

/// The filter of a linear circuit as [lag, pixel], and how far its best product of space and time falls short: the norm
/// of the rest as a share of the whole, by power iteration.
double inseparability(const Circuit& c) {
  const auto lags = static_cast<std::size_t>(c.lags()), pixels = static_cast<std::size_t>(c.spatial.row_size());
  std::vector<double> filter(lags * pixels), time(lags, 1), space(pixels);
  for (std::int64_t i = 0; i < c.subunits(); ++i)
    for (std::size_t k = 0; k < filter.size(); ++k)
      filter[k] += double{c.weight.values[static_cast<std::size_t>(i)]} * c.temporal.row(i)[k / pixels] *
                   c.spatial.row(i)[k % pixels];
  double largest = 0;
  for (int round = 0; round < 200; ++round) {
    double norm = 0;
    std::ranges::fill(space, 0);
    for (std::size_t k = 0; k < filter.size(); ++k) space[k % pixels] += filter[k] * time[k / pixels];
    for (const double v : space) norm += v * v;
    for (double& v : space) v /= std::sqrt(norm);
    std::ranges::fill(time, 0);
    for (std::size_t k = 0; k < filter.size(); ++k) time[k / pixels] += filter[k] * space[k % pixels];
    largest = 0;
    for (const double v : time) largest += v * v;
    for (double& v : time) v /= std::sqrt(largest);
  }
  double whole = 0;
  for (const double v : filter) whole += v * v;
  return std::sqrt(std::max(0.0, 1 - largest / whole));
}

TEST(LinearKinds, OnlyTheInseparableOneIsNoProductOfSpaceAndTime) {
  EXPECT_GT(inseparability(make_circuit(recipe("linear_inseparable"))), 0.3);
  EXPECT_LT(inseparability(make_circuit(recipe("linear_saturating"))), 1e-3);
}

TEST(Surround, IsOneMoreSubunitWideLaterAndSubtracted) {
  auto cell = recipe("mosaic5");
  const Circuit plain = make_circuit(cell);
  cell.surround = 0.4;
  const Circuit circuit = make_circuit(cell);
  ASSERT_EQ(circuit.subunits(), 6);
  EXPECT_EQ(driving_subunits(circuit), (std::vector<std::int64_t>{0, 1, 2, 3, 4}));
  const double sum = std::accumulate(plain.weight.values.begin(), plain.weight.values.end(), 0.0);
  EXPECT_NEAR(circuit.weight.values[5], -0.4 * sum, 1e-6);
  EXPECT_TRUE(std::equal(plain.spatial.values.begin(), plain.spatial.values.end(), circuit.spatial.values.begin()));
  for (std::size_t lag = 1; lag < 20; ++lag)
    EXPECT_NEAR(circuit.temporal.row(5)[lag], circuit.temporal.row(0)[lag - 1], 2e-3);  // both of unit norm
  EXPECT_NEAR(mean_count(simulate(cell)), 0.1, 0.01);
  cell.surround = 0;
  EXPECT_EQ(make_circuit(cell).weight.values, plain.weight.values);
}

TEST(TemporalVary, GivesEachSubunitATimeCourseOfItsOwn) {
  auto cell = recipe("mosaic5");
  const Circuit plain = make_circuit(cell);
  cell.temporal_vary = 0.5;
  const Circuit circuit = make_circuit(cell);
  EXPECT_EQ(circuit.spatial.values, plain.spatial.values);
  for (std::int64_t i = 0; i < 5; ++i) {
    const auto row = circuit.temporal.row(i);
    const auto peak = std::ranges::min_element(row) - row.begin();  // the plain one's: lag 5
    EXPECT_GE(peak, 3);
    EXPECT_LE(peak, 8);
    for (std::int64_t j = 0; j < i; ++j) EXPECT_FALSE(std::ranges::equal(row, circuit.temporal.row(j)));
  }
}

TEST(Circuits, ScaleTheOutputByTheDrivesOwnDeviation) {
  auto cell = recipe("mosaic5");
  cell.output = OutputNonlinearity::saturating;
  cell.output_scale = 0.5;
  const Recording recording = simulate(cell);
  const auto drive = circuit_drive(recording.truth[0], *recording.stimulus, 19, 30000);
  const double mean = std::accumulate(drive.begin(), drive.end(), 0.0) / static_cast<double>(drive.size());
  double square = 0;
  for (const double d : drive) square += (d - mean) * (d - mean) / static_cast<double>(drive.size());
  EXPECT_NEAR(recording.truth[0].output_scale / std::sqrt(square), 0.5, 0.02);
  EXPECT_NEAR(mean_count(recording), 0.1, 0.01);
}

TEST(Circuits, TellWhereARateIsBeyondReason) {
  auto cell = recipe("mosaic5");
  cell.output = OutputNonlinearity::exponential;
  cell.output_scale = 0.1;
  expect_error(ErrorKind::numeric, {"spikes a frame", "0 to 500"}, [&] { simulate(cell); });
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
  refused([](auto& r) { r.frame_rate = 0; }, {"frame_rate is 0", "0.001 to 100,000 Hz"});
  refused([&](auto& r) { r.frame_rate = nan; }, {"frame_rate is nan"});
  refused([](auto& r) { r.amplitude = -1; }, {"amplitude is -1"});
  refused([](auto& r) { r.gain = -2; }, {"gain is -2", "0 or more"});
  refused([](auto& r) { r.target_rate = -0.1; }, {"target_rate is -0.1"});
  refused([&](auto& r) { r.threshold = nan; }, {"threshold is nan"});
  refused([&](auto& r) { r.threshold_of_mean = HUGE_VAL; }, {"threshold_of_mean is inf"});
  refused([](auto& r) { r.output_scale = 0; }, {"output_scale is 0", "above 0"});
  refused([](auto& r) { r.fano = 1; }, {"fano is 1", "above 1"});
  refused([&](auto& r) { r.fano = nan; }, {"fano is nan"});
  refused([](auto& r) { r.sizes_vary = 3; }, {"sizes_vary is 3", "from 0 to 2"});
  refused([](auto& r) { r.temporal_vary = -0.5; }, {"temporal_vary is -0.5"});
  refused([](auto& r) { r.surround = -1; }, {"surround is -1", "0 or more"});
  refused([](auto& r) { r.fano = 3; }, {"fano is set, but spikes is poisson, expected negative_binomial"});
  refused([](auto& r) { r.output_scale = 3; }, {"output_scale is set, but output is rectified", "exponential"});
  refused([](auto& r) { r.preset = "linear", r.sizes_vary = 0.5; }, {"sizes_vary is set", "linear", "mosaic5"});
  refused([](auto& r) { r.gain = 1, r.target_rate = 1; }, {"gain and target_rate are both set"});
  refused([](auto& r) { r.threshold = 1, r.threshold_of_mean = 1; }, {"threshold and threshold_of_mean are both set"});
}

}  // namespace
}  // namespace plexiform
