#include "plexiform/formats/parts.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <optional>

#include "plexiform/base/error.hpp"
#include "plexiform/base/npy.hpp"
#include "plexiform/base/wording.hpp"

namespace plexiform {
namespace {

/// "-1", "0.5", "NaN".
std::string value_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "infinity" : "-infinity";
  std::string text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

[[noreturn]] void refuse_shape(const std::filesystem::path& path, const std::vector<std::int64_t>& shape,
                               const std::string& expected, const std::string& advice = {}) {
  throw Error(ErrorKind::data, "has shape " + shape_text(shape) + ", expected " + expected, advice).in_file(path);
}

/// `bin`: ", bin 3", or ", trial 1, bin 3".
[[noreturn]] void refuse_count(const std::filesystem::path& path, std::int64_t cell, const std::string& bin,
                               double value) {
  std::string advice = "are these rates or smoothed counts? give the counts themselves";
  if (std::isnan(value)) advice = "remove unrecorded frames from stimulus and counts";
  if (value < 0) advice = "are these counts with the mean subtracted? give the counts themselves";
  throw Error(ErrorKind::data,
              "cell " + std::to_string(cell) + bin + " holds " + value_text(value) +
                  ", expected a number of spikes: 0, 1, 2, ...",
              advice)
      .of_cell(cell)
      .in_file(path);
}

class NpyStimulus : public Stimulus {
 public:
  explicit NpyStimulus(const std::filesystem::path& path) : path_(path), reader_(path) {
    const std::vector<std::int64_t>& shape = reader_->shape();
    if (shape.size() != 3 && shape.size() != 4)
      refuse_shape(path, shape, "[time, height, width] or [time, channel, height, width]");
    frames_ = shape[0];
    shape_ = {shape.size() == 4 ? shape[1] : 1, shape[shape.size() - 2], shape.back()};
    if (NdArray<int>::count(shape) < 1) refuse_shape(path, shape, "at least one value");
  }
  FrameShape shape() const override { return shape_; }
  std::int64_t frames() const override { return frames_; }

 private:
  void read_block(std::int64_t begin, std::int64_t end, const Window& window, std::span<float> out) const override {
    const std::lock_guard lock(mutex_);
    if (begin < next_) {
      reader_.emplace(path_);
      next_ = 0;
    }
    frame_.resize(static_cast<std::size_t>(shape_.channels * shape_.pixels()));
    for (; next_ < begin; ++next_) reader_->read(frame_);
    std::size_t at = 0;
    for (; next_ < end; ++next_) {
      reader_->read(frame_);
      for (std::int64_t c = 0; c < shape_.channels; ++c)
        for (std::int64_t y = window.y; y < window.y + window.height; ++y)
          for (std::int64_t x = window.x; x < window.x + window.width; ++x) {
            const auto value =
                static_cast<float>(frame_[static_cast<std::size_t>((c * shape_.height + y) * shape_.width + x)]);
            if (!std::isfinite(value)) refuse_value(next_, x, y, value);
            out[at++] = value;
          }
    }
  }

  [[noreturn]] void refuse_value(std::int64_t frame, std::int64_t x, std::int64_t y, double value) const {
    throw Error(ErrorKind::data,
                "frame " + std::to_string(frame) + ", pixel (x " + std::to_string(x) + ", y " + std::to_string(y) +
                    ") is " + (std::isnan(value) ? "NaN" : "infinite") + ", expected a contrast",
                "put the contrast that was shown there, or 0 where the screen was grey")
        .in_file(path_);
  }

  std::filesystem::path path_;
  FrameShape shape_;
  std::int64_t frames_ = 0;
  mutable std::mutex mutex_;
  mutable std::optional<NpyReader> reader_;
  mutable std::int64_t next_ = 0;
  mutable std::vector<double> frame_;
};

}  // namespace

ImportedCounts read_counts(const std::filesystem::path& path) {
  NpyReader reader(path);
  const std::vector<std::int64_t>& shape = reader.shape();
  if (shape.size() != 2 && shape.size() != 3)
    refuse_shape(path, shape, "[cell, time] or [cell, trial, time]",
                 shape.size() == 1 ? "one cell needs the shape [1, " + std::to_string(shape[0]) + "]" : "");
  ImportedCounts counts;
  counts.has_trials = shape.size() == 3;
  counts.trials = counts.has_trials ? shape[1] : 1;
  counts.time = shape.back();
  const std::int64_t cells = shape[0];
  const std::int64_t row = counts.trials * counts.time;
  if (cells < 1 || row < 1) refuse_shape(path, shape, "at least one count");
  counts.values = NdArray<std::int32_t>({cells, row});
  std::vector<double> values(static_cast<std::size_t>(row));
  for (std::int64_t cell = 0; cell < cells; ++cell) {
    reader.read(values);
    const std::span<std::int32_t> out = counts.values.row(cell);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double value = values[i];
      if (!(value >= 0 && value <= std::numeric_limits<std::int32_t>::max()) || value != std::floor(value)) {
        const auto at = static_cast<std::int64_t>(i);
        refuse_count(path, cell,
                     (counts.has_trials ? ", trial " + std::to_string(at / counts.time) : "") + ", bin " +
                         std::to_string(at % counts.time),
                     value);
      }
      out[i] = static_cast<std::int32_t>(value);
    }
  }
  return counts;
}

