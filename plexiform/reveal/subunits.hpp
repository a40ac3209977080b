#pragma once
#include <span>
#include <string>
#include <vector>

#include "plexiform/base/ndarray.hpp"
#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/result/subunits.hpp"
#include "plexiform/reveal/candidates.hpp"
#include "plexiform/reveal/gaussian.hpp"
#include "plexiform/reveal/subunit_model.hpp"

namespace plexiform {

// From what was fitted in a window to subunits on the recording's grid. `grid`: the stimulus' shape.

/// The subunits of a fitted network, sorted by weight. Peaks of the (smoothed) map of output weights are their places;
/// each position belongs to the peak that steepest ascent leads to, and a subunit's spatial filter is the sum of the
/// network's filter over its positions, weighted by the map. Filters that are not separable are read by their first
/// singular vectors.
std::vector<Subunit> map_subunits(const CellFit& fit, const FrameShape& grid, const CandidateSettings& settings = {});

/// The LN model's spatial filter.
NdArray<float> linear_filter(const CellFit& fit, const FrameShape& grid);

/// Where the subunits of a cell are put.
struct Placing {
  std::span<const double> temporal;  ///< [lag], of all subunits
  Window window;
  FrameShape grid;
};

/// Spatial weights [pixel of the window], normalised, as a subunit with the place and size of `shape`, which is in
/// pixels of the window, and a weight.
Subunit placed_subunit(std::span<const double> weights, const Gaussian& shape, double weight, const Placing& placing);

/// The parts of a model, the heaviest first. `sure`: [part], or empty; their places move with the window.
std::vector<Subunit> placed_subunits(const SubunitModel& model, std::span<const PartCertainty> sure,
                                     const Placing& placing);

/// The parts of a linear model as the one filter that they are together.
Subunit placed_filter(const SubunitModel& model, const Placing& placing);

/// Share of a model's squared weights that lies outside a window of height x width pixels; 0 to 1.
double share_outside(const SubunitModel& model, std::int64_t height, std::int64_t width);

}  // namespace plexiform
