#pragma once
#include <filesystem>

#include "plexiform/formats/common.hpp"

namespace plexiform {

/// Plain arrays: stimulus [time, h, w] or [time, c, h, w]; counts [cell, time] or [cell, trial, time] (each trial saw
/// the same movie). Values of the stimulus are taken as contrast. Where a bin is not a frame, time of the counts is in
/// bins.
struct ArraysOptions {
  CommonOptions common;
  TimingOptions timing;
  BinWidth bin;
  std::filesystem::path stimulus;
  std::filesystem::path counts;
};

/// The movie stays in its file and is read when it is asked for, value by value checked. Throws Error of the file:
/// lengths that differ, counts negative, fractional or NaN, a stimulus that never changes; when it is read, one that is
/// not finite.
Recording read_arrays(const ArraysOptions& options);
Format arrays_format();

}  // namespace plexiform
