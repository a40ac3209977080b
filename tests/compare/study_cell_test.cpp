#include "plexiform/compare/study_cell.hpp"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "compare/compared_cell.hpp"
#include "plexiform/base/error.hpp"

namespace plexiform {
namespace {

TEST(StudyCell, APieceIsTheScoreOfTheFitAndWhatWasRevealedOfIt) {
  const HastyFit of = hasty_fit(4000, {"stc"});
  const StudiedCell cell = study_cell(of.fit, of.recording, of.split, of.frames, of.settings.train, 5);
  ASSERT_TRUE(cell.piece.error.empty()) << cell.piece.error;
  const CellScore score = score_cell(of.fit, of.recording, of.frames, 5, {});
  EXPECT_EQ(cell.piece.bits_per_spike, score.network.bits_per_spike);
  EXPECT_EQ(cell.piece.true_rate_cc, score.network.true_rate_cc);
  EXPECT_EQ(cell.piece.number, static_cast<double>(cell.revealed.subunits.subunits.size()));
  EXPECT_EQ(cell.piece.mean_match, cell.revealed.subunits.mean_match);
  EXPECT_FALSE(cell.revealed.subunits.structure);  // no verdict was asked for
}

TEST(StudyCell, APieceOfARecordingIsThatOfItsFitOnAnyNumberOfThreads) {
  const HastyFit of = hasty_fit(4000, {"stc"});
  const int threads = at::get_num_threads();
  const StudyPiece piece = study_piece(of.recording, 0, of.split, of.settings, 5, {.threads = 3});
  EXPECT_EQ(at::get_num_threads(), threads);
  const StudyPiece of_fit = study_cell(of.fit, of.recording, of.split, of.frames, of.settings.train, 5).piece;
  EXPECT_EQ(piece.bits_per_spike, of_fit.bits_per_spike);
  EXPECT_EQ(piece.mean_match, of_fit.mean_match);
  EXPECT_EQ(piece.network_match, of_fit.network_match);
  EXPECT_GT(piece.seconds, 0);
}

TEST(StudyCell, ACellThatCannotBeFittedLeavesItsError) {
  Recording recording = model_cell(2500);
  std::ranges::fill(recording.counts.values, 0);
  const Settings settings = hasty_settings();
  const StudyPiece piece = study_piece(recording, 0, split_of(recording, settings), settings, 5);
  EXPECT_NE(piece.error.find("no spike"), std::string::npos) << piece.error;
  EXPECT_EQ(piece.seed, 5U);
}

TEST(StudyCell, SettingsThatContradictEachOtherAreTheCallersError) {
  const Recording recording = model_cell(2500);
  Settings settings = hasty_settings();
  const Split split = split_of(recording, settings);
  settings.train.starts = 0;
  EXPECT_THROW(study_piece(recording, 0, split, settings, 5), Error);
}

}  // namespace
}  // namespace plexiform
