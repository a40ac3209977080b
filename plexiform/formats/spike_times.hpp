#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace plexiform {

/// Spike times of several cells, seconds, ascending.
struct SpikeTimes {
  std::vector<std::vector<double>> cells;
  std::vector<std::string> names;  ///< as the file gives them, or empty
};

/// The forms that SpikesOptions::spikes names. Throws Error{file} or Error{data} naming file, line or cell.
SpikeTimes read_spike_times(const std::filesystem::path& path);

/// Onsets of displayed frames, seconds, ascending: .npy [frame], or text, a number a line.
std::vector<double> read_frame_times(const std::filesystem::path& path);

}  // namespace plexiform
