#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <span>
#include <vector>

#include "plexiform/recording/recording.hpp"
#include "plexiform/stimulus/stimulus.hpp"

namespace plexiform {

/// The stimulus in one window, in memory: frames [frame, channel, height, width] from displayed frame first_frame on.
/// Kept as int8 where all values are -1, 0 or 1 (a quarter of the memory), else as float.
struct Movie {
  at::Tensor frames;
  std::int64_t first_frame = 0;

  FrameShape shape() const { return {frames.size(1), frames.size(2), frames.size(3)}; }
  /// Displayed frames [begin, end) as float.
  at::Tensor block(std::int64_t begin, std::int64_t end) const;
  /// The same into `out`, [frame, channel, height, width].
  void read(std::int64_t begin, std::int64_t end, std::span<float> out) const;
};

/// Cuts several windows of the displayed frames [begin, end) in one pass over the stimulus.
std::vector<Movie> cut_movies(const Stimulus& stimulus, std::int64_t begin, std::int64_t end,
                              std::span<const Window> windows);

/// The input of a network on a stimulus: a window of `window` pixels a side, no larger than the grid.
FrameShape network_input(std::int64_t window, const FrameShape& stimulus);

/// The displayed frames that a recording's counts and their histories cover.
Range displayed_range(const Recording& recording);

}  // namespace plexiform
