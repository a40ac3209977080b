#include "plexiform/evaluate/recovery.hpp"

#include <gtest/gtest.h>

namespace plexiform {
namespace {

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
  const auto matches = match_truth(spatial_filters(revealed), truth);
  EXPECT_EQ(matches[0].index, 2);
  EXPECT_EQ(matches[1].index, 0);
  EXPECT_NEAR(matches[0].correlation, 1, 1e-9);
  EXPECT_NEAR(mean_match(matches, truth), 2.0 / 3, 1e-9);
  std::vector<Subunit> surplus = revealed;
  surplus.push_back(subunit_of(truth.spatial, 1));
  surplus.push_back(subunit_of(truth.spatial, 1));
  int without = 0;
  for (const auto& match : match_truth(spatial_filters(surplus), truth)) without += match.index < 0;
  EXPECT_EQ(without, 1);
}

TEST(Recovery, ModulesAreMatchedWhereTheirWindowLies) {
  Circuit truth;
  truth.spatial = NdArray<float>({2, 4, 5});
  truth.weight = NdArray<float>({2}, 1);
  truth.spatial.row(0)[1 * 5 + 2] = 1;
  truth.spatial.row(1)[3 * 5 + 4] = 1;
  NdArray<float> modules({1, 4});
  modules.values[0] = 1;  // of a window whose first pixel is row 1, column 2
  const auto of = [&](const Window& window) {
    return recovery_of(match_truth(on_grid(modules, window, 4, 5), truth), truth);
  };
  const Recovery recovery = of({1, 2, 2, 2});
  EXPECT_EQ(recovery.found, 1);
  EXPECT_NEAR(recovery.mean_match, 0.5, 1e-6);
  const Recovery elsewhere = of({0, 0, 2, 2});
  EXPECT_EQ(elsewhere.found, 0);
}

}  // namespace
}  // namespace plexiform
