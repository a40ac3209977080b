#pragma once
#include <cstdint>
#include <span>

#include "plexiform/base/context.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/result/flashed.hpp"

namespace plexiform {

struct FlashedSettings {
  std::int64_t folds = 10;  ///< parts of the images, each predicted by models that were fitted to the others
};

/// Predicts responses of cells (rows of the recording) to flashed images by a linear receptive field and by a network
/// of rectified subunits, both from the contour of each cell and cross-validated over images.
///   LN:       mean count = output(pooled contrast)
///   subunits: mean count = output(off * pooled darker contrast + on * pooled brighter contrast)   (pooled_images.hpp)
/// Both average over what the contour leaves open (extents of 2/3 to 3/2 of it) and the scale of the output, subunits
/// over their size, by weights from the images of the other folds (menu.hpp). Correlations are between deviations of
/// prediction and count from the mean count of the images that the models were fitted to: that mean is lower where the
/// images held out have more spikes, so that without this a model that predicts nothing has a correlation below 0, the
/// steadier the lower. Which images make a fold is a function of the seed and the same for all cells; intervals are
/// drawn from the same seed. The same bits on any number of threads. Throws Error{data} if the recording is of a movie,
/// has no contours or too few images, Error{usage} if folds do not fit the number of images, Interrupted on a stop
/// request; what concerns one cell is its `error`.
FlashedComparison compare_flashed(const Recording& recording, std::span<const std::int64_t> cells,
                                  const FlashedSettings& settings = {}, std::uint64_t seed = 0,
                                  const Context& context = {});

}  // namespace plexiform
