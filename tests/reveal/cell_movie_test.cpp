#include "plexiform/reveal/cell_movie.hpp"

#include <gtest/gtest.h>

#include "plexiform/cell/presets.hpp"

namespace plexiform {
namespace {

/// A network of one filter whose peak lies in a surround that has the other sign than its centre.
CellFit peaked_in_the_surround(const Circuit& truth) {
  ModelSettings s;
  s.filter_size = 3;
  CellFit fit;
  fit.window.window = {0, 0, truth.spatial.shape[1], truth.spatial.shape[2]};
  fit.network = make_network(s, {1, truth.spatial.shape[1], truth.spatial.shape[2]});
  fit.network.spatial[0][0][1][1] = -0.6F;
  fit.network.spatial[0][0][0][0] = 0.8F;
  const auto row = truth.temporal.row(0);
  // The centre drives the cell, so that the network's temporal filter has the other sign than the truth.
  fit.network.temporal[0].copy_(-at::tensor(std::vector<float>(row.begin(), row.end())));
  fit.network.map[0][8][8] = 1.0F;
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
  const auto cell =
      cell_movie(peaked_in_the_surround(recording.truth[0]), recording, make_split(recording, split), 10, 2);
  const at::Tensor average = at::mv(cell.movie.values.t(), cell.movie.counts);
  EXPECT_GT(average.max().item<float>(), -average.min().item<float>());
  const auto row = recording.truth[0].temporal.row(0);
  for (std::size_t l = 0; l < row.size(); ++l) EXPECT_NEAR(cell.temporal[l], row[l], 1e-5) << l;
  EXPECT_GE(cell.movie.blocks.size(), 19U) << "short recordings have shorter blocks";
}

}  // namespace
}  // namespace plexiform
