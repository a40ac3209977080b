#include "plexiform/base/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <vector>

#include "base/expect_error.hpp"

// Statistical tests here have a fixed seed and a limit of 4.5 standard errors: with another seed one in 150,000 would
// fail.
namespace plexiform {
namespace {

constexpr std::uint64_t kDraws = 200000;
constexpr double kLimit = 4.5;

TEST(CounterRandom, GivesThePublishedWordsOfPhilox) {
  // Random123 1.14, tests/kat_vectors: philox4x32, 10 rounds.
  EXPECT_EQ(CounterRandom(0, 0).words(0),
            (std::array<std::uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  const std::uint64_t ones = ~std::uint64_t{0};
  EXPECT_EQ(CounterRandom(ones, ones).words(ones),
            (std::array<std::uint32_t, 4>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
}

TEST(CounterRandom, DrawsStayWhatTheyAre) {
  // Model cells and draws of the bootstrap are remade from their seeds: other values would be other cells.
  const CounterRandom random(1, 2);
  EXPECT_DOUBLE_EQ(random.uniform(3), 0.86732097398475705);
  EXPECT_NEAR(random.normal(3), -1.977265873615718, 1e-12);
  EXPECT_EQ(random.poisson(3, 4.5), 7);
  EXPECT_EQ(random.integer(3, 1000), 867);
  EXPECT_EQ(derived_seed(1, 2), 135129072819577985u);
}

TEST(CounterRandom, SeedStreamAndIndexEachChangeTheDraw) {
  std::set<double> seen;
  for (std::uint64_t a : {0ull, 1ull, 1ull << 32, 1ull << 63}) {
    for (std::uint64_t b : {0ull, 1ull, 1ull << 32, 1ull << 63}) {
      for (std::uint64_t c : {0ull, 1ull, 1ull << 32, 1ull << 63}) seen.insert(CounterRandom(a, b).uniform(c));
    }
  }
  EXPECT_EQ(seen.size(), 64u);
}

TEST(CounterRandom, UniformFillsTheUnitInterval) {
  const CounterRandom random(1, 2);
  std::vector<double> draws;
  for (std::uint64_t i = 0; i < kDraws; ++i) draws.push_back(random.uniform(i));
  std::sort(draws.begin(), draws.end());
  EXPECT_GE(draws.front(), 0);
  EXPECT_LT(draws.back(), 1);
  // Kolmogorov and Smirnov: 2 exp(-2 n d^2) is 1e-5 at this distance.
  double distance = 0;
  for (std::size_t i = 0; i < draws.size(); ++i) {
    distance = std::max(distance, std::abs(draws[i] - (static_cast<double>(i) + 0.5) / kDraws));
  }
  EXPECT_LT(distance, 2.47 / std::sqrt(double{kDraws}));
}

TEST(CounterRandom, NormalHasTheMomentsOfANormal) {
  const CounterRandom random(3, 4);
  double sum = 0, square = 0, fourth = 0;
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    const double x = random.normal(i);
    sum += x, square += x * x, fourth += x * x * x * x;
  }
  const double n = kDraws;
  EXPECT_NEAR(sum / n, 0, kLimit / std::sqrt(n));
  EXPECT_NEAR(square / n, 1, kLimit * std::sqrt(2 / n));
  EXPECT_NEAR(fourth / n, 3, kLimit * std::sqrt(96 / n));
}

TEST(CounterRandom, PoissonHasItsProbabilities) {
  const CounterRandom random(5, 6);
  for (const double mean : {0.05, 1.0, 7.5}) {
    std::vector<double> found(60);
    for (std::uint64_t i = 0; i < kDraws; ++i) found[static_cast<std::size_t>(random.poisson(i, mean))] += 1.0 / kDraws;
    double probability = std::exp(-mean);
    for (std::size_t k = 0; k < found.size(); ++k) {
      if (k > 0) probability *= mean / static_cast<double>(k);
      EXPECT_NEAR(found[k], probability, kLimit * std::sqrt(probability / kDraws) + 3.0 / kDraws) << mean << ", " << k;
    }
  }
}

TEST(CounterRandom, LargePoissonMeansKeepMeanAndVariance) {
  const CounterRandom random(7, 8);
  constexpr double kMean = 500, kNumber = 20000;
  double sum = 0, square = 0;
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(kNumber); ++i) {
    const double d = static_cast<double>(random.poisson(i, kMean)) - kMean;
    sum += d, square += d * d;
  }
  EXPECT_NEAR(sum / kNumber, 0, kLimit * std::sqrt(kMean / kNumber));
  EXPECT_NEAR(square / kNumber / kMean, 1, kLimit * std::sqrt(2 / kNumber));
}

TEST(CounterRandom, PoissonOfNothingIsNothingAndOfNonsenseAnError) {
  const CounterRandom random(9, 10);
  EXPECT_EQ(random.poisson(0, 0), 0);
  for (const double mean : {-1.0, 501.0, std::numeric_limits<double>::quiet_NaN()}) {
    testing::expect_error(ErrorKind::numeric, {"Poisson mean", "expected 0 to 500"}, [&] { random.poisson(0, mean); });
  }
}

TEST(CounterRandom, IntegersAreEquallyLikely) {
  const CounterRandom random(11, 12);
  std::vector<double> found(7);
  for (std::uint64_t i = 0; i < kDraws; ++i) found.at(static_cast<std::size_t>(random.integer(i, 7))) += 1;
  for (const double n : found) EXPECT_NEAR(n, kDraws / 7.0, kLimit * std::sqrt(kDraws / 7.0));
  EXPECT_EQ(random.integer(0, 1), 0);
  EXPECT_THROW(random.integer(0, 0), InternalError);
}

TEST(DerivedSeed, DiffersByPurposeAndSeed) {
  std::set<std::uint64_t> seen;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    for (std::uint64_t purpose = 0; purpose < 30; ++purpose) seen.insert(derived_seed(seed, purpose));
  }
  EXPECT_EQ(seen.size(), 900u);
}

}  // namespace
}  // namespace plexiform
