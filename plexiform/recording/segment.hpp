#pragma once
#include <cstdint>

namespace plexiform {

/// A stretch of counts without a break: count bins start .. start + length were taken while frames
/// first_frame .. first_frame + length were on the screen, frames of the movie that the bins see (indices into
/// Recording::stimulus).
/// The frames from history_begin on are known to have been shown one after the other up to this stretch.
struct Segment {
  std::int64_t start = 0;
  std::int64_t length = 0;
  std::int64_t first_frame = 0;
  std::int64_t history_begin = 0;
  std::int64_t repeat = -1;  ///< number of the trial where the same frames were shown several times, else -1
  bool operator==(const Segment&) const = default;
};

}  // namespace plexiform
