#pragma once
#include <cstdint>
#include <vector>

#include "plexiform/base/ndarray.hpp"

namespace plexiform {

/// Where a model cell's subunits are: the parts of a Circuit that a layout fixes.
struct Layout {
  NdArray<float> spatial;  ///< [subunit, height, width], unit L2 norm each
  NdArray<float> weight;   ///< [subunit]
};

/// Four 2 x 2 blocks that tile the central 4 x 4 of 8 x 8 pixels, equal weights (Yan et al. 2020).
Layout blocks_layout(std::uint64_t seed);
/// On 16 x 16 pixels; seeded: five Gaussians on a ring, nine on a grid, one wide one in the centre.
Layout ring_layout(std::uint64_t seed);
Layout grid_layout(std::uint64_t seed);
Layout single_layout(std::uint64_t seed);

/// The temporal filter of Yan et al. 2020, lags 0 to 19, frames of 1/30 s, unit L2 norm, an OFF cell's:
///   -(g_4 - g_5) at lag / 30 - 2 / 30 s,   g_n(t) = (t / theta)^(n-1) exp(-t / theta) / (theta (n-1)!) for t > 0, else
///   0,
/// theta = 0.05 s.
std::vector<float> temporal_filter();

}  // namespace plexiform
