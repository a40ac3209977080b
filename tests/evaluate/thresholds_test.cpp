// Each threshold of evaluations does what it is for.
#include "plexiform/evaluate/thresholds.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "plexiform/cell/presets.hpp"
#include "plexiform/evaluate/recovery.hpp"
#include "plexiform/evaluate/score_cell.hpp"

namespace plexiform {
namespace {

using namespace thresholds::evaluate;

TEST(FoundAbove, ASubunitCountsFromItsCorrelationOnAndOnlyWithAPartner) {
  Circuit truth;
  truth.weight = NdArray<float>({3}, 1);
  truth.spatial = NdArray<float>({3, 2, 2}, 0);
  const auto found = [&](double correlation, std::int64_t index) {
    const std::vector<TruthMatch> matches{{index, correlation}, {1, 1}};
    return recovery_of(matches, truth).found;
  };
  EXPECT_EQ(found(kFoundAbove, 0), 2);
  EXPECT_EQ(found(std::nextafter(kFoundAbove, 0.0), 0), 1);
  EXPECT_EQ(found(1, -1), 1);
}

TEST(FreshFrames, AreEnoughForAScoreThatHardlyDependsOnTheirSpikes) {
  // Of the preset's tenth of a spike a frame: the standard error of a correlation, 1 / sqrt(frames), is a hundredth.
  CellRecipe recipe;
  recipe.seed = 112;
  recipe.frames = 100;
  const ScoredFrames fresh = fresh_frames(simulate(recipe), 0);
  const double spikes = std::accumulate(fresh.bins.counts.begin(), fresh.bins.counts.end(), 0.0);
  EXPECT_GT(spikes, 500);
  EXPECT_LE(1 / std::sqrt(static_cast<double>(kFreshFrames)), 0.01);
}

}  // namespace
}  // namespace plexiform
