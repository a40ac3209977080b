#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>

#include "plexiform/formats/common.hpp"

namespace plexiform {

/// Blocks of frozen frames between running ones, in the order running, frozen, running, ...
struct FrozenBlocks {
  std::int64_t running_frames = 0;
  std::int64_t frozen_frames = 0;
  std::optional<std::int64_t> seed;  ///< none: what was shown is unknown
};

/// Counts under a ran1 or gasdev stimulus whose recipe is kept in place of the movie.
struct CountsOptions {
  CommonOptions common;
  TimingOptions timing;
  std::filesystem::path counts;  ///< .npy or .npy.gz, [cell, bin] over the running frames
  Ran1Recipe stimulus;           ///< of the running frames alone
  std::optional<FrozenBlocks> frozen;
  std::optional<std::filesystem::path> centers;  ///< text, a line "x y" a cell
};

/// Throws Error{usage} of a recipe that makes no sense, Error of the file: counts negative, fractional or NaN, centres
/// for another number of cells.
Recording read_counts_file(const CountsOptions& options);
Format counts_format();

}  // namespace plexiform