std::unique_ptr<Stimulus> npy_stimulus(const std::filesystem::path& path) {
  return std::make_unique<NpyStimulus>(path);
}

void take_stretches(Recording& recording, const NdArray<std::int32_t>& source, const std::vector<Stretch>& stretches) {
  std::int64_t bins = 0;
  recording.segments.clear();
  for (const Stretch& stretch : stretches) {
    if (stretch.length < 1) continue;
    recording.segments.push_back({bins, stretch.length, stretch.first_frame, stretch.history_begin, stretch.repeat});
    bins += stretch.length;
  }
  recording.counts = NdArray<std::int32_t>({source.shape[0], bins});
  for (std::int64_t cell = 0; cell < source.shape[0]; ++cell) {
    auto out = recording.counts.row(cell).begin();
    for (const Stretch& stretch : stretches)
      if (stretch.length > 0) out = std::copy_n(source.row(cell).begin() + stretch.source_begin, stretch.length, out);
  }
}

Stretch cut(Stretch wanted, const Range& allowed) {
  const std::int64_t first = std::max(wanted.first_frame, allowed.begin);
  const std::int64_t end = std::min(wanted.first_frame + wanted.length, allowed.end);
  wanted.source_begin += first - wanted.first_frame;
  wanted.length = std::max<std::int64_t>(end - first, 0);
  wanted.first_frame = first;
  wanted.history_begin = std::clamp(wanted.history_begin, allowed.begin, std::max(first, allowed.begin));
  return wanted;
}

void require_change(const Stimulus& movie, const std::filesystem::path& path) {
  const FrameShape shape = movie.shape();
  std::vector<float> frame(static_cast<std::size_t>(shape.channels * shape.pixels()));
  std::optional<float> first;
  for (std::int64_t t = 0; t < movie.frames(); ++t) {
    movie.read(t, t + 1, whole(shape), frame);
    if (!first) first = frame[0];
    if (std::ranges::any_of(frame, [&](float value) { return value != *first; })) return;
  }
  throw Error(ErrorKind::data,
              "all values of the stimulus are " + value_text(first.value_or(0)) + ", expected one that changes")
      .in_file(path);
}

bool is_npy_of(const std::filesystem::path& path, std::size_t fewest_axes, std::size_t most_axes) {
  try {
    const std::size_t axes = NpyReader(path).shape().size();
    return axes >= fewest_axes && axes <= most_axes;
  } catch (const Error&) {
    return false;
  }
}

std::int64_t offset_in_bins(std::int64_t lag_offset, const BinWidth& bin) {
  if (lag_offset % bin.frames_per_bin == 0) return lag_offset / bin.frames_per_bin * bin.bins_per_frame;
  throw Error(ErrorKind::usage,
              "the lag offset is " + counted(lag_offset, "frame") + ", expected a multiple of the " +
                  counted(bin.frames_per_bin, "frame") + " of a bin",
              "cut the frames before the first bin off the stimulus")
      .mended_by("lag_offset", "0");
}

void same_length(const std::filesystem::path& file, const std::string& what, std::int64_t counts,
                 const std::string& unit, std::int64_t frames, std::int64_t lag_offset, const BinWidth& bin) {
  if (counts == frames || lag_offset != 0) return;
  const std::string seen = bin.is_frame() ? counted(frames, "frame")
                                          : counted(frames, "bin") + " (" + std::to_string(bin.bins_per_frame) +
                                                " to " + counted(bin.frames_per_bin, "frame") + ")";
  // Lengths do not tell at which end something is missing: a wrong lag offset would shift every response.
  const Error error =
      Error(ErrorKind::data, what + "has " + counted(counts, unit) + ", the stimulus has " + seen,
            counts < frames ? "if the recording ended early, cut the frames after its end off the stimulus; only if "
                              "it began late, state by how many frames"
                            : "if the last ones come after the stimulus (often one ends its last frame), cut them "
                              "off; only if the recording began before it, state a lag offset below 0")
          .in_file(file);
  const std::int64_t late = frames - counts;
  if (late < 0 || late * bin.frames_per_bin % bin.bins_per_frame != 0) throw error;
  throw error.mended_by("lag_offset", std::to_string(late * bin.frames_per_bin / bin.bins_per_frame));
}

std::string omitted(std::int64_t bins, const std::string& what) {
  return bins == 0 ? "" : ", " + counted(bins, "bin") + " " + what + " omitted";
}

}  // namespace plexiform
