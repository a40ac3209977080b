#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "plexiform/base/ndarray.hpp"
#include "plexiform/base/progress.hpp"
#include "plexiform/recording/circuit.hpp"
#include "plexiform/stimulus/recipe.hpp"
#include "plexiform/stimulus/stimulus.hpp"

namespace plexiform {

/// A stretch of counts without a break: count bins start .. start + length were taken while the displayed frames
/// first_frame .. first_frame + length were on the screen. Displayed frames are indices into the stimulus.
/// The frames from history_begin on are known to have been shown one after the other up to this stretch.
struct Segment {
  std::int64_t start = 0;
  std::int64_t length = 0;
  std::int64_t first_frame = 0;
  std::int64_t history_begin = 0;
  std::int64_t repeat = -1;  ///< number of the trial where the same frames were shown several times, else -1
  bool operator==(const Segment&) const = default;
};

/// A place on the stimulus grid in pixels; (0, 0) is the centre of the first pixel.
struct Place {
  double x = 0;
  double y = 0;
};

/// The outline of a receptive field: a closed line through three places or more.
using Contour = std::vector<Place>;

/// Stimulus, spike counts and geometry of one experiment, and the truth where the cells are model cells.
struct Recording {
  std::shared_ptr<const Stimulus> stimulus;
  std::optional<StimulusRecipe> recipe;  ///< how `stimulus` is made again; none where its frames are stored
  double frame_rate = 0;                 ///< displayed frames per second
  std::optional<double> pixel_um;        ///< side of a stimulus pixel on the retina, micrometres
  std::vector<std::string> names;        ///< [cell]
  NdArray<std::int32_t> counts;          ///< [cell, bin], spikes; bins of all segments one after the other
  std::vector<Segment> segments;         ///< in order of start, covering all bins
  std::vector<Place> centers;            ///< [cell] as stated by the source (can be wrong), or empty
  std::vector<Contour> contours;         ///< [cell] as stated by the source, or empty
  std::vector<Circuit> truth;            ///< [cell], or empty
  std::string source;                    ///< how it was made, for people

  std::int64_t cells() const { return counts.shape.empty() ? 0 : counts.shape[0]; }
  std::int64_t bins() const { return counts.shape.size() < 2 ? 0 : counts.shape[1]; }
};

/// Throws Error{data} where the parts contradict each other: frames of segments outside the stimulus, segments that
/// overlap or leave bins out, negative counts, names or truth for another number of cells. `recording` readers and
/// importers call it last.
void validate(const Recording& recording);

/// Reads and writes docs/formats/recording.md, versions 1 and 2. Stored stimuli stay in the file and are read as asked
/// for. Reading throws Error{file} (missing, truncated, no recording, newer version) or Error{data}.
Recording read_recording(const std::filesystem::path& path);
void write_recording(const std::filesystem::path& path, const Recording& recording);

/// Lets a recording with a ran1 replay read it from the replay's file (stimulus/replay_cache.hpp), which is made first
/// where `make` says so. Where there is no folder for it, or it cannot be written, the recording stays as it was.
void use_kept_replay(Recording& recording, bool make, const ProgressSink& progress = {},
                     const std::stop_token& stop = {});

/// Whether a recording is one of flashed images (formats/import.hpp, FlashedImport): each bin stands alone, under a
/// frame without a history.
bool is_flashed(const Recording& recording);

/// Bins whose whole history of `lags` frames (the frame itself and lags - 1 before) is known, as ranges in order,
/// never across a border of segments.
std::vector<Range> bins_with_history(const Recording& recording, std::int64_t lags);

/// The displayed frame of each bin, [bin].
std::vector<std::int64_t> displayed_frames(const Recording& recording);

/// "0,3-7" or "all" -> indices below `cells`. Throws Error{usage} where the text makes no sense or leaves the range.
std::vector<std::int64_t> parse_cells(const std::string& text, std::int64_t cells);

}  // namespace plexiform
