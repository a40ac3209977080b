#include "plexiform/reveal/subunits.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "plexiform/model/network.hpp"

namespace plexiform {
namespace {

/// A network whose map has two peaks, at window positions (3, 3) and (3, 7), with a 3 x 3 plus sign as filter.
CellFit two_subunits(bool separable) {
  ModelSettings s;
  s.lags = 4;
  s.window = 11;
  s.filter_size = 3;
  s.separable = separable;
  CellFit fit;
  fit.window.window = {2, 4, 11, 11};
  fit.network = make_network(s, {1, 11, 11});
  const at::Tensor plus = at::tensor({0.0F, 1.0F, 0.0F, 1.0F, 2.0F, 1.0F, 0.0F, 1.0F, 0.0F}).view({3, 3});
  const at::Tensor time = at::tensor({0.0F, 3.0F, -1.0F, 0.0F});
  if (separable) {
    // Both signs turned: reveal must turn them back, with the peak positive and the sign in the temporal filter.
    fit.network.spatial[0][0] = -plus;
    fit.network.temporal[0] = -time;
  } else {
    fit.network.filter[0] = (time.view({4, 1, 1}) * plus).unsqueeze(1);
  }
  fit.network.map[0][3][3] = 3.0F;
  fit.network.map[0][3][4] = 1.0F;
  fit.network.map[0][3][7] = 2.0F;
  fit.network.map[0][9][9] = 0.1F;  // below the least share
  return fit;
}

class TwoSubunits : public testing::TestWithParam<bool> {};

TEST_P(TwoSubunits, PeaksBecomeSubunitsOnTheGrid) {
  const auto subunits = map_subunits(two_subunits(GetParam()), {1, 20, 30});
  ASSERT_EQ(subunits.size(), 2U);
  EXPECT_NEAR(subunits[0].weight, 4.0 / 6, 1e-6);
  EXPECT_NEAR(subunits[1].weight, 2.0 / 6, 1e-6);
  // The lighter one stands alone: exactly the filter, its centre at window (3, 7) + (2, 4).
  EXPECT_NEAR(subunits[1].place.y, 5, 1e-6);
  EXPECT_NEAR(subunits[1].place.x, 11, 1e-6);
  EXPECT_NEAR(subunits[1].spatial.values[5 * 30 + 11], 2 / std::sqrt(8.0), 1e-5);
  // The heavier one is drawn towards its second position.
  EXPECT_GT(subunits[0].place.x, 7);
  EXPECT_LT(subunits[0].place.x, 8);
  for (const auto& s : subunits) {
    double norm = 0;
    for (const float v : s.spatial.values) norm += static_cast<double>(v) * v;
    EXPECT_NEAR(norm, 1, 1e-5);
    EXPECT_NEAR(s.temporal[1], 3 / std::sqrt(10.0), 1e-5);
    EXPECT_NEAR(s.temporal[2], -1 / std::sqrt(10.0), 1e-5);
  }
}

INSTANTIATE_TEST_SUITE_P(Forms, TwoSubunits, testing::Bool());

TEST(Halves, OfOneSubunitAreJoinedAndNeighboursAreNot) {
  // Two peaks of weight 1 whose filters overlap, beside two large subunits: halves. As large as the others: neighbours.
  for (const double weight : {1.0, 3.0}) {
    CellFit fit = two_subunits(true);
    fit.network.spatial[0][0] = at::ones({3, 3});
    fit.network.map.zero_();
    fit.network.map[0][1][1] = 3.0F;
    fit.network.map[0][1][8] = 3.0F;
    fit.network.map[0][8][3] = weight;
    fit.network.map[0][8][5] = weight;
    CandidateSettings settings;
    settings.smoothing = 0;
    EXPECT_EQ(map_subunits(fit, {1, 20, 30}, settings).size(), 4U) << "filters overlap too little";
    settings.halves_above = 0.2;
    EXPECT_EQ(map_subunits(fit, {1, 20, 30}, settings).size(), weight < 2 ? 3U : 4U);
  }
}

Subunit subunit_of(const NdArray<float>& maps, std::int64_t i) {
  Subunit s;
  s.spatial = NdArray<float>({maps.shape[1], maps.shape[2]});
  const auto row = maps.row(i);
  s.spatial.values.assign(row.begin(), row.end());
  return s;
}

TEST(MatchTruth, IsOneToOneAndCountsMissingOnesAsZero) {
  Circuit truth;
  truth.spatial = NdArray<float>({3, 4, 4});
  truth.weight = NdArray<float>({3}, 1.0F);
  for (std::int64_t i = 0; i < 3; ++i) truth.spatial.row(i)[static_cast<std::size_t>(5 * i)] = 1;
  // Two revealed ones, in another order, and a copy that finds its partner taken.
  const std::vector<Subunit> revealed = {subunit_of(truth.spatial, 2), subunit_of(truth.spatial, 0)};
  const auto matches = match_truth(revealed, truth);
  EXPECT_EQ(matches[0].index, 2);
  EXPECT_EQ(matches[1].index, 0);
  EXPECT_NEAR(matches[0].correlation, 1, 1e-9);
  EXPECT_NEAR(mean_match(matches, truth), 2.0 / 3, 1e-9);
  std::vector<Subunit> surplus = revealed;
  surplus.push_back(subunit_of(truth.spatial, 1));
  surplus.push_back(subunit_of(truth.spatial, 1));
  int without = 0;
  for (const auto& match : match_truth(surplus, truth)) without += match.index < 0;
  EXPECT_EQ(without, 1);
}

}  // namespace
}  // namespace plexiform
