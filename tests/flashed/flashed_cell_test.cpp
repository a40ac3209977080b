// The steps of compare_flashed, each alone.
#include "plexiform/flashed/flashed_cell.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/expect_error.hpp"
#include "flashed/support.hpp"
#include "plexiform/flashed/answers.hpp"
#include "plexiform/flashed/compare_flashed.hpp"

namespace plexiform {
namespace {

using testing::expect_error;
using testing::flashed_recording;

TEST(ImageFolds, AreDealtOutEvenly) {
  const ImageFolds folds = deal_folds(23, 5, 7);
  ASSERT_EQ(folds.of.size(), 23U);
  EXPECT_EQ(folds.number, 5);
  std::map<std::int64_t, int> images;
  for (const std::int64_t fold : folds.of) ++images[fold];
  ASSERT_EQ(images.size(), 5U);
  EXPECT_EQ(images.begin()->first, 0);
  for (const auto& [fold, count] : images) EXPECT_TRUE(count == 4 || count == 5) << fold;
}

TEST(ImageFolds, AreAFunctionOfTheSeed) {
  EXPECT_EQ(deal_folds(30, 5, 7).of, deal_folds(30, 5, 7).of);
  EXPECT_NE(deal_folds(30, 5, 7).of, deal_folds(30, 5, 8).of);
}

TEST(ImageFolds, LeaveEnoughImagesToFitModelsTo) {
  EXPECT_NO_THROW(deal_folds(9, 9, 0));
  expect_error(ErrorKind::data, {"8 images", "more than 8"}, [] { deal_folds(8, 4, 0); });
  expect_error(ErrorKind::data, {"9 images in 8 folds leave 7"}, [] { deal_folds(9, 8, 0); });
  expect_error(ErrorKind::usage, {"10 folds of 9 images"}, [] { deal_folds(9, 10, 0); });
  expect_error(ErrorKind::usage, {"1 folds of 20 images"}, [] { deal_folds(20, 1, 0); });
}

TEST(ImageFolds, AMeanElsewhereKnowsNothingOfItsOwnFold) {
  const ImageFolds folds{2, {0, 1, 0, 1, 1}};
  const std::vector<double> values{3, 10, 5, 20, 60};
  EXPECT_EQ(means_elsewhere(values, folds), (std::vector<double>{30, 4, 30, 4, 4}));
}

/// One cell of a recording, and what its field sees of the images at one extent.
struct OneCell {
  NdArray<double> trials;
  std::vector<PooledImages> pooled;
};
OneCell one_cell(const Recording& recording, std::int64_t cell) {
  const Field field = field_of(recording.contours[static_cast<std::size_t>(cell)]);
  return {Answers(recording).of_cell(recording, cell), pooled_images(*recording.stimulus, {field}, {1}, {1})[0]};
}

TEST(FlashedCell, IsTheSameOnAnyNumberOfThreads) {
  const OneCell of = one_cell(flashed_recording({{2, 1, 0}}, 24, 3, 5), 0);
  const ImageFolds folds = deal_folds(24, 4, 1);
  const FlashedCell one = compare_on_cell(of.trials, of.pooled, folds, 1, {1}),
                    three = compare_on_cell(of.trials, of.pooled, folds, 1, {3});
  EXPECT_EQ(one.error, "");
  EXPECT_GT(one.subunits.cc, 0.5);
  EXPECT_EQ(one.subunits.rate, three.subunits.rate);
  EXPECT_EQ(one.ln.rate, three.ln.rate);
  EXPECT_EQ(one.model.size, three.model.size);
  EXPECT_EQ(one.ahead_interval.low, three.ahead_interval.low);
}

TEST(FlashedCell, AStopRequestEndsItsFits) {
  const OneCell of = one_cell(flashed_recording({{2, 1, 0}}, 24, 3, 5), 0);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(compare_on_cell(of.trials, of.pooled, deal_folds(24, 4, 1), 1, {1, stop.get_token()}), Interrupted);
}

TEST(FlashedCell, OneThatSaysTooLittleHasAnErrorAndWhatIsKnown) {
  OneCell of = one_cell(flashed_recording({{2, 1, 0}}, 24, 3, 5), 0);
  std::ranges::fill(of.trials.values, 0.0);
  of.trials.row(1)[4] = 7;
  const FlashedCell cell = compare_on_cell(of.trials, of.pooled, deal_folds(24, 4, 1), 1, {1});
  EXPECT_NE(cell.error.find("7 spikes in the window, all of them in 1 of the images"), std::string::npos) << cell.error;
  EXPECT_EQ(cell.spikes, 7);
  EXPECT_EQ(cell.counts.size(), 24U);
  EXPECT_TRUE(cell.subunits.rate.empty());
}

/// A cell whose models predict it as well as `ln` and `subunits` say; counts of five images.
FlashedCell scored(double ln, double subunits) {
  FlashedCell cell;
  cell.counts = {0, 1, 2, 3, 4};
  cell.baseline.assign(5, 2);
  cell.ln.rate = {0, 1, 2, 3, 4 * ln};
  cell.subunits.rate = {0, 1, 2, 3, 4 * subunits};
  cell.ahead = subunits - ln;
  return cell;
}

TEST(FlashedMedians, AreOverTheCellsWithAScore) {
  std::vector<FlashedCell> cells{scored(1, 0.5), scored(0.5, 1), scored(0.5, 1)};
  const FlashedMedians three = medians_of(cells, 5, 1);
  EXPECT_EQ(three.cells, 3);
  EXPECT_EQ(three.cells_ahead, 2);
  EXPECT_NEAR(three.subunits, 1, 1e-12);
  EXPECT_GT(three.ahead, 0);
  cells.push_back(scored(1, 1));
  cells.back().error = "no spike";
  cells.push_back(scored(1, 1));
  cells.back().ahead = std::nan("");
  const FlashedMedians same = medians_of(cells, 5, 1);
  EXPECT_EQ(same.cells, 3);
  EXPECT_EQ(same.subunits, three.subunits);
  EXPECT_EQ(same.subunits_interval.low, three.subunits_interval.low);
}

TEST(CompareFlashedSteps, AStopRequestEndsTheWhole) {
  const Recording recording = flashed_recording({{2, 1, 0}}, 24, 3, 5);
  const std::vector<std::int64_t> cells{0};
  std::stop_source stop;
  // At the cell, when all images have been seen.
  const auto sink = [&](const Progress& progress) {
    if (progress.unit == "cells") stop.request_stop();
  };
  EXPECT_THROW(compare_flashed(recording, cells, {4}, 1, {1, stop.get_token(), sink}), Interrupted);
}

TEST(CompareFlashedSteps, ACellInACrowdIsThatOfItsOwn) {
  const Recording recording = flashed_recording({{2, 1, 0}, {4, 0, 1}, {1, 1, 1}}, 24, 3, 5);
  const std::vector<std::int64_t> all{0, 1, 2}, last{2};
  const auto crowd = compare_flashed(recording, all, {4}, 1, {2}),
             alone = compare_flashed(recording, last, {4}, 1, {2});
  EXPECT_EQ(crowd.cells[2].name, alone.cells[0].name);
  EXPECT_EQ(alone.cells[0].cell, 2);
  EXPECT_EQ(crowd.cells[2].subunits.rate, alone.cells[0].subunits.rate);
}

}  // namespace
}  // namespace plexiform
