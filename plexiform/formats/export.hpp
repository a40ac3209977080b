#pragma once
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "plexiform/base/progress.hpp"
#include "plexiform/formats/recording_file.hpp"
#include "plexiform/recording/recording.hpp"

namespace plexiform {

struct ExportedArrays {
  std::int64_t frames = 0;
  StoredType stimulus = StoredType::float32;
  std::vector<std::string> files;  ///< names within the folder, in the order they were written
};

/// Writes a recording as plain arrays, for other programs, into a new folder:
///   stim.npy           [time, height, width], or [time, channel, height, width] where there are several channels; int8
///                      where every value is -1 or 1, else float32. Frames that have counts, in the order of the
///                      counts.
///   counts.npy         int32 [cell, time]
///   truth_spatial.npy  float32 [cell, subunit, height, width] of model cells, the subunits that drive the cell; where
///                      cells have different numbers of them truth_spatial_<cell>.npy, [subunit, height, width], each
/// `bins`: a part of the counts (default: all). The stimulus passes by in blocks, and the folder is whole or absent.
/// Throws Error{usage} where the folder exists or `bins` leaves the recording, Error{file}, or Interrupted.
ExportedArrays export_arrays(const Recording& recording, const std::filesystem::path& folder,
                             std::optional<Range> bins = {}, const ProgressSink& progress = {},
                             const std::stop_token& stop = {});

}  // namespace plexiform
