// A frame of the recording is a stimulus image: frames_per_update displayed frames. Where two frame times are further
// apart than one and a half of the median, the display paused: the frame before lasts the median, and a new segment
// begins after it.
#include "plexiform/formats/spikes.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/wording.hpp"
#include "plexiform/formats/parts.hpp"
#include "plexiform/formats/spike_times.hpp"

namespace plexiform {
namespace {

constexpr double kPause = 1.5;  // median intervals

/// Onsets and ends of the images that were shown.
struct Images {
  std::vector<double> begin, end;
  std::vector<std::int64_t> after_pause;  ///< images that begin a new segment
  double interval = 0;                    ///< of displayed frames, seconds
};

Images images_of(const std::vector<double>& times, std::int64_t per_image) {
  std::vector<double> intervals;
  for (std::size_t i = 1; i < times.size(); ++i) intervals.push_back(times[i] - times[i - 1]);
  const auto middle = intervals.begin() + static_cast<std::ptrdiff_t>(intervals.size() / 2);
  std::nth_element(intervals.begin(), middle, intervals.end());
  Images images;
  images.interval = *middle;
  const auto step = static_cast<std::size_t>(per_image);
  for (std::size_t first = 0; first + step <= times.size(); first += step) {
    const std::size_t next = first + step;
    const double last_frame_ends = times[next - 1] + images.interval;
    const bool pause = next < times.size() && times[next] - times[next - 1] > kPause * images.interval;
    images.begin.push_back(times[first]);
    images.end.push_back(next < times.size() && !pause ? times[next] : last_frame_ends);
    if (pause) images.after_pause.push_back(static_cast<std::int64_t>(next / step));
  }
  return images;
}

std::vector<double> regular_times(double start, double rate, std::int64_t frames) {
  std::vector<double> times;
  for (std::int64_t i = 0; i < frames; ++i) times.push_back(start + static_cast<double>(i) / rate);
  return times;
}

/// Onsets of displayed frames, and their rate.
struct Displayed {
  std::vector<double> times;
  double rate = 0;
};

Displayed displayed_frames_of(const SpikesOptions& options, std::int64_t images) {
  const double stated = options.timing.frame_rate;
  const std::int64_t offset = options.timing.lag_offset;
  if (stated > 0) require_frame_rate(stated);
  if (!options.frame_times && !options.start)
    throw Error(ErrorKind::usage, "neither frame times nor a start were given, expected one of them",
                "give the frame times, or start (the onset of frame 0, seconds) and frame_rate")
        .mended_by("frame_times", "frames.txt");
  if (options.frame_times && options.start)
    throw Error(ErrorKind::usage, "frame times and a start were given, expected one of them", "omit one of them")
        .mended_by("frame_times");
  if (options.start) {
    if (!(stated > 0)) throw Error(ErrorKind::usage, "a start without a frame rate").mended_by("frame_rate", "30");
    if (!std::isfinite(*options.start)) throw Error(ErrorKind::usage, "the start is not finite, expected seconds");
    const std::int64_t shown = images - std::max<std::int64_t>(offset, 0);
    return {regular_times(*options.start, stated, std::max<std::int64_t>(shown, 1) * options.frames_per_update),
            stated};
  }
  Displayed displayed{read_frame_times(*options.frame_times), stated};
  same_length(*options.frame_times, "", std::ssize(displayed.times), "frame time", images * options.frames_per_update,
              offset);
  const double rate = 1 / images_of(displayed.times, 1).interval;
  if (stated > 0 && std::abs(rate / stated - 1) > 0.05)
    throw Error(ErrorKind::data,
                "frames follow each other at " + std::to_string(rate) + " Hz, expected the stated " +
                    std::to_string(stated) + " Hz",
                "the frame rate is that of displayed frames; omit it to take it from the frame times")
        .in_file(*options.frame_times);
  if (stated <= 0) displayed.rate = rate;
  return displayed;
}

/// The part of the images that lies in the stimulus, and its times.
SpikeRecord record_of(const Images& images, std::int64_t lag_offset, std::int64_t frames) {
  SpikeRecord record;
  std::vector<std::int64_t> borders = images.after_pause;
  borders.insert(borders.begin(), 0);
  borders.push_back(std::ssize(images.begin));
  for (std::size_t i = 0; i + 1 < borders.size(); ++i) {
    const std::int64_t first = borders[i] + lag_offset;
    const Stretch part = cut({borders[i], borders[i + 1] - borders[i], first, i == 0 ? 0 : first, -1}, {0, frames});
    if (part.length < 1) continue;
    record.shown.push_back({std::ssize(record.begin), part.length, part.first_frame, part.history_begin, part.repeat});
    const auto append = [&](std::vector<double>& to, const std::vector<double>& from) {
      to.insert(to.end(), from.begin() + part.source_begin, from.begin() + part.source_begin + part.length);
    };
    append(record.begin, images.begin);
    append(record.end, images.end);
  }
  return record;
}

std::int64_t number_of_spikes(const SpikeRecord& record) {
  std::int64_t all = 0;
  for (const auto& cell : record.spikes) all += std::ssize(cell);
  return all;
}

bool looks_like_spikes(const std::filesystem::path& path) {
  try {
    read_spike_times(path);
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

Recording read_spikes(const SpikesOptions& options) {
  if (options.frames_per_update < 1)
    throw Error(ErrorKind::usage, std::to_string(options.frames_per_update) + " frames per update, expected 1 or more")
        .mended_by("frames_per_update", "1");
  check_bin_width(options.bin);
  std::shared_ptr<const Stimulus> movie = npy_stimulus(options.stimulus);
  const std::int64_t frames = movie->frames();
  const Displayed displayed = displayed_frames_of(options, frames);
  const Images images = images_of(displayed.times, options.frames_per_update);

  SpikeTimes spikes = read_spike_times(options.spikes);
  SpikeRecord record = record_of(images, options.timing.lag_offset, frames);
  if (record.shown.empty())
    throw Error(ErrorKind::data, "with lag offset " + std::to_string(options.timing.lag_offset) +
                                     " no bin lies within the " + counted(frames, "frame") + " of the stimulus")
        .in_file(options.spikes);
  record.spikes = std::move(spikes.cells);
  BinnedSpikes binned = bin_spikes(record, options.bin);
  const std::int64_t all = number_of_spikes(record);
  if (all > 0 && binned.outside == all)
    throw Error(ErrorKind::data,
                "none of the " + grouped(all) + " spikes lies within the frames, " +
                    std::to_string(displayed.times.front()) + " to " + std::to_string(images.end.back()) + " s",
                "are spikes and frames timed by the same clock, both in seconds?")
        .in_file(options.spikes);

  Recording recording;
  show(recording, movie, options.bin);
  CommonOptions common = options.common;
  if (common.names.empty()) common.names = std::move(spikes.names);
  apply_common(common, std::ssize(record.spikes), recording);
  recording.frame_rate = displayed.rate / static_cast<double>(options.frames_per_update);
  recording.counts = std::move(binned.counts);
  recording.segments = std::move(binned.segments);
  require_change(*movie, options.stimulus);
  const std::int64_t pauses = std::ssize(images.after_pause);
  recording.source = "import spikes: " + options.spikes.filename().string() + ", stimulus " +
                     options.stimulus.filename().string() + ", " +
                     counted(options.frames_per_update, "displayed frame") + " per image, " + grouped(binned.outside) +
                     " of " + counted(all, "spike") + " outside the frames omitted" +
                     (pauses > 0 ? ", " + counted(pauses, "pause") + " of the display" : "") + ", lag offset " +
                     std::to_string(options.timing.lag_offset) +
                     omitted(std::ssize(images.begin) - std::ssize(record.begin), "outside the stimulus");
  recording.record = std::move(record);
  validate(recording);
  return recording;
}

Format spikes_format() {
  using O = SpikesOptions;
  return make_format<O>(
      "spikes", "spike times in seconds with frame times",
      joined<O>({{bound<O>(
                      {.name = "spikes",
                       .about = "text file with a line of times a cell, a table with columns cell,time, or a "
                                "folder of .npy files",
                       .example = "spikes.txt",
                       .need = Need::required},
                      [](O & o) -> auto& { return o.spikes; }),
                  bound<O>(
                      {.name = "frame_times",
                       .about = ".npy or text: onset of each displayed frame, seconds",
                       .example = "frames.txt"},
                      [](O & o) -> auto& { return o.frame_times; }),
                  bound<O>(
                      {.name = "start",
                       .type = OptionType::number,
                       .about = "in place of frame times: onset of frame 0, seconds; the frame rate says the rest"},
                      [](O & o) -> auto& { return o.start; }),
                  bound<O>(
                      {.name = "stimulus",
                       .about = ".npy, [time, h, w] or [time, c, h, w], contrast",
                       .example = "stim.npy",
                       .need = Need::required},
                      [](O & o) -> auto& { return o.stimulus; }),
                  bound<O>(
                      {.name = "frames_per_update",
                       .type = OptionType::integer,
                       .about = "displayed frames that one stimulus image stayed on (default 1)",
                       .values = Values::positive},
                      [](O & o) -> auto& { return o.frames_per_update; })},
                 timing_options<O>(Need::optional),
                 bin_options<O>(),
                 common_options<O>()}),
      read_spikes, looks_like_spikes);
}

}  // namespace plexiform
