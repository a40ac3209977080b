#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

#include "plexiform/fit/filtered_movie.hpp"

namespace plexiform {

/// What every classical method returns: spatial modules of a cell's window. The methods leave products to torch, whose
/// sums may depend on its number of threads: with at::set_num_threads(1) the same seed gives the same bits.
struct ModuleSet {
  at::Tensor spatial;  ///< double [module, pixel], each of unit L2 norm (or all zero), peak positive
};

/// Each row of `modules` [module, pixel] scaled to unit L2 norm, turned so that its largest absolute value is positive;
/// rows of zeros stay. As double.
ModuleSet unit_modules(const at::Tensor& modules);

/// Spatial autocorrelation of images [module, height * width], double [module]:
///   I = n sum_ij w_ij z_i z_j / (sum_ij w_ij sum_i z_i^2),
/// z: deviation from the image's mean, w_ij: 1 for horizontal and vertical neighbours; 0 for a flat image.
/// Throws InternalError where the shapes do not fit. Source: Moran 1950, Biometrika 37:17.
std::vector<double> morans_i(const at::Tensor& modules, std::int64_t height, std::int64_t width);

/// Moran's I from which a module is called localised; below, it is taken for noise.
inline constexpr double kLocalised = 0.25;

/// Indices of the movie's training (or validation) frames, int64 [frame], in the order of time.
at::Tensor frame_indices(const FilteredMovie& movie, bool validation);

/// Frames that hold a spike: their values and counts, in the values' type.
struct SpikeFrames {
  at::Tensor values;  ///< [frame, pixel]
  at::Tensor counts;  ///< [frame], each above 0
  double spikes = 0;  ///< sum of counts
};

/// Training (or validation) frames with spikes. Throws InternalError where values, counts and blocks do not fit each
/// other, Error{data} where a count is negative or not finite or a value is not finite.
SpikeFrames spike_frames(const FilteredMovie& movie, bool validation = false);

/// Second moment of the training stimulus, sum_t x_t x_t' / frames, double [pixel, pixel]. Computed in the values' type
/// for a few thousand frames at a time, summed in double. Throws Error{data} without a training frame.
at::Tensor stimulus_moment(const FilteredMovie& movie);

/// sum_t counts_t x_t x_t', double [pixel, pixel], from values [frame, pixel] and counts [frame]; arithmetic as above.
at::Tensor second_moment(const at::Tensor& values, const at::Tensor& counts);

}  // namespace plexiform
