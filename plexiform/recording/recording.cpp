#include "plexiform/recording/recording.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "plexiform/base/enum_names.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/base/wording.hpp"
#include "plexiform/recording/magnitudes.hpp"
#include "plexiform/stimulus/replay_cache.hpp"

namespace plexiform {
namespace {

constexpr EnumNames<RecordingKind, 2> kKinds{{{RecordingKind::movie, "movie"}, {RecordingKind::flashed, "flashed"}}};

[[noreturn]] void refuse(const std::string& message, const std::string& advice = {}) {
  throw Error(ErrorKind::data, message, advice);
}

[[noreturn]] void refuse_cell(std::int64_t cell, const std::string& message) {
  throw Error(ErrorKind::data, message).of_cell(cell);
}

void validate_counts(const Recording& recording) {
  const NdArray<std::int32_t>& counts = recording.counts;
  if (counts.shape.size() != 2) refuse("counts have shape " + shape_text(counts.shape) + ", expected [cell, bin]");
  if (recording.cells() < 1 || recording.bins() < 1)
    refuse("counts have shape " + shape_text(counts.shape) + ", expected at least one cell and one bin");
  if (counts.values.size() != static_cast<std::size_t>(NdArray<int>::count(counts.shape)))
    throw InternalError("counts hold another number of values than their shape");
  const auto negative = std::find_if(counts.values.begin(), counts.values.end(), [](auto c) { return c < 0; });
  if (negative != counts.values.end()) {
    const auto at = negative - counts.values.begin();
    refuse_cell(at / recording.bins(), "bin " + std::to_string(at % recording.bins()) + " holds " +
                                           std::to_string(*negative) + ", expected a number of spikes of 0 or more");
  }
}

void validate_bin(const Recording& recording) {
  check_bin_width(recording.bin);
  require(kBinLengths, 1 / bins_per_second(recording), ErrorKind::data);
  if (recording.bin.is_frame() == (recording.displayed != nullptr))
    throw InternalError("a recording whose displayed movie and bin width do not belong together: use show()");
}

void validate_record(const Recording& recording) {
  if (!recording.record) return;
  check_spike_record(*recording.record);
  if (std::ssize(recording.record->spikes) != recording.cells())
    refuse("spike times of " + counted(std::ssize(recording.record->spikes), "cell") + ", counts of " +
           counted(recording.cells(), "cell") + ", expected as many");
  const std::int64_t frames = displayed_movie(recording)->frames();
  for (const Segment& s : recording.record->shown)
    if (s.first_frame + s.length > frames)
      refuse("frame times reach displayed frame " + grouped(s.first_frame + s.length - 1) + ", the stimulus has " +
             counted(frames, "frame"));
}

void validate_segments(const Recording& recording) {
  const std::int64_t frames = recording.stimulus->frames();
  std::int64_t covered = 0;
  for (std::size_t i = 0; i < recording.segments.size(); ++i) {
    const Segment& segment = recording.segments[i];
    const std::string name = "segment " + std::to_string(i);
    if (segment.length < 1) refuse(name + " has " + counted(segment.length, "bin") + ", expected at least 1");
    if (segment.start != covered)
      refuse(name + " starts at bin " + std::to_string(segment.start) + ", expected " + std::to_string(covered) +
             " (segments follow each other without gap or overlap)");
    if (segment.length > recording.bins() - covered)
      refuse("segments cover more than the " + counted(recording.bins(), "bin") + " of the counts");
    covered += segment.length;
    if (segment.first_frame < 0 || segment.first_frame > frames - segment.length)
      refuse(name + " has displayed frames " + grouped(segment.first_frame) + " to " +
             grouped(segment.first_frame + segment.length - 1) + ", the stimulus has " + counted(frames, "frame"));
    if (segment.history_begin < 0 || segment.history_begin > segment.first_frame)
      refuse(name + " has history from frame " + grouped(segment.history_begin) +
             " on, expected 0 to its first frame " + grouped(segment.first_frame));
    if (segment.repeat < -1) refuse(name + " has repeat " + std::to_string(segment.repeat) + ", expected -1 or more");
  }
  if (covered != recording.bins())
    refuse("segments cover " + counted(covered, "bin") + ", the counts have " + grouped(recording.bins()));
  if (recording.kind == RecordingKind::flashed && !each_stands_alone(recording.segments))
    refuse("a bin of flashed images has a history or is part of a movie, expected one frame alone for each");
}

void validate_contours(const std::vector<Contour>& contours) {
  for (std::size_t i = 0; i < contours.size(); ++i) {
    const auto cell = static_cast<std::int64_t>(i);
    if (contours[i].size() < 3)
      refuse_cell(cell, "its contour has " + counted(std::ssize(contours[i]), "point") + ", expected 3 or more");
    for (const Place& place : contours[i])
      if (!std::isfinite(place.x) || !std::isfinite(place.y)) refuse_cell(cell, "its contour is not finite");
  }
}

void validate_truth(const Recording& recording) {
  const FrameShape shape = recording.stimulus->shape();
  for (std::size_t i = 0; i < recording.truth.size(); ++i) {
    const Circuit& circuit = recording.truth[i];
    const std::int64_t n = circuit.subunits();
    const auto cell = static_cast<std::int64_t>(i);
    if (n < 1 || circuit.spatial.shape != std::vector<std::int64_t>{n, shape.height, shape.width})
      refuse_cell(cell, "its true spatial filters have shape " + shape_text(circuit.spatial.shape) +
                            ", expected [subunit, " + std::to_string(shape.height) + ", " +
                            std::to_string(shape.width) + "]");
    if (circuit.lags() < 1 || circuit.temporal.shape != std::vector<std::int64_t>{n, circuit.lags()})
      refuse_cell(cell, "its true temporal filters have shape " + shape_text(circuit.temporal.shape) + ", expected [" +
                            std::to_string(n) + ", lag]");
    if (circuit.weight.shape != std::vector<std::int64_t>{n})
      refuse_cell(cell, "its true weights have shape " + shape_text(circuit.weight.shape) + ", expected [" +
                            std::to_string(n) + "]");
  }
}

/// Whether a text is UTF-8 (RFC 3629), which HDF5, JSON and HTML all expect of names.
bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xC2 ? 0
                               : lead < 0xE0 ? 2
                               : lead < 0xF0 ? 3
                               : lead < 0xF5 ? 4
                                             : 0;
    if (length == 0 || i + length > text.size()) return false;
    for (std::size_t j = 1; j < length; ++j)
      if ((static_cast<unsigned char>(text[i + j]) & 0xC0) != 0x80) return false;
    i += length;
  }
  return true;
}

}  // namespace

