// Measures that need repeats, on trials whose answers are known, and Holm's correction.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

#include "base/expect_error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/score/score.hpp"

namespace plexiform {
namespace {

using testing::expect_error;

constexpr std::int64_t kFrames = 4000;

/// A signal of variance 1 and what is heard of it: trials with noise of variance `noise`.
std::vector<double> signal() {
  std::vector<double> s;
  for (std::uint64_t t = 0; t < kFrames; ++t) s.push_back(CounterRandom(1, 0).normal(t));
  return s;
}
NdArray<double> trials_of(const std::vector<double>& signal, std::int64_t n, double noise) {
  NdArray<double> trials({n, kFrames});
  for (std::int64_t i = 0; i < n; ++i)
    for (std::uint64_t t = 0; t < kFrames; ++t)
      trials.row(i)[t] = signal[t] + std::sqrt(noise) * CounterRandom(2, static_cast<std::uint64_t>(i)).normal(t);
  return trials;
}

TEST(ExplainedVariance, IsOfTheSignalWhateverTheNoise) {
  const auto s = signal();
  std::vector<double> half, nothing(kFrames, 0.0), wrong;
  for (std::uint64_t t = 0; t < kFrames; ++t) {
    half.push_back(s[t] + std::sqrt(0.5) * CounterRandom(3, 0).normal(t));  // misses by half the signal's variance
    wrong.push_back(-s[t]);
  }
  for (const double noise : {0.1, 1.0, 4.0})
    for (const std::int64_t n : {2, 5, 20}) {
      const auto trials = trials_of(s, n, noise);
      const double within = 0.05 + 0.12 * noise / static_cast<double>(n);
      EXPECT_NEAR(explained_variance(s, trials), 1, within);
      EXPECT_NEAR(explained_variance(half, trials), 0.5, within);
      EXPECT_NEAR(explained_variance(nothing, trials), 0, within);
      EXPECT_NEAR(explained_variance(wrong, trials), -3, 3 * within);
    }
}

TEST(ExplainedVariance, IsNotDefinedWhereRepeatsShareNothing) {
  NdArray<double> trials({2, 2});
  trials.values = {1, 0, 0, 1};
  EXPECT_TRUE(std::isnan(explained_variance(std::vector<double>{0.5, 0.5}, trials)));
  expect_error(ErrorKind::data, {"1 trials", "2 or more"}, [] {
    explained_variance(std::vector<double>{1.0}, NdArray<double>({1, 1}));
  });
}

TEST(Oracle, IsWhatOtherTrialsTell) {
  const auto s = signal();
  for (const double noise : {0.5, 2.0})
    for (const std::int64_t n : {2, 10}) {
      // cov(signal + a, signal + mean of n - 1) = 1; variances 1 + noise and 1 + noise / (n - 1).
      const double expected = 1 / std::sqrt((1 + noise) * (1 + noise / static_cast<double>(n - 1)));
      EXPECT_NEAR(jackknife_oracle(trials_of(s, n, noise)), expected, 0.03);
    }
  expect_error(ErrorKind::data, {"1 trials"}, [] { jackknife_oracle(NdArray<double>({1, 3})); });
}

TEST(Holm, AdjustsAsInTheBook) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto adjusted = holm_adjusted(std::vector<double>{0.01, 0.04, nan, 0.03, 0.005});
  // Sorted 0.005 x 4, 0.01 x 3, 0.03 x 2, 0.04 x 1 -> 0.02, 0.03, 0.06, 0.06.
  EXPECT_DOUBLE_EQ(adjusted[4], 0.02);
  EXPECT_DOUBLE_EQ(adjusted[0], 0.03);
  EXPECT_DOUBLE_EQ(adjusted[3], 0.06);
  EXPECT_DOUBLE_EQ(adjusted[1], 0.06);
  EXPECT_TRUE(std::isnan(adjusted[2]));
  EXPECT_TRUE(holm_adjusted({}).empty());
}

RC_GTEST_PROP(Holm, KeepsTheOrderAndLiesBetweenNothingAndBonferroni, ()) {
  const auto numbers = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 1001));
  std::vector<double> p;
  for (const int n : numbers) p.push_back(n / 1000.0);
  const auto adjusted = holm_adjusted(p);
  for (std::size_t i = 0; i < p.size(); ++i) {
    RC_ASSERT(adjusted[i] >= p[i] && adjusted[i] <= std::min(1.0, p[i] * static_cast<double>(p.size()) + 1e-12));
    for (std::size_t j = 0; j < p.size(); ++j) RC_ASSERT(p[i] > p[j] || adjusted[i] <= adjusted[j]);
  }
}

}  // namespace
}  // namespace plexiform
