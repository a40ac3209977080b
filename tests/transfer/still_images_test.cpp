#include "plexiform/transfer/still_images.hpp"

#include <gtest/gtest.h>

#include "recording/support.hpp"

namespace plexiform {
namespace {

Network with_temporal(const std::vector<float>& temporal, bool separable) {
  ModelSettings settings;
  settings.lags = static_cast<std::int64_t>(temporal.size());
  settings.separable = separable;
  settings.filter_size = 3;
  Network network = make_network(settings, {1, 8, 8});
  const at::Tensor time = at::tensor(temporal).reshape({1, -1});
  const at::Tensor space = at::arange(9, at::kFloat).reshape({1, 1, 3, 3});
  if (separable) {
    network.temporal.copy_(time);
    network.spatial.copy_(space);
  } else {
    network.filter.copy_(time.reshape({1, -1, 1, 1, 1}) * space.unsqueeze(1));
  }
  return network;
}

TEST(StillImages, AStepIsTakenUpMostWhenTheFirstLobeIsOver) {
  for (const bool separable : {true, false}) {
    EXPECT_EQ(peak_of_step(with_temporal({0, 0.1F, 0.5F, 0.3F, -0.2F, -0.4F, 0}, separable)), 4);
    EXPECT_EQ(peak_of_step(with_temporal({-0.1F, -0.5F, 0.2F, 0.1F}, separable)), 2);
    EXPECT_EQ(peak_of_step(with_temporal({0.1F, 0.1F, 0.1F, 0.1F}, separable)), 4);  // goes on to take it up
  }
}

TEST(StillImages, EachComesAfterGreyAndItsTrialsStandTogether) {
  Recording flashed = testing::silent_recording(memory_stimulus(testing::random_movie(3, 1, 2, 2, 1)), 2, 6);
  flashed.kind = RecordingKind::flashed;
  flashed.segments.clear();
  for (std::int64_t i = 0; i < 6; ++i) {
    flashed.segments.push_back({i, 1, i % 3, i % 3, i / 3});
    flashed.counts.row(1)[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(10 * (i / 3) + i % 3);
  }
  const Recording steps = steps_of(flashed, 4, 3);
  EXPECT_EQ(steps.stimulus->frames(), 12);
  EXPECT_EQ(steps.segments[3], (Segment{3, 1, 7, 4, 1}));  // the second trial of image 1
  const auto counts = steps.counts.row(1);
  EXPECT_EQ((std::vector<std::int32_t>{counts.begin(), counts.end()}),
            (std::vector<std::int32_t>{0, 10, 1, 11, 2, 12}));
  std::vector<float> pixel(12), image(3);
  steps.stimulus->read(0, 12, {1, 0, 1, 1}, pixel);
  flashed.stimulus->read(0, 3, {1, 0, 1, 1}, image);
  for (std::size_t i = 0; i < 12; ++i) EXPECT_EQ(pixel[i], i % 4 < 1 ? 0 : image[i / 4]) << i;
  EXPECT_EQ(bins_with_history(steps, 4).size(), 6u);
}

}  // namespace
}  // namespace plexiform
