#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <vector>

#include "plexiform/base/error.hpp"
#include "plexiform/score/score.hpp"

namespace plexiform {
namespace {

using D = std::vector<double>;

TEST(Correlation, IsPearsons) {
  EXPECT_NEAR(correlation(D{1, 2, 3, 4, 5}, D{2, 1, 4, 3, 7}), 12 / std::sqrt(10 * 21.2), 1e-15);
  EXPECT_DOUBLE_EQ(correlation(D{1, 2, 3}, D{10, 20, 30}), 1);
  EXPECT_DOUBLE_EQ(correlation(D{1, 2, 3}, D{3, 2, 1}), -1);
}

TEST(Correlation, IsNotDefinedWithoutVariance) {
  EXPECT_TRUE(std::isnan(correlation(D{0.1, 0.1, 0.1}, D{1, 2, 3})));
  EXPECT_TRUE(std::isnan(correlation(D{1, 2, 3}, D(3, 0.3))));
  EXPECT_TRUE(std::isnan(correlation(D{}, D{})));
  EXPECT_TRUE(std::isnan(correlation(D{1}, D{1})));
}

TEST(Correlation, ToleratesALargeMean) {
  EXPECT_NEAR(correlation(D{1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9 + 4}, D{1, 2, 3, 5}),
              correlation(D{1, 2, 3, 4}, D{1, 2, 3, 5}), 1e-12);
}

TEST(Correlation, DifferentLengthsAreOurOwnMistake) {
  EXPECT_THROW(correlation(D{1, 2}, D{1, 2, 3}), InternalError);
}

RC_GTEST_PROP(Correlation, StaysInItsBoundsAndIgnoresScaleAndOrder, ()) {
  const auto n = *rc::gen::inRange<std::size_t>(2, 20);
  const auto values =
      rc::gen::container<D>(n, rc::gen::map(rc::gen::inRange(-1000, 1000), [](int i) { return i / 7.0; }));
  const D a = *values, b = *values;
  const double r = correlation(a, b);
  if (std::isnan(r)) return;
  RC_ASSERT(std::abs(r) <= 1.0);
  RC_ASSERT(correlation(b, a) == r);
  D scaled = a;
  for (double& v : scaled) v = 3 - 2 * v;
  RC_ASSERT(std::abs(correlation(scaled, b) + r) < 1e-9);
}

}  // namespace
}  // namespace plexiform
