#include "plexiform/result/confidence.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace plexiform {
namespace {

TEST(ConfidenceFeatures, AreReturnsTheLogarithmOfTheMissAndWhatIsTooLong) {
  PartCertainty part;
  part.returned = 0.75;
  part.match = 0.9;
  part.stretch = 1.25;
  const auto f = confidence_features(part);
  EXPECT_EQ(f.returned, 0.75);
  EXPECT_NEAR(f.log_miss, std::log(0.1), 1e-12);
  EXPECT_NEAR(f.stretched, 0.25, 1e-12);
  EXPECT_EQ(confidence_features({}).returned, 0);
}

TEST(ConfidenceFeatures, AreFiniteForAPerfectMatchAndAShortSubunit) {
  PartCertainty part;
  part.match = 1.5;
  part.stretch = 0.2;
  EXPECT_NEAR(confidence_features(part).log_miss, std::log(kLeastMiss), 1e-12);
  EXPECT_EQ(confidence_features(part).stretched, 0);
}

}  // namespace
}  // namespace plexiform
