// Bins are stimulus images: frames_per_update displayed frames each. Where two frame times are further apart than one
// and a half of the median, the display paused: the frame before lasts the median, and a new segment begins after it.
#include <algorithm>
#include <cmath>

#include "plexiform/base/error.hpp"
#include "plexiform/recording/formats/import.hpp"
#include "plexiform/recording/formats/import_parts.hpp"
#include "plexiform/recording/formats/native.hpp"
#include "plexiform/recording/formats/spike_times.hpp"
#include "plexiform/recording/wording.hpp"

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

/// The onsets of displayed frames, and the displayed rate into `common`.
std::vector<double> frame_times(const SpikesImport& import, std::int64_t images, ImportCommon& common) {
  if (import.frame_times.has_value() == import.start.has_value())
    throw Error(ErrorKind::usage,
                import.start ? "frame times and a start were given, expected one of them"
                             : "neither frame times nor a start were given, expected one of them",
                "say --frame-times FILE, or --rate 30 --start SECONDS");
  if (import.start) {
    if (!(common.frame_rate > 0) || !std::isfinite(common.frame_rate))
      throw Error(ErrorKind::usage, "a start without a frame rate", "say it: --rate 30");
    if (!std::isfinite(*import.start)) throw Error(ErrorKind::usage, "the start is not finite, expected seconds");
    const std::int64_t shown = images - std::max<std::int64_t>(common.lag_offset, 0);
    return regular_times(*import.start, common.frame_rate, std::max<std::int64_t>(shown, 1) * import.frames_per_update);
  }
  std::vector<double> times = read_frame_times(*import.frame_times);
  const std::int64_t displayed = static_cast<std::int64_t>(times.size());
  same_length(import.frame_times->string() + ":", displayed, "frame time", images * import.frames_per_update,
              common.lag_offset);
  const double rate = 1 / images_of(times, 1).interval;
  if (common.frame_rate > 0 && std::abs(rate / common.frame_rate - 1) > 0.05)
    throw Error(ErrorKind::data,
                import.frame_times->string() + ": frames follow each other at " + std::to_string(rate) +
                    " Hz, expected the stated " + std::to_string(common.frame_rate) + " Hz",
                "--rate is that of displayed frames; leave it out to take it from the frame times");
  if (common.frame_rate <= 0) common.frame_rate = rate;
  return times;
}

}  // namespace

void import_spikes(const SpikesImport& import, const std::filesystem::path& output) {
  if (import.frames_per_update < 1)
    throw Error(ErrorKind::usage, std::to_string(import.frames_per_update) + " frames per update, expected 1 or more");
  Recording recording;
  recording.stimulus = npy_stimulus(import.stimulus);
  const std::int64_t frames = recording.stimulus->frames();
  ImportCommon common = import.common;
  const std::vector<double> times = frame_times(import, frames, common);
  const Images images = images_of(times, import.frames_per_update);
  const auto bins = static_cast<std::int64_t>(images.begin.size());

  const SpikeTimes spikes = read_spike_times(import.spikes);
  if (common.names.empty()) common.names = spikes.names;
  NdArray<std::int32_t> counts({static_cast<std::int64_t>(spikes.cells.size()), bins});
  std::int64_t all = 0;
  std::int64_t outside = 0;
  for (std::size_t cell = 0; cell < spikes.cells.size(); ++cell) {
    const std::span<std::int32_t> row = counts.row(static_cast<std::int64_t>(cell));
    for (const double time : spikes.cells[cell]) {
      const auto after = std::upper_bound(images.begin.begin(), images.begin.end(), time);
      const auto image = static_cast<std::size_t>(after - images.begin.begin());
      ++all;
      if (image == 0 || time >= images.end[image - 1])
        ++outside;
      else
        ++row[image - 1];
    }
  }
  if (all > 0 && outside == all)
    throw Error(ErrorKind::data,
                import.spikes.string() + ": none of the " + grouped(all) + " spikes lies within the frames, " +
                    std::to_string(times.front()) + " to " + std::to_string(images.end.back()) + " s",
                "are spikes and frames timed by the same clock, both in seconds?");

  apply_common(common, counts.shape[0], recording);
  recording.frame_rate = common.frame_rate / static_cast<double>(import.frames_per_update);
  std::vector<Stretch> stretches;
  std::vector<std::int64_t> borders = images.after_pause;
  borders.insert(borders.begin(), 0);
  borders.push_back(bins);
  for (std::size_t i = 0; i + 1 < borders.size(); ++i) {
    const std::int64_t first = borders[i] + common.lag_offset;
    stretches.push_back(cut({borders[i], borders[i + 1] - borders[i], first, i == 0 ? 0 : first, -1}, {0, frames}));
  }
  take_stretches(recording, counts, stretches);
  if (recording.bins() == 0)
    throw Error(ErrorKind::data, import.spikes.string() + ": with lag offset " + std::to_string(common.lag_offset) +
                                     " no bin lies within the " + counted(frames, "frame") + " of the stimulus");
  const auto pauses = static_cast<std::int64_t>(images.after_pause.size());
  recording.source = "import spikes: " + import.spikes.filename().string() + ", stimulus " +
                     import.stimulus.filename().string() + ", " + counted(import.frames_per_update, "displayed frame") +
                     " per image, " + grouped(outside) + " of " + counted(all, "spike") +
                     " outside the frames left out" +
                     (pauses > 0 ? ", " + counted(pauses, "pause") + " of the display" : "") + ", lag offset " +
                     std::to_string(common.lag_offset) + left_out(bins - recording.bins(), "outside the stimulus");
  StoredType type = StoredType::float32;
  try {
    type = scan_stimulus(*recording.stimulus);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::file) throw;
    throw error.at(import.stimulus.string());
  }
  write_recording_as(output, recording, type);
}

}  // namespace plexiform
