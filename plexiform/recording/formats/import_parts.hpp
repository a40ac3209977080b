#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "plexiform/recording/formats/import.hpp"
#include "plexiform/recording/recording.hpp"

namespace plexiform {

// What several importers share.

/// Spike counts of a .npy file, checked one by one: [cell, time], or [cell, trial, time] with trials one after the
/// other in a row. Throws Error{data} naming file, cell and bin of a count that is negative, fractional or not finite.
struct ImportedCounts {
  NdArray<std::int32_t> values;  ///< [cell, trial * time]
  std::int64_t trials = 1;
  std::int64_t time = 0;  ///< bins of a trial
  bool has_trials = false;
};
ImportedCounts read_counts(const std::filesystem::path& path);

/// A movie in a .npy file, [time, h, w] or [time, c, h, w]. Reading forwards passes through the file once; reading
/// backwards begins it anew.
std::unique_ptr<Stimulus> npy_stimulus(const std::filesystem::path& path);

/// Bins `source_begin` .. + length of a source row that become a segment.
struct Stretch {
  std::int64_t source_begin = 0;
  std::int64_t length = 0;
  std::int64_t first_frame = 0;
  std::int64_t history_begin = 0;
  std::int64_t repeat = -1;
};
/// Fills segments and counts of `recording` from stretches of the source's rows, leaving all other bins out.
void take_stretches(Recording& recording, const NdArray<std::int32_t>& source, const std::vector<Stretch>& stretches);

/// The part of `wanted` (as if it had no borders) whose frames lie in `allowed`, shorter at its ends.
Stretch cut(Stretch wanted, const Range& allowed);

/// Frame rate, pixel size and names. Throws Error{usage} where they make no sense, Error{data} where the number of
/// names is another than that of the cells.
void apply_common(const ImportCommon& common, std::int64_t cells, Recording& recording);

/// Throws Error{data} where a movie and its counts have different lengths and no lag offset was stated.
/// `unit`: "count" or "frame time".
void same_length(const std::string& place, std::int64_t counts, const std::string& unit, std::int64_t frames,
                 std::int64_t lag_offset);

/// ", 3 bins outside the stimulus left out" for the source text, or empty.
std::string left_out(std::int64_t bins, const std::string& what);

}  // namespace plexiform
