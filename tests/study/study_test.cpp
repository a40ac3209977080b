#include "plexiform/study/study.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "plexiform/base/error.hpp"
#include "plexiform/cell/presets.hpp"
#include "plexiform/recording/cut.hpp"
#include "plexiform/recording/split.hpp"
#include "plexiform/study/study_plan.hpp"

namespace plexiform {
namespace {

StudyPiece piece(double value, std::uint64_t seed, std::int64_t cell, double bits) {
  StudyPiece p;
  p.value = value;
  p.seed = seed;
  p.cell = cell;
  p.bits_per_spike = bits;
  return p;
}

TEST(Study, AnEstimateIsStudentsInterval) {
  const double values[] = {1, 2, 3};
  const Estimate e = estimate(values);
  EXPECT_DOUBLE_EQ(e.mean, 2);
  EXPECT_NEAR(e.interval.high, 2 + 4.302652729911275 / std::sqrt(3.0), 1e-9);
  EXPECT_NEAR(e.interval.low, 2 - 4.302652729911275 / std::sqrt(3.0), 1e-9);
  EXPECT_TRUE(std::isinf(estimate(std::span(values, 1)).interval.high));
}

TEST(Study, CellsAreAveragedWithinASeedAndFailuresCounted) {
  std::vector<StudyPiece> pieces = {piece(1, 101, 0, 0.2), piece(1, 101, 1, 0.4), piece(1, 102, 0, 0.5),
                                    piece(2, 101, 0, 1)};
  pieces.push_back(piece(1, 102, 1, 0));
  pieces.back().error = "no spike";
  const double values[] = {1, 2};
  const auto rows = study_rows(pieces, values);
  EXPECT_NEAR(rows[0].bits_per_spike->mean, 0.4, 1e-12);
  EXPECT_EQ(rows[0].bits_per_spike->seeds, 2);
  EXPECT_EQ(rows[0].failed, 1);
  EXPECT_FALSE(rows[0].mean_match);
  EXPECT_EQ(rows[1].failed, 0);
}

TEST(Study, PiecesComeBackFromTheirFile) {
  StudyPiece whole = piece(0.5, 103, 2, 0.7), failed = piece(1, 104, 0, 0);
  whole.mean_match = 0.9;
  failed.error = "too little data";
  const std::vector<StudyPiece> pieces = {whole, failed};
  const auto back = pieces_from_json(to_json(std::span<const StudyPiece>(pieces)));
  ASSERT_EQ(back.size(), 2U);
  EXPECT_EQ(back[0].mean_match, whole.mean_match);
  EXPECT_FALSE(back[0].true_rate_cc);
  EXPECT_EQ(back[0].seed, 103U);
  EXPECT_EQ(back[1].error, failed.error);
  EXPECT_THROW(pieces_from_json("[{}]"), Error);
}

TEST(Study, ACutRecordingKeepsItsFirstFramesAndItsTestBlock) {
  CellRecipe recipe;
  recipe.seed = 104;
  recipe.frames = 6000;
  const Recording whole = simulate(recipe);
  const Recording cut = cut_recording(whole, 0.4, 1000);
  ASSERT_EQ(cut.bins(), 3000);
  ASSERT_EQ(cut.segments.size(), 2U);
  EXPECT_EQ(cut.segments[1].first_frame, 5000);
  for (std::size_t t = 0; t < 3000; ++t)
    ASSERT_EQ(cut.counts.values[t], whole.counts.values[t < 2000 ? t : t + 3000]) << t;
  SplitSettings split;
  split.test.frames = 1000;
  EXPECT_EQ(total(make_split(cut, split).test()), total(make_split(whole, split).test()) + split.lags - 1);
  EXPECT_EQ(cut_recording(whole, 1, 1000).counts.values, whole.counts.values);
}

TEST(Study, ValuesThatMakeNoSenseAreRefused) {
  StudyRequest request;
  request.what = "mosaic5";
  const auto refused = [&](StudyKind kind, double value) {
    request.kind = kind;
    request.values = {value};
    EXPECT_THROW(plan_study(request), Error) << to_string(kind) << " " << value;
  };
  refused(StudyKind::filters, 0);
  refused(StudyKind::filters, 1.5);
  refused(StudyKind::size, 17);
  refused(StudyKind::data, 0);
  refused(StudyKind::data, 1.1);
  refused(StudyKind::noise, -1);
  refused(StudyKind::threshold, std::nan(""));
  request.values = {0.5, 0.5};
  request.kind = StudyKind::data;
  EXPECT_THROW(plan_study(request), Error);
}

TEST(Study, APlanHasAPieceForEachValueAndSeed) {
  StudyRequest request;
  request.kind = StudyKind::filters;
  request.what = "mosaic5";
  request.folder = "f";
  request.values = {1, 4};
  const auto plan = plan_study(request);
  ASSERT_EQ(plan.size(), 6U);
  EXPECT_EQ(plan[5].name, "4_103");
  EXPECT_EQ(plan[5].settings.model.filters, 4);
  EXPECT_EQ(plan[0].recording, plan[3].recording);  // the same cell
  EXPECT_EQ(plan[0].test_frames, 0);
}

}  // namespace
}  // namespace plexiform