RecordingKind recording_kind_from(const std::string& name) {
  return enum_from(kKinds, name, "kind of recording");
}
std::string to_string(RecordingKind kind) {
  return name_of(kKinds, kind);
}

void validate(const Recording& recording) {
  if (!recording.stimulus) throw InternalError("a recording without stimulus");
  const FrameShape shape = recording.stimulus->shape();
  if (shape.channels < 1 || shape.pixels() < 1) refuse("the stimulus has no pixels");
  require(kFrameRates, recording.frame_rate, ErrorKind::data);
  if (recording.pixel_um) require(kPixelSizes, *recording.pixel_um, ErrorKind::data);
  if (recording.mean_light && (!(recording.mean_light->value > 0) || !std::isfinite(recording.mean_light->value)))
    refuse("the mean light level is " + std::to_string(recording.mean_light->value) + " " + recording.mean_light->unit +
           ", expected a number above 0");
  validate_bin(recording);
  validate_counts(recording);
  validate_segments(recording);
  const auto cells = static_cast<std::size_t>(recording.cells());
  const auto one_each = [&](std::size_t n, const std::string& what) {
    if (n != cells)
      refuse(counted(static_cast<std::int64_t>(n), what) + " for " + counted(recording.cells(), "cell") +
             ", expected one each");
  };
  one_each(recording.names.size(), "name");
  for (std::size_t i = 0; i < recording.names.size(); ++i) {
    if (!is_utf8(recording.names[i])) refuse_cell(static_cast<std::int64_t>(i), "its name is not UTF-8 text");
    // HDF5 would cut it there, and two names could be one.
    if (recording.names[i].find('\0') != std::string::npos)
      refuse_cell(static_cast<std::int64_t>(i), "its name holds a NUL character");
  }
  if (!recording.centers.empty()) one_each(recording.centers.size(), "centre");
  for (std::size_t i = 0; i < recording.centers.size(); ++i)
    if (!std::isfinite(recording.centers[i].x) || !std::isfinite(recording.centers[i].y))
      refuse_cell(static_cast<std::int64_t>(i), "its centre is not finite");
  if (!recording.contours.empty()) one_each(recording.contours.size(), "contour");
  validate_contours(recording.contours);
  validate_record(recording);
  if (!recording.truth.empty()) one_each(recording.truth.size(), "true circuit");
  validate_truth(recording);
}

