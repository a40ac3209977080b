#pragma once
#include <cstdint>
#include <string>

#include "plexiform/base/ndarray.hpp"

namespace plexiform {

/// An output nonlinearity, and what was counted on the training frames where the drive was so.
struct OutputCurve {
  NdArray<float> drive, rate;            ///< [point], the nonlinearity from the least to the greatest drive
  NdArray<float> seen_drive, seen_rate;  ///< [bin], mean drive and mean count of frames in the order of their drive
  NdArray<float> seen_error;             ///< [bin], standard error of that mean count
};

/// The fitted models of a cell as plain arrays, for pictures and for readers without torch.
struct FittedArrays {
  std::int64_t x = 0, y = 0;    ///< first pixel of the window on the stimulus grid
  std::string found_by;         ///< how the window was found: "average" or "variance"
  NdArray<float> average;       ///< [lag, height, width], spike-triggered average, channels averaged
  NdArray<float> spatial;       ///< [filter, row, column] of the network's filters
  NdArray<float> temporal;      ///< [filter, lag]
  NdArray<float> map;           ///< [filter, row, column], output weights
  std::string subunits;         ///< nonlinearity of the network's subunits
  double map_x = 0, map_y = 0;  ///< where the centre of a filter at the map's first entry lies, pixels
  OutputCurve output;           ///< of the network
  NdArray<float> ln_spatial;    ///< [height, width]
  NdArray<float> ln_temporal;   ///< [lag]
  OutputCurve ln_output;
};

}  // namespace plexiform
