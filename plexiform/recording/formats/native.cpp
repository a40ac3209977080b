// docs/formats/recording.md describes what is read and written here.
#include "plexiform/recording/formats/native.hpp"

#include <algorithm>
#include <cmath>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/hdf5.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/recording/wording.hpp"
#include "plexiform/stimulus/stored.hpp"

namespace plexiform {
namespace {

constexpr const char* kFormat = "plexiform recording";
constexpr double kVersion = 2;                  // the newest that is read
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

void write_segments(Hdf5File& file, const std::vector<Segment>& segments) {
  const auto column = [&](const std::string& name, std::int64_t Segment::*field) {
    NdArray<std::int64_t> values({static_cast<std::int64_t>(segments.size())});
    for (std::size_t i = 0; i < segments.size(); ++i) values.values[i] = segments[i].*field;
    file.write("/segments/" + name, values);
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

std::string truth_group(std::size_t cell) {
  return "/truth/cell_" + std::to_string(cell);
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
}

/// The oldest version whose readers read the recording as it is meant.
double version_of(const Recording& recording) {
  const auto plain = [](const Circuit& circuit) { return circuit.output == OutputNonlinearity::rectified; };
  return std::ranges::all_of(recording.truth, plain) ? 1 : 2;
}

void write_all(Hdf5File& file, const Recording& recording, StoredType type) {
  file.set_text("/", "format", kFormat);
  file.set_number("/", "version", version_of(recording));
  file.set_text("/", "source", recording.source);
  file.set_number("/", "frame_rate", recording.frame_rate);
  if (recording.pixel_um) file.set_number("/", "pixel_um", *recording.pixel_um);

  file.create_group("/stimulus");
  file.set_text("/stimulus", "kind", recording.recipe ? "recipe" : "stored");
  if (recording.recipe)
    file.set_text("/stimulus", "recipe", to_json(*recording.recipe));
  else if (type == StoredType::int8)
    write_frames<std::int8_t>(file, *recording.stimulus, 1);
  else
    write_frames<float>(file, *recording.stimulus, 0);

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
  write_segments(file, recording.segments);
  for (std::size_t i = 0; i < recording.truth.size(); ++i) write_circuit(file, truth_group(i), recording.truth[i]);
}

/// What must be there for the file to be a recording.
template <class T>
T required(std::optional<T> value, const std::string& object, const std::string& attribute) {
  if (!value) throw Error(ErrorKind::file, object + " has no attribute '" + attribute + "'");
  return *value;
}

std::vector<Segment> read_segments(const Hdf5File& file) {
  std::vector<Segment> segments(file.read<std::int64_t>("/segments/start").values.size());
  const auto column = [&](const std::string& name, std::int64_t Segment::*field) {
    const NdArray<std::int64_t> values = file.read<std::int64_t>("/segments/" + name);
    if (values.shape != std::vector<std::int64_t>{static_cast<std::int64_t>(segments.size())})
      throw Error(ErrorKind::data, "/segments/" + name + " has shape " + shape_text(values.shape) +
                                       ", /segments/start has " + std::to_string(segments.size()));
    for (std::size_t i = 0; i < segments.size(); ++i) segments[i].*field = values.values[i];
  };
  column("start", &Segment::start);
  column("length", &Segment::length);
  column("first_frame", &Segment::first_frame);
  column("history_begin", &Segment::history_begin);
  column("repeat", &Segment::repeat);
  return segments;
}

std::vector<Contour> read_contours(const Hdf5File& file) {
  const auto lengths = file.read<std::int64_t>("/cells/contour_lengths");
  const NdArray<double> points = file.read<double>("/cells/contour_points");
  if (points.shape.size() != 2 || points.shape[1] != 2)
    throw Error(ErrorKind::data,
                "/cells/contour_points has shape " + shape_text(points.shape) + ", expected [point, 2]");
  std::vector<Contour> contours;
  std::int64_t next = 0;
  for (const std::int64_t length : lengths.values) {
    if (length < 0 || length > points.shape[0] - next)
      throw Error(ErrorKind::data, "/cells/contour_lengths has other points than the " +
                                       std::to_string(points.shape[0]) + " of /cells/contour_points");
    Contour& contour = contours.emplace_back();
    for (const std::int64_t end = next + length; next < end; ++next)
      contour.push_back({points.row(next)[0], points.row(next)[1]});
  }
  if (next != points.shape[0])
    throw Error(ErrorKind::data, "/cells/contour_lengths has other points than the " + std::to_string(points.shape[0]) +
                                     " of /cells/contour_points");
  return contours;
}

/// A number that only some circuits have.
double number_above(const Hdf5File& file, const std::string& group, const std::string& name, int least) {
  const double value = required(file.number(group, name), group, name);
  if (std::isfinite(value) && value > least) return value;
  throw Error(ErrorKind::data, group + ": " + name + " is " + std::to_string(value) + ", expected a number above " +
                                   std::to_string(least));
}

Circuit read_circuit(const Hdf5File& file, const std::string& group) {
  Circuit circuit;
  circuit.spatial = file.read<float>(group + "/spatial");
  circuit.temporal = file.read<float>(group + "/temporal");
  circuit.weight = file.read<float>(group + "/weight");
  const auto text = [&](const std::string& name) { return required(file.text(group, name), group, name); };
  const auto number = [&](const std::string& name) { return required(file.number(group, name), group, name); };
  try {
    circuit.nonlinearity = subunit_nonlinearity_from(text("nonlinearity"));
    circuit.spikes = spike_rule_from(text("spikes"));
    if (const auto output = file.text(group, "output")) circuit.output = output_nonlinearity_from(*output);
  } catch (const Error& error) {
    throw Error(ErrorKind::data, group + ": " + error.what(), error.advice());
  }
  circuit.amplitude = number("amplitude");
  circuit.threshold = number("threshold");
  circuit.gain = number("gain");
  if (circuit.output != OutputNonlinearity::rectified)
    circuit.output_scale = number_above(file, group, "output_scale", 0);
  if (circuit.spikes == SpikeRule::negative_binomial) circuit.fano = number_above(file, group, "fano", 1);
  return circuit;
}

void read_stimulus(const Hdf5File& file, Recording& recording) {
  const std::string kind = required(file.text("/stimulus", "kind"), "/stimulus", "kind");
  if (kind == "stored") {
    recording.stimulus = hdf5_stimulus(file.path(), "/stimulus/frames");
  } else if (kind == "recipe") {
    recording.recipe = recipe_from_json(required(file.text("/stimulus", "recipe"), "/stimulus", "recipe"));
    recording.stimulus = make_stimulus(*recording.recipe);
  } else {
    throw Error(ErrorKind::file, "/stimulus is of kind '" + kind + "', expected 'stored' or 'recipe'");
  }
}

Recording read_all(const Hdf5File& file) {
  std::optional<std::string> format;
  try {
    format = file.text("/", "format");
  } catch (const Error&) {  // an attribute of that name which is no text
  }
  if (format != kFormat)
    throw Error(ErrorKind::file,
                "is no plexiform recording (HDF5, but the attribute 'format' of / is " +
                    (format ? "'" + *format + "')" : std::string("missing)")),
                "make one with plexiform import or plexiform simulate");
  const double version = required(file.number("/", "version"), "/", "version");
  if (!(version >= 1 && version <= kVersion)) {
    std::string number = std::to_string(version);
    number.erase(number.find_last_not_of('0') + 1);
    if (number.back() == '.') number.pop_back();
    throw Error(ErrorKind::file, "is a recording of format version " + number + ", this program reads versions 1 and 2",
                version > kVersion ? "use a newer plexiform" : "");
  }
  Recording recording;
  recording.source = file.text("/", "source").value_or("");
  recording.frame_rate = required(file.number("/", "frame_rate"), "/", "frame_rate");
  recording.pixel_um = file.number("/", "pixel_um");
  read_stimulus(file, recording);
  recording.counts = file.read<std::int32_t>("/cells/counts");
  recording.names = file.read_strings("/cells/names");
  if (file.has("/cells/centers")) {
    const NdArray<double> centers = file.read<double>("/cells/centers");
    if (centers.shape.size() != 2 || centers.shape[1] != 2)
      throw Error(ErrorKind::data, "/cells/centers has shape " + shape_text(centers.shape) + ", expected [cell, 2]");
    for (std::size_t i = 0; i < centers.values.size(); i += 2)
      recording.centers.push_back({centers.values[i], centers.values[i + 1]});
  }
  if (file.has("/cells/contour_lengths")) recording.contours = read_contours(file);
  recording.segments = read_segments(file);
  if (file.has("/truth")) {
    const std::size_t n = file.children("/truth").size();
    for (std::size_t i = 0; i < n; ++i) recording.truth.push_back(read_circuit(file, truth_group(i)));
  }
  validate(recording);
  return recording;
}

}  // namespace

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

Recording read_recording(const std::filesystem::path& path) {
  const Hdf5File file = Hdf5File::open(path);
  try {
    return read_all(file);
  } catch (const Error& error) {
    if (std::string_view(error.what()).starts_with(path.string() + ":")) throw;
    throw error.at(path.string());
  }
}

void write_recording_as(const std::filesystem::path& path, const Recording& recording, StoredType type) {
  validate(recording);
  write_atomically(path, [&](const std::filesystem::path& temporary) {
    try {
      Hdf5File file = Hdf5File::create(temporary);
      write_all(file, recording, type);
      file.close();
    } catch (const Error& error) {  // people know the file by its own name
      std::string message = error.what();
      const std::string name = temporary.string();
      if (message.starts_with(name)) message.replace(0, name.size(), path.string());
      throw Error(error.kind(), message, error.advice());
    }
  });
}

void write_recording(const std::filesystem::path& path, const Recording& recording) {
  validate(recording);
  write_recording_as(path, recording, recording.recipe ? StoredType::int8 : scan_stimulus(*recording.stimulus));
}

}  // namespace plexiform
