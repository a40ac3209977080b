#include "plexiform/result/study_rows.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <span>
#include <vector>

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

TEST(StudyRows, AnEstimateIsStudentsInterval) {
  const double values[] = {1, 2, 3};
  const Estimate e = estimate(values);
  EXPECT_DOUBLE_EQ(e.mean, 2);
  EXPECT_NEAR(e.interval.high, 2 + 4.302652729911275 / std::sqrt(3.0), 1e-9);
  EXPECT_NEAR(e.interval.low, 2 - 4.302652729911275 / std::sqrt(3.0), 1e-9);
  EXPECT_TRUE(std::isinf(estimate(std::span(values, 1)).interval.high));
}

TEST(StudyRows, CellsAreAveragedWithinASeedAndFailuresCounted) {
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

}  // namespace
}  // namespace plexiform
