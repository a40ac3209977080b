#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

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
  }
}

TEST(NativeFormat, IsOfVersion2OnlyWhereAnOlderReaderWouldMisreadIt) {
  const TemporaryFolder folder;
  Recording recording = silent_recording(memory_stimulus(random_movie(30, 1, 3, 3, 1)), 1, 30);
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

void write_body(Hdf5File& file, std::int64_t bins = 20) {
  file.create_group("/stimulus");
  file.set_text("/stimulus", "kind", "stored");
  NdArray<float> movie({20, 1, 2, 2}, 0.5F);
  movie.values[3] = 1;
  file.write("/stimulus/frames", movie);
  file.write("/cells/counts", NdArray<std::int32_t>({1, bins}, 1));
  file.write_strings("/cells/names", {"a"});
  for (const char* name : {"start", "length", "first_frame", "history_begin", "repeat"})
    file.write("/segments/" + std::string(name), NdArray<std::int64_t>({1}, name == std::string("length")   ? bins
                                                                            : name == std::string("repeat") ? -1
                                                                                                            : 0));
}

TEST(NativeFormat, OtherFilesAreRefused) {
  const TemporaryFolder folder;
  expect_error(ErrorKind::file, {"absent.h5", "no such file"}, [&] { read_recording(folder / "absent.h5"); });
  expect_refused(ErrorKind::file, {"no plexiform recording"},
                 [](Hdf5File& file) { file.write("/x", NdArray<float>({3})); });
  expect_refused(ErrorKind::file, {"no plexiform recording", "'something'"},
                 [](Hdf5File& file) { file.set_text("/", "format", "something"); });
  expect_refused(ErrorKind::file, {"no plexiform recording"},
                 [](Hdf5File& file) { file.set_number("/", "format", 3); });
  expect_refused(ErrorKind::file, {"format version 3", "reads versions 1 and 2"}, [](Hdf5File& file) {
    write_head(file, 3);
    write_body(file);
  });
  expect_refused(ErrorKind::file, {"/stimulus", "'kind'"}, [](Hdf5File& file) { write_head(file); });
  expect_refused(ErrorKind::file, {"/cells/counts", "no such dataset"}, [](Hdf5File& file) {
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
    expect_error(ErrorKind::file, {"cut.h5"}, [&] { read_recording(folder / "cut.h5"); });
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
