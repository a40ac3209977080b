#include "plexiform/recording/from_arrays.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "base/expect_error.hpp"
#include "recording/support.hpp"

namespace plexiform {
namespace {

using testing::expect_error;

NdArray<float> movie_of(std::vector<std::int64_t> shape) {
  NdArray<float> movie(std::move(shape));
  for (std::size_t i = 0; i < movie.values.size(); ++i) movie.values[i] = i % 3 == 0 ? 1.0F : -1.0F;
  return movie;
}

TEST(FromArrays, HoldsWhatItIsGiven) {
  NdArray<std::int32_t> counts({2, 5});
  counts.values[7] = 3;
  const Recording recording = recording_from_arrays(movie_of({5, 2, 3}), counts, 30);
  EXPECT_EQ(recording.cells(), 2);
  EXPECT_EQ(recording.bins(), 5);
  EXPECT_EQ(recording.counts.values, counts.values);
  EXPECT_EQ(recording.frame_rate, 30);
  EXPECT_EQ(recording.stimulus->frames(), 5);
  std::vector<float> frames(5 * 6);
  recording.stimulus->read(0, 5, whole(recording.stimulus->shape()), frames);
  EXPECT_EQ(frames, movie_of({5, 2, 3}).values);
}

TEST(FromArrays, ColoursAreChannels) {
  const Recording recording = recording_from_arrays(movie_of({5, 3, 2, 2}), NdArray<std::int32_t>({1, 5}), 30);
  EXPECT_EQ(recording.stimulus->shape().channels, 3);
}

TEST(FromArrays, RefusesWhatDoesNotFit) {
  const NdArray<std::int32_t> counts({1, 5});
  expect_error(ErrorKind::data, {"[5, 4]", "[frame, row, column]"}, [&] {
    recording_from_arrays(movie_of({5, 4}), counts, 30);
  });
  expect_error(ErrorKind::data, {"[1, 5]", "6 frames"}, [&] {
    recording_from_arrays(movie_of({6, 2, 2}), counts, 30);
  });
  auto broken = movie_of({5, 2, 2});
  broken.values[9] = std::numeric_limits<float>::quiet_NaN();
  expect_error(ErrorKind::data, {"frame 2", "not finite"}, [&] { recording_from_arrays(broken, counts, 30); });
  expect_error(ErrorKind::data, {"all values", "vary"}, [&] {
    recording_from_arrays(NdArray<float>({5, 2, 2}), counts, 30);
  });
  NdArray<std::int32_t> negative({1, 5}, -1);
  expect_error(ErrorKind::data, {"-1"}, [&] { recording_from_arrays(movie_of({5, 2, 2}), negative, 30); });
  expect_error(ErrorKind::data, {"frame rate"}, [&] { recording_from_arrays(movie_of({5, 2, 2}), counts, 0); });
}

}  // namespace
}  // namespace plexiform
