#pragma once
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "plexiform/base/progress.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/result/flashed.hpp"
#include "plexiform/score/score.hpp"

namespace plexiform {

struct FlashedOptions {
  std::vector<std::int64_t> cells;  ///< rows of the recording
  std::int64_t folds = 10;
  std::uint64_t seed = 0;
  int threads = 1;
};

struct FlashedHooks {
  ProgressSink progress;
  std::stop_token stop;
};

/// Predicts responses to flashed images by a linear receptive field and by a network of rectified subunits, both from
/// the contour of each cell and cross-validated over images.
///   LN:       mean count = output(pooled contrast)
///   subunits: mean count = output(off * pooled darker contrast + on * pooled brighter contrast)   (pooled_images.hpp)
/// Both average over what the contour leaves open (extents of 2/3 to 3/2 of it) and the scale of the output, subunits
/// over their size, by weights from the images of the other folds (menu.hpp). Correlations are between deviations of
/// prediction and count from the mean count of the images that the models were fitted to: that mean is lower where the
/// images held out have more spikes, so that without this a model that predicts nothing has a correlation below 0, the
/// steadier the lower. Which images make a fold is a function of the seed and the same for all cells. Throws
/// Error{data} if the recording is of a movie or has no contours, Error{usage} if folds do not fit the number of
/// images; what concerns one cell is its `error`.
FlashedComparison compare_flashed(const Recording& recording, const FlashedOptions& options,
                                  const FlashedHooks& hooks = {});

}  // namespace plexiform
