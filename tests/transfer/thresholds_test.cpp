// Each threshold of transfers does what it is for. Which other model a cell's own one exceeds: cross_cells_test.cpp
// (BestOther); blocks of few frames: fine_tune_test.cpp (TuneSplit). Here are the others, and limits on both sides.
#include "plexiform/transfer/thresholds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "plexiform/base/random.hpp"
#include "plexiform/recording/cut.hpp"
#include "plexiform/transfer/cell_transfer.hpp"
#include "plexiform/transfer/cross_cells.hpp"
#include "plexiform/transfer/fine_tune.hpp"
#include "plexiform/transfer/refit_output.hpp"
#include "recording/support.hpp"
#include "transfer/small_models.hpp"

namespace plexiform {
namespace {

using namespace thresholds::transfer;

TEST(OwnAlpha, AModelExceedsTheOthersUpToIt) {
  const auto exceeds = [](double p) {
    CrossMatrix matrix = unknown_matrix(2);
    matrix.bits.values = {1, 0.5, 0.5, 1};
    matrix.p.values = {CrossPair::kNan, p, p, CrossPair::kNan};
    return best_other(matrix, 0).own_exceeds;
  };
  EXPECT_TRUE(exceeds(kOwnAlpha));
  EXPECT_FALSE(exceeds(std::nextafter(kOwnAlpha, 1.0)));
}

TEST(LeastOwn, AnOwnModelThatPredictsLessSaysNothingOfOthers) {
  const auto of_own = [](double own) {
    NdArray<double> cc({2, 2});
    cc.values = {own, 0.04, 0.04, 0.5};
    return likeness(cc).values[1];
  };
  EXPECT_TRUE(std::isnan(of_own(kLeastOwn)));
  EXPECT_FALSE(std::isnan(of_own(kLeastOwn + 1e-6)));
}

TEST(RefitShare, IsEnoughForTwoNumbersOfTheOutput) {
  EXPECT_EQ(CellTransferSettings{}.refit, kRefitShare);
  // A recording of 8,000 frames has that share of 6,000 that train: scale and offset come back.
  const Network network = testing::with_output(-1, 0.5, -0.4);
  std::vector<double> drive, counts;
  const auto frames = static_cast<std::uint64_t>(kRefitShare * 6000);
  for (std::uint64_t t = 0; t < frames; ++t) drive.push_back(CounterRandom(1, 0).normal(t));
  const auto rate = changed_rates(network, {drive, {}}, {0.5, 0.8});
  for (std::uint64_t t = 0; t < frames; ++t)
    counts.push_back(static_cast<double>(CounterRandom(2, 0).poisson(t, rate[t])));
  const OutputChange found = refit_output(network, {drive, {}}, counts);
  const auto refitted = changed_rates(network, {drive, {}}, found);
  double off = 0;
  for (std::size_t t = 0; t < rate.size(); ++t) off += std::abs(refitted[t] - rate[t]) / rate[t];
  EXPECT_LT(off / static_cast<double>(rate.size()), 0.3);
}

TEST(OffsetReach, OffsetsAreFoundUpToItAndNoFurther) {
  const Network network = testing::with_output(-1, 2, 0);
  std::vector<double> drive;
  for (std::uint64_t t = 0; t < 4000; ++t) drive.push_back(CounterRandom(1, 0).normal(t));
  const auto found = [&](double offset) {
    return refit_output(network, {drive, {}}, changed_rates(network, {drive, {}}, {1, offset})).offset;
  };
  const double step = kOffsetReach / kOffsetSteps;
  for (const double offset : {-0.9 * kOffsetReach, -0.3, 0.0, 1.1, 0.5 * kOffsetReach})
    EXPECT_NEAR(found(offset), offset, step) << "within a step of the grid, and nearer where the likelihood bends";
  EXPECT_LE(std::abs(found(-2 * kOffsetReach)), 1.1 * kOffsetReach);
}

TEST(TuneShares, RiseToTheWhole) {
  EXPECT_TRUE(std::ranges::is_sorted(kTuneShares));
  EXPECT_GT(kTuneShares.front(), 0);
  EXPECT_EQ(kTuneShares.back(), 1);
  EXPECT_EQ(usual_tune_shares(), std::vector<double>(kTuneShares.begin(), kTuneShares.end()));
}

TEST(TuneBlocks, FewFramesAreCutIntoSoManyAndNoneIsTooShortForItsLags) {
  const Recording recording = testing::noise_recording(4, 4, 1, 6000, 1);
  SplitSettings like;
  like.lags = 5;
  const auto validation_of = [&](double share) {
    const Split split = tune_split(cut_recording(recording, share, 1000), like, 1000);
    std::int64_t longest = 0;
    for (const Range& range : split.validation()) longest = std::max(longest, range.size());
    return longest;
  };
  // 1,000 frames beside the test block: one of ten blocks validates, less the gap before it.
  const std::int64_t frames = 1000;
  EXPECT_LE(validation_of(0.2), frames / kTuneBlocks);
  EXPECT_GE(validation_of(0.2), frames / kTuneBlocks - like.lags);
  // So few that tenths would be shorter than the lags ask for.
  EXPECT_GE(validation_of(0.02), kTuneBlockLags * like.lags - like.lags);
  EXPECT_LE(validation_of(0.02), kTuneBlockLags * like.lags);
}

}  // namespace
}  // namespace plexiform
