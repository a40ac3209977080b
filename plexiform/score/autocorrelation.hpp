#pragma once
#include <cstdint>
#include <span>

namespace plexiform {

/// Spatial autocorrelation of an image [height, width]:
///   I = n sum_ij w_ij z_i z_j / (sum_ij w_ij sum_i z_i^2),
/// z: deviation from the image's mean, w_ij: 1 for horizontal and vertical neighbours; 0 for a flat image.
/// Throws InternalError if the shapes do not fit. Source: Moran 1950, Biometrika 37:17.
double morans_i(std::span<const double> image, std::int64_t height, std::int64_t width);

/// Moran's I from which a module or a filter is called localised; below, it is taken for noise. Chosen by hand between
/// the values of noise (about 0) and of blobs (above 0.8).
inline constexpr double kLocalised = 0.25;

}  // namespace plexiform
