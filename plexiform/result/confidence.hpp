#pragma once
#include "plexiform/result/subunits.hpp"

namespace plexiform {

/// What the confidence in a subunit is made of; in subunits.json, so that a calibration need not compute it again.
struct ConfidenceFeatures {
  double log_miss = 0;   ///< logarithm of 1 - the expected correlation with the true shape
  double stretched = 0;  ///< usual sizes by which its longer axis exceeds one, 0 or more
  double log_gain = 0;   ///< logarithm of 1 + the nats that it gains
};
ConfidenceFeatures confidence_features(const SubunitCertainty& part);

/// The smallest miss that counts. By hand: an expected correlation above 0.999999 says no more than that one.
inline constexpr double kLeastMiss = 1e-6;

}  // namespace plexiform
