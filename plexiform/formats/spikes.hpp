#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>

#include "plexiform/formats/common.hpp"

namespace plexiform {

/// Spike times in seconds, which the recording keeps, binned by displayed frames. `spikes`: a text file with a line a
/// cell (times apart by blanks or commas), a text or CSV file of two columns "cell time" (chosen by its header line),
/// or a folder of .npy files, one a cell, in order of name.
struct SpikesOptions {
  CommonOptions common;
  TimingOptions timing;
  BinWidth bin;  ///< against stimulus images
  std::filesystem::path spikes;
  std::filesystem::path stimulus;                    ///< .npy as in ArraysOptions
  std::optional<std::filesystem::path> frame_times;  ///< .npy or text: onset of each displayed frame, seconds
  std::optional<double> start;                       ///< else: onset of frame 0, with timing.frame_rate
  std::int64_t frames_per_update = 1;                ///< displayed frames for which one stimulus image stayed on
};

/// A frame of the recording is a stimulus image. Throws Error as read_arrays, or if the times cannot be those of the
/// frames.
Recording read_spikes(const SpikesOptions& options);
Format spikes_format();

}  // namespace plexiform
