#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/base/ndarray.hpp"
#include "plexiform/flashed/image_folds.hpp"
#include "plexiform/flashed/pooled_images.hpp"
#include "plexiform/result/flashed.hpp"

namespace plexiform {

// The steps of compare_flashed.

/// Both models of one cell, cross-validated over the folds, and how well they predict. trials: spikes, [trial, image];
/// pooled: what its field sees of the images (pooled_images.hpp), of several extents and sizes of subunits. Number and
/// name of the cell are for the caller to set. What data or numbers do not allow is its `error`. Throws Interrupted on
/// a stop request.
FlashedCell compare_on_cell(const NdArray<double>& trials, const std::vector<PooledImages>& pooled,
                            const ImageFolds& folds, std::uint64_t seed, const Context& context = {});

/// Over the cells without an error whose models have a correlation; `images`: how many each of them saw.
FlashedMedians medians_of(std::span<const FlashedCell> cells, std::int64_t images, std::uint64_t seed);

}  // namespace plexiform
