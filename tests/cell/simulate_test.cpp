#include <gtest/gtest.h>

#include <cmath>

#include "plexiform/cell/circuit_rate.hpp"
#include "plexiform/cell/presets.hpp"

namespace plexiform {
namespace {

CellRecipe recipe(const std::string& preset, std::int64_t frames) {
  CellRecipe r;
  r.preset = preset;
  r.seed = 101;
  r.frames = frames;
  return r;
}

TEST(Simulate, MakesAWholeRecording) {
  auto cell = recipe("mosaic5", 1000);
  cell.frame_rate = 60;
  const Recording recording = simulate(cell);
  EXPECT_EQ(recording.cells(), 1);
  EXPECT_EQ(recording.bins(), 1000);
  EXPECT_EQ(recording.frame_rate, 60);
  EXPECT_EQ(recording.names, std::vector<std::string>{"mosaic5 101"});
  EXPECT_EQ(recording.segments, (std::vector<Segment>{{0, 1000, 0, 0, -1}}));
  EXPECT_EQ(recording.truth.size(), 1u);
  EXPECT_EQ(recording.stimulus->shape(), (FrameShape{1, 16, 16}));
  ASSERT_TRUE(recording.recipe.has_value());
  validate(recording);
}

TEST(Simulate, SpikesNeedAWholeHistory) {
  auto cell = recipe("mosaic5", 2000);
  cell.target_rate = 5;
  const Recording recording = simulate(cell);
  std::int64_t first = 0;
  while (recording.counts.values[static_cast<std::size_t>(first)] == 0) ++first;
  EXPECT_GE(first, 19);
  EXPECT_LT(first, 30);
}

TEST(Simulate, CountsFollowTheTrueRate) {
  constexpr std::int64_t kFrames = 200000;  // more than simulate draws in one piece
  // Mean and variance of the counts around the rate; fixed seed, limits of 4.5 standard errors of a Poisson's.
  const Recording recording = simulate(recipe("mosaic5", kFrames));
  const auto rate = circuit_rate(recording.truth[0], *recording.stimulus, 19, kFrames);
  double excess = 0, variance = 0, residual = 0, expected = 0;
  for (std::size_t t = 0; t < rate.size(); ++t) {
    const double d = recording.counts.values[t + 19] - rate[t];
    residual += d;
    expected += rate[t];
    excess += d * d - rate[t];
    variance += rate[t] + 2 * rate[t] * rate[t];  // of (count - rate)^2
    ASSERT_TRUE(rate[t] > 0 || recording.counts.values[t + 19] == 0);
  }
  EXPECT_NEAR(residual, 0, 4.5 * std::sqrt(expected));
  EXPECT_NEAR(excess, 0, 4.5 * std::sqrt(variance));
}

TEST(Simulate, OverdispersedCountsHaveTheStatedVarianceAroundTheRate) {
  constexpr std::int64_t kFrames = 100000;
  auto cell = recipe("linear_overdispersed", kFrames);
  for (const double fano : {2.0, 3.0}) {
    cell.fano = fano;
    const Recording recording = simulate(cell);
    const auto rate = circuit_rate(recording.truth[0], *recording.stimulus, 19, kFrames);
    double variance = 0, expected = 0;
    for (std::size_t t = 0; t < rate.size(); ++t) {
      variance += (recording.counts.values[t + 19] - rate[t]) * (recording.counts.values[t + 19] - rate[t]);
      expected += rate[t];
    }
    EXPECT_NEAR(variance / expected, fano, 0.1);  // ten thousand spikes: a standard error of about 2 %
  }
}

TEST(Simulate, HasTheSameBitsForAnyNumberOfThreads) {
  for (const char* preset : {"yan2020", "mosaic9", "linear_overdispersed", "linear_exponential", "suppression", "gain",
                             "refractory", "drift", "shared_noise", "irregular"}) {
    const auto cell = recipe(preset, 5000);
    EXPECT_EQ(simulate(cell, {1}).counts.values, simulate(cell, {5}).counts.values);
  }
}

TEST(Simulate, AStopRequestEndsIt) {
  std::stop_source stop;
  stop.request_stop();
  // Where threshold and gain are known, no drive is asked for them: the counts are drawn at once.
  for (const char* preset : {"mosaic5", "yan2020"})
    EXPECT_THROW(simulate(recipe(preset, 5000), {2, stop.get_token()}), Interrupted) << preset;
  EXPECT_THROW(make_circuit(recipe("mosaic5", 5000), {2, stop.get_token()}), Interrupted);
  EXPECT_NO_THROW(make_circuit(recipe("yan2020", 5000), {2, stop.get_token()}));
}

TEST(Simulate, AShorterRecordingIsTheBeginningOfALongerOne) {
  auto with_history = recipe("mosaic5", 200000);  // more than one piece
  with_history.traits.divisive_gain = with_history.traits.refractory = 0.5;
  for (auto cell : {recipe("mosaic5", 200000), with_history}) {
    const auto longer = simulate(cell).counts.values;
    cell.frames = 140000;
    const auto shorter = simulate(cell).counts.values;
    EXPECT_TRUE(std::equal(shorter.begin(), shorter.end(), longer.begin()));
  }
}

std::vector<float> first_frame(const Recording& recording) {
  std::vector<float> frame(static_cast<std::size_t>(recording.stimulus->shape().pixels()));
  recording.stimulus->read(0, 1, whole(recording.stimulus->shape()), frame);
  return frame;
}

TEST(Simulate, AnotherStimulusSeedIsAnotherStimulusAndOtherSpikes) {
  auto cell = recipe("mosaic5", 2000);
  const Recording one = simulate(cell);
  cell.stimulus_seed = 101;  // the cell's own: nothing changes
  EXPECT_EQ(simulate(cell).counts.values, one.counts.values);
  cell.stimulus_seed = 7;
  const Recording other = simulate(cell);
  EXPECT_NE(first_frame(other), first_frame(one));
  EXPECT_NE(other.counts.values, one.counts.values);
}

TEST(Simulate, CellsUnderOneStimulusShareItAndNotTheirChance) {
  auto a = recipe("linear", 20000), b = recipe("linear", 20000);  // the layout has no chance in it: the same filter
  b.seed = 102;
  a.stimulus_seed = b.stimulus_seed = 5;
  const Recording one = simulate(a), two = simulate(b);
  EXPECT_EQ(first_frame(one), first_frame(two));
  const auto rate = circuit_rate(one.truth[0], *one.stimulus, 19, 20000);
  double product = 0, variance = 0;
  for (std::size_t t = 0; t < rate.size(); ++t) {
    const double r = rate[t], other = rate[t] * two.truth[0].gain / one.truth[0].gain;
    product += (one.counts.values[t + 19] - r) * (two.counts.values[t + 19] - other);
    variance += r * other;
  }
  EXPECT_NEAR(product, 0, 5 * std::sqrt(variance));  // the two thresholds differ by rounding of the calibration only
}

TEST(Simulate, GaussianNoiseIsOneOfTheChoices) {
  auto cell = recipe("mosaic5", 100);
  cell.noise = NoiseValues::gaussian;
  const auto frame = first_frame(simulate(cell));
  EXPECT_NE(std::abs(frame[0]), std::abs(frame[1]));
}

}  // namespace
}  // namespace plexiform
