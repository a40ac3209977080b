#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "plexiform/formats/common.hpp"
#include "plexiform/stimulus/image_file.hpp"

namespace plexiform {

/// Responses to images that were flashed, several times each. Each image becomes a frame, each trial of it a bin: the
/// spikes in a window of time after its onset (docs/formats/recording.md). The frame rate is 1 over the window.
struct FlashedOptions {
  CommonOptions common;

  /// Of these one: times of spikes, in ms after the onset of the image, as a MATLAB file that holds a cell array
  /// {image} of cell arrays {cell, trial} of arrays of times, or a .npy table [spike, 4] of cell, image, trial (from 0)
  /// and time; or counts in the window, .npy [cell, trial, image].
  std::optional<std::filesystem::path> spikes, counts;
  /// Of a table of spikes, where those that have none at its end count too; else as the last of its spikes say (cells:
  /// or as many as names).
  std::optional<std::int64_t> cells, trials;

  std::vector<std::filesystem::path> images;  ///< files and folders (stimulus/image_set.hpp), or one .npy of contrast
  std::optional<RawImage> raw;
  double window_begin = 0, window_end = 0;  ///< ms after onset, a spike at its end omitted

  /// Outlines of receptive fields: a MATLAB file with a cell array {cell} of x and y, [2, point] or [point, 2], or
  /// .npy [cell, point, 2]. In pixels of the images (x column, y row), or of a monitor (x to the right, y up, from its
  /// lower left corner) in whose middle the images lay, one pixel of the monitor for each of theirs.
  std::optional<std::filesystem::path> contours;
  struct Monitor {
    std::int64_t width = 0, height = 0;
  };
  std::optional<Monitor> monitor;
};

Recording read_flashed(const FlashedOptions& options);
Format flashed_format();

}  // namespace plexiform
