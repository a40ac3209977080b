#include "plexiform/reveal/view.hpp"

#include <gtest/gtest.h>

#include "plexiform/reveal/thresholds.hpp"
#include "reveal/planted.hpp"

namespace plexiform::reveal {
namespace {

/// One subunit on a grid of 40 x 40 pixels.
Recording cell_at(double x, double y, double sd, std::int64_t frames = 3000) {
  const Model model = model_of(bumps(1, 8), {part_of(round_gaussian(x, y, sd), {0.6})}, -0.1, 0.1);
  return planted_recording(model, {40, frames, 1, true}, 3);
}

View view_of(const Recording& recording, const Place& centre, int threads = 1) {
  const Range all[] = {{0, recording.bins()}};
  return choose_view(recording, 0, centre, all, {.threads = threads});
}

TEST(ChooseView, CoversASmallFieldWithTheUsualWindow) {
  const View view = view_of(cell_at(30, 12, 1.3), {28, 13});
  EXPECT_TRUE(view.field_seen);
  EXPECT_EQ(view.window.height, thresholds::kUsualSide);
  EXPECT_EQ(view.window.width, thresholds::kUsualSide);
  EXPECT_LE(view.window.x + 4, 30);
  EXPECT_GE(view.window.x + view.window.width - 5, 30);
  EXPECT_LE(view.window.y + 4, 12);
  EXPECT_EQ(view.lags, 20);  // 0.65 s at 30 frames per second
}

TEST(ChooseView, GrowsWithTheField) {
  const View view = view_of(cell_at(18, 20, 5, 12000), {18, 20});
  EXPECT_TRUE(view.field_seen);
  EXPECT_GT(view.window.width, thresholds::kUsualSide);
  EXPECT_GT(view.window.height, thresholds::kUsualSide);
}

TEST(ChooseView, LooksFurtherOutWhereTheFieldGoesOn) {
  // 12 pixels from where it is looked for: at the border of the first look.
  const View view = view_of(cell_at(30, 20, 3, 6000), {16, 20});
  EXPECT_TRUE(view.field_seen);
  EXPECT_LE(view.window.x, 27);
  EXPECT_GE(view.window.x + view.window.width, 33);
}

TEST(ChooseView, DeadPixelsAreNoNoise) {
  Recording recording = cell_at(20, 20, 1.3);
  NdArray<float> movie({recording.bins(), 1, 40, 40});
  recording.stimulus->read(0, recording.bins(), whole(recording.stimulus->shape()), movie.values);
  for (std::int64_t t = 0; t < recording.bins(); ++t)
    for (std::size_t p = 0; p < 1600; ++p)
      if (p % 40 < 24 && p % 40 % 3 != 0) movie.row(t)[p] = 0;
  Recording dead = recording_from_arrays(std::move(movie), NdArray<std::int32_t>(recording.counts), 30);
  draw_counts(dead, std::vector<double>(static_cast<std::size_t>(dead.bins()), 0.1), 5);
  EXPECT_FALSE(view_of(dead, {20, 20}).field_seen);
}

TEST(ChooseView, LagsFollowTheFrameRate) {
  Recording recording = cell_at(20, 20, 1.3);
  recording.frame_rate = 85;
  EXPECT_EQ(view_of(recording, {20, 20}).lags, 55);
}

TEST(ChooseView, OfNothingTheUsualWindow) {
  Recording recording = noise_recording({40, 3000, 1, true}, 5);
  draw_counts(recording, std::vector<double>(3000, 0.1), 5);
  const View view = view_of(recording, {20, 20});
  EXPECT_FALSE(view.field_seen);
  EXPECT_EQ(view.window, (Window{12, 12, thresholds::kUsualSide, thresholds::kUsualSide}));
}

TEST(ChooseView, AnyNumberOfThreadsGivesTheSame) {
  const Recording recording = cell_at(30, 12, 1.3);
  const View one = view_of(recording, {28, 13}, 1), three = view_of(recording, {28, 13}, 3);
  EXPECT_EQ(one.window, three.window);
  EXPECT_EQ(one.lags, three.lags);
}

}  // namespace
}  // namespace plexiform::reveal
