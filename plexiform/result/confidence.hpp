#pragma once
#include "plexiform/result/subunits.hpp"

namespace plexiform {

/// Of a subunit of this size, in a model that leaves this out.
ConfidenceFeatures confidence_features(const SubunitCertainty& part, const Axes& size, const ResidualTest& residual);

/// The smallest miss, and the smallest information in bits per spike, that count; and the largest |log_missed|. By
/// hand: an expected correlation above 0.999999 says no more than that one, nor more beyond seven times as much.
inline constexpr double kLeastMiss = 1e-6, kLeastMissed = 1e-6, kMostLogMissed = 2;
/// Pixels that an axis has at least. By hand: a subunit in one row of pixels has no other.
inline constexpr double kLeastAxis = 0.3;

}  // namespace plexiform
