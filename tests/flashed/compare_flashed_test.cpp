// Cells whose subunits are known, seen through flashed images.
#include "plexiform/flashed/compare_flashed.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "base/expect_error.hpp"
#include "flashed/support.hpp"

namespace plexiform {
namespace {

using testing::expect_error;
using testing::flashed_recording;
using testing::FlashedCellRecipe;

FlashedComparison compared(const Recording& recording, std::int64_t folds = 10, int threads = 2) {
  return compare_flashed(recording, checked_cells({}, recording), {folds}, 0, {threads});
}

TEST(CompareFlashed, SubunitsAreAheadWhereThereAreSome) {
  const auto result = compared(flashed_recording(std::vector<FlashedCellRecipe>(6, {1.41, 1, 0}), 80, 20, 3));
  EXPECT_EQ(result.medians.cells, 6);
  EXPECT_EQ(result.medians.cells_ahead, 6);
  EXPECT_GT(result.medians.subunits, 0.95);
  EXPECT_GT(result.medians.ahead_interval.low, 0);
  for (const auto& cell : result.cells) {
    EXPECT_TRUE(cell.error.empty());
    EXPECT_GT(cell.subunits.cc, 0.9);
    EXPECT_GT(cell.model.off, 0);
    EXPECT_LT(std::abs(cell.model.on), 0.5 * cell.model.off);
    EXPECT_TRUE(cell.subunits.feve.has_value());
    EXPECT_LE(cell.subunits.cc_interval.low, cell.subunits.cc);
    EXPECT_GE(cell.subunits.cc_interval.high, cell.subunits.cc);
  }
}

TEST(CompareFlashed, TheSizeOfSubunitsIsFound) {
  int within = 0;
  for (const double size : {1.0, 2.0, 4.0}) {
    const auto result = compared(flashed_recording(std::vector<FlashedCellRecipe>(4, {size, 1, 0.3}), 120, 30, 7, 4));
    for (const auto& cell : result.cells) {
      EXPECT_NEAR(std::log2(cell.model.size / size), 0, 0.6) << size;
      within += cell.model.size_interval.low <= size && cell.model.size_interval.high >= size ? 1 : 0;
    }
  }
  EXPECT_GE(within, 10);  // of 12
}

// An LN cell is a subunit model, too, with weights that cancel: nothing is to be gained, and intervals say so.
TEST(CompareFlashed, SubunitsAreNotAheadWhereThereAreNone) {
  int called = 0, cells = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto result = compared(flashed_recording(std::vector<FlashedCellRecipe>(8, {1, 1, -1}), 60, 10, seed));
    for (const auto& cell : result.cells) {
      ++cells;
      called += cell.ahead_interval.low > 0 ? 1 : 0;
      EXPECT_LT(cell.ahead, 0.05);
    }
  }
  EXPECT_EQ(cells, 40);
  EXPECT_LE(called, 3);  // 2.5 % of 40 expected; more than 3 has a chance of 2 %
}

// Counts that have nothing to do with the images: neither is ahead, and intervals say so.
TEST(CompareFlashed, NoneIsAheadWhereNothingCanBePredicted) {
  int called = 0, predicted = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    Recording recording = flashed_recording(std::vector<FlashedCellRecipe>(8), 60, 10, seed);
    const CounterRandom random(seed, 20);
    for (std::size_t i = 0; i < recording.counts.values.size(); ++i)
      recording.counts.values[i] = static_cast<std::int32_t>(random.poisson(i, 1));
    for (const auto& cell : compared(recording).cells) {
      called += cell.ahead_interval.low > 0 ? 1 : 0;
      predicted += cell.subunits.cc_interval.low > 0 ? 1 : 0;
    }
  }
  EXPECT_LE(predicted, 4);  // 2.5 % of 48 expected; more than 4 has a chance of less than 1 %
  EXPECT_LE(called, 4);
}

TEST(CompareFlashed, NoAnswerHelpsToPredictItself) {
  Recording recording = flashed_recording({{2, 1, 0}}, 30, 4, 5);
  const auto before = compared(recording);
  for (std::int64_t trial = 0; trial < 4; ++trial)
    recording.counts.values[static_cast<std::size_t>(trial * 30 + 17)] += 9;
  const auto after = compared(recording);
  EXPECT_EQ(after.cells[0].subunits.rate[17], before.cells[0].subunits.rate[17]);
  EXPECT_EQ(after.cells[0].ln.rate[17], before.cells[0].ln.rate[17]);
  int changed = 0;
  for (std::size_t i = 0; i < 30; ++i) changed += after.cells[0].ln.rate[i] != before.cells[0].ln.rate[i] ? 1 : 0;
  EXPECT_GT(changed, 20);
}

TEST(CompareFlashed, ThreadsChangeNothing) {
  const Recording recording = flashed_recording({{2, 1, 0}, {4, 0, 1}, {1, 1, 1}}, 24, 3, 5);
  const auto one = compared(recording, 6, 1), three = compared(recording, 6, 3);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(one.cells[i].subunits.rate, three.cells[i].subunits.rate);
    EXPECT_EQ(one.cells[i].subunits.cc_interval.low, three.cells[i].subunits.cc_interval.low);
  }
}

TEST(CompareFlashed, ACellThatSaysNothingIsNamed) {
  Recording recording = flashed_recording({{2, 1, 0}, {2, 1, 0}, {2, 1, 0}}, 20, 1, 5);
  std::ranges::fill(recording.counts.row(1), 0);
  std::ranges::fill(recording.counts.row(2), 0);
  recording.counts.row(2)[3] = 5;
  const auto result = compared(recording);
  EXPECT_TRUE(result.cells[0].error.empty());
  EXPECT_FALSE(result.cells[0].reliability.has_value());
  EXPECT_NE(result.cells[1].error.find("no spike in the window"), std::string::npos);
  EXPECT_NE(result.cells[2].error.find("5 spikes in the window, all of them in 1 of the images"), std::string::npos);
  EXPECT_EQ(result.medians.cells, 1);
}

TEST(CompareFlashed, WhatCannotBeComparedIsRefused) {
  Recording recording = flashed_recording({{2, 1, 0}}, 20, 2, 5);
  expect_error(ErrorKind::usage, {"21 folds of 20 images"}, [&] { compared(recording, 21); });
  expect_error(ErrorKind::usage, {"1 folds"}, [&] { compared(recording, 1); });
  recording.contours.clear();
  expect_error(ErrorKind::data, {"no contours"}, [&] { compared(recording); });
  const Recording few = flashed_recording({{2, 1, 0}}, 10, 2, 5);
  expect_error(ErrorKind::data, {"10 images in 4 folds leave 7 to fit"}, [&] { compared(few, 4); });
  expect_error(ErrorKind::data, {"has 1 images, expected more than 8"}, [&] {
    compared(flashed_recording({{2, 1, 0}}, 1, 2, 5));
  });
}

}  // namespace
}  // namespace plexiform
