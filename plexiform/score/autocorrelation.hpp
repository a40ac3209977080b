#pragma once
#include <cstdint>
#include <span>

#include "plexiform/score/thresholds.hpp"

namespace plexiform {

/// Spatial autocorrelation of an image [height, width]:
///   I = n sum_ij w_ij z_i z_j / (sum_ij w_ij sum_i z_i^2),
/// z: deviation from the image's mean, w_ij: 1 for horizontal and vertical neighbours; 0 for a flat image.
/// Throws InternalError if the shapes do not fit. Source: Moran 1950, Biometrika 37:17.
double morans_i(std::span<const double> image, std::int64_t height, std::int64_t width);

using thresholds::score::kLocalised;

}  // namespace plexiform
