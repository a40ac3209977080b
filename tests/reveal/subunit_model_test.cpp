// Subunits as a model that predicts: against the equation written out in double (planted.hpp).
#include "plexiform/reveal/subunit_model.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "plexiform/reveal/thresholds.hpp"
#include "plexiform/score/score.hpp"
#include "reveal/planted.hpp"

namespace plexiform {
namespace {

using namespace reveal;

constexpr std::size_t kLags = 6;
constexpr std::int64_t kSide = 8, kFrames = 900;

SubunitModel two_subunits(std::size_t channels = 1) {
  SubunitModel out;
  out.model = reveal::model_of(
      bumps(2, kLags, channels),
      {part_of({2.2, 3.1, 0.1, 0.3, 0.4}, {0.25, 0.1}), part_of({5.2, 4.4, 0.2, -0.1, -0.3}, {0.2, -0.15}, -1)}, 0.2,
      0.08);
  out.model.log_power.value = std::log(1.3), out.model.log_expansion.value = std::log(1.2);
  out.window = {0, 0, kSide, kSide};
  return out;
}

SubunitModel with_gain() {
  SubunitModel out = two_subunits();
  out.model.gains = {-0.4};
  out.divisive = Covariate{CovariateKind::divisive, 30, -1.2, 1, 0.05};
  return out;
}

Recording noise(std::int64_t channels = 1) {
  return noise_recording({kSide, kFrames, channels, false}, 3);
}

std::vector<Chunk> whole_movie() {
  return {{0, 0, kFrames}};
}

TEST(PredictedRates, AreTheEquationOnAnyChannels) {
  for (const std::size_t channels : {1, 2}) {
    const SubunitModel model = two_subunits(channels);
    const Recording recording = noise(static_cast<std::int64_t>(channels));
    const auto plain = plain_rates(model.model, recording, 1, plain_supports(model.model, {kSide, kSide}));
    const auto rates = predicted_rates(model, *recording.stimulus, whole_movie());
    ASSERT_EQ(rates.size(), static_cast<std::size_t>(kFrames));
    for (std::size_t t = kLags - 1; t < rates.size(); ++t)
      ASSERT_NEAR(rates[t], plain[t], 2e-4 * (plain[t] + 0.1)) << t;
  }
}

TEST(PredictedRates, OfFramesThatFollowEachOtherAreTheSameHoweverTheyAreCutAndOnAnyThreads) {
  const Recording recording = noise();
  const std::vector<Chunk> cut{{0, 0, 137}, {137, 137, 400}, {537, 537, 363}};
  for (const SubunitModel& model : {two_subunits(), with_gain()})
    EXPECT_EQ(predicted_rates(model, *recording.stimulus, whole_movie(), {.threads = 1}),
              predicted_rates(model, *recording.stimulus, cut, {.threads = 3, .memory_bytes = 1}));
}

TEST(PredictedRates, ADivisiveGainIsThatOfTheDrivenPastAndBeginsBeforeTheChunk) {
  const Recording recording = noise();
  const SubunitModel model = with_gain();
  SubunitModel bare = model;
  bare.divisive.reset(), bare.model.gains.clear();
  const auto all = predicted_rates(model, *recording.stimulus, whole_movie()),
             without = predicted_rates(bare, *recording.stimulus, whole_movie());
  double pool = model.divisive->floor / reveal::thresholds::kDivisiveFloor;
  const double keep = std::exp(-1.0 / 30);
  for (std::size_t t = 0; t < all.size(); ++t) {
    pool = keep * pool + (1 - keep) * without[t];
    const double x = std::log(model.divisive->floor + pool) - model.divisive->mean;
    ASSERT_NEAR(all[t], without[t] * std::exp(-0.4 * x), 1e-4 * (all[t] + 0.01)) << t;
  }
  const std::vector<Chunk> late{{500, 500, 100}};
  const auto alone = predicted_rates(model, *recording.stimulus, late);
  for (std::size_t t = 0; t < alone.size(); ++t) EXPECT_NEAR(alone[t] / all[500 + t], 1, 0.02) << t;
}

TEST(PredictedRates, FramesBeforeTheFirstCountAsGrey) {
  const SubunitModel model = two_subunits();
  const Recording recording = noise();
  const std::vector<Chunk> first{{0, 0, 1}};
  const double rate = predicted_rates(model, *recording.stimulus, first).front();
  EXPECT_TRUE(std::isfinite(rate));
  EXPECT_GT(rate, 0);
}

TEST(WithShift, IsTheModelWhoseOutputIsChangedSo) {
  const Recording recording = noise();
  for (const SubunitModel& model : {two_subunits(), with_gain()}) {
    const OutputShift shift{1.7, model.divisive ? 0 : 0.06};
    const auto drive = subunit_drive(model, *recording.stimulus, model.window, whole_movie());
    const auto expected = subunit_rate(model, drive, shift).value,
               rates = predicted_rates(with_shift(model, shift), *recording.stimulus, whole_movie());
    for (std::size_t t = 0; t < rates.size(); ++t) ASSERT_NEAR(rates[t], expected[t], 1e-4 * (expected[t] + 0.01)) << t;
  }
}

TEST(SubunitRate, HasALogarithmWhereItUnderflows) {
  SubunitModel model = two_subunits();
  const auto rate = subunit_rate(model, {{-500.0, 0.3}, {}}, {});
  EXPECT_EQ(rate.value[0], 0);
  EXPECT_LT(rate.log[0], -1000);
  EXPECT_TRUE(std::isfinite(rate.log[0]));
  EXPECT_NEAR(std::exp(rate.log[1]), rate.value[1], 1e-12);
}

TEST(SubunitDrive, ThroughAMovedWindowIsThatOfTheMovedStimulus) {
  SubunitModel model = two_subunits();
  const Recording recording = noise_recording({12, 200, 1, false}, 5);
  const std::vector<Chunk> chunks{{0, 0, 200}};
  model.window = {0, 0, kSide, kSide};
  const auto here = subunit_drive(model, *recording.stimulus, {2, 3, kSide, kSide}, chunks);
  SubunitModel there = model;
  there.window = {2, 3, kSide, kSide};
  EXPECT_EQ(here.drive, subunit_drive(there, *recording.stimulus, there.window, chunks).drive);
  EXPECT_THROW(subunit_drive(model, *recording.stimulus, {0, 0, 5, 5}, chunks), InternalError);
}

TEST(PeakOfStep, IsWhereTheSumOfTheFilterIsLargest) {
  SubunitModel model = two_subunits();
  model.model.basis.functions = {{0, 0.5, 0.7, 0.3, -0.4, -0.1}, {1, 0, 0, 0, 0, 0}};
  model.model.parts.pop_back();
  model.model.parts[0].mix = {1, 0};
  EXPECT_EQ(peak_of_step(model), 4);
  model.model.parts[0].mix = {-0.01, 1};
  EXPECT_EQ(peak_of_step(model), 1);
}

TEST(Refitted, LearnsFromACellAndStaysWhereThatDoesNotHelp) {
  SubunitModel truth = two_subunits();
  truth.model.log_power.value = truth.model.log_expansion.value = 0;
  truth.model.parts.pop_back();
  truth.model.offset = -0.1;
  const Recording recording = planted_recording(truth.model, {kSide, 9000, 1, true}, 7);
  const Split split = split_of(recording, kLags);
  SubunitModel other = truth;
  other.model.parts[0].shape.centre.x += 1.5;
  const SubunitModel learnt = refitted(other, recording, 0, split, {.threads = 2});
  const std::vector<Chunk> chunks{{0, kLags, 8000}};
  const auto rates = predicted_rates(truth, *recording.stimulus, chunks);
  EXPECT_LT(correlation(predicted_rates(other, *recording.stimulus, chunks), rates), 0.9);
  EXPECT_GT(correlation(predicted_rates(learnt, *recording.stimulus, chunks), rates), 0.98);
  Recording empty = recording;
  draw_counts(empty, std::vector<double>(9000, 0.1), 5);
  SubunitModel silent = truth;
  silent.model.parts[0].mix = {1e-4, 0};
  silent.model.offset = 0.0730;  // a rate of 0.1
  EXPECT_EQ(parameters_of(refitted(silent, empty, 0, split, {.threads = 2}).model), parameters_of(silent.model));
}

}  // namespace
}  // namespace plexiform
