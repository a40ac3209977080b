// A transfer between stimuli as a whole, in memory.
#include "plexiform/transfer/stimulus_transfer.hpp"

#include <gtest/gtest.h>

#include "plexiform/evaluate/score_cell.hpp"
#include "transfer/small_models.hpp"

namespace plexiform {
namespace {

using testing::small_models;

TEST(StimulusTransfer, ScoresEveryRunOnEveryRecording) {
  const std::vector<FittedModels> runs{small_models(Shown::white), small_models(Shown::dead_leaves)};
  const StimulusTransfer t = transfer_between_stimuli(runs, {}, {.shares = {0.001, 0.2}}, {.threads = 2});
  EXPECT_EQ(t.runs, (std::vector<std::string>{"fit of white", "fit of dead_leaves"}));
  EXPECT_EQ(t.targets, (std::vector<std::string>{"white", "dead_leaves"}));
  EXPECT_EQ(t.scored_on, (std::vector<std::string>{"test block", "test block"}));
  ASSERT_EQ(t.cells.size(), 3U);
  const Split split = make_split(runs[1].recording, runs[1].split);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& scores = t.cells[i].scores;
    const CellFit& fit = runs[1].fits[i];
    const CellScore own = score_cell(fit, runs[1].recording, frames_of(runs[1].recording, fit.cell, split.test()),
                                     runs[1].seed, {.threads = 1});
    EXPECT_EQ(scores[1][1].network.cc, own.network.cc);
    EXPECT_FALSE(scores[1][1].own_ahead.has_value());
    EXPECT_NEAR(*scores[0][1].own_ahead, scores[1][1].network.bits_per_spike - scores[0][1].network.bits_per_spike,
                1e-12);
    EXPECT_GT(*scores[0][1].network.true_rate_cc, 0.7);  // carried over from white noise
    ASSERT_EQ(t.cells[i].curves.size(), 2U);
    const auto& points = t.cells[i].curves[0].points;
    ASSERT_EQ(points.size(), 7U);
    EXPECT_EQ(points[0].tuned, Tuned::nothing);
    EXPECT_EQ(points[0].score.cc, scores[0][1].network.cc);
    EXPECT_NE(points[1].error, "");  // a thousandth of the frames cannot be split
    EXPECT_EQ(points[4].error, "");
    EXPECT_EQ(points[4].share, 0.2);
    EXPECT_GT(points[4].spikes, 0);
  }
}

TEST(StimulusTransfer, WithoutSharesTunesNothingAndTellsOfEachCell) {
  const std::vector<FittedModels> runs{small_models(Shown::white)};
  std::vector<OtherRecording> others{{"again", small_models(Shown::dead_leaves).recording}};
  std::vector<double> shares;
  std::vector<TransferFigures> done(3);
  const TransferHooks hooks{.moved = [&](std::size_t, double share) { shares.push_back(share); },
                            .done = [&](std::size_t piece, const TransferFigures& figures) { done[piece] = figures; }};
  const StimulusTransfer t = transfer_between_stimuli(runs, others, {}, {.threads = 1}, hooks);
  EXPECT_EQ(t.scored_on, (std::vector<std::string>{"test block", "whole recording"}));
  EXPECT_EQ(shares, (std::vector<double>{0.5, 1, 0.5, 1, 0.5, 1}));
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(t.cells[i].curves.empty());
    EXPECT_EQ(done[i].own, t.cells[i].scores[0][0].network.bits_per_spike);
    EXPECT_EQ(done[i].elsewhere, t.cells[i].scores[0][1].network.bits_per_spike);
  }
}

}  // namespace
}  // namespace plexiform
