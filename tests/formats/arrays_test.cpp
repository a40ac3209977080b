#include "plexiform/formats/arrays.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "base/expect_error.hpp"
#include "base/temporary_folder.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/base/npy.hpp"
#include "plexiform/formats/recording_file.hpp"
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
  ArraysOptions import;

  Arrays() {
    for (std::size_t i = 0; i < movie.values.size(); ++i) movie.values[i] = static_cast<float>(i % 7) - 3;
    for (std::size_t i = 0; i < counts.values.size(); ++i) counts.values[i] = static_cast<float>(i % 5);
    import.timing.frame_rate = 30;
    import.stimulus = folder / "stim.npy";
    import.counts = folder / "counts.npy";
  }
  Recording run() {
    write_npy(import.stimulus, movie);
    write_npy(import.counts, counts);
    write_recording(folder / "rec.h5", read_arrays(import));
    return read_recording(folder / "rec.h5");
  }
  void expect(ErrorKind kind, const std::vector<std::string>& words) {
    expect_error(kind, words, [&] { run(); });
    EXPECT_EQ(folder.entries(), 2u);  // the two sources and nothing else
  }
};

TEST(ReadArrays, KeepsMovieAndCounts) {
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

TEST(ReadArrays, TakesChannelsAndTrials) {
  Arrays arrays;
  arrays.movie.shape = {4, 3, 3, 4};
  arrays.counts = NdArray<float>({2, 3, 4}, 1);
  const Recording recording = arrays.run();
  EXPECT_EQ(recording.stimulus->shape(), (FrameShape{3, 3, 4}));
  EXPECT_EQ(movie_of(recording), arrays.movie.values);
  EXPECT_EQ(recording.segments, (std::vector<Segment>{{0, 4, 0, 0, 0}, {4, 4, 0, 0, 1}, {8, 4, 0, 0, 2}}));
}

TEST(ReadArrays, TakesAnyNumberType) {
  Arrays arrays;
  write_npy(arrays.import.stimulus, arrays.movie);
  const auto expect_counts = [&] {
    write_recording(arrays.folder / "rec.h5", read_arrays(arrays.import));
    EXPECT_EQ(row(read_recording(arrays.folder / "rec.h5"), 0), (std::vector<std::int32_t>(12, 3)));
  };
  write_typed_npy(arrays.import.counts, "|u1", {1, 12}, std::vector<std::uint8_t>(12, 3));
  expect_counts();
  write_typed_npy(arrays.import.counts, "<i8", {1, 12}, std::vector<std::int64_t>(12, 3));
  expect_counts();
  write_typed_npy(arrays.import.counts, "<f8", {1, 12}, std::vector<double>(12, 3));
  expect_counts();
}

TEST(ReadArrays, ALagOffsetMovesTheCounts) {
  Arrays arrays;
  arrays.import.timing.lag_offset = 2;
  EXPECT_EQ(arrays.run().segments, (std::vector<Segment>{{0, 10, 2, 0, -1}}));  // the last two saw nothing known
  EXPECT_EQ(row(arrays.run(), 0), (std::vector<std::int32_t>{0, 1, 2, 3, 4, 0, 1, 2, 3, 4}));
  arrays.import.timing.lag_offset = -2;
  EXPECT_EQ(arrays.run().segments, (std::vector<Segment>{{0, 10, 0, 0, -1}}));
  EXPECT_EQ(row(arrays.run(), 0), (std::vector<std::int32_t>{2, 3, 4, 0, 1, 2, 3, 4, 0, 1}));
  EXPECT_NE(arrays.run().source.find("2 bins outside the stimulus omitted"), std::string::npos);
  arrays.counts = NdArray<float>({2, 10}, 1);
  arrays.import.timing.lag_offset = 2;
  EXPECT_EQ(arrays.run().segments, (std::vector<Segment>{{0, 10, 2, 0, -1}}));
  arrays.import.timing.lag_offset = 12;
  expect_error(ErrorKind::data, {"lag offset 12", "no count"}, [&] { arrays.run(); });
}

TEST(ReadArrays, LengthsThatDifferNameTheOffsetThatWouldFit) {
  Arrays arrays;
  arrays.counts = NdArray<float>({2, 10}, 1);
  arrays.expect(ErrorKind::data, {"counts.npy", "10 counts", "12 frames"});
  try {
    arrays.run();
  } catch (const Error& error) {
    ASSERT_TRUE(error.parameter());
    EXPECT_EQ(error.parameter()->name, "lag_offset");
    EXPECT_EQ(error.parameter()->example, "2");
  }
  arrays.counts = NdArray<float>({12, 2}, 1);
  arrays.expect(ErrorKind::data, {"[12, 2]", "expected [cell, 12]"});
  arrays.counts = NdArray<float>({2, 3, 11}, 1);
  arrays.expect(ErrorKind::data, {"counts.npy: each trial has 11 counts", "12 frames"});
  testing::expect_place({arrays.folder / "counts.npy", "", {}}, [&] { arrays.run(); });
}

TEST(ReadArrays, BadCountsNameCellAndBin) {
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
  testing::expect_place({arrays.folder / "counts.npy", "", 1}, [&] { arrays.run(); });
  arrays.counts = NdArray<float>({1, 2, 12}, 1);
  arrays.counts.values[12 + 7] = -3;
  arrays.expect(ErrorKind::data, {"cell 0, trial 1, bin 7 holds -3"});
  arrays.counts.shape = {24};
  arrays.expect(ErrorKind::data, {"[24]", "[cell, time]"});
  arrays.counts = NdArray<float>({0, 12});
  arrays.expect(ErrorKind::data, {"at least one count"});
}

TEST(ReadArrays, BadMoviesNameFrameAndPixel) {
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

TEST(ReadArrays, OtherMistakes) {
  Arrays arrays;
  arrays.import.timing.frame_rate = 0;
  arrays.expect(ErrorKind::usage, {"frame rate"});
  arrays.import.timing.frame_rate = 1e300;
  arrays.expect(ErrorKind::usage, {"the frame rate is 1e+300 Hz, expected 0.001 to 100,000 Hz"});
  arrays.import.timing.frame_rate = 30;
  arrays.import.common.names = {"a"};
  arrays.expect(ErrorKind::data, {"1 name for 2 cells"});
  arrays.import.common.names.clear();
  arrays.import.common.pixel_um = -1;
  arrays.expect(ErrorKind::usage, {"pixel size"});
  arrays.import.common.pixel_um = 1e30;
  arrays.expect(ErrorKind::usage, {"the pixel size is 1e+30 um, expected 0.001 to 100,000 um"});
  arrays.import.common.pixel_um.reset();
  arrays.import.counts = arrays.folder / "absent.npy";
  try {
    read_arrays(arrays.import);
    ADD_FAILURE() << "no error for a file that is not there";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::missing);
    EXPECT_NE(std::string(error.what()).find("absent.npy"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace plexiform
