#include "plexiform/likelihood/priors.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "plexiform/likelihood/poisson.hpp"

namespace plexiform {
namespace {

TEST(NormalPrior, AddsItsLogarithmWithSlopeAndCurvatureToItsOwnParameter) {
  ParameterLayout layout;
  layout.add("offset");
  const Parameter softness = layout.add("log softness");
  const auto prior = [](double x) { return -(x - 0.3) * (x - 0.3) / (2 * 1.5 * 1.5); };
  Expansion to = empty_expansion(2);
  to.value = 7;
  add_normal_prior(to, softness, -1.1, {0.3, 1.5});
  const double h = 1e-4, up = prior(-1.1 + h), down = prior(-1.1 - h);
  EXPECT_NEAR(to.value, 7 + prior(-1.1), 1e-12);
  EXPECT_NEAR(to.gradient[1], (up - down) / (2 * h), 1e-8);
  EXPECT_NEAR(to.information.row(1)[1], -(up + down - 2 * prior(-1.1)) / (h * h), 1e-6);
  EXPECT_EQ(to.gradient[0], 0);
  EXPECT_EQ(to.information.row(0)[0], 0);
  EXPECT_EQ(to.information.row(0)[1], 0);
}

TEST(UsualLogSoftness, IsASeventhOfTheMeanCount) {
  EXPECT_NEAR(std::exp(usual_log_softness(0.7)), 0.7 * std::exp(-2), 1e-15);
}

TEST(PoissonLogLikelihood, HoldsWhereTheRateUnderflows) {
  EXPECT_NEAR(poisson_log_likelihood(3, 0.2, std::log(0.2)), 3 * std::log(0.2) - 0.2, 1e-15);
  EXPECT_EQ(poisson_log_likelihood(2, 0, -800), -1600);
  EXPECT_EQ(poisson_log_likelihood(0, 0, -std::numeric_limits<double>::infinity()), 0);
}

}  // namespace
}  // namespace plexiform
