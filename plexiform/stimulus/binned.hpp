#pragma once
#include <cstdint>
#include <memory>

#include "plexiform/stimulus/stimulus.hpp"

namespace plexiform {

/// How long a bin of counts is, in displayed frames: several bins to a frame, or several frames to a bin. One of the
/// two is 1.
struct BinWidth {
  std::int64_t bins_per_frame = 1;
  std::int64_t frames_per_bin = 1;
  bool is_frame() const { return bins_per_frame == 1 && frames_per_bin == 1; }
  bool operator==(const BinWidth&) const = default;
};

/// Throws Error{usage} where a number is below 1 or both are above 1.
void check_bin_width(const BinWidth& width);

/// What bins of this width see of a displayed movie: each frame for bins_per_frame bins, or the mean contrast of
/// frames_per_bin frames, those that do not fill a bin at the end omitted. The movie itself where a bin is a frame.
/// Throws Error{usage} as check_bin_width.
std::shared_ptr<const Stimulus> seen_by_bins(std::shared_ptr<const Stimulus> displayed, const BinWidth& width);

}  // namespace plexiform
