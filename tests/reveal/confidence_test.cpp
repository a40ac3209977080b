#include "plexiform/reveal/confidence.hpp"

#include <gtest/gtest.h>

namespace plexiform {
namespace {

TEST(Confidence, IsAProbabilityThatFallsWithEachDoubt) {
  const ConfidenceFeatures sure{-6, 0.1, 5, -0.5};
  const double of_sure = confidence(sure);
  EXPECT_GT(of_sure, 0.9);
  EXPECT_LT(of_sure, 1);
  ConfidenceFeatures doubted = sure;
  const auto falls = [&](double& feature, double to) {
    const double before = feature;
    feature = to;
    EXPECT_LE(confidence(doubted), of_sure);
    feature = before;
  };
  falls(doubted.log_miss, -1);
  falls(doubted.log_aspect, 1);
  falls(doubted.log_missed, 1.5);
  falls(doubted.log_gain, 1);
  EXPECT_LT(confidence({-0.5, 1, 0, 1}), 0.5);
  EXPECT_GT(confidence({-0.5, 1, 0, 1}), 0);
}

}  // namespace
}  // namespace plexiform
