#include "plexiform/score/bits.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "base/expect_error.hpp"
#include "plexiform/score/score.hpp"

namespace plexiform {
namespace {

using D = std::vector<double>;

/// The formula of the header, term by term.
double by_definition(const D& rate, const D& counts) {
  double mean = 0, spikes = 0, sum = 0;
  for (const double c : counts) mean += c / static_cast<double>(counts.size()), spikes += c;
  for (std::size_t t = 0; t < rate.size(); ++t) {
    if (counts[t] > 0) sum += counts[t] * std::log2(rate[t] / mean);
    sum -= (rate[t] - mean) / std::numbers::ln2;
  }
  return sum / spikes;
}

TEST(BitsPerSpike, OfTheConstantRateAreNone) {
  EXPECT_NEAR(bits_per_spike(D(4, 0.75), D{0, 2, 0, 1}), 0, 1e-15);
}

TEST(BitsPerSpike, OfAPerfectRateAreWhatItTells) {
  // All spikes in one of four frames: two bits each.
  EXPECT_NEAR(bits_per_spike(D{0, 0, 3, 0}, D{0, 0, 3, 0}), 2, 1e-15);
}

TEST(BitsPerSpike, AreNegativeForAWorseRate) {
  EXPECT_LT(bits_per_spike(D{2, 0.1, 0.1, 0.1}, D{0, 0, 1, 1}), -1);
}

RC_GTEST_PROP(BitsPerSpike, FollowTheDefinition, ()) {
  const auto n = *rc::gen::inRange<std::size_t>(1, 30);
  D rate, counts;
  for (std::size_t t = 0; t < n; ++t) {
    rate.push_back(*rc::gen::inRange(1, 500) / 100.0);
    counts.push_back(*rc::gen::inRange(0, 4));
  }
  counts[0] += 1;
  RC_ASSERT(std::abs(bits_per_spike(rate, counts) - by_definition(rate, counts)) < 1e-10);
}

TEST(BitsPerSpike, TellAModelsErrorFromTheDatas) {
  using testing::expect_error;
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  expect_error(ErrorKind::numeric, {"position 1", "-0.1"}, [] { bits_per_spike(D{1, -0.1}, D{1, 1}); });
  expect_error(ErrorKind::numeric, {"position 0", "nan"}, [&] { bits_per_spike(D{nan, 1}, D{0, 1}); });
  expect_error(ErrorKind::numeric, {"position 0", "inf"}, [&] { bits_per_spike(D{inf, 1}, D{0, 1}); });
  expect_error(ErrorKind::numeric, {"position 1", "0 and the cell fired"}, [] { bits_per_spike(D{1, 0}, D{0, 1}); });
  expect_error(ErrorKind::data, {"no spike"}, [] { bits_per_spike(D{1, 1}, D{0, 0}); });
  EXPECT_THROW(bits_per_spike(D{1}, D{1, 1}), InternalError);
}

TEST(Bits, OfALikelihoodAreThoseOfTheRates) {
  const std::vector<double> rate = {0.5, 1.5, 0.2, 0.9}, counts = {0, 2, 0, 1};
  double nats = 0;
  for (std::size_t t = 0; t < rate.size(); ++t) nats += counts[t] * std::log(rate[t]) - rate[t];
  EXPECT_NEAR(bits_of_likelihood(nats, 3, 4), bits_per_spike(rate, counts), 1e-12);
  EXPECT_TRUE(std::isnan(bits_of_likelihood(-1, 0, 4)));
}

}  // namespace
}  // namespace plexiform
