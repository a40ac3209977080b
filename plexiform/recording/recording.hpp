#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/base/ndarray.hpp"
#include "plexiform/recording/circuit.hpp"
#include "plexiform/recording/segment.hpp"
#include "plexiform/recording/spike_record.hpp"
#include "plexiform/stimulus/binned.hpp"
#include "plexiform/stimulus/recipe.hpp"
#include "plexiform/stimulus/stimulus.hpp"

namespace plexiform {

/// A place on the stimulus grid in pixels; (0, 0) is the centre of the first pixel.
struct Place {
  double x = 0;
  double y = 0;
};

/// The outline of a receptive field: a closed line through three places or more.
using Contour = std::vector<Place>;

/// What the cells of a recording were shown: a movie, whose bins each have a history of frames, or images that were
/// flashed one by one, so that each bin stands alone under a frame without a history.
enum class RecordingKind { movie, flashed };
RecordingKind recording_kind_from(const std::string& name);
std::string to_string(RecordingKind kind);

/// Mean light level of the stimulus: what contrast 0 was.
struct LightLevel {
  double value = 0;
  std::string unit;  ///< as stated, for people: "cd/m2", "R*/rod/s"
};

/// Stimulus, spike counts and geometry of one experiment, and the truth where the cells are model cells.
///
/// A bin is a displayed frame, unless `bin` says that it is a part of one or several. Whatever works with bins reads
/// `stimulus`, which has one frame for each step of bins; time is counted by bins_per_second.
struct Recording {
  RecordingKind kind = RecordingKind::movie;
  std::shared_ptr<const Stimulus> stimulus;   ///< what the bins see (stimulus/binned.hpp)
  std::shared_ptr<const Stimulus> displayed;  ///< what was on the screen where a bin is not a frame; else null
  BinWidth bin;                               ///< see show()
  std::optional<StimulusRecipe> recipe;  ///< how the displayed movie is regenerated; none where its frames are stored
  double frame_rate = 0;                 ///< displayed frames per second
  std::optional<double> pixel_um;        ///< side of a stimulus pixel on the retina, micrometres
  std::optional<LightLevel> mean_light;
  std::vector<std::string> names;     ///< [cell] as somebody gave it; empty: no name (shown_name is for people)
  NdArray<std::int32_t> counts;       ///< [cell, bin], spikes; bins of all segments one after the other
  std::vector<Segment> segments;      ///< in order of start, covering all bins
  std::optional<SpikeRecord> record;  ///< what the counts were binned from, where it is kept
  std::vector<Place> centers;         ///< [cell] as stated by the source (can be wrong), or empty
  std::vector<Contour> contours;      ///< [cell] as stated by the source, or empty
  std::vector<Circuit> truth;         ///< [cell], or empty
  std::string source;                 ///< how it was made, for people

  std::int64_t cells() const { return counts.shape.empty() ? 0 : counts.shape[0]; }
  std::int64_t bins() const { return counts.shape.size() < 2 ? 0 : counts.shape[1]; }
};

/// Throws Error{data} if the parts contradict each other: frames of segments outside the stimulus, segments that
/// overlap or omit bins, negative counts, names or truth for another number of cells; or if rate, bins or pixels are of
/// no experiment (recording/magnitudes.hpp).
void validate(const Recording& recording);

/// Throws Error{data} if two cells have the same name, which no new recording may have (files of older versions can).
void require_names_differ(const std::vector<std::string>& names);

/// The name that somebody gave to a cell, or "cell 3".
std::string shown_name(const std::string& given, std::int64_t cell);
std::string shown_name(const Recording& recording, std::int64_t cell);

/// Makes a movie the one of a recording: `displayed`, `bin` and `stimulus`, which belong together.
/// Throws Error{usage} as check_bin_width.
void show(Recording& recording, std::shared_ptr<const Stimulus> movie, const BinWidth& width = {});

/// What was on the screen.
std::shared_ptr<const Stimulus> displayed_movie(const Recording& recording);

/// Bins of running time per second: the frame rate where a bin is a frame.
double bins_per_second(const Recording& recording);

/// The same experiment in bins of another width, from its spike times. The truth of model cells, whose lags are bins,
/// is dropped. Throws Error{data} if the recording keeps no spike times or no bin is filled, Error{usage} as
/// check_bin_width.
Recording rebinned(const Recording& recording, const BinWidth& width);

/// Lets a recording with a ran1 replay read it from the replay's file (stimulus/replay_cache.hpp), which is made first
/// where `make` says so, and read from up to the context's threads. Where there is no folder for it, or it cannot be
/// written, the recording stays as it was. Throws Interrupted on a stop request.
void use_kept_replay(Recording& recording, bool make, const Context& context = {});

/// Whether each segment is one bin under a frame without a history, as those of flashed images are.
bool each_stands_alone(const std::vector<Segment>& segments);

/// Bins whose whole history of `lags` frames (the frame itself and lags - 1 before) is known, as ranges in order,
/// never across a border of segments.
std::vector<Range> bins_with_history(const Recording& recording, std::int64_t lags);

/// The frame of `stimulus` that each bin saw, [bin].
std::vector<std::int64_t> displayed_frames(const Recording& recording);

/// Rows of a recording, each once, in the order given; all of them where none is given. Throws Error{usage} for one
/// that the recording does not have.
std::vector<std::int64_t> checked_cells(std::span<const std::int64_t> cells, const Recording& recording);

}  // namespace plexiform
