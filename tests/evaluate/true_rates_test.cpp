// What is scored against the truth of a model cell, on frames that nobody recorded.
#include <gtest/gtest.h>

#include "cell/model_cell.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/evaluate/score_cell.hpp"
#include "stimulus/watched_stimulus.hpp"

namespace plexiform {
namespace {

TEST(FreshFrames, AreTheSameOnAnyNumberOfThreads) {
  const Recording recording = testing::model_cell(1000);
  const ScoredFrames one = fresh_frames(recording, 0, {1}), three = fresh_frames(recording, 0, {3});
  EXPECT_EQ(one.bins.counts.size(), static_cast<std::size_t>(kFreshFrames));
  EXPECT_EQ(one.bins.counts, three.bins.counts);
  EXPECT_EQ(one.bins.frame, three.bins.frame);
}

TEST(FreshFrames, AStopRequestEndsThem) {
  Recording recording = testing::model_cell(1000);
  SplitSettings none;
  none.test.frames = 0;
  const Split split = make_split(recording, none);
  const auto watched = std::make_shared<testing::WatchedStimulus>(recording.stimulus, 2);
  recording.stimulus = watched;
  EXPECT_THROW(unseen_frames(recording, 0, split, {1, watched->token()}), Interrupted);
  EXPECT_EQ(watched->reads(), 2);
}

TEST(FreshFrames, UseNoMoreThreadsThanTheirContextLends) {
  Recording recording = testing::model_cell(1000);
  const auto watched = std::make_shared<testing::WatchedStimulus>(recording.stimulus);
  recording.stimulus = watched;
  fresh_frames(recording, 0, {1});
  EXPECT_EQ(watched->readers(), std::set{std::this_thread::get_id()});
}

}  // namespace
}  // namespace plexiform
