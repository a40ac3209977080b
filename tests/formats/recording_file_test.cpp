#include "plexiform/formats/recording_file.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <optional>

#include "base/expect_error.hpp"
#include "base/temporary_folder.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/base/hdf5.hpp"
#include "plexiform/recording/recording.hpp"
#include "recording/support.hpp"

namespace plexiform {
namespace {

using testing::expect_error;
using testing::random_movie;
using testing::silent_recording;
using testing::TemporaryFolder;

NdArray<float> any_values(const std::vector<std::int64_t>& shape, std::uint64_t seed) {
  NdArray<float> array(shape);
  for (std::size_t i = 0; i < array.values.size(); ++i)
    array.values[i] = static_cast<float>(CounterRandom(seed, 9).normal(i));
  return array;
}

/// Spikes of cells in frames that were on the screen one after the other.
SpikeRecord any_record(std::int64_t cells, std::int64_t frames) {
  SpikeRecord record;
  for (std::int64_t i = 0; i < frames; ++i) {
    record.begin.push_back(0.1 * static_cast<double>(i));
    record.end.push_back(0.1 * static_cast<double>(i + 1));
  }
  record.shown = {{0, frames, 0, 0, -1}};
  for (std::int64_t cell = 0; cell < cells; ++cell) {
    auto& spikes = record.spikes.emplace_back();
    for (int i = *rc::gen::inRange(0, 4); i > 0; --i) spikes.push_back(spikes.empty() ? -0.3 : spikes.back() + 1.0 / 3);
  }
  return record;
}

/// Bins of another width, over the same displayed frames.
void take_other_bins(Recording& recording, std::int64_t frames) {
  const BinWidth width = *rc::gen::arbitrary<bool>() ? BinWidth{2, 1} : BinWidth{1, 2};
  const std::int64_t bins = frames * width.bins_per_frame / width.frames_per_bin;
  show(recording, recording.stimulus, width);
  recording.counts = NdArray<std::int32_t>({recording.cells(), bins}, 3);
  recording.segments = {{0, bins, 0, 0, -1}};
}

/// Some of what only some circuits have.
void add_version_4(Circuit& circuit, std::uint64_t seed) {
  if (*rc::gen::arbitrary<bool>()) circuit.divisive_gain = 0.3, circuit.pool_mean = 0.2, circuit.pool_frames = 30;
  if (*rc::gen::arbitrary<bool>()) circuit.refractory = 0.8, circuit.refractory_frames = 1.0 / 3;
  if (*rc::gen::arbitrary<bool>()) {
    circuit.drift = GainDrift{NdArray<double>({3, 2}, 0.1), 3000, -0.5, 17};
    circuit.log_gain_offset = 0.125;
  }
  if (*rc::gen::arbitrary<bool>()) {
    circuit.shared_noise = SharedNoise{0.5, 60, seed};  // any, the largest too
    circuit.log_gain_offset = 1.0 / 7;
  }
}

Recording any_recording() {
  const std::int64_t frames = *rc::gen::inRange<std::int64_t>(2, 40);
  const std::int64_t cells = *rc::gen::inRange<std::int64_t>(1, 4);
  const std::int64_t height = *rc::gen::inRange<std::int64_t>(1, 4);
  const std::int64_t width = *rc::gen::inRange<std::int64_t>(2, 5);
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  Recording recording;
  switch (*rc::gen::inRange(0, 4)) {
    case 0:
      recording = testing::noise_recording(height, width, cells, frames, seed);
      break;
    case 1: {
      Ran1Recipe recipe;
      recipe.height = height;
      recipe.width = width;
      recipe.seed = -1 - static_cast<std::int64_t>(seed % 1000);
      recording = silent_recording(make_stimulus(recipe), cells, frames);
      recording.recipe = recipe;
      break;
    }
    case 2: {  // kept as int8
      NdArray<float> movie = random_movie(frames, 2, height, width, seed);
      for (std::size_t i = 0; i < movie.values.size(); ++i)
        movie.values[i] = static_cast<float>(static_cast<int>(i % 3) - 1);
      recording = silent_recording(memory_stimulus(std::move(movie)), cells, frames);
      break;
    }
    default:
      recording = silent_recording(memory_stimulus(random_movie(frames, 1, height, width, seed)), cells, frames);
  }
  for (auto& count : recording.counts.values) count = *rc::gen::inRange<std::int32_t>(0, 5);
  const std::int64_t first = *rc::gen::inRange<std::int64_t>(1, frames);
  recording.segments = {{0, first, 0, 0, -1}, {first, frames - first, first, first / 2, 0}};
  recording.frame_rate = 0.1 * *rc::gen::inRange(1, 2000);
  if (*rc::gen::arbitrary<bool>()) recording.pixel_um = 30.5;
  if (*rc::gen::arbitrary<bool>())
    for (std::int64_t i = 0; i < cells; ++i) recording.centers.push_back({0.25 * static_cast<double>(i), -1});
  recording.names.back() = "Zelle \xc3\xa4";
  if (*rc::gen::arbitrary<bool>()) recording.names.front().clear();
  if (*rc::gen::arbitrary<bool>()) recording.mean_light = LightLevel{2.5, "cd/m2"};
  if (*rc::gen::arbitrary<bool>()) recording.record = any_record(cells, frames);
  if (*rc::gen::arbitrary<bool>()) take_other_bins(recording, frames);
  recording.source = "a test";
  if (*rc::gen::arbitrary<bool>())
    for (std::int64_t i = 0; i < cells; ++i) {
      Circuit circuit;
      circuit.spatial = any_values({i + 1, height, width}, seed);
      circuit.temporal = any_values({i + 1, 7}, seed + 1);
      circuit.weight = any_values({i + 1}, seed + 2);
      circuit.nonlinearity = SubunitNonlinearity::half_squared;
      circuit.spikes = SpikeRule::at_most_one;
      circuit.amplitude = 0.1;
      circuit.threshold = 1.0 / 3;
      circuit.gain = 1e-3;
      if (*rc::gen::arbitrary<bool>()) circuit.output = OutputNonlinearity::saturating, circuit.output_scale = 0.7;
      if (*rc::gen::arbitrary<bool>()) circuit.spikes = SpikeRule::negative_binomial, circuit.fano = 1.5;
      add_version_4(circuit, seed);
      recording.truth.push_back(circuit);
    }
  return recording;
}

std::vector<float> frames_of(const Recording& recording, std::int64_t frames) {
  const FrameShape shape = recording.stimulus->shape();
  std::vector<float> movie(static_cast<std::size_t>(frames * shape.channels * shape.pixels()));
  recording.stimulus->read(0, frames, whole(shape), movie);
  return movie;
}

RC_GTEST_PROP(NativeFormat, WhatIsWrittenIsReadBack, ()) {
  const TemporaryFolder folder;
  const Recording recording = any_recording();
  write_recording(folder / "rec.h5", recording);
  RC_ASSERT(folder.entries() == 1u);
  const Recording read = read_recording(folder / "rec.h5");
  RC_ASSERT(read.counts.shape == recording.counts.shape);
  RC_ASSERT(read.counts.values == recording.counts.values);
  RC_ASSERT(read.segments == recording.segments);
  RC_ASSERT(read.names == recording.names);
  RC_ASSERT(read.frame_rate == recording.frame_rate);
  RC_ASSERT(read.pixel_um == recording.pixel_um);
  RC_ASSERT(read.source == recording.source);
  RC_ASSERT(read.kind == recording.kind);
  RC_ASSERT(read.bin == recording.bin);
  RC_ASSERT(read.mean_light.has_value() == recording.mean_light.has_value());
  if (read.mean_light)
    RC_ASSERT(read.mean_light->value == recording.mean_light->value &&
              read.mean_light->unit == recording.mean_light->unit);
  RC_ASSERT(read.record.has_value() == recording.record.has_value());
  if (read.record)
    RC_ASSERT(read.record->spikes == recording.record->spikes && read.record->shown == recording.record->shown &&
              read.record->begin == recording.record->begin && read.record->end == recording.record->end);
  RC_ASSERT(read.recipe.has_value() == recording.recipe.has_value());
  RC_ASSERT(read.stimulus->shape() == recording.stimulus->shape());
  RC_ASSERT(read.stimulus->frames() == recording.stimulus->frames());
  RC_ASSERT(frames_of(read, recording.bins()) == frames_of(recording, recording.bins()));
  RC_ASSERT(read.centers.size() == recording.centers.size());
  for (std::size_t i = 0; i < read.centers.size(); ++i)
    RC_ASSERT(read.centers[i].x == recording.centers[i].x && read.centers[i].y == recording.centers[i].y);
  RC_ASSERT(read.truth.size() == recording.truth.size());
  for (std::size_t i = 0; i < read.truth.size(); ++i) {
    const Circuit& a = read.truth[i];
    const Circuit& b = recording.truth[i];
    RC_ASSERT(a.spatial.shape == b.spatial.shape && a.spatial.values == b.spatial.values);
    RC_ASSERT(a.temporal.shape == b.temporal.shape && a.temporal.values == b.temporal.values);
    RC_ASSERT(a.weight.values == b.weight.values && a.nonlinearity == b.nonlinearity && a.spikes == b.spikes);
    RC_ASSERT(a.output == b.output && a.output_scale == b.output_scale && a.fano == b.fano);
    RC_ASSERT(a.amplitude == b.amplitude && a.threshold == b.threshold && a.gain == b.gain);
    RC_ASSERT(a.divisive_gain == b.divisive_gain && a.pool_mean == b.pool_mean && a.pool_frames == b.pool_frames);
    RC_ASSERT(a.refractory == b.refractory && a.refractory_frames == b.refractory_frames);
    RC_ASSERT(a.log_gain_offset == b.log_gain_offset && a.drift.has_value() == b.drift.has_value());
    if (a.drift)
      RC_ASSERT(a.drift->waves.values == b.drift->waves.values && a.drift->period == b.drift->period &&
                a.drift->transient == b.drift->transient && a.drift->transient_frames == b.drift->transient_frames);
    RC_ASSERT(a.shared_noise.has_value() == b.shared_noise.has_value());
    if (a.shared_noise)
      RC_ASSERT(a.shared_noise->deviation == b.shared_noise->deviation &&
                a.shared_noise->frames == b.shared_noise->frames && a.shared_noise->seed == b.shared_noise->seed);
  }
}

TEST(NativeFormat, IsOfVersion2OnlyWhereAnOlderReaderWouldMisreadIt) {
  const TemporaryFolder folder;
  Recording recording = silent_recording(memory_stimulus(random_movie(30, 1, 3, 3, 1)), 1, 30);
  recording.names = {"a"};
  Circuit circuit;
  circuit.spatial = any_values({1, 3, 3}, 1);
  circuit.temporal = any_values({1, 7}, 2);
  circuit.weight = any_values({1}, 3);
  for (const auto output : {OutputNonlinearity::rectified, OutputNonlinearity::exponential}) {
    circuit.output = output;
    recording.truth = {circuit};
    write_recording(folder / "rec.h5", recording);
    const double version = Hdf5File::open(folder / "rec.h5").number("/", "version").value_or(0);
    EXPECT_EQ(version, output == OutputNonlinearity::rectified ? 1 : 2);
  }
}

double version_written(const Recording& recording) {
  const TemporaryFolder folder;
  write_recording(folder / "rec.h5", recording);
  return Hdf5File::open(folder / "rec.h5").number("/", "version").value_or(0);
}

TEST(NativeFormat, IsOfVersion3WhereNamesBinsOrKindWouldBeMisread) {
  Recording recording = silent_recording(memory_stimulus(random_movie(30, 1, 3, 3, 1)), 2, 30);
  recording.names = {"a", "b"};
  recording.mean_light = LightLevel{3, "R*/rod/s"};
  EXPECT_EQ(version_written(recording), 1);  // an older reader passes the light level over
  Recording unnamed = recording;
  unnamed.names = {"a", ""};
  EXPECT_EQ(version_written(unnamed), 3);
  unnamed.names = {"cell 0", "cell 1"};  // given, but an older file means none by them
  EXPECT_EQ(version_written(unnamed), 3);
  Recording pairs = recording;
  show(pairs, recording.stimulus, {1, 2});
  pairs.counts = NdArray<std::int32_t>({2, 15});
  pairs.segments = {{0, 15, 0, 0, -1}};
  EXPECT_EQ(version_written(pairs), 3);
  Recording alone = recording;  // a movie whose bins look like those of flashed images
  alone.counts = NdArray<std::int32_t>({2, 1});
  alone.segments = {{0, 1, 4, 4, -1}};
  EXPECT_EQ(version_written(alone), 3);
  alone.kind = RecordingKind::flashed;
  EXPECT_EQ(version_written(alone), 1);
}

Recording of_one_circuit(const Circuit& circuit) {
  Recording recording = silent_recording(memory_stimulus(random_movie(30, 1, 3, 3, 1)), 1, 30);
  recording.names = {"a"};
  recording.truth = {circuit};
  recording.truth[0].spatial = any_values({1, 3, 3}, 1);
  recording.truth[0].temporal = any_values({1, 7}, 2);
  recording.truth[0].weight = any_values({1}, 3);
  return recording;
}

TEST(NativeFormat, IsOfVersion4WhereAnOlderReaderWouldTakeTheCellForAnother) {
  Circuit circuit;
  EXPECT_EQ(version_written(of_one_circuit(circuit)), 1);
  for (const auto change : std::vector<void (*)(Circuit&)>{[](Circuit& c) { c.divisive_gain = 0.5; },
                                                           [](Circuit& c) { c.refractory = 0.5; },
                                                           [](Circuit& c) {
                                                             c.drift = GainDrift{NdArray<double>({1, 2}), 1, 0, 1};
                                                           },
                                                           [](Circuit& c) {
                                                             c.shared_noise = SharedNoise{0.5, 60, 1};
                                                           }}) {
    circuit = {};
    change(circuit);
    EXPECT_EQ(version_written(of_one_circuit(circuit)), 4);
  }
}

TEST(NativeFormat, NumbersOfATruthAreChecked) {
  Circuit circuit;
  circuit.divisive_gain = circuit.refractory = 0.5;
  circuit.drift = GainDrift{NdArray<double>({1, 2}), 1, 0, 1};
  circuit.shared_noise = SharedNoise{0.5, 60, 1};
  const auto refused = [&](const std::vector<std::string>& words, const std::function<void(Circuit&)>& spoil) {
    const TemporaryFolder folder;
    Circuit spoiled = circuit;
    spoil(spoiled);
    write_recording(folder / "rec.h5", of_one_circuit(spoiled));
    expect_error(ErrorKind::data, words, [&] { read_recording(folder / "rec.h5"); });
  };
  refused({"/truth/cell_0", "divisive_gain is 1.5", "from 0 to 1"}, [](Circuit& c) { c.divisive_gain = 1.5; });
  refused({"pool_mean is 0", "above 0"}, [](Circuit& c) { c.pool_mean = 0; });
  refused({"pool_frames is 0"}, [](Circuit& c) { c.pool_frames = 0; });
  refused({"refractory is 2"}, [](Circuit& c) { c.refractory = 2; });
  refused({"refractory_frames is 0"}, [](Circuit& c) { c.refractory_frames = 0; });
  refused({"drift_period is -1"}, [](Circuit& c) { c.drift->period = -1; });
  refused({"/truth/cell_0/drift", "[wave, 2]"}, [](Circuit& c) { c.drift->waves = NdArray<double>({2, 3}); });
  refused({"/truth/cell_0/drift", "finite"}, [](Circuit& c) { c.drift->waves.values[1] = std::nan(""); });
  refused({"shared_noise_frames is 0"}, [](Circuit& c) { c.shared_noise->frames = 0; });
  refused({"log_gain_offset is nan"}, [](Circuit& c) { c.log_gain_offset = std::nan(""); });
}

TEST(NativeFormat, TwoCellsOfOneNameAreNotWritten) {
  const TemporaryFolder folder;
  Recording recording = silent_recording(memory_stimulus(random_movie(30, 1, 3, 3, 1)), 3, 30);
  recording.names = {"a", "", "a"};
  expect_error(ErrorKind::data, {"cells 0 and 2", "'a'"}, [&] { write_recording(folder / "rec.h5", recording); });
  EXPECT_EQ(folder.entries(), 0u);
  recording.names = {"a", "", ""};
  write_recording(folder / "rec.h5", recording);
  EXPECT_EQ(read_recording(folder / "rec.h5").names, recording.names);
}

TEST(NativeFormat, TheSameRecordingMakesTheSameBytes) {
  const TemporaryFolder folder;
  const Recording recording = silent_recording(memory_stimulus(random_movie(30, 1, 3, 3, 1)), 2, 30);
  write_recording(folder / "a.h5", recording);
  write_recording(folder / "b.h5", read_recording(folder / "a.h5"));
  EXPECT_EQ(checksum(folder / "a.h5"), checksum(folder / "b.h5"));
}

TEST(NativeFormat, BinaryMoviesTakeOneByteAPixel) {
  const TemporaryFolder folder;
  NdArray<float> movie({400, 1, 20, 20});
  for (std::size_t i = 0; i < movie.values.size(); ++i)
    movie.values[i] = CounterRandom(3, 0).uniform(i) < 0.5 ? -1.0F : 1.0F;
  write_recording(folder / "rec.h5", silent_recording(memory_stimulus(movie), 1, 400));
  EXPECT_LT(std::filesystem::file_size(folder / "rec.h5"), movie.values.size() / 2);  // and less, compressed
  EXPECT_EQ(frames_of(read_recording(folder / "rec.h5"), 400), movie.values);
}

TEST(NativeFormat, OtherValuesAmongBinaryOnesAreKept) {
  const TemporaryFolder folder;
  NdArray<float> movie({30, 1, 2, 2}, 1);
  for (std::size_t i = 0; i < movie.values.size(); i += 2) movie.values[i] = i % 4 == 0 ? 0.5F : -1.0F;
  write_recording(folder / "rec.h5", silent_recording(memory_stimulus(movie), 1, 30));
  EXPECT_EQ(frames_of(read_recording(folder / "rec.h5"), 30), movie.values);
}

/// A file that `make` writes is refused with a message that holds its path and all words.
void expect_refused(ErrorKind kind, const std::vector<std::string>& words, const std::function<void(Hdf5File&)>& make) {
  const TemporaryFolder folder;
  {
    Hdf5File file = Hdf5File::create(folder / "rec.h5");
    make(file);
    file.close();
  }
  std::vector<std::string> all{(folder / "rec.h5").string()};
  all.insert(all.end(), words.begin(), words.end());
  expect_error(kind, all, [&] { read_recording(folder / "rec.h5"); });
}

void write_head(Hdf5File& file, double version = 1) {
  file.set_text("/", "format", "plexiform recording");
  file.set_number("/", "version", version);
  file.set_number("/", "frame_rate", 30);
}

void write_body(Hdf5File& file, std::int64_t bins = 20, const std::vector<std::string>& names = {"a"}) {
  file.create_group("/stimulus");
  file.set_text("/stimulus", "kind", "stored");
  NdArray<float> movie({20, 1, 2, 2}, 0.5F);
  movie.values[3] = 1;
  file.write("/stimulus/frames", movie);
  file.write("/cells/counts", NdArray<std::int32_t>({static_cast<std::int64_t>(names.size()), bins}, 1));
  file.write_strings("/cells/names", names);
  for (const char* name : {"start", "length", "first_frame", "history_begin", "repeat"})
    file.write("/segments/" + std::string(name), NdArray<std::int64_t>({1}, name == std::string("length")   ? bins
                                                                            : name == std::string("repeat") ? -1
                                                                                                            : 0));
}

/// A file of `version` with these names.
Recording read_named(double version, const std::vector<std::string>& names) {
  const TemporaryFolder folder;
  Hdf5File file = Hdf5File::create(folder / "rec.h5");
  write_head(file, version);
  write_body(file, 20, names);
  file.close();
  return read_recording(folder / "rec.h5");
}

TEST(NativeFormat, GeneratedNamesOfOldFilesAreNone) {
  const std::vector<std::string> generated{"cell 0", "cell 1"}, other{"cell 1", "cell 0"}, twice{"a", "a"};
  for (const double version : {1.0, 2.0}) {
    EXPECT_EQ(read_named(version, generated).names, (std::vector<std::string>{"", ""}));
    EXPECT_EQ(read_named(version, other).names, other);
    EXPECT_EQ(read_named(version, twice).names, twice);  // what is wrong there is old
  }
  EXPECT_EQ(read_named(3, generated).names, generated);
}

TEST(NativeFormat, BinsAndSpikesOfAFileAreChecked) {
  const auto refused = [](ErrorKind kind, const std::vector<std::string>& words,
                          const std::function<void(Hdf5File&)>& spoil) {
    expect_refused(kind, words, [&](Hdf5File& file) {
      write_head(file, 3);
      write_body(file);
      spoil(file);
    });
  };
  refused(ErrorKind::data, {"bins_per_frame is 0.5", "whole number"},
          [](Hdf5File& file) { file.set_number("/", "bins_per_frame", 0.5); });
  refused(ErrorKind::damaged, {"kind of recording 'film'"}, [](Hdf5File& file) { file.set_text("/", "kind", "film"); });
  refused(ErrorKind::data, {"flashed images", "history"},
          [](Hdf5File& file) { file.set_text("/", "kind", "flashed"); });
  refused(ErrorKind::data, {"/spikes/lengths", "3 of /spikes/times"}, [](Hdf5File& file) {
    file.write("/spikes/lengths", NdArray<std::int64_t>({1}, 2));
    file.write("/spikes/times", NdArray<double>({3}, 2));
  });
}

TEST(NativeFormat, AnErrorSaysWhichObjectOrCellItConcerns) {
  const TemporaryFolder folder;
  const auto placed = [&](const std::string& object, std::optional<std::int64_t> cell,
                          const std::function<void(Hdf5File&)>& spoil) {
    Hdf5File file = Hdf5File::create(folder / "rec.h5");
    write_head(file, 3);
    write_body(file);
    spoil(file);
    file.close();
    testing::expect_place({folder / "rec.h5", object, cell}, [&] { read_recording(folder / "rec.h5"); });
  };
  placed("/cells/centers", {}, [](Hdf5File& f) { f.write("/cells/centers", NdArray<double>({1, 3})); });
  placed("", 0, [](Hdf5File& f) { f.write("/cells/centers", NdArray<double>({1, 2}, std::nan(""))); });
  placed("/", {}, [](Hdf5File& f) { f.set_number("/", "bins_per_frame", 0.5); });
  placed("/", {}, [](Hdf5File& f) { f.set_text("/", "kind", "film"); });
  placed("/spikes/lengths", {}, [](Hdf5File& f) { f.write("/spikes/lengths", NdArray<std::int64_t>({1}, 2)); });
  placed("/cells/contour_points", {}, [](Hdf5File& f) {
    f.write("/cells/contour_lengths", NdArray<std::int64_t>({1}, 2));
    f.write("/cells/contour_points", NdArray<double>({2, 3}));
  });
}

TEST(NativeFormat, OtherFilesAreRefused) {
  const TemporaryFolder folder;
  expect_error(ErrorKind::missing, {"absent.h5", "no such file"}, [&] { read_recording(folder / "absent.h5"); });
  expect_refused(ErrorKind::damaged, {"not a plexiform recording"},
                 [](Hdf5File& file) { file.write("/x", NdArray<float>({3})); });
  expect_refused(ErrorKind::damaged, {"not a plexiform recording", "'something'"},
                 [](Hdf5File& file) { file.set_text("/", "format", "something"); });
  expect_refused(ErrorKind::damaged, {"not a plexiform recording"},
                 [](Hdf5File& file) { file.set_number("/", "format", 3); });
  expect_refused(ErrorKind::damaged, {"format version 5", "reads versions 1 to 4"}, [](Hdf5File& file) {
    write_head(file, 5);
    write_body(file);
  });
  expect_refused(ErrorKind::damaged, {"/stimulus", "'kind'"}, [](Hdf5File& file) { write_head(file); });
  expect_refused(ErrorKind::damaged, {"/cells/counts", "no such dataset"}, [](Hdf5File& file) {
    write_head(file);
    file.create_group("/stimulus");
    file.set_text("/stimulus", "kind", "recipe");
    file.set_text("/stimulus", "recipe", to_json(WhiteNoiseRecipe{NoiseValues::binary, 1, {1, 2, 2}, 1}));
  });
  expect_refused(ErrorKind::data, {"frames 0 to 24", "20 frames"}, [](Hdf5File& file) {
    write_head(file);
    write_body(file, 25);
  });
  expect_refused(ErrorKind::data, {"recipe"}, [](Hdf5File& file) {
    write_head(file);
    file.create_group("/stimulus");
    file.set_text("/stimulus", "kind", "recipe");
    file.set_text("/stimulus", "recipe", "{}");
  });
}

TEST(NativeFormat, FilesOfOtherNumberTypesAndUnknownObjectsAreRead) {
  const TemporaryFolder folder;
  {
    Hdf5File file = Hdf5File::create(folder / "rec.h5");
    write_head(file);
    write_body(file);
    file.write("/later/addition", NdArray<float>({2}));
    file.close();
  }
  EXPECT_EQ(read_recording(folder / "rec.h5").bins(), 20);
}

TEST(NativeFormat, ATruncatedFileIsAnErrorWhereverItIsCut) {
  const TemporaryFolder folder;
  write_recording(folder / "rec.h5", silent_recording(memory_stimulus(random_movie(30, 1, 3, 3, 1)), 2, 30));
  const std::string bytes = read_text(folder / "rec.h5");
  for (std::size_t size = 0; size < bytes.size(); size += 797) {
    write_text_atomically(folder / "cut.h5", std::string_view(bytes).substr(0, size));
    expect_error(ErrorKind::damaged, {"cut.h5"}, [&] { read_recording(folder / "cut.h5"); });
  }
}

TEST(NativeFormat, AMovieThatIsNoneLeavesNothingBehind) {
  const TemporaryFolder folder;
  Recording constant = silent_recording(memory_stimulus(NdArray<float>({30, 1, 3, 3}, 0.5F)), 1, 30);
  expect_error(ErrorKind::data, {"all values", "0.5"}, [&] { write_recording(folder / "rec.h5", constant); });
  Recording contradiction = silent_recording(memory_stimulus(random_movie(30, 1, 3, 3, 1)), 1, 31);
  expect_error(ErrorKind::data, {"30 frames"}, [&] { write_recording(folder / "rec.h5", contradiction); });
  EXPECT_EQ(folder.entries(), 0u);
}

}  // namespace
}  // namespace plexiform
