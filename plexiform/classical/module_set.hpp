#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

#include "plexiform/filtered/filtered_movie.hpp"

namespace plexiform {

/// What every classical method returns: spatial modules of a cell's window. The same seed gives the same bits on any
/// number of threads: the methods leave products to torch and hold it to one thread while they run.
struct ModuleSet {
  at::Tensor spatial;  ///< double [module, pixel], each of unit L2 norm (or all zero), peak positive
};

/// Each row of `modules` [module, pixel] scaled to unit L2 norm, turned so that its largest absolute value is positive;
/// rows of zeros stay. As double.
ModuleSet unit_modules(const at::Tensor& modules);

/// Moran's I (score/autocorrelation.hpp) of modules [module, height * width], [module].
std::vector<double> autocorrelations(const at::Tensor& modules, std::int64_t height, std::int64_t width);

/// Indices of the movie's training (or validation) frames, int64 [frame], in the order of time.
at::Tensor frame_indices(const FilteredMovie& movie, bool validation);

/// Frames that hold a spike: their values and counts, in the values' type.
struct SpikeFrames {
  at::Tensor values;  ///< [frame, pixel]
  at::Tensor counts;  ///< [frame], each above 0
  double spikes = 0;  ///< sum of counts
};

/// Training (or validation) frames with spikes. Throws InternalError if values, counts and blocks do not fit each
/// other, Error{data} if a count is negative or not finite or a value is not finite.
SpikeFrames spike_frames(const FilteredMovie& movie, bool validation = false);

/// Second moment of the training stimulus, sum_t x_t x_t' / frames, double [pixel, pixel]. Computed in the values' type
/// for a few thousand frames at a time, summed in double. Throws Error{data} without a training frame.
at::Tensor stimulus_moment(const FilteredMovie& movie);

/// sum_t counts_t x_t x_t', double [pixel, pixel], from values [frame, pixel] and counts [frame]; arithmetic as above.
at::Tensor second_moment(const at::Tensor& values, const at::Tensor& counts);

}  // namespace plexiform
