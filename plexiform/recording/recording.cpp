#include "plexiform/recording/recording.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "plexiform/base/error.hpp"
#include "plexiform/recording/wording.hpp"
#include "plexiform/stimulus/replay_cache.hpp"

namespace plexiform {
namespace {

[[noreturn]] void refuse(const std::string& message, const std::string& advice = {}) {
  throw Error(ErrorKind::data, message, advice);
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
    refuse("counts: cell " + std::to_string(at / recording.bins()) + ", bin " + std::to_string(at % recording.bins()) +
           " holds " + std::to_string(*negative) + ", expected a number of spikes of 0 or more");
  }
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
}

void validate_contours(const std::vector<Contour>& contours) {
  for (std::size_t i = 0; i < contours.size(); ++i) {
    const std::string name = "the contour of cell " + std::to_string(i);
    if (contours[i].size() < 3)
      refuse(name + " has " + counted(static_cast<std::int64_t>(contours[i].size()), "point") + ", expected 3 or more");
    for (const Place& place : contours[i])
      if (!std::isfinite(place.x) || !std::isfinite(place.y)) refuse(name + " is not finite");
  }
}

void validate_truth(const Recording& recording) {
  const FrameShape shape = recording.stimulus->shape();
  for (std::size_t i = 0; i < recording.truth.size(); ++i) {
    const Circuit& circuit = recording.truth[i];
    const std::int64_t n = circuit.subunits();
    const std::string name = "truth of cell " + std::to_string(i);
    if (n < 1 || circuit.spatial.shape != std::vector<std::int64_t>{n, shape.height, shape.width})
      refuse(name + ": spatial filters have shape " + shape_text(circuit.spatial.shape) + ", expected [subunit, " +
             std::to_string(shape.height) + ", " + std::to_string(shape.width) + "]");
    if (circuit.lags() < 1 || circuit.temporal.shape != std::vector<std::int64_t>{n, circuit.lags()})
      refuse(name + ": temporal filters have shape " + shape_text(circuit.temporal.shape) + ", expected [" +
             std::to_string(n) + ", lag]");
    if (circuit.weight.shape != std::vector<std::int64_t>{n})
      refuse(name + ": weights have shape " + shape_text(circuit.weight.shape) + ", expected [" + std::to_string(n) +
             "]");
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

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

void validate(const Recording& recording) {
  if (!recording.stimulus) throw InternalError("a recording without stimulus");
  const FrameShape shape = recording.stimulus->shape();
  if (shape.channels < 1 || shape.pixels() < 1) refuse("the stimulus has no pixels");
  if (!(recording.frame_rate > 0) || !std::isfinite(recording.frame_rate))
    refuse("the frame rate is " + std::to_string(recording.frame_rate) + " Hz, expected a number above 0");
  if (recording.pixel_um && (!(*recording.pixel_um > 0) || !std::isfinite(*recording.pixel_um)))
    refuse("the pixel size is " + std::to_string(*recording.pixel_um) + " um, expected a number above 0");
  validate_counts(recording);
  validate_segments(recording);
  const auto cells = static_cast<std::size_t>(recording.cells());
  const auto one_each = [&](std::size_t n, const std::string& what) {
    if (n != cells)
      refuse(counted(static_cast<std::int64_t>(n), what) + " for " + counted(recording.cells(), "cell") +
             ", expected one each");
  };
  one_each(recording.names.size(), "name");
  for (std::size_t i = 0; i < recording.names.size(); ++i)
    if (!is_utf8(recording.names[i])) refuse("the name of cell " + std::to_string(i) + " is not UTF-8 text");
  if (!recording.centers.empty()) one_each(recording.centers.size(), "centre");
  for (std::size_t i = 0; i < recording.centers.size(); ++i)
    if (!std::isfinite(recording.centers[i].x) || !std::isfinite(recording.centers[i].y))
      refuse("the centre of cell " + std::to_string(i) + " is not finite");
  if (!recording.contours.empty()) one_each(recording.contours.size(), "contour");
  validate_contours(recording.contours);
  if (!recording.truth.empty()) one_each(recording.truth.size(), "true circuit");
  validate_truth(recording);
}

void use_kept_replay(Recording& recording, bool make, const ProgressSink& progress, const std::stop_token& stop) {
  std::int64_t frames = 0;
  for (const auto& s : recording.segments) frames = std::max(frames, s.first_frame + s.length);
  const auto folder = replay_cache_folder();
  if (!folder || !recording.recipe || !keeps_replay(*recording.recipe, frames)) return;
  const auto& recipe = std::get<Ran1Recipe>(*recording.recipe);
  try {
    auto replay = make ? make_replay(recipe, frames, *folder, progress, stop) : open_replay(recipe, frames, *folder);
    if (replay) recording.stimulus = std::move(replay);
  } catch (const Error&) {  // a folder that cannot be written: the replay is made whenever it is read
  }
}

bool is_flashed(const Recording& recording) {
  return std::ranges::all_of(recording.segments,
                             [](const Segment& s) { return s.length == 1 && s.history_begin == s.first_frame; });
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

std::vector<std::int64_t> parse_cells(const std::string& text, std::int64_t cells) {
  std::vector<std::int64_t> chosen;
  const auto add = [&](std::int64_t cell) {
    if (std::find(chosen.begin(), chosen.end(), cell) == chosen.end()) chosen.push_back(cell);
  };
  if (trimmed(text) == "all") {
    for (std::int64_t i = 0; i < cells; ++i) chosen.push_back(i);
    return chosen;
  }
  const std::string advice = "name cells as 4, as 0,3-7 or as all";
  const auto number = [&](std::string_view digits) {
    digits = trimmed(digits);
    std::int64_t value = -1;
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || failure != std::errc() || end != digits.data() + digits.size() || value < 0)
      throw Error(ErrorKind::usage, "cells '" + text + "': '" + std::string(digits) + "' is no cell index", advice);
    if (value >= cells)
      throw Error(ErrorKind::usage, "cell " + std::to_string(value) + " is out of range: the recording has " +
                                        counted(cells, "cell") + " (0 to " + std::to_string(cells - 1) + ")");
    return value;
  };
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view item = std::string_view(text).substr(begin, end - begin);
    const std::size_t dash = item.find('-', 1);
    const std::int64_t first = number(item.substr(0, dash));
    const std::int64_t last = dash == std::string_view::npos ? first : number(item.substr(dash + 1));
    if (last < first)
      throw Error(ErrorKind::usage, "cells '" + text + "': '" + std::string(item) + "' ends before it begins", advice);
    for (std::int64_t cell = first; cell <= last; ++cell) add(cell);
    begin = end + 1;
  }
  return chosen;
}

}  // namespace plexiform
