#pragma once
#include <cstdint>

#include "plexiform/base/ndarray.hpp"
#include "plexiform/recording/recording.hpp"

namespace plexiform {

/// A recording of arrays in memory. `stimulus`: contrast, [frame, row, column] or [frame, channel, row, column];
/// `counts`: spikes in each frame, [cell, frame]; `frame_rate`: frames per second. The whole history of every frame is
/// taken as shown from frame 0 on. Throws Error{data} if shapes do not fit, a count is negative, a contrast is not
/// finite, or all are the same.
Recording recording_from_arrays(NdArray<float> stimulus, NdArray<std::int32_t> counts, double frame_rate);

}  // namespace plexiform
