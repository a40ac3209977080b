#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "plexiform/formats/common.hpp"
#include "plexiform/recording/recording.hpp"

namespace plexiform {

// What several readers share.

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
/// backwards begins it anew. Reading throws Error{data} of file, frame and pixel if a value is not finite.
std::unique_ptr<Stimulus> npy_stimulus(const std::filesystem::path& path);

/// Throws Error{data} of the file if all values of a movie are the same; reads until one differs.
void require_change(const Stimulus& movie, const std::filesystem::path& path);

/// Whether a file is a .npy array (also gzipped) of this number of axes.
bool is_npy_of(const std::filesystem::path& path, std::size_t fewest_axes, std::size_t most_axes);

/// Bins `source_begin` .. + length of a source row that become a segment.
struct Stretch {
  std::int64_t source_begin = 0;
  std::int64_t length = 0;
  std::int64_t first_frame = 0;
  std::int64_t history_begin = 0;
  std::int64_t repeat = -1;
};
/// Fills segments and counts of `recording` from stretches of the source's rows, omitting all other bins.
void take_stretches(Recording& recording, const NdArray<std::int32_t>& source, const std::vector<Stretch>& stretches);

/// The part of `wanted` (as if it had no borders) whose frames lie in `allowed`, shorter at its ends.
Stretch cut(Stretch wanted, const Range& allowed);

/// A lag offset in bins. Throws Error{usage} if that is not a whole number.
std::int64_t offset_in_bins(std::int64_t lag_offset, const BinWidth& bin);

/// Throws Error{data} of the file if a movie and its counts have different lengths and no lag offset was stated. `what`
/// in the file has them: "each trial ", or empty; `unit`: "count" or "frame time". `frames`: of the movie, as bins see
/// it.
void same_length(const std::filesystem::path& file, const std::string& what, std::int64_t counts,
                 const std::string& unit, std::int64_t frames, std::int64_t lag_offset, const BinWidth& bin = {});

/// ", 3 bins outside the stimulus omitted" for the source text, or empty.
std::string omitted(std::int64_t bins, const std::string& what);

}  // namespace plexiform
