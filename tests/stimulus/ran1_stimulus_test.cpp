#include "plexiform/stimulus/ran1_stimulus.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "plexiform/stimulus/ran1.hpp"

namespace plexiform {
namespace {

Ran1Recipe recorded() {
  Ran1Recipe recipe;
  recipe.seed = -10000;
  recipe.height = 5;
  recipe.width = 7;
  recipe.running_frames = 6;
  recipe.frozen_frames = 3;
  recipe.frozen_seed = -20000;
  return recipe;
}

std::vector<float> frames(const Ran1Recipe& recipe, std::int64_t begin, std::int64_t end) {
  const auto stimulus = make_stimulus(recipe);
  std::vector<float> out(static_cast<std::size_t>((end - begin) * recipe.height * recipe.width));
  stimulus->read(begin, end, whole(stimulus->shape()), out);
  return out;
}

/// Frame `frame` of a stream by its definition: value number frame * W * H + x * H + y, or + y * W + x.
std::vector<float> frame_of_stream(const Ran1Recipe& recipe, std::int64_t seed, std::int64_t frame) {
  Ran1 binary(seed);
  Gasdev gaussian(seed);
  const auto next = [&] {
    if (recipe.values == NoiseValues::gaussian) return static_cast<float>(recipe.contrast) * gaussian.next();
    return static_cast<float>(binary.next() >= 0.5f ? recipe.contrast : -recipe.contrast);
  };
  for (std::int64_t i = 0; i < frame * recipe.height * recipe.width; ++i) next();
  std::vector<float> pixels(static_cast<std::size_t>(recipe.height * recipe.width));
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const auto n = static_cast<std::int64_t>(i);
    const std::int64_t y = recipe.order == PixelOrder::xy ? n % recipe.height : n / recipe.width;
    const std::int64_t x = recipe.order == PixelOrder::xy ? n / recipe.height : n % recipe.width;
    pixels[static_cast<std::size_t>(y * recipe.width + x)] = next();
  }
  return pixels;
}

TEST(Ran1Stimulus, BeginsWithTheFirstValuesOfTheRecordedStimulus) {
  // Seed -10000: 0.1896 0.6451 0.4224 0.6489, y fastest.
  const auto pixels = frames(recorded(), 0, 1);
  const std::vector<float> first_column{pixels[0], pixels[7], pixels[14], pixels[21]};
  EXPECT_EQ(first_column, (std::vector<float>{-1, 1, -1, 1}));
}

TEST(Ran1Stimulus, RunningBlocksContinueOneStreamAndFrozenOnesBeginAnew) {
  for (const auto values : {NoiseValues::binary, NoiseValues::gaussian}) {
    for (const auto order : {PixelOrder::xy, PixelOrder::yx}) {
      Ran1Recipe recipe = recorded();
      recipe.values = values;
      recipe.order = order;
      recipe.contrast = 0.25;
      for (std::int64_t t = 0; t < 3 * 9; ++t) {
        const bool frozen = t % 9 >= 6;
        const auto expected =
            frozen ? frame_of_stream(recipe, -20000, t % 9 - 6) : frame_of_stream(recipe, -10000, t / 9 * 6 + t % 9);
        ASSERT_EQ(frames(recipe, t, t + 1), expected) << "frame " << t;
      }
    }
  }
}

TEST(Ran1Stimulus, FrozenBlocksEqualEachOther) {
  EXPECT_EQ(frames(recorded(), 6, 9), frames(recorded(), 15, 18));
  EXPECT_EQ(frames(recorded(), 6, 9), frames(recorded(), 9006, 9009));
  EXPECT_NE(frames(recorded(), 0, 3), frames(recorded(), 9, 12));
}

TEST(Ran1Stimulus, FrozenFramesThatAreNotKnownAreGrey) {
  Ran1Recipe recipe = recorded();
  recipe.frozen_seed = 0;
  const auto unknown = frames(recipe, 0, 18), known = frames(recorded(), 0, 18);
  for (std::size_t i = 0; i < unknown.size(); ++i) {
    const auto within = i / 35 % 9;
    ASSERT_EQ(unknown[i], within >= 6 ? 0.0f : known[i]);
  }
}

TEST(Ran1Stimulus, ReadsFarAheadAndThenNearIt) {
  // Far enough for several kept states on a small grid.
  Ran1Recipe recipe = recorded();
  recipe.frozen_frames = 0;
  const auto stimulus = make_stimulus(recipe);
  std::vector<float> first(35), again(35);
  constexpr std::int64_t kFar = 60000;
  stimulus->read(kFar, kFar + 1, whole(stimulus->shape()), first);
  stimulus->read(10, 11, whole(stimulus->shape()), again);
  EXPECT_EQ(again, frame_of_stream(recipe, -10000, 10));
  stimulus->read(kFar, kFar + 1, whole(stimulus->shape()), again);
  EXPECT_EQ(again, first);
  EXPECT_EQ(first, frame_of_stream(recipe, -10000, kFar));
}

}  // namespace
}  // namespace plexiform
