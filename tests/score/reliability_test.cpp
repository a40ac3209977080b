#include <gtest/gtest.h>

#include <cmath>

#include "base/expect_error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/score/score.hpp"

namespace plexiform {
namespace {

/// Trials of one signal of variance 1 with noise of the given variance.
NdArray<double> trials_of(std::int64_t trials, std::int64_t time, double noise) {
  const CounterRandom signal(1, 1), trial_noise(1, 2);
  NdArray<double> values({trials, time});
  for (std::int64_t i = 0; i < trials; ++i) {
    for (std::int64_t t = 0; t < time; ++t) {
      const auto at = static_cast<std::size_t>(i * time + t);
      values.values[at] = signal.normal(static_cast<std::uint64_t>(t)) + std::sqrt(noise) * trial_noise.normal(at);
    }
  }
  return values;
}

TEST(Reliability, IsTheShareOfTheSignalInTheMean) {
  // Fixed seed; the standard error of a correlation over 20,000 frames is below 0.007, and the limit 4.5 of them.
  constexpr double kLimit = 0.03, kNoise = 3;
  for (const std::int64_t n : {2, 3, 7, 8}) {
    const auto found = reliability(trials_of(n, 20000, kNoise), 1);
    const auto half = static_cast<double>(n / 2), all = static_cast<double>(n);
    EXPECT_NEAR(found.split_half, 1 / (1 + kNoise / half), kLimit) << n;
    EXPECT_NEAR(found.of_mean, 1 / (1 + kNoise / all), kLimit) << n;
    EXPECT_EQ(found.ceiling, std::sqrt(found.of_mean)) << n;
  }
}

TEST(Reliability, CeilingIsTheCorrelationOfTheTrueSignal) {
  const auto trials = trials_of(6, 20000, 3);
  std::vector<double> mean(20000), signal(20000);
  for (std::size_t t = 0; t < mean.size(); ++t) {
    for (std::int64_t i = 0; i < 6; ++i) mean[t] += trials.row(i)[t] / 6;
    signal[t] = CounterRandom(1, 1).normal(t);
  }
  EXPECT_NEAR(reliability(trials, 1).ceiling, correlation(mean, signal), 0.02);
}

TEST(Reliability, OfEqualTrialsIsOne) {
  const auto found = reliability(trials_of(4, 100, 0), 1);
  EXPECT_NEAR(found.split_half, 1, 1e-12);
  EXPECT_NEAR(found.ceiling, 1, 1e-12);
}

TEST(Reliability, IsNotDefinedWithoutVariance) {
  EXPECT_TRUE(std::isnan(reliability(NdArray<double>({4, 10}), 1).ceiling));
}

TEST(Reliability, NeedsTwoTrials) {
  testing::expect_error(ErrorKind::data, {"1 trials", "expected 2"}, [] { reliability(NdArray<double>({1, 10}), 1); });
}

}  // namespace
}  // namespace plexiform
