#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "plexiform/recording/recording.hpp"
#include "plexiform/stimulus/image_file.hpp"

namespace plexiform {

/// What every import takes.
struct ImportCommon {
  double frame_rate = 0;  ///< displayed frames per second
  std::optional<double> pixel_um;
  std::vector<std::string> names;    ///< [cell]; empty: "cell 0", "cell 1", ...
  std::filesystem::path names_file;  ///< where the names came from, for errors
  std::int64_t lag_offset = 0;       ///< counts[0] belongs to stimulus frame lag_offset
};

/// Plain arrays: stimulus [time, h, w] or [time, c, h, w]; counts [cell, time] or [cell, trial, time] (each trial saw
/// the same movie). Values of the stimulus are taken as contrast.
struct ArraysImport {
  ImportCommon common;
  std::filesystem::path stimulus;
  std::filesystem::path counts;
};

/// Counts under a ran1 or gasdev stimulus whose recipe is kept in place of the movie.
struct CountsImport {
  ImportCommon common;
  std::filesystem::path counts;  ///< .npy or .npy.gz, [cell, bin] over the running frames
  Ran1Recipe stimulus;           ///< frozen_frames > 0 without frozen_known: what was shown there is unknown
  bool frozen_known = false;
  std::optional<std::filesystem::path> centers;  ///< text, a line "x y" a cell
};

/// Spike times in seconds, binned to displayed frames. `spikes`: a text file with a line a cell (times apart by blanks
/// or commas), a text or CSV file of two columns "cell time" (chosen by its header line), or a folder of .npy files,
/// one a cell, in order of name.
struct SpikesImport {
  ImportCommon common;
  std::filesystem::path spikes;
  std::filesystem::path stimulus;                    ///< .npy as in ArraysImport
  std::optional<std::filesystem::path> frame_times;  ///< .npy or text: onset of each displayed frame, seconds
  std::optional<double> start;                       ///< else: onset of frame 0, with common.frame_rate
  std::int64_t frames_per_update = 1;                ///< displayed frames for which one stimulus image stayed on
};

/// What cells answered to images that were flashed, several times each. Each image becomes a frame, each trial of it a
/// bin: the spikes in a window of time after its onset (docs/formats/recording.md).
struct FlashedImport {
  ImportCommon common;  ///< its frame rate is 1 over the window, whatever stands there

  /// Of these one: times of spikes, in ms after the onset of the image, as a MATLAB file that holds a cell array
  /// {image} of cell arrays {cell, trial} of arrays of times, or a .npy table [spike, 4] of cell, image, trial (from 0)
  /// and time; or counts in the window, .npy [cell, trial, image].
  std::optional<std::filesystem::path> spikes, counts;
  /// Of a table of spikes, where those that have none at its end count too; else as the last of its spikes say (cells:
  /// or as many as names).
  std::optional<std::int64_t> cells, trials;

  std::vector<std::filesystem::path> images;  ///< files and folders (stimulus/image_set.hpp), or one .npy of contrast
  std::optional<RawImage> raw;
  double window_begin = 0, window_end = 0;  ///< ms after onset, a spike at its end left out

  /// Outlines of receptive fields: a MATLAB file with a cell array {cell} of x and y, [2, point] or [point, 2], or
  /// .npy [cell, point, 2]. In pixels of the images (x column, y row), or of a monitor (x to the right, y up, from its
  /// lower left corner) in whose middle the images lay, one pixel of the monitor for each of theirs.
  std::optional<std::filesystem::path> contours;
  struct Monitor {
    std::int64_t width = 0, height = 0;
  };
  std::optional<Monitor> monitor;
};

/// Each reads, checks and writes `output`; the stimulus passes through by blocks. Throws Error{file} or Error{data}:
/// lengths that differ, counts negative, fractional or NaN, stimulus not finite, ...
void import_arrays(const ArraysImport& import, const std::filesystem::path& output);
void import_counts(const CountsImport& import, const std::filesystem::path& output);
void import_spikes(const SpikesImport& import, const std::filesystem::path& output);
void import_flashed(const FlashedImport& import, const std::filesystem::path& output);

}  // namespace plexiform
