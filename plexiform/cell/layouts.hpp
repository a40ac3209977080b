#pragma once
#include <cstdint>
#include <vector>

#include "plexiform/base/ndarray.hpp"

namespace plexiform {

/// An elliptic Gaussian with a peak of 1, in pixels.
struct Spot {
  double x, y;              ///< centre
  double sd_long, sd_wide;  ///< standard deviations along two axes at right angles
  double angle;             ///< of the first axis, radians

  double operator()(double at_x, double at_y) const;
  /// From the centre, in standard deviations.
  double square_of_distance(double at_x, double at_y) const;
};

/// Where a model cell's subunits are: the parts of a Circuit that a layout fixes.
struct Layout {
  NdArray<float> spatial;   ///< [subunit, height, width], unit L2 norm each
  NdArray<float> weight;    ///< [subunit]
  std::vector<Spot> spots;  ///< [subunit], what each filter was drawn from; none of blocks
};

/// `sizes_vary` v above 0: the widths along both axes of each subunit of a mosaic differ from 1.3 pixels by a factor of
/// their own, uniform in its logarithm between 1 / (1 + v) and 1 + v, in place of 15 % (normal). Orientations are
/// uniform in any case; places and weights stay those of the seed. Layouts without a mosaic take no notice.

/// Four 2 x 2 blocks that tile the central 4 x 4 of 8 x 8 pixels, equal weights (Yan et al. 2020).
Layout blocks_layout(std::uint64_t seed, double sizes_vary = 0);
/// On 16 x 16 pixels; seeded: five Gaussians on a ring, nine on a grid, one wide one in the centre.
Layout ring_layout(std::uint64_t seed, double sizes_vary = 0);
Layout grid_layout(std::uint64_t seed, double sizes_vary = 0);
/// Twelve of the same size on a grid of three rows of four, 2.2 pixels apart, so that neighbours overlap more.
Layout twelve_layout(std::uint64_t seed, double sizes_vary = 0);
Layout single_layout(std::uint64_t seed, double sizes_vary = 0);
/// One Gaussian near the centre of 16 x 16 pixels, seeded: place varied by 0.5 pixels, widths of 3 (spot) or 2 (small
/// spot) pixels varied by 15 %, any orientation; weight 1.
Layout spot_layout(std::uint64_t seed, double sizes_vary = 0);
Layout small_spot_layout(std::uint64_t seed, double sizes_vary = 0);

/// The pixels of a square grid, [height, width], flat, unit L2 norm.
std::vector<float> drawn_on_grid(const Spot& spot, std::int64_t side);
std::vector<float> unit_norm(const std::vector<double>& values);

/// The spatial filter of a surround on a square grid: a round Gaussian in the centre, standard deviation 5/16 of the
/// side (5 pixels of 16), unit L2 norm. [height, width], flat.
std::vector<float> surround_filter(std::int64_t side);

/// The temporal filter of Yan et al. 2020, lags 0 to 19, frames of 1/30 s, unit L2 norm, an OFF cell's:
///   -(g_4 - g_5) at lag / 30 - 2 / 30 s,   g_n(t) = (t / theta)^(n-1) exp(-t / theta) / (theta (n-1)!) for t > 0, else
///   0,
/// theta = 0.05 s. `slowness` makes all of it slower (a factor), `delay` later (frames).
std::vector<float> temporal_filter(double slowness = 1, double delay = 0);

}  // namespace plexiform
