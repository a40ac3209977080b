#pragma once
#include <cstdint>
#include <vector>

#include "plexiform/recording/recording.hpp"

namespace plexiform {

/// Displayed frames that have counts, sorted, each once.
std::vector<std::int64_t> counted_frames(const Recording& recording);

/// Frames of the test block that a split takes by default: a sixth of them.
std::int64_t usual_test_frames(const Recording& recording);

/// The recording with the first `share` of the displayed frames before its test block, and the test block: the last
/// `test_frames` displayed frames that have counts (between them no gap is needed, so a split scores up to lags - 1
/// frames more than in the whole). Throws Error{data} where nothing would be left to train on.
Recording cut_recording(const Recording& recording, double share, std::int64_t test_frames);

}  // namespace plexiform