void use_kept_replay(Recording& recording, bool make, const Context& context) {
  std::int64_t frames = 0;
  for (const auto& s : recording.segments) frames = std::max(frames, s.first_frame + s.length);
  frames = (frames * recording.bin.frames_per_bin + recording.bin.bins_per_frame - 1) / recording.bin.bins_per_frame;
  const auto folder = replay_cache_folder();
  if (!folder || !recording.recipe || !keeps_replay(*recording.recipe, frames)) return;
  const auto& recipe = std::get<Ran1Recipe>(*recording.recipe);
  try {
    auto replay =
        make ? make_replay(recipe, frames, *folder, context) : open_replay(recipe, frames, *folder, context.threads);
    if (replay) show(recording, std::move(replay), recording.bin);
  } catch (const Error&) {  // a folder that cannot be written: the replay is made whenever it is read
  }
}

bool each_stands_alone(const std::vector<Segment>& segments) {
  return std::ranges::all_of(segments,
                             [](const Segment& s) { return s.length == 1 && s.history_begin == s.first_frame; });
}

void require_names_differ(const std::vector<std::string>& names) {
  std::map<std::string, std::size_t> first;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) continue;
    const auto [at, is_new] = first.emplace(names[i], i);
    if (is_new) continue;
    throw Error(ErrorKind::data,
                "cells " + std::to_string(at->second) + " and " + std::to_string(i) + " are both called '" + names[i] +
                    "', expected names that differ",
                "give each cell its own name, or none")
        .mended_by("names");
  }
}

std::string shown_name(const std::string& given, std::int64_t cell) {
  return given.empty() ? "cell " + std::to_string(cell) : given;
}

std::string shown_name(const Recording& recording, std::int64_t cell) {
  return shown_name(recording.names[static_cast<std::size_t>(cell)], cell);
}

void show(Recording& recording, std::shared_ptr<const Stimulus> movie, const BinWidth& width) {
  recording.stimulus = seen_by_bins(movie, width);
  recording.bin = width;
  recording.displayed = width.is_frame() ? nullptr : std::move(movie);
}

std::shared_ptr<const Stimulus> displayed_movie(const Recording& recording) {
  return recording.displayed ? recording.displayed : recording.stimulus;
}

double bins_per_second(const Recording& recording) {
  return recording.frame_rate * static_cast<double>(recording.bin.bins_per_frame) /
         static_cast<double>(recording.bin.frames_per_bin);
}

Recording rebinned(const Recording& recording, const BinWidth& width) {
  if (!recording.record)
    throw Error(ErrorKind::data, "the recording keeps no spike times, so that its counts cannot be rebinned",
                "import the spike times again");
  Recording other = recording;
  show(other, displayed_movie(recording), width);
  BinnedSpikes binned = bin_spikes(*recording.record, width);
  other.counts = std::move(binned.counts);
  other.segments = std::move(binned.segments);
  other.truth.clear();
  validate(other);
  return other;
}

std::vector<Range> bins_with_history(const Recording& recording, std::int64_t lags) {
  if (lags < 1) throw InternalError("bins_with_history: lags below 1");
  std::vector<Range> ranges;
  for (const Segment& segment : recording.segments) {
    const std::int64_t missing = std::max<std::int64_t>(segment.history_begin + lags - 1 - segment.first_frame, 0);
    if (missing < segment.length) ranges.push_back({segment.start + missing, segment.start + segment.length});
  }
  return ranges;
}

std::vector<std::int64_t> displayed_frames(const Recording& recording) {
  std::vector<std::int64_t> frames;
  frames.reserve(static_cast<std::size_t>(recording.bins()));
  for (const Segment& segment : recording.segments)
    for (std::int64_t i = 0; i < segment.length; ++i) frames.push_back(segment.first_frame + i);
  return frames;
}

std::vector<std::int64_t> checked_cells(std::span<const std::int64_t> cells, const Recording& recording) {
  std::vector<std::int64_t> checked;
  if (cells.empty())
    for (std::int64_t i = 0; i < recording.cells(); ++i) checked.push_back(i);
  for (const auto cell : cells) {
    if (cell < 0 || cell >= recording.cells())
      throw Error(ErrorKind::usage, "cell " + std::to_string(cell) + " is out of range: the recording has " +
                                        counted(recording.cells(), "cell") + " (0 to " +
                                        std::to_string(recording.cells() - 1) + ")")
          .of_cell(cell);
    if (std::ranges::find(checked, cell) == checked.end()) checked.push_back(cell);
  }
  return checked;
}

}  // namespace plexiform
