// The steps of a transfer between stimuli.
#include "plexiform/transfer/cross_stimuli.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "base/expect_error.hpp"
#include "plexiform/transfer/stimulus_transfer.hpp"
#include "recording/support.hpp"
#include "transfer/small_models.hpp"

namespace plexiform {
namespace {

using testing::blank_models;
using testing::expect_error;
using testing::noise_recording;
using testing::silent_recording;

Recording flashed_images() {
  Recording flashed = silent_recording(memory_stimulus(testing::random_movie(12, 1, 16, 16, 1)), 1, 12);
  flashed.kind = RecordingKind::flashed;
  flashed.segments.clear();
  for (std::int64_t i = 0; i < 12; ++i) flashed.segments.push_back({i, 1, i, i, 0});
  return flashed;
}

TEST(TransferTargets, AreTheRunsOwnRecordingsThenTheOthers) {
  const std::vector<FittedModels> runs{blank_models("a", noise_recording(16, 16, 1, 3000, 1), 1),
                                       blank_models("b", noise_recording(16, 16, 1, 2400, 2), 1)};
  const std::vector<OtherRecording> others{{"c", noise_recording(16, 16, 1, 500, 3)}, {"d", flashed_images()}};
  const auto targets = targets_of(runs, others);
  ASSERT_EQ(targets.size(), 4U);
  std::vector<std::string> names, scored_on;
  for (const auto& target : targets) names.push_back(target.name), scored_on.push_back(target.scored_on);
  EXPECT_EQ(names, (std::vector<std::string>{"a", "b", "c", "d"}));
  EXPECT_EQ(scored_on, (std::vector<std::string>{"test block", "test block", "whole recording", "flashed images"}));
  EXPECT_EQ(targets[1].run, 1U);
  EXPECT_FALSE(targets[2].run.has_value());
  EXPECT_EQ(targets[0].recording, &runs[0].recording);
  EXPECT_EQ(targets[1].bins, make_split(runs[1].recording, runs[1].split).test());
  EXPECT_EQ(total(targets[2].bins), 500 - 19);
  EXPECT_EQ(total(targets[3].bins), 12);
  EXPECT_TRUE(targets[3].flashed);
}

TEST(TransferTargets, ThatMakeNoSenseAreRefused) {
  std::vector<FittedModels> runs{blank_models("a", noise_recording(16, 16, 1, 3000, 1), 1)};
  expect_error(ErrorKind::usage, {"nothing to test them on"}, [&] { targets_of(runs, {}); });
  runs.push_back(blank_models("b", noise_recording(16, 16, 1, 3000, 2), 1));
  runs[1].settings.model.lags = 10;
  expect_error(ErrorKind::data, {"fit of a looks back 20 frames, fit of b 10"}, [&] { targets_of(runs, {}); });
  runs[1].settings.model.lags = 20;
  runs[1].split.test.frames = 0;
  expect_error(ErrorKind::data, {"fit of b", "no test block", "no truth"}, [&] { targets_of(runs, {}); });
}

TEST(SeenBy, IsTheTargetItselfOnTheSameGeometry) {
  const std::vector<FittedModels> runs{blank_models("a", noise_recording(16, 16, 1, 3000, 1), 1),
                                       blank_models("b", noise_recording(32, 32, 1, 3000, 2), 1)};
  std::vector<FittedModels> sized = runs;
  sized[0].recording.pixel_um = 30;
  sized[1].recording.pixel_um = 15;
  const auto targets = targets_of(sized, {});
  EXPECT_FALSE(seen_by(sized[0], targets[0], false).has_value());
  expect_error(ErrorKind::data, {"fit of a is 1 x 16 x 16, of b 1 x 32 x 32"},
               [&] { seen_by(sized[0], targets[1], false); });
  const auto seen = seen_by(sized[0], targets[1], true);
  ASSERT_TRUE(seen.has_value());
  EXPECT_EQ(seen->stimulus->shape().height, 16);
  EXPECT_EQ(seen->bins(), total(targets[1].bins));
  const auto bare = targets_of(runs, {});
  expect_error(ErrorKind::data, {"b, as fit of a sees it", "size of a pixel"},
               [&] { seen_by(runs[0], bare[1], true); });
}

TEST(SeenBy, ImagesHaveNoRate) {
  const std::vector<FittedModels> runs{blank_models("a", noise_recording(16, 16, 1, 3000, 1), 1)};
  const std::vector<OtherRecording> others{{"images", flashed_images()}};
  std::vector<OtherRecording> slow = others;
  slow[0].recording.frame_rate = 3;
  EXPECT_FALSE(seen_by(runs[0], targets_of(runs, slow)[1], false).has_value());
}

TEST(OwnAhead, IsPairedOnTheSameCountsOnly) {
  CellScore own, other;
  own.counts = other.counts = {0, 1, 0, 2};
  own.rate = {0.1, 1, 0.1, 2};
  other.rate = {1, 1, 1, 1};
  own.n_frames = other.n_frames = 4;
  own.network.bits_per_spike = 1.5;
  other.network.bits_per_spike = 0.25;
  CrossScore cross;
  set_own_ahead(cross, other, own, 1);
  EXPECT_EQ(cross.own_ahead, 1.25);
  other.counts = {0, 1, 0};
  CrossScore unpaired;
  set_own_ahead(unpaired, other, own, 1);
  EXPECT_FALSE(unpaired.own_ahead.has_value());
}

TEST(FiguresOfACell, AreMeansOverOwnAndOtherRecordings) {
  const std::vector<TransferTarget> targets{{.run = 0}, {.run = 1}, {}};
  TransferredCell cell;
  cell.scores.assign(2, std::vector<CrossScore>(3));
  const auto set = [&](std::size_t run, std::size_t target, double bits) {
    cell.scores[run][target].network.bits_per_spike = bits;
  };
  set(0, 0, 1), set(1, 1, 3), set(0, 1, 0.5), set(0, 2, std::nan("")), set(1, 0, 0.1);
  cell.scores[1][2].error = "why";
  const TransferFigures figures = figures_of(cell, targets);
  EXPECT_DOUBLE_EQ(figures.own, 2);
  EXPECT_DOUBLE_EQ(figures.elsewhere, 0.3);
  EXPECT_EQ(figures.error, "why");
}

TEST(Crossing, FindsFitsAndCellsByName) {
  std::vector<FittedModels> runs{blank_models("a", noise_recording(16, 16, 3, 3000, 1), 3),
                                 blank_models("b", noise_recording(16, 16, 2, 3000, 2), 2)};
  runs[0].recording.names = {"x", "y", "z"};
  runs[1].recording.names = {"z", "y"};
  runs[0].fits.erase(runs[0].fits.begin() + 1);  // nothing was fitted to y
  const StimulusCrossing crossing = prepare_crossing(runs, {}, {});
  ASSERT_EQ(crossing.cells.size(), 1U);
  EXPECT_EQ(crossing.cells[0].name, "z");
  EXPECT_EQ(crossing.cells[0].row, (std::vector<std::int64_t>{2, 0}));
  EXPECT_EQ(crossing.left_out.size(), 2U);
  const auto fits = fits_of(crossing, crossing.cells[0]);
  EXPECT_EQ(fits[0].cell, 2);
  EXPECT_EQ(fits[1].cell, 0);
}

TEST(Crossing, RefusesSettingsThatMakeNoSense) {
  std::vector<FittedModels> runs{blank_models("a", noise_recording(16, 16, 1, 3000, 1), 1),
                                 blank_models("b", noise_recording(16, 16, 1, 3000, 2), 1)};
  const auto refused = [&](const StimulusTransferSettings& settings, ErrorKind kind,
                           const std::vector<std::string>& words) {
    expect_error(kind, words, [&] { prepare_crossing(runs, {}, settings); });
  };
  refused({.shares = {0.1, 0}}, ErrorKind::usage, {"above 0 and at most 1"});
  refused({.shares = {1.5}}, ErrorKind::usage, {"above 0 and at most 1"});
  runs[1].split.test = {.frames = {}, .part = 2, .parts = 6};
  refused({.shares = {1}}, ErrorKind::data, {"fit of b", "a part in the middle (2 of 6)"});
  runs[1] = blank_models("b", noise_recording(32, 32, 1, 3000, 2), 1);
  runs[0].recording.pixel_um = 30;
  runs[1].recording.pixel_um = 15;
  refused({.rescale = true, .shares = {1}}, ErrorKind::usage, {"fine-tuning", "b has another"});
}

TEST(ScoreTarget, LeavesWhatFailsInItsPlace) {
  std::vector<FittedModels> runs{blank_models("a", noise_recording(16, 16, 1, 3000, 1), 1),
                                 blank_models("b", noise_recording(16, 16, 1, 3000, 2), 1)};
  for (auto& run : runs)
    for (std::size_t t = 0; t < 3000; t += 7) run.recording.counts.row(0)[t] = 1;
  runs[1].fits[0].window.window = {8, 8, 16, 16};  // leaves the grid
  const StimulusCrossing crossing = prepare_crossing(runs, {}, {});
  const auto fits = fits_of(crossing, crossing.cells[0]);
  const auto column = score_target(crossing, crossing.cells[0], fits, 0, {});
  EXPECT_EQ(column[0].error, "");
  EXPECT_NEAR(column[0].network.bits_per_spike, column[0].ln.bits_per_spike, 1e-12);  // both are blank
  EXPECT_NE(column[1].error.find("lies outside the stimulus"), std::string::npos);
  EXPECT_FALSE(column[1].own_ahead.has_value());
}

}  // namespace
}  // namespace plexiform
