#include "plexiform/cell/counts.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "base/expect_error.hpp"

namespace plexiform {
namespace {

Circuit of_rule(SpikeRule rule, double fano = 1) {
  Circuit circuit;
  circuit.spikes = rule;
  circuit.fano = fano;
  return circuit;
}

struct Moments {
  double mean, variance;
};

Moments moments_of(const Circuit& circuit, double rate, std::uint64_t draws) {
  const CounterRandom random(3, 1);
  double sum = 0, square = 0;
  for (std::uint64_t i = 0; i < draws; ++i) {
    const auto n = static_cast<double>(draw_count(circuit, random, i, rate));
    sum += n, square += n * n;
  }
  const double mean = sum / static_cast<double>(draws);
  return {mean, square / static_cast<double>(draws) - mean * mean};
}

/// Fixed seed; limits of 5 standard errors of the mean and of the variance of n draws (fourth moment of a negative
/// binomial: kurtosis excess 6/k + 1/variance).
TEST(Counts, OfANegativeBinomialHaveTheStatedDispersion) {
  constexpr std::uint64_t kDraws = 200000;
  for (const double fano : {1.2, 2.0, 5.0}) {
    for (const double rate : {0.1, 1.0, 20.0}) {
      const Circuit circuit = of_rule(SpikeRule::negative_binomial, fano);
      const Moments found = moments_of(circuit, rate, kDraws);
      const double variance = fano * rate, k = rate / (fano - 1);
      const double kurtosis = 2 + 6 / k + 1 / variance;
      EXPECT_NEAR(found.mean, rate, 5 * std::sqrt(variance / kDraws)) << fano;
      EXPECT_NEAR(found.variance, variance, 5 * variance * std::sqrt(kurtosis / kDraws)) << fano << " " << rate;
    }
  }
}

/// The same limits tell the dispersions apart: the twin of the test above.
TEST(Counts, OfAPoissonOrAtMostOneHaveAnother) {
  EXPECT_NEAR(moments_of(of_rule(SpikeRule::poisson), 1, 200000).variance, 1, 0.02);
  const Moments single = moments_of(of_rule(SpikeRule::at_most_one), 0.3, 200000);
  EXPECT_NEAR(single.mean, 0.3, 0.01);
  EXPECT_NEAR(single.variance, 0.3 * 0.7, 0.01);
}

TEST(Counts, OfANegativeBinomialFollowItsProbabilities) {
  const Circuit circuit = of_rule(SpikeRule::negative_binomial, 3);
  constexpr double kRate = 1.5;
  constexpr std::uint64_t kDraws = 100000;
  std::vector<double> seen(4);
  const CounterRandom random(4, 1);
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    const auto n = static_cast<std::size_t>(draw_count(circuit, random, i, kRate));
    if (n < seen.size()) ++seen[n];
  }
  const double k = kRate / 2;
  for (std::size_t n = 0; n < seen.size(); ++n) {
    const auto m = static_cast<double>(n);
    const double p = std::exp(std::lgamma(m + k) - std::lgamma(m + 1) - std::lgamma(k)) * std::pow(1.0 / 3, k) *
                     std::pow(2.0 / 3, m);
    EXPECT_NEAR(seen[n] / kDraws, p, 5 * std::sqrt(p * (1 - p) / kDraws)) << n;
  }
}

TEST(Counts, OfRateZeroAreZeroAndBeyondBoundsRefused) {
  const CounterRandom random(1, 1);
  Circuit circuit = of_rule(SpikeRule::negative_binomial, 2);
  for (std::uint64_t i = 0; i < 1000; ++i) EXPECT_EQ(draw_count(circuit, random, i, 0), 0);
  testing::expect_error(ErrorKind::numeric, {"501", "0 to 500"}, [&] { draw_count(circuit, random, 0, 501); });
  testing::expect_error(ErrorKind::numeric, {"nan"}, [&] { draw_count(circuit, random, 0, std::nan("")); });
  circuit.fano = 1.001;
  EXPECT_NEAR(static_cast<double>(draw_count(circuit, random, 7, 500)), 500, 150);
}

Circuit refractory_circuit(double share) {
  Circuit circuit;
  circuit.refractory = share;
  circuit.refractory_frames = 2;
  return circuit;
}

TEST(SpikeHistory, TakesAShareOfTheNextFramesRateAndRecovers) {
  SpikeHistory history(refractory_circuit(0.8));
  EXPECT_EQ(history.factor(), 1);
  history.add(0);
  EXPECT_EQ(history.factor(), 1) << "no spike yet";
  history.add(2);
  for (int k = 0; k < 6; ++k) {
    EXPECT_NEAR(history.factor(), 1 - 0.8 * std::exp(-k / 2.0), 1e-12) << k;
    history.add(0);
  }
  history.add(1);
  EXPECT_NEAR(history.factor(), 0.2, 1e-12) << "the last spike counts";
  SpikeHistory none(refractory_circuit(0));
  none.add(3);
  EXPECT_EQ(none.factor(), 1);
}

/// Spikes at a constant rate: how often a frame has one, k frames after one and none between. Fixed seed, limits of 5
/// standard errors; without refractoriness they are missed by far.
TEST(SpikeHistory, MakesShortIntervalsRareAsStated) {
  constexpr double kRate = 0.3;
  const auto after = [](double share) {
    const Circuit circuit = refractory_circuit(share);
    SpikeHistory history(circuit);
    const CounterRandom random(11, 1);
    std::vector<double> spikes(6), frames(6);
    std::size_t since = 100;
    for (std::uint64_t t = 0; t < 200'000; ++t) {
      const auto count = draw_count(circuit, random, t, kRate * history.factor());
      history.add(count);
      if (since < 6) frames[since] += 1, spikes[since] += count > 0;
      since = count > 0 ? 0 : since + 1;
    }
    for (std::size_t k = 0; k < 6; ++k) spikes[k] /= frames[k];
    return spikes;
  };
  const auto found = after(0.8), without = after(0);
  for (std::size_t k = 0; k < 6; ++k) {
    const double expected = 1 - std::exp(-kRate * (1 - 0.8 * std::exp(-static_cast<double>(k) / 2)));
    EXPECT_NEAR(found[k], expected, 0.012) << k;
  }
  EXPECT_NEAR(without[0], 1 - std::exp(-kRate), 0.012);
}

}  // namespace
}  // namespace plexiform
