// docs/formats/recording.md describes what is read here.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/hdf5.hpp"
#include "plexiform/base/wording.hpp"
#include "plexiform/formats/recording_file.hpp"
#include "plexiform/formats/recording_layout.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/stimulus/stored.hpp"

namespace plexiform {
namespace {

/// What must be there for the file to be a recording.
template <class T>
T required(std::optional<T> value, const std::string& object, const std::string& attribute) {
  if (!value) throw Error(ErrorKind::damaged, object + " has no attribute '" + attribute + "'").in_object(object);
  return *value;
}

[[noreturn]] void refuse(const std::string& object, const std::string& what) {
  throw Error(ErrorKind::data, object + what).in_object(object);
}

std::vector<Segment> read_segments(const Hdf5File& file, const std::string& group) {
  std::vector<Segment> segments(file.read<std::int64_t>(group + "/start").values.size());
  const auto column = [&](const std::string& name, std::int64_t Segment::*field) {
    const NdArray<std::int64_t> values = file.read<std::int64_t>(group + "/" + name);
    if (values.shape != std::vector<std::int64_t>{static_cast<std::int64_t>(segments.size())})
      refuse(group + "/" + name,
             " has shape " + shape_text(values.shape) + ", " + group + "/start has " + std::to_string(segments.size()));
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
    refuse("/cells/contour_points", " has shape " + shape_text(points.shape) + ", expected [point, 2]");
  const auto refuse_lengths = [&] {
    refuse("/cells/contour_lengths",
           " has other points than the " + std::to_string(points.shape[0]) + " of /cells/contour_points");
  };
  std::vector<Contour> contours;
  std::int64_t next = 0;
  for (const std::int64_t length : lengths.values) {
    if (length < 0 || length > points.shape[0] - next) refuse_lengths();
    Contour& contour = contours.emplace_back();
    for (const std::int64_t end = next + length; next < end; ++next)
      contour.push_back({points.row(next)[0], points.row(next)[1]});
  }
  if (next != points.shape[0]) refuse_lengths();
  return contours;
}

/// A number that only some circuits have.
double number_above(const Hdf5File& file, const std::string& group, const std::string& name, int least) {
  const double value = required(file.number(group, name), group, name);
  if (std::isfinite(value) && value > least) return value;
  refuse(group, ": " + name + " is " + std::to_string(value) + ", expected a number above " + std::to_string(least));
}

/// A number that only some circuits have, within a range.
double number_within(const Hdf5File& file, const std::string& group, const std::string& name, double least,
                     double most) {
  const double value = required(file.number(group, name), group, name);
  if (value >= least && value <= most) return value;
  refuse(group, ": " + name + " is " + number_text(value) + ", expected a number from " + number_text(least) + " to " +
                    number_text(most));
}

GainDrift read_drift(const Hdf5File& file, const std::string& group) {
  GainDrift drift;
  drift.waves = file.read<double>(group + "/drift");
  const bool finite = std::ranges::all_of(drift.waves.values, [](double v) { return std::isfinite(v); });
  if (drift.waves.shape.size() != 2 || drift.waves.shape[1] != 2 || !finite)
    refuse(group + "/drift",
           " has shape " + shape_text(drift.waves.shape) + ", expected finite numbers of shape [wave, 2]");
  drift.period = number_above(file, group, "drift_period", 0);
  drift.transient = number_within(file, group, "drift_transient", -100, 100);
  drift.transient_frames = number_above(file, group, "drift_transient_frames", 0);
  return drift;
}

SharedNoise read_noise(const Hdf5File& file, const std::string& group) {
  const std::string seed = required(file.text(group, "shared_noise_seed"), group, "shared_noise_seed");
  SharedNoise noise{number_within(file, group, "shared_noise", 0, 100),
                    number_above(file, group, "shared_noise_frames", 0), 0};
  const auto [end, code] = std::from_chars(seed.data(), seed.data() + seed.size(), noise.seed);
  if (code != std::errc{} || end != seed.data() + seed.size())
    refuse(group, ": shared_noise_seed is '" + seed + "', expected a whole number, 0 or more");
  return noise;
}

/// What only some circuits have, since version 4.
void read_beyond_rate(const Hdf5File& file, const std::string& group, Circuit& circuit) {
  if (file.number(group, "divisive_gain")) {
    circuit.divisive_gain = number_within(file, group, "divisive_gain", 0, 1);
    circuit.pool_mean = number_above(file, group, "pool_mean", 0);
    circuit.pool_frames = static_cast<std::int64_t>(number_within(file, group, "pool_frames", 1, 1e6));
  }
  if (file.number(group, "refractory")) {
    circuit.refractory = number_within(file, group, "refractory", 0, 1);
    circuit.refractory_frames = number_above(file, group, "refractory_frames", 0);
  }
  if (file.has(group + "/drift")) circuit.drift = read_drift(file, group);
  if (file.number(group, "shared_noise")) circuit.shared_noise = read_noise(file, group);
  if (circuit.drift || circuit.shared_noise)
    circuit.log_gain_offset = number_within(file, group, "log_gain_offset", -100, 100);
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
    throw Error(ErrorKind::data, error.what(), error.advice()).in_object(group);
  }
  circuit.amplitude = number("amplitude");
  circuit.threshold = number("threshold");
  circuit.gain = number("gain");
  if (circuit.output != OutputNonlinearity::rectified)
    circuit.output_scale = number_above(file, group, "output_scale", 0);
  if (circuit.spikes == SpikeRule::negative_binomial) circuit.fano = number_above(file, group, "fano", 1);
  read_beyond_rate(file, group, circuit);
  return circuit;
}

RecordingKind read_kind(const std::string& kind) {
  try {
    return recording_kind_from(kind);
  } catch (const Error& error) {
    throw Error(ErrorKind::damaged, error.what(), error.advice()).in_object("/");
  }
}

/// A number of bins or frames; 1 where it is not there.
std::int64_t whole_number(const Hdf5File& file, const std::string& name) {
  const double value = file.number("/", name).value_or(1);
  if (value >= 1 && value <= 1e6 && value == std::floor(value)) return static_cast<std::int64_t>(value);
  refuse("/", ": " + name + " is " + std::to_string(value) + ", expected a whole number above 0");
}

SpikeRecord read_record(const Hdf5File& file) {
  SpikeRecord record;
  const auto lengths = file.read<std::int64_t>("/spikes/lengths");
  const auto times = file.has("/spikes/times") ? file.read<double>("/spikes/times").values : std::vector<double>();
  const auto refuse_lengths = [&] {
    refuse("/spikes/lengths", " has other spikes than the " + std::to_string(times.size()) + " of /spikes/times");
  };
  auto next = times.begin();
  for (const std::int64_t length : lengths.values) {
    if (length < 0 || length > times.end() - next) refuse_lengths();
    record.spikes.emplace_back(next, next + length);
    next += length;
  }
  if (next != times.end()) refuse_lengths();
  record.begin = file.read<double>("/spikes/frame_begin").values;
  record.end = file.read<double>("/spikes/frame_end").values;
  record.shown = read_segments(file, "/spikes/shown");
  return record;
}

void read_stimulus(const Hdf5File& file, Recording& recording) {
  const BinWidth width{whole_number(file, "bins_per_frame"), whole_number(file, "frames_per_bin")};
  const std::string kind = required(file.text("/stimulus", "kind"), "/stimulus", "kind");
  if (kind == "stored") {
    show(recording, hdf5_stimulus(file.path(), "/stimulus/frames"), width);
  } else if (kind == "recipe") {
    recording.recipe = recipe_from_json(required(file.text("/stimulus", "recipe"), "/stimulus", "recipe"));
    show(recording, make_stimulus(*recording.recipe), width);
  } else {
    throw Error(ErrorKind::damaged, "/stimulus is of kind '" + kind + "', expected 'stored' or 'recipe'")
        .in_object("/stimulus");
  }
}

Recording read_all(const Hdf5File& file) {
  std::optional<std::string> format;
  try {
    format = file.text("/", "format");
  } catch (const Error&) {  // an attribute of that name which is not a text
  }
  if (format != kRecordingFormat)
    throw Error(ErrorKind::damaged,
                "is not a plexiform recording (HDF5, but the attribute 'format' of / is " +
                    (format ? "'" + *format + "')" : std::string("missing)")),
                "import one from another format, or simulate one");
  const double version = required(file.number("/", "version"), "/", "version");
  if (!(version >= 1 && version <= kRecordingVersion)) {
    std::string number = std::to_string(version);
    number.erase(number.find_last_not_of('0') + 1);
    if (number.back() == '.') number.pop_back();
    throw Error(ErrorKind::damaged,
                "is a recording of format version " + number + ", this program reads versions 1 to 4",
                version > kRecordingVersion ? "use a newer plexiform" : "");
  }
  Recording recording;
  recording.source = file.text("/", "source").value_or("");
  recording.frame_rate = required(file.number("/", "frame_rate"), "/", "frame_rate");
  recording.pixel_um = file.number("/", "pixel_um");
  if (const auto light = file.number("/", "mean_light"))
    recording.mean_light = LightLevel{*light, file.text("/", "mean_light_unit").value_or("")};
  read_stimulus(file, recording);
  recording.counts = file.read<std::int32_t>("/cells/counts");
  recording.names = file.read_strings("/cells/names");
  if (version < 3 && are_generated(recording.names)) recording.names.assign(recording.names.size(), "");
  if (file.has("/cells/centers")) {
    const NdArray<double> centers = file.read<double>("/cells/centers");
    if (centers.shape.size() != 2 || centers.shape[1] != 2)
      refuse("/cells/centers", " has shape " + shape_text(centers.shape) + ", expected [cell, 2]");
    for (std::size_t i = 0; i < centers.values.size(); i += 2)
      recording.centers.push_back({centers.values[i], centers.values[i + 1]});
  }
  if (file.has("/cells/contour_lengths")) recording.contours = read_contours(file);
  recording.segments = read_segments(file, "/segments");
  if (const auto kind = file.text("/", "kind"))
    recording.kind = read_kind(*kind);
  else if (each_stands_alone(recording.segments))  // the convention before kinds were stored
    recording.kind = RecordingKind::flashed;
  if (file.has("/spikes")) recording.record = read_record(file);
  if (file.has("/truth")) {
    const std::size_t n = file.children("/truth").size();
    for (std::size_t i = 0; i < n; ++i) recording.truth.push_back(read_circuit(file, truth_group(i)));
  }
  validate(recording);
  return recording;
}

}  // namespace

Recording read_recording(const std::filesystem::path& path) {
  const Hdf5File file = Hdf5File::open(path);
  try {
    return read_all(file);
  } catch (const Error& error) {
    throw error.in_file(path);
  }
}

SummedRecording read_summed_recording(const std::filesystem::path& path) {
  // What is not there is refused by the reader.
  const std::string before = is_file(path) ? checksum(path) : std::string();
  SummedRecording read{read_recording(path), before};
  if (checksum(path) != before)
    throw Error(ErrorKind::file, "changed while it was read", "wait until it has been written").in_file(path);
  return read;
}
}  // namespace plexiform
