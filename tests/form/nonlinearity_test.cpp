#include "plexiform/form/nonlinearity.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "plexiform/base/error.hpp"

namespace plexiform {
namespace {

using enum SubunitNonlinearity;

TEST(SubunitNonlinearity, ValuesAreThoseOfTheirNames) {
  for (const double x : {-2.0, -0.5, 0.0, 0.5, 3.0}) {
    EXPECT_EQ(subunit_value(relu, x), std::fmax(x, 0));
    EXPECT_EQ(subunit_value(half_squared, x), std::pow(std::fmax(x, 0), 2));
    EXPECT_EQ(subunit_value(squared, x), x * x);
    EXPECT_EQ(subunit_value(linear, x), x);
  }
}

TEST(SubunitNonlinearity, SlopesAreTheirDerivatives) {
  const double h = 1e-6;
  for (const auto kind : {relu, half_squared, squared, linear})
    for (const double x : {-2.0, -0.5, 0.5, 3.0})
      EXPECT_NEAR(subunit_slope(kind, x), (subunit_value(kind, x + h) - subunit_value(kind, x - h)) / (2 * h), 1e-8);
  EXPECT_EQ(subunit_slope(relu, 0), 0);
}

TEST(SubunitNonlinearity, WhatIsNoNumberStaysNone) {
  for (const auto kind : {relu, squared, linear})
    EXPECT_TRUE(std::isnan(subunit_value(kind, std::numeric_limits<double>::quiet_NaN())));
}

TEST(SubunitNonlinearity, NamesAreReadBackAndOthersRefused) {
  for (const auto kind : {relu, half_squared, squared, linear})
    EXPECT_EQ(subunit_nonlinearity_from(to_string(kind)), kind);
  EXPECT_THROW(subunit_nonlinearity_from("rectified"), Error);
}

}  // namespace
}  // namespace plexiform
