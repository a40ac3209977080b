// Each threshold of scores does what it is for. That 95 % of intervals hold the truth: intervals_test.cpp; what is
// localised: autocorrelation_test.cpp. Here are the others.
#include "plexiform/score/thresholds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "plexiform/base/random.hpp"
#include "plexiform/recording/split.hpp"
#include "plexiform/score/score.hpp"
#include "plexiform/score/score_rates.hpp"

namespace plexiform {
namespace {

using namespace thresholds::score;

double deviation(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const double v : values) squares += (v - mean) * (v - mean);
  return std::sqrt(squares / (n - 1));
}

TEST(ScoreBlocks, AreAsLongAsTheShortestOfTheSplit) {
  EXPECT_EQ(kScoreBlockFrames, SplitSettings{}.block_frames_min);
  EXPECT_EQ(ScoredBins{}.block_bins, kScoreBlockFrames);
}

TEST(BootstrapDraws, AreSoManyThatAnIntervalIsNotThatOfItsSeed) {
  std::vector<double> rate, counts;
  const CounterRandom random(1, 0), noise(1, 1);
  for (std::uint64_t t = 0; t < 3000; ++t) {
    rate.push_back(std::exp(random.normal(t) - 1));
    counts.push_back(static_cast<double>(noise.poisson(t, rate.back())));
  }
  const auto blocks = blocks_of(3000, 100);
  const auto spread_of_ends = [&](int draws) {
    std::vector<double> ends;
    double width = 0;
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
      const Interval interval = correlation_interval(rate, counts, blocks, seed, draws);
      ends.push_back(interval.low);
      width += (interval.high - interval.low) / 30;
    }
    return deviation(ends) / width;
  };
  EXPECT_LT(spread_of_ends(kBootstrapDraws), 0.04);
  EXPECT_GT(spread_of_ends(kBootstrapDraws / 20), 0.04) << "so few would not do";
}

TEST(Tails, LeaveAsManyDrawsOnEachSide) {
  EXPECT_NEAR(kLowTail, 1 - kHighTail, 1e-12);
  // The first item of each draw, of 0 to 9999: its quantiles are known.
  const Interval interval =
      resampled_interval(10'000, 3, [](std::span<const std::int64_t> items) { return static_cast<double>(items[0]); });
  const double error = 10'000 * std::sqrt(kLowTail * kHighTail / kBootstrapDraws);
  EXPECT_NEAR(interval.low, 10'000 * kLowTail, 4 * error);
  EXPECT_NEAR(interval.high, 10'000 * kHighTail, 4 * error);
}

TEST(Halves, AreSoManyThatAReliabilityIsNotThatOfItsSeed) {
  const auto trials_of = [](std::uint64_t noise_seed) {
    NdArray<double> trials({8, 400});
    const CounterRandom signal(1, 0), noise(noise_seed, 1);
    for (std::int64_t i = 0; i < 8; ++i)
      for (std::uint64_t t = 0; t < 400; ++t)
        trials.row(i)[t] = signal.normal(t) + 2 * noise.normal(static_cast<std::uint64_t>(i) * 400 + t);
    return trials;
  };
  std::vector<double> by_seed, by_trials;
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    by_seed.push_back(reliability(trials_of(1), seed).of_mean);
    by_trials.push_back(reliability(trials_of(seed), 1).of_mean);
  }
  EXPECT_LT(deviation(by_seed), deviation(by_trials) / 5);
}

}  // namespace
}  // namespace plexiform
