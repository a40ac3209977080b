#include "plexiform/network_map/cell_movie.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "plexiform/cell/presets.hpp"
#include "plexiform/network_map/thresholds.hpp"

namespace plexiform {
namespace {

/// A network of one filter whose peak lies in a surround that has the other sign than its centre.
CellFit peaked_in_the_surround(const Circuit& truth) {
  ModelSettings s;
  s.filter_size = 3;
  CellFit fit;
  fit.window.window = {0, 0, truth.spatial.shape[1], truth.spatial.shape[2]};
  network_of(fit) = make_network(s, {1, truth.spatial.shape[1], truth.spatial.shape[2]});
  network_of(fit).spatial[0][0][1][1] = -0.6F;
  network_of(fit).spatial[0][0][0][0] = 0.8F;
  const auto row = truth.temporal.row(0);
  // The centre drives the cell, so that the network's temporal filter has the other sign than the truth.
  network_of(fit).temporal[0].copy_(-at::tensor(std::vector<float>(row.begin(), row.end())));
  network_of(fit).map[0][8][8] = 1.0F;
  return fit;
}

TEST(CellMovie, WhatDrivesTheCellIsPositive) {
  CellRecipe recipe;
  recipe.preset = "linear";
  recipe.seed = 112;
  recipe.frames = 6000;
  const Recording recording = simulate(recipe);
  SplitSettings split;
  split.test.frames = 0;
  const auto cell = cell_movie(peaked_in_the_surround(recording.truth[0]), recording, make_split(recording, split), 10,
                               {.threads = 2});
  const at::Tensor average = at::mv(cell.movie.values.t(), cell.movie.counts);
  EXPECT_GT(average.max().item<float>(), -average.min().item<float>());
  const auto row = recording.truth[0].temporal.row(0);
  for (std::size_t l = 0; l < row.size(); ++l) EXPECT_NEAR(cell.temporal[l], row[l], 1e-5) << l;
  EXPECT_GE(cell.movie.blocks.size(), 19U) << "short recordings have shorter blocks";
}

TEST(CellMovie, BlocksAreThoseOfTheSplitAndShorterInAShortRecording) {
  using namespace thresholds;
  const auto longest = [](std::int64_t frames, double seconds) {
    CellRecipe recipe;
    recipe.preset = "linear";
    recipe.seed = 112;
    recipe.frames = frames;
    const Recording recording = simulate(recipe);
    SplitSettings split;
    split.test.frames = 0;
    const auto fit = peaked_in_the_surround(recording.truth[0]);
    const auto cell = cell_movie(fit, recording, make_split(recording, split), seconds, {.threads = 2});
    std::int64_t most = 0;
    for (const auto& block : cell.movie.blocks) most = std::max(most, block.length());
    return std::pair{most, static_cast<std::int64_t>(network_of(fit).settings.lags)};
  };
  EXPECT_LE(longest(20'000, 0.1).first, kLongBlock) << "seconds do not make blocks shorter than these frames";
  EXPECT_GT(longest(20'000, 0.1).first, kLongBlock / 2);
  EXPECT_LE(longest(3000, 1000).first, 3000 / kLeastBlocks);
  const auto [most, lags] = longest(700, 1000);
  EXPECT_LE(most, kBlockFilters * lags);
  EXPECT_GT(most, 700 / kLeastBlocks) << "nor shorter than a few temporal filters";
}

}  // namespace
}  // namespace plexiform
