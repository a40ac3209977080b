#include "plexiform/likelihood/box_step.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "plexiform/base/random.hpp"

namespace plexiform {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// A quadratic with a box around 0, of which every kind of bound is drawn: none, near, at 0, on both sides.
struct Case {
  std::vector<double> gradient, low, high;
  NdArray<double> information;

  explicit Case(std::uint64_t seed, std::size_t n, std::size_t rank) {
    const CounterRandom random(seed, 0);
    std::uint64_t at = 0;
    const auto normal = [&] { return random.normal(at++); };
    information = NdArray<double>({static_cast<std::int64_t>(n), static_cast<std::int64_t>(n)});
    std::vector<double> factor(n * rank);
    for (double& v : factor) v = normal();
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j)
        for (std::size_t r = 0; r < rank; ++r)
          information.values[i * n + j] += factor[i * rank + r] * factor[j * rank + r];
    // In the range of the information, as a likelihood's is.
    std::vector<double> mix(rank);
    for (double& v : mix) v = normal();
    for (std::size_t i = 0; i < n; ++i) {
      gradient.push_back(0);
      for (std::size_t r = 0; r < rank; ++r) gradient[i] += factor[i * rank + r] * mix[r];
      const auto bound = [&] {
        const auto kind = random.integer(at++, 3);
        return kind == 0 ? 0 : kind == 1 ? std::abs(normal()) / 3 : kInfinity;
      };
      low.push_back(-bound());
      high.push_back(bound());
    }
  }

  /// With the trace of the diagonal that makes the maximum exist.
  double quadratic(std::span<const double> step) const {
    double sum = 0, largest = 0;
    for (std::size_t i = 0; i < step.size(); ++i) largest = std::max(largest, information.values[i * step.size() + i]);
    for (std::size_t i = 0; i < step.size(); ++i) {
      const double trace = 1e-9 * information.values[i * step.size() + i] + 1e-12 * largest;
      sum += gradient[i] * step[i] - step[i] * step[i] * trace / 2;
      for (std::size_t j = 0; j < step.size(); ++j)
        sum -= step[i] * step[j] * information.values[i * step.size() + j] / 2;
    }
    return sum;
  }
};

RC_GTEST_PROP(BoxStep, NothingInTheBoxIsBetter, ()) {
  const auto n = *rc::gen::inRange<std::size_t>(1, 8), rank = *rc::gen::inRange<std::size_t>(1, n + 2);
  const Case c(*rc::gen::arbitrary<std::uint64_t>(), n, rank);
  const BoxStep best = box_step(c.gradient, c.information, c.low, c.high, 0);
  const double reached = c.quadratic(best.step), scale = 1e-6 * (1 + std::abs(reached));
  RC_ASSERT(best.gain >= 0);
  RC_ASSERT(std::abs(best.gain - reached) < scale);
  for (std::size_t i = 0; i < n; ++i) RC_ASSERT(best.step[i] >= c.low[i] && best.step[i] <= c.high[i]);
  const CounterRandom random(*rc::gen::arbitrary<std::uint64_t>(), 1);
  for (std::uint64_t trial = 0; trial < 200; ++trial) {
    std::vector<double> other = best.step;
    const double far = std::pow(10.0, -static_cast<double>(trial % 5));
    for (std::size_t i = 0; i < n; ++i)
      other[i] = std::clamp(other[i] + far * random.normal(trial * 10 + i), c.low[i], c.high[i]);
    RC_ASSERT(c.quadratic(other) <= reached + scale);
  }
}

RC_GTEST_PROP(BoxStep, DampingMakesItShorterAndNeverTurnsItDown, ()) {
  const auto n = *rc::gen::inRange<std::size_t>(1, 8);
  const Case c(*rc::gen::arbitrary<std::uint64_t>(), n, n + 1);
  double before = kInfinity;
  for (const double damping : {0.0, 1.0, 100.0, 1e4}) {
    const BoxStep step = box_step(c.gradient, c.information, c.low, c.high, damping);
    double length = 0;
    for (std::size_t i = 0; i < n; ++i) length += step.step[i] * step.step[i] * c.information.values[i * n + i];
    RC_ASSERT(length <= before * (1 + 1e-9));
    RC_ASSERT(c.quadratic(step.step) >= -1e-9);
    before = length;
  }
}

TEST(BoxStep, AParameterThatNothingTellsAboutStays) {
  NdArray<double> information({2, 2});
  information.values = {4, 0, 0, 0};
  const BoxStep step = box_step(std::vector<double>{2, 0}, information, std::vector<double>(2, -kInfinity),
                                std::vector<double>(2, kInfinity), 0);
  EXPECT_NEAR(step.step[0], 0.5, 1e-6);
  EXPECT_EQ(step.step[1], 0);
  EXPECT_NEAR(step.gain, 0.5, 1e-6);
}

TEST(BoxStep, OneThatIsHeldLeavesTheOthersTheirBest) {
  NdArray<double> information({2, 2});
  information.values = {2, 1, 1, 2};
  const std::vector<double> gradient{1, 1}, none(2, kInfinity);
  // Alone, the second goes to 1/2; with the first it would go to 1/3.
  const BoxStep step =
      box_step(gradient, information, std::vector<double>{0, -kInfinity}, std::vector<double>{0, kInfinity}, 0);
  EXPECT_EQ(step.step[0], 0);
  EXPECT_NEAR(step.step[1], 0.5, 1e-6);
}

TEST(BoxStep, WithoutParametersThereIsNone) {
  const BoxStep step = box_step({}, NdArray<double>({0, 0}), {}, {}, 0);
  EXPECT_TRUE(step.step.empty());
  EXPECT_EQ(step.gain, 0);
}

}  // namespace
}  // namespace plexiform
