#include "plexiform/result/confidence.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace plexiform {
namespace {

TEST(ConfidenceFeatures, AreWhatASubunitIsDoubtedFor) {
  SubunitCertainty part;
  part.match = 0.9;
  part.gain = {std::exp(2.0) - 1, 1};
  ResidualTest residual;
  residual.missed_bits = 0.01, residual.visible_bits = 0.02;
  const auto f = confidence_features(part, {3, 1.5, 0}, residual);
  EXPECT_NEAR(f.log_miss, std::log(0.1), 1e-12);
  EXPECT_NEAR(f.log_aspect, std::log(2), 1e-12);
  EXPECT_NEAR(f.log_gain, 2, 1e-12);
  EXPECT_NEAR(f.log_missed, -std::log(2), 1e-12);
}

TEST(ConfidenceFeatures, AreFiniteForAPerfectMatchALossAndNothingMissed) {
  SubunitCertainty part;
  part.match = 1.5;
  part.gain = {-5, 1};
  ResidualTest residual;
  residual.visible_bits = 0.02;
  const auto f = confidence_features(part, {1, 1, 0}, residual);
  EXPECT_NEAR(f.log_miss, std::log(kLeastMiss), 1e-12);
  EXPECT_EQ(f.log_gain, 0);
  EXPECT_EQ(f.log_missed, -kMostLogMissed);
  residual.missed_bits = 1;
  EXPECT_EQ(confidence_features(part, {1, 1, 0}, residual).log_missed, kMostLogMissed);
}

}  // namespace
}  // namespace plexiform
