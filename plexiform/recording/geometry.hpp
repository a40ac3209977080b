#pragma once
#include <optional>
#include <span>
#include <string>

#include "plexiform/recording/recording.hpp"

namespace plexiform {

/// What the pixels and frames of a recording are: a model's filters mean something on one geometry only.
struct Geometry {
  FrameShape shape;
  double frame_rate = 0;           ///< of what the bins see, Hz: bins_per_second
  std::optional<double> pixel_um;  ///< side of a pixel on the retina; unknown sizes are taken as the same
};
Geometry geometry_of(const Recording& recording);

bool same_geometry(const Geometry& a, const Geometry& b);
/// Throws Error{data} where grid, frame rate or pixel size differ, with both.
void require_same_geometry(const std::string& name_a, const Geometry& a, const std::string& name_b, const Geometry& b);

/// A recording as if its stimulus had been shown on another grid and rate: some of its bins, `bins` (ranges in order),
/// each range of which keeps its history.
/// Space: the middles of both grids are one place; a pixel shows the mean contrast of the area that it covers, 0 beyond
/// the border. Time: where frames came k times as fast, a new one is the mean of k old ones and its count their sum
/// (new frame j of old ones kj to kj + k - 1, what does not fill one is left out). Centres and contours move along; the
/// truth of model cells, which is of the old grid, is dropped. Throws Error{data} where the old rate is no multiple of
/// the new one, where grids differ and a pixel size is unknown, or the numbers of channels differ.
Recording rescaled(const Recording& recording, std::span<const Range> bins, const Geometry& to);

}  // namespace plexiform
