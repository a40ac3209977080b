#include "plexiform/stimulus/binned.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/expect_error.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/stimulus/recipe.hpp"
#include "plexiform/stimulus/stored.hpp"

namespace plexiform {
namespace {

using testing::expect_error;

/// [time, 2, 3, 4], every value another.
std::shared_ptr<const Stimulus> movie_of(std::int64_t frames) {
  NdArray<float> movie({frames, 2, 3, 4});
  for (std::size_t i = 0; i < movie.values.size(); ++i) movie.values[i] = static_cast<float>(i % 97);
  return memory_stimulus(std::move(movie));
}

std::vector<float> block(const Stimulus& stimulus, std::int64_t begin, std::int64_t end, const Window& window) {
  std::vector<float> values(static_cast<std::size_t>((end - begin) * stimulus.shape().channels * window.pixels()));
  stimulus.read(begin, end, window, values);
  return values;
}

RC_GTEST_PROP(SeenByBins, AFrameStaysForItsBins, ()) {
  const auto each = *rc::gen::inRange<std::int64_t>(2, 5);
  const auto movie = movie_of(*rc::gen::inRange<std::int64_t>(1, 9));
  const auto seen = seen_by_bins(movie, {.bins_per_frame = each});
  RC_ASSERT(seen->frames() == movie->frames() * each);
  const Window window{1, 0, 2, 3};
  const auto begin = *rc::gen::inRange<std::int64_t>(0, seen->frames());
  const auto end = *rc::gen::inRange<std::int64_t>(begin, seen->frames() + 1);
  std::vector<float> expected;
  for (std::int64_t t = begin; t < end; ++t) {
    const auto frame = block(*movie, t / each, t / each + 1, window);
    expected.insert(expected.end(), frame.begin(), frame.end());
  }
  RC_ASSERT(block(*seen, begin, end, window) == expected);
}

RC_GTEST_PROP(SeenByBins, ABinSeesTheMeanOfItsFrames, ()) {
  const auto each = *rc::gen::inRange<std::int64_t>(2, 5);
  const auto movie = movie_of(*rc::gen::inRange<std::int64_t>(5, 30));
  const auto seen = seen_by_bins(movie, {.frames_per_bin = each});
  RC_ASSERT(seen->frames() == movie->frames() / each);
  const Window window{0, 1, 3, 2};
  const auto begin = *rc::gen::inRange<std::int64_t>(0, seen->frames());
  const auto means = block(*seen, begin, seen->frames(), window);
  const auto frames = block(*movie, begin * each, seen->frames() * each, window);
  const std::size_t values = 2 * 6;
  for (std::size_t i = 0; i < means.size(); ++i) {
    double sum = 0;
    for (std::size_t k = 0; k < static_cast<std::size_t>(each); ++k)
      sum += frames[(i / values * static_cast<std::size_t>(each) + k) * values + i % values];
    RC_ASSERT(means[i] == static_cast<float>(sum / static_cast<double>(each)));
  }
}

TEST(SeenByBins, ABinThatIsAFrameSeesTheMovieItself) {
  const auto movie = movie_of(3);
  EXPECT_EQ(seen_by_bins(movie, {}), movie);
}

TEST(SeenByBins, AnEndlessMovieStaysEndless) {
  const std::shared_ptr<const Stimulus> endless = make_stimulus(WhiteNoiseRecipe{NoiseValues::binary, 1, {1, 2, 2}, 1});
  for (const auto& width : {BinWidth{3, 1}, BinWidth{1, 3}})
    EXPECT_EQ(seen_by_bins(endless, width)->frames(), kEndless);
}

TEST(SeenByBins, AWidthOfBothIsRefused) {
  expect_error(ErrorKind::usage, {"2 bins to a frame and 3 frames to a bin"}, [] {
    seen_by_bins(movie_of(3), {2, 3});
  });
  expect_error(ErrorKind::usage, {"0 bins to a frame"}, [] { seen_by_bins(movie_of(3), {0, 1}); });
}

}  // namespace
}  // namespace plexiform
