#pragma once
#include <vector>

#include "plexiform/base/ndarray.hpp"
#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/network_map/candidates.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/result/subunits.hpp"

namespace plexiform {

// From what was fitted in a window to subunits on the recording's grid. `grid`: the stimulus' shape.

/// The subunits of a fitted network, sorted by weight. Peaks of the (smoothed) map of output weights are their places;
/// each position belongs to the peak that steepest ascent leads to, and a subunit's spatial filter is the sum of the
/// network's filter over its positions, weighted by the map. Filters that are not separable are read by their first
/// singular vectors.
std::vector<Subunit> map_subunits(const CellFit& fit, const FrameShape& grid, const CandidateSettings& settings = {});

/// The LN model's spatial filter.
NdArray<float> linear_filter(const CellFit& fit, const FrameShape& grid);

}  // namespace plexiform
