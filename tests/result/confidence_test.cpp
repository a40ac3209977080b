#include "plexiform/result/confidence.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace plexiform {
namespace {

TEST(ConfidenceFeatures, AreWhatASubunitIsDoubtedFor) {
  SubunitCertainty part;
  part.match = 0.9;
  part.stretch = 1.25;
  part.gain = {std::exp(2.0) - 1, 1};
  const auto f = confidence_features(part);
  EXPECT_NEAR(f.log_miss, std::log(0.1), 1e-12);
  EXPECT_NEAR(f.stretched, 0.25, 1e-12);
  EXPECT_NEAR(f.log_gain, 2, 1e-12);
}

TEST(ConfidenceFeatures, AreFiniteForAPerfectMatchAShortSubunitAndALoss) {
  SubunitCertainty part;
  part.match = 1.5;
  part.stretch = 0.2;
  part.gain = {-5, 1};
  EXPECT_NEAR(confidence_features(part).log_miss, std::log(kLeastMiss), 1e-12);
  EXPECT_EQ(confidence_features(part).stretched, 0);
  EXPECT_EQ(confidence_features(part).log_gain, 0);
}

}  // namespace
}  // namespace plexiform
