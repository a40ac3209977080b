#include "plexiform/recording/formats/import.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "base/expect_error.hpp"
#include "base/temporary_folder.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/base/npy.hpp"
#include "recording/support.hpp"

namespace plexiform {
namespace {

using testing::expect_error;
using testing::TemporaryFolder;
using testing::write_typed_npy;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::vector<float> movie_of(const Recording& recording) {
  const FrameShape shape = recording.stimulus->shape();
  std::vector<float> movie(static_cast<std::size_t>(recording.stimulus->frames() * shape.channels * shape.pixels()));
  recording.stimulus->read(0, recording.stimulus->frames(), whole(shape), movie);
  return movie;
}

std::vector<std::int32_t> row(const Recording& recording, std::int64_t cell) {
  const auto counts = recording.counts.row(cell);
  return {counts.begin(), counts.end()};
}

/// A movie of 12 frames and counts of 2 cells, and the import that takes them.
struct Arrays {
  TemporaryFolder folder;
  NdArray<float> movie{{12, 3, 4}};
  NdArray<float> counts{{2, 12}};
  ArraysImport import;

  Arrays() {
    for (std::size_t i = 0; i < movie.values.size(); ++i) movie.values[i] = static_cast<float>(i % 7) - 3;
    for (std::size_t i = 0; i < counts.values.size(); ++i) counts.values[i] = static_cast<float>(i % 5);
    import.common.frame_rate = 30;
    import.stimulus = folder / "stim.npy";
    import.counts = folder / "counts.npy";
  }
  Recording run() {
    write_npy(import.stimulus, movie);
    write_npy(import.counts, counts);
    import_arrays(import, folder / "rec.h5");
    return read_recording(folder / "rec.h5");
  }
  void expect(ErrorKind kind, const std::vector<std::string>& words) {
    expect_error(kind, words, [&] { run(); });
    EXPECT_EQ(folder.entries(), 2u);  // the two sources and nothing else
  }
};

TEST(ImportArrays, KeepsMovieAndCounts) {
  Arrays arrays;
  arrays.import.common.pixel_um = 30;
  arrays.import.common.names = {"a", "b"};
  const Recording recording = arrays.run();
  EXPECT_EQ(movie_of(recording), arrays.movie.values);
  EXPECT_EQ(row(recording, 1), (std::vector<std::int32_t>{2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3}));
  EXPECT_EQ(recording.segments, (std::vector<Segment>{{0, 12, 0, 0, -1}}));
  EXPECT_EQ(recording.names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(recording.pixel_um, 30);
  EXPECT_EQ(recording.frame_rate, 30);
  EXPECT_FALSE(recording.recipe.has_value());
}

TEST(ImportArrays, TakesChannelsAndTrials) {
  Arrays arrays;
  arrays.movie.shape = {4, 3, 3, 4};
  arrays.counts = NdArray<float>({2, 3, 4}, 1);
  const Recording recording = arrays.run();
  EXPECT_EQ(recording.stimulus->shape(), (FrameShape{3, 3, 4}));
  EXPECT_EQ(movie_of(recording), arrays.movie.values);
  EXPECT_EQ(recording.segments, (std::vector<Segment>{{0, 4, 0, 0, 0}, {4, 4, 0, 0, 1}, {8, 4, 0, 0, 2}}));
}

TEST(ImportArrays, TakesAnyNumberType) {
  Arrays arrays;
  write_npy(arrays.import.stimulus, arrays.movie);
  const auto expect_counts = [&] {
    import_arrays(arrays.import, arrays.folder / "rec.h5");
    EXPECT_EQ(row(read_recording(arrays.folder / "rec.h5"), 0), (std::vector<std::int32_t>(12, 3)));
  };
  write_typed_npy(arrays.import.counts, "|u1", {1, 12}, std::vector<std::uint8_t>(12, 3));
  expect_counts();
  write_typed_npy(arrays.import.counts, "<i8", {1, 12}, std::vector<std::int64_t>(12, 3));
  expect_counts();
  write_typed_npy(arrays.import.counts, "<f8", {1, 12}, std::vector<double>(12, 3));
  expect_counts();
}

TEST(ImportArrays, ALagOffsetMovesTheCounts) {
  Arrays arrays;
  arrays.import.common.lag_offset = 2;
  EXPECT_EQ(arrays.run().segments, (std::vector<Segment>{{0, 10, 2, 0, -1}}));  // the last two saw nothing known
  EXPECT_EQ(row(arrays.run(), 0), (std::vector<std::int32_t>{0, 1, 2, 3, 4, 0, 1, 2, 3, 4}));
  arrays.import.common.lag_offset = -2;
  EXPECT_EQ(arrays.run().segments, (std::vector<Segment>{{0, 10, 0, 0, -1}}));
  EXPECT_EQ(row(arrays.run(), 0), (std::vector<std::int32_t>{2, 3, 4, 0, 1, 2, 3, 4, 0, 1}));
  EXPECT_NE(arrays.run().source.find("2 bins outside the stimulus left out"), std::string::npos);
  arrays.counts = NdArray<float>({2, 10}, 1);
  arrays.import.common.lag_offset = 2;
  EXPECT_EQ(arrays.run().segments, (std::vector<Segment>{{0, 10, 2, 0, -1}}));
  arrays.import.common.lag_offset = 12;
  expect_error(ErrorKind::data, {"lag offset 12", "no count"}, [&] { arrays.run(); });
}

TEST(ImportArrays, LengthsThatDifferNameTheOffsetThatWouldFit) {
  Arrays arrays;
  arrays.counts = NdArray<float>({2, 10}, 1);
  arrays.expect(ErrorKind::data, {"counts.npy", "10 counts", "12 frames"});
  try {
    arrays.run();
  } catch (const Error& error) {
    EXPECT_NE(error.advice().find("--lag-offset 2"), std::string::npos) << error.advice();
  }
  arrays.counts = NdArray<float>({12, 2}, 1);
  arrays.expect(ErrorKind::data, {"[12, 2]", "expected [cell, 12]"});
  arrays.counts = NdArray<float>({2, 3, 11}, 1);
  arrays.expect(ErrorKind::data, {"each trial has 11 counts", "12 frames"});
}

TEST(ImportArrays, BadCountsNameCellAndBin) {
  Arrays arrays;
  for (const auto& [value, text] :
       std::vector<std::pair<float, std::string>>{{-1.0F, "-1"},
                                                  {0.5F, "0.5"},
                                                  {kNan, "NaN"},
                                                  {std::numeric_limits<float>::infinity(), "infinity"},
                                                  {1e20F, "1000000"}}) {
    arrays.counts.values[12 + 7] = value;
    arrays.expect(ErrorKind::data,
                  {(arrays.folder / "counts.npy").string(), "cell 1, bin 7 holds " + text, "expected"});
  }
  arrays.counts = NdArray<float>({1, 2, 12}, 1);
  arrays.counts.values[12 + 7] = -3;
  arrays.expect(ErrorKind::data, {"cell 0, trial 1, bin 7 holds -3"});
  arrays.counts.shape = {24};
  arrays.expect(ErrorKind::data, {"[24]", "[cell, time]"});
  arrays.counts = NdArray<float>({0, 12});
  arrays.expect(ErrorKind::data, {"at least one count"});
}

TEST(ImportArrays, BadMoviesNameFrameAndPixel) {
  Arrays arrays;
  arrays.movie.values[5 * 12 + 2 * 4 + 1] = kNan;
  arrays.expect(ErrorKind::data, {(arrays.folder / "stim.npy").string(), "frame 5, pixel (x 1, y 2) is NaN"});
  arrays.movie.values[5 * 12 + 2 * 4 + 1] = -std::numeric_limits<float>::infinity();
  arrays.expect(ErrorKind::data, {"frame 5, pixel (x 1, y 2) is infinite"});
  arrays.movie = NdArray<float>({12, 3, 4}, 2);
  arrays.expect(ErrorKind::data, {"stim.npy", "all values"});
  arrays.movie = NdArray<float>({12, 12}, 2);
  arrays.expect(ErrorKind::data, {"stim.npy", "[12, 12]", "[time, height, width]"});
}

TEST(ImportArrays, OtherMistakes) {
  Arrays arrays;
  arrays.import.common.frame_rate = 0;
  arrays.expect(ErrorKind::usage, {"frame rate"});
  arrays.import.common.frame_rate = 30;
  arrays.import.common.names = {"a"};
  arrays.expect(ErrorKind::data, {"1 name for 2 cells"});
  arrays.import.common.names.clear();
  arrays.import.common.pixel_um = -1;
  arrays.expect(ErrorKind::usage, {"pixel size"});
  arrays.import.common.pixel_um.reset();
  arrays.import.counts = arrays.folder / "absent.npy";
  expect_error(ErrorKind::file, {"absent.npy"}, [&] { import_arrays(arrays.import, arrays.folder / "rec.h5"); });
}

/// Counts under ran1 with frozen blocks of 4 between running blocks of 10.
CountsImport ran1_import(const TemporaryFolder& folder, std::int64_t bins) {
  std::vector<std::uint8_t> counts(static_cast<std::size_t>(2 * bins));
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = static_cast<std::uint8_t>(i);
  write_typed_npy(folder / "counts.npy", "|u1", {2, bins}, counts);
  CountsImport import;
  import.common.frame_rate = 30;
  import.counts = folder / "counts.npy";
  import.stimulus.seed = -10000;
  import.stimulus.width = 5;
  import.stimulus.height = 3;
  import.stimulus.running_frames = 10;
  import.stimulus.frozen_frames = 4;
  return import;
}

Recording run(const CountsImport& import, const TemporaryFolder& folder) {
  import_counts(import, folder / "rec.h5");
  return read_recording(folder / "rec.h5");
}

TEST(ImportCounts, KnownFrozenFramesArePartOfTheHistory) {
  const TemporaryFolder folder;
  CountsImport import = ran1_import(folder, 25);
  import.frozen_known = true;
  import.stimulus.frozen_seed = -20000;
  const Recording recording = run(import, folder);
  EXPECT_EQ(recording.segments, (std::vector<Segment>{{0, 10, 0, 0, -1}, {10, 10, 14, 0, -1}, {20, 5, 28, 0, -1}}));
  ASSERT_TRUE(recording.recipe.has_value());
  const auto& recipe = std::get<Ran1Recipe>(*recording.recipe);
  EXPECT_EQ(recipe.frozen_frames, 4);
  EXPECT_EQ(recipe.frozen_seed, -20000);
  std::vector<float> frozen(4 * 15), again(4 * 15);
  recording.stimulus->read(10, 14, {0, 0, 3, 5}, frozen);
  recording.stimulus->read(24, 28, {0, 0, 3, 5}, again);
  EXPECT_EQ(frozen, again);
}

TEST(ImportCounts, UnknownFrozenFramesEndTheHistory) {
  const TemporaryFolder folder;
  const CountsImport import = ran1_import(folder, 25);
  const Recording recording = run(import, folder);
  EXPECT_EQ(recording.segments, (std::vector<Segment>{{0, 10, 0, 0, -1}, {10, 10, 10, 10, -1}, {20, 5, 20, 20, -1}}));
  // The running stream goes on without them.
  std::vector<float> with(10 * 15), without(10 * 15);
  CountsImport known = import;
  known.frozen_known = true;
  known.stimulus.frozen_seed = -5;
  run(known, folder).stimulus->read(14, 24, {0, 0, 3, 5}, with);
  recording.stimulus->read(10, 20, {0, 0, 3, 5}, without);
  EXPECT_EQ(with, without);
}

TEST(ImportCounts, WithoutBlocksThereIsOneSegment) {
  const TemporaryFolder folder;
  CountsImport import = ran1_import(folder, 25);
  import.stimulus.running_frames = import.stimulus.frozen_frames = 0;
  const Recording recording = run(import, folder);
  EXPECT_EQ(recording.segments, (std::vector<Segment>{{0, 25, 0, 0, -1}}));
  EXPECT_EQ(recording.stimulus->frames(), kEndless);
  float first[2];
  recording.stimulus->read(0, 1, {0, 0, 2, 1}, first);  // xy: y runs fastest; 0.1896 and 0.6451
  EXPECT_EQ(first[0], -1);
  EXPECT_EQ(first[1], 1);
}

TEST(ImportCounts, ALagOffsetKeepsToWhatIsKnown) {
  const TemporaryFolder folder;
  CountsImport import = ran1_import(folder, 20);
  import.common.lag_offset = 2;
  const Recording unknown = run(import, folder);
  EXPECT_EQ(unknown.segments, (std::vector<Segment>{{0, 8, 2, 0, -1}, {8, 8, 12, 10, -1}}));
  EXPECT_EQ(row(unknown, 0), (std::vector<std::int32_t>{0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17}));
  import.frozen_known = true;
  import.stimulus.frozen_seed = -20000;
  import.common.lag_offset = -2;
  const Recording known = run(import, folder);
  EXPECT_EQ(known.segments, (std::vector<Segment>{{0, 8, 0, 0, -1}, {8, 10, 12, 0, -1}}));
  EXPECT_EQ(row(known, 0)[0], 2);
}

TEST(ImportCounts, CentresAreReadAndChecked) {
  const TemporaryFolder folder;
  CountsImport import = ran1_import(folder, 25);
  import.centers = folder / "centers.txt";
  write_text_atomically(*import.centers, "# x y\n1 2\n3.5,\t4\n\n");
  const Recording recording = run(import, folder);
  ASSERT_EQ(recording.centers.size(), 2u);
  EXPECT_EQ(recording.centers[1].x, 3.5);
  EXPECT_EQ(recording.centers[1].y, 4);
  const auto refused = [&](const std::string& text, const std::vector<std::string>& words) {
    write_text_atomically(*import.centers, text);
    expect_error(ErrorKind::data, words, [&] { run(import, folder); });
  };
  refused("1 2\n", {"centers.txt", "1 line", "2 cells"});
  refused("1 2\n3 x\n", {"line 2", "'3 x'"});
  refused("1 2\n3\n", {"line 2"});
  refused("1 2 3\n4 5\n", {"line 1"});
}

TEST(ImportCounts, Mistakes) {
  const TemporaryFolder folder;
  const auto refused = [&](ErrorKind kind, const std::vector<std::string>& words,
                           const std::function<void(CountsImport&)>& spoil) {
    CountsImport import = ran1_import(folder, 25);
    spoil(import);
    expect_error(kind, words, [&] { import_counts(import, folder / "rec.h5"); });
    EXPECT_EQ(folder.entries(), 1u);
  };
  refused(ErrorKind::usage, {"length of a running block"}, [](CountsImport& i) { i.stimulus.running_frames = 0; });
  refused(ErrorKind::usage, {"seed of frozen frames"}, [](CountsImport& i) {
    i.frozen_known = true;
    i.stimulus.frozen_frames = 0;
  });
  refused(ErrorKind::usage, {"seed"}, [](CountsImport& i) { i.stimulus.seed = 3; });
  refused(ErrorKind::usage, {"frame rate"}, [](CountsImport& i) { i.common.frame_rate = -1; });
  refused(ErrorKind::data, {"no count"}, [](CountsImport& i) { i.common.lag_offset = 10; });
  write_typed_npy(folder / "counts.npy", "<f4", {2, 3, 2}, std::vector<float>(12, 1));
  CountsImport import = ran1_import(folder, 25);
  write_typed_npy(folder / "counts.npy", "<f4", {2, 3, 2}, std::vector<float>(12, 1));
  expect_error(ErrorKind::data, {"three axes"}, [&] { import_counts(import, folder / "rec.h5"); });
}

}  // namespace
}  // namespace plexiform
