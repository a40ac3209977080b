// docs/formats/recording.md describes what is written here.
#include <algorithm>
#include <cmath>
#include <functional>
#include <span>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/hdf5.hpp"
#include "plexiform/formats/recording_file.hpp"
#include "plexiform/formats/recording_layout.hpp"
#include "plexiform/recording/recording.hpp"

namespace plexiform {
namespace {

constexpr std::int64_t kBlockValues = 1 << 21;  // of a stimulus, in memory at a time
constexpr int kDeflate = 4;

std::int64_t frame_values(const FrameShape& shape) {
  return shape.channels * shape.pixels();
}

void for_each_block(const Stimulus& stimulus, const std::function<void(std::int64_t, std::span<const float>)>& use) {
  const FrameShape shape = stimulus.shape();
  if (stimulus.frames() == kEndless) throw InternalError("an endless stimulus has no frames to store");
  const std::int64_t step = std::max<std::int64_t>(kBlockValues / frame_values(shape), 1);
  std::vector<float> block;
  for (std::int64_t begin = 0; begin < stimulus.frames(); begin += step) {
    const std::int64_t end = std::min(begin + step, stimulus.frames());
    block.resize(static_cast<std::size_t>((end - begin) * frame_values(shape)));
    stimulus.read(begin, end, whole(shape), block);
    use(begin, block);
  }
}

template <class T>
void write_frames(Hdf5File& file, const Stimulus& stimulus, int deflate) {
  const FrameShape shape = stimulus.shape();
  const std::int64_t rows =
      std::clamp<std::int64_t>((1 << 20) / (frame_values(shape) * static_cast<std::int64_t>(sizeof(T))), 1,
                               std::max<std::int64_t>(stimulus.frames(), 1));
  file.create<T>("/stimulus/frames", {stimulus.frames(), shape.channels, shape.height, shape.width}, rows, deflate);
  std::vector<T> converted;
  for_each_block(stimulus, [&](std::int64_t begin, std::span<const float> block) {
    converted.assign(block.size(), T{});
    std::transform(block.begin(), block.end(), converted.begin(), [](float value) { return static_cast<T>(value); });
    file.write_rows<T>("/stimulus/frames", begin, converted);
  });
}

void write_segments(Hdf5File& file, const std::string& group, const std::vector<Segment>& segments) {
  const auto column = [&](const std::string& name, std::int64_t Segment::*field) {
    NdArray<std::int64_t> values({static_cast<std::int64_t>(segments.size())});
    for (std::size_t i = 0; i < segments.size(); ++i) values.values[i] = segments[i].*field;
    file.write(group + "/" + name, values);
  };
  column("start", &Segment::start);
  column("length", &Segment::length);
  column("first_frame", &Segment::first_frame);
  column("history_begin", &Segment::history_begin);
  column("repeat", &Segment::repeat);
}

void write_contours(Hdf5File& file, const std::vector<Contour>& contours) {
  NdArray<std::int64_t> lengths({static_cast<std::int64_t>(contours.size())});
  std::vector<double> points;
  for (std::size_t i = 0; i < contours.size(); ++i) {
    lengths.values[i] = static_cast<std::int64_t>(contours[i].size());
    for (const Place& place : contours[i]) points.insert(points.end(), {place.x, place.y});
  }
  NdArray<double> all({static_cast<std::int64_t>(points.size() / 2), 2});
  all.values = std::move(points);
  file.write("/cells/contour_lengths", lengths);
  file.write("/cells/contour_points", all);
}

/// What only some circuits have, since version 4.
void write_beyond_rate(Hdf5File& file, const std::string& group, const Circuit& circuit) {
  if (circuit.divisive_gain > 0) {
    file.set_number(group, "divisive_gain", circuit.divisive_gain);
    file.set_number(group, "pool_mean", circuit.pool_mean);
    file.set_number(group, "pool_frames", static_cast<double>(circuit.pool_frames));
  }
  if (circuit.refractory > 0) {
    file.set_number(group, "refractory", circuit.refractory);
    file.set_number(group, "refractory_frames", circuit.refractory_frames);
  }
  if (const auto& drift = circuit.drift) {
    file.write(group + "/drift", drift->waves);
    file.set_number(group, "drift_period", drift->period);
    file.set_number(group, "drift_transient", drift->transient);
    file.set_number(group, "drift_transient_frames", drift->transient_frames);
  }
  if (const auto& noise = circuit.shared_noise) {
    file.set_number(group, "shared_noise", noise->deviation);
    file.set_number(group, "shared_noise_frames", noise->frames);
    file.set_text(group, "shared_noise_seed", std::to_string(noise->seed));  // a float64 does not hold every one
  }
  if (circuit.drift || circuit.shared_noise) file.set_number(group, "log_gain_offset", circuit.log_gain_offset);
}

void write_circuit(Hdf5File& file, const std::string& group, const Circuit& circuit) {
  file.create_group(group);
  file.write(group + "/spatial", circuit.spatial);
  file.write(group + "/temporal", circuit.temporal);
  file.write(group + "/weight", circuit.weight);
  file.set_text(group, "nonlinearity", to_string(circuit.nonlinearity));
  file.set_text(group, "spikes", to_string(circuit.spikes));
  file.set_number(group, "amplitude", circuit.amplitude);
  file.set_number(group, "threshold", circuit.threshold);
  file.set_number(group, "gain", circuit.gain);
  if (circuit.output != OutputNonlinearity::rectified) {
    file.set_text(group, "output", to_string(circuit.output));
    file.set_number(group, "output_scale", circuit.output_scale);
  }
  if (circuit.spikes == SpikeRule::negative_binomial) file.set_number(group, "fano", circuit.fano);
  write_beyond_rate(file, group, circuit);
}

/// Whether a reader of version 3 would take the cell for one with another rate, or with other counts around it.
bool is_of_version_4(const Circuit& circuit) {
  return circuit.divisive_gain > 0 || circuit.refractory > 0 || circuit.drift || circuit.shared_noise;
}

/// The oldest version whose readers read the recording as it is meant.
double version_of(const Recording& recording) {
  if (std::ranges::any_of(recording.truth, is_of_version_4)) return 4;
  const bool unnamed = std::ranges::any_of(recording.names, &std::string::empty);
  const bool alone = each_stands_alone(recording.segments), flashed = recording.kind == RecordingKind::flashed;
  if (!recording.bin.is_frame() || unnamed || are_generated(recording.names) || alone != flashed) return 3;
  const auto plain = [](const Circuit& circuit) { return circuit.output == OutputNonlinearity::rectified; };
  return std::ranges::all_of(recording.truth, plain) ? 1 : 2;
}

void write_record(Hdf5File& file, const SpikeRecord& record) {
  const auto number = [](auto n) { return static_cast<std::int64_t>(n); };
  NdArray<std::int64_t> lengths({number(record.spikes.size())});
  NdArray<double> times({0});
  for (std::size_t i = 0; i < record.spikes.size(); ++i) {
    lengths.values[i] = number(record.spikes[i].size());
    times.values.insert(times.values.end(), record.spikes[i].begin(), record.spikes[i].end());
  }
  times.shape[0] = number(times.values.size());
  file.write("/spikes/lengths", lengths);
  if (!times.values.empty()) file.write("/spikes/times", times);
  const auto column = [&](const std::string& name, const std::vector<double>& values) {
    NdArray<double> array({number(values.size())});
    array.values = values;
    file.write("/spikes/" + name, array);
  };
  column("frame_begin", record.begin);
  column("frame_end", record.end);
  write_segments(file, "/spikes/shown", record.shown);
}

void write_all(Hdf5File& file, const Recording& recording, StoredType type) {
  file.set_text("/", "format", kRecordingFormat);
  file.set_number("/", "version", version_of(recording));
  file.set_text("/", "source", recording.source);
  file.set_number("/", "frame_rate", recording.frame_rate);
  file.set_text("/", "kind", to_string(recording.kind));
  if (!recording.bin.is_frame()) {
    file.set_number("/", "bins_per_frame", static_cast<double>(recording.bin.bins_per_frame));
    file.set_number("/", "frames_per_bin", static_cast<double>(recording.bin.frames_per_bin));
  }
  if (recording.pixel_um) file.set_number("/", "pixel_um", *recording.pixel_um);
  if (recording.mean_light) {
    file.set_number("/", "mean_light", recording.mean_light->value);
    file.set_text("/", "mean_light_unit", recording.mean_light->unit);
  }

  file.create_group("/stimulus");
  file.set_text("/stimulus", "kind", recording.recipe ? "recipe" : "stored");
  if (recording.recipe)
    file.set_text("/stimulus", "recipe", to_json(*recording.recipe));
  else if (type == StoredType::int8)
    write_frames<std::int8_t>(file, *displayed_movie(recording), 1);
  else
    write_frames<float>(file, *displayed_movie(recording), 0);

  file.write("/cells/counts", recording.counts, kDeflate);
  file.write_strings("/cells/names", recording.names);
  if (!recording.centers.empty()) {
    NdArray<double> centers({recording.cells(), 2});
    for (std::size_t i = 0; i < recording.centers.size(); ++i) {
      centers.values[2 * i] = recording.centers[i].x;
      centers.values[2 * i + 1] = recording.centers[i].y;
    }
    file.write("/cells/centers", centers);
  }
  if (!recording.contours.empty()) write_contours(file, recording.contours);
  write_segments(file, "/segments", recording.segments);
  if (recording.record) write_record(file, *recording.record);
  for (std::size_t i = 0; i < recording.truth.size(); ++i) write_circuit(file, truth_group(i), recording.truth[i]);
}

/// Reads a whole movie once, by blocks. Throws Error{data} if a value is not finite (naming frame and pixel) or all
/// values are the same.
StoredType scan_stimulus(const Stimulus& stimulus) {
  const FrameShape shape = stimulus.shape();
  bool small = true;
  bool constant = true;
  float first = 0;
  if (stimulus.frames() < 1 || frame_values(shape) < 1) throw Error(ErrorKind::data, "the stimulus is empty");
  for_each_block(stimulus, [&](std::int64_t begin, std::span<const float> block) {
    if (begin == 0) first = block[0];
    for (std::size_t i = 0; i < block.size(); ++i) {
      const float value = block[i];
      constant = constant && value == first;
      if (value == 1 || value == -1 || value == 0) continue;
      small = false;
      if (std::isfinite(value)) continue;
      const auto at = static_cast<std::int64_t>(i);
      const std::int64_t pixel = at % shape.pixels();
      throw Error(ErrorKind::data,
                  "frame " + std::to_string(begin + at / frame_values(shape)) + ", pixel (x " +
                      std::to_string(pixel % shape.width) + ", y " + std::to_string(pixel / shape.width) + ") is " +
                      (std::isnan(value) ? "NaN" : "infinite") + ", expected a contrast",
                  "put the contrast that was shown there, or 0 where the screen was grey");
    }
  });
  if (constant)
    throw Error(ErrorKind::data,
                "all values of the stimulus are " + std::to_string(first) + ", expected one that changes");
  return small ? StoredType::int8 : StoredType::float32;
}

}  // namespace

void write_recording(const std::filesystem::path& path, const Recording& recording) {
  validate(recording);
  require_names_differ(recording.names);
  const StoredType type = recording.recipe ? StoredType::int8 : scan_stimulus(*displayed_movie(recording));
  write_atomically(path, [&](const std::filesystem::path& temporary) {
    Hdf5File file = Hdf5File::create(temporary);
    write_all(file, recording, type);
    file.close();
  });
}

}  // namespace plexiform
