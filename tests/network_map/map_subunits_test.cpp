#include "plexiform/network_map/map_subunits.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "plexiform/model/network.hpp"
#include "plexiform/network_map/thresholds.hpp"

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
  network_of(fit) = make_network(s, {1, 11, 11});
  const at::Tensor plus = at::tensor({0.0F, 1.0F, 0.0F, 1.0F, 2.0F, 1.0F, 0.0F, 1.0F, 0.0F}).view({3, 3});
  const at::Tensor time = at::tensor({0.0F, 3.0F, -1.0F, 0.0F});
  if (separable) {
    // Both signs turned: reveal must turn them back, with the peak positive and the sign in the temporal filter.
    network_of(fit).spatial[0][0] = -plus;
    network_of(fit).temporal[0] = -time;
  } else {
    network_of(fit).filter[0] = (time.view({4, 1, 1}) * plus).unsqueeze(1);
  }
  network_of(fit).map[0][3][3] = 3.0F;
  network_of(fit).map[0][3][4] = 1.0F;
  network_of(fit).map[0][3][7] = 2.0F;
  network_of(fit).map[0][9][9] = 0.1F;  // below the least share
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
    network_of(fit).spatial[0][0] = at::ones({3, 3});
    network_of(fit).map.zero_();
    network_of(fit).map[0][1][1] = 3.0F;
    network_of(fit).map[0][1][8] = 3.0F;
    network_of(fit).map[0][8][3] = weight;
    network_of(fit).map[0][8][5] = weight;
    CandidateSettings settings;
    settings.smoothing = 0;
    EXPECT_EQ(map_subunits(fit, {1, 20, 30}, settings).size(), 4U) << "filters overlap too little";
    settings.halves_above = 0.2;
    EXPECT_EQ(map_subunits(fit, {1, 20, 30}, settings).size(), weight < 2 ? 3U : 4U);
  }
}

/// Three filters of one pixel each, whose overlap is nothing; the second map's peak has a share of the sum.
CellFit with_small_peak(double share) {
  CellFit fit = two_subunits(true);
  network_of(fit).map.zero_();
  network_of(fit).map[0][2][2] = 1.0F - static_cast<float>(share);
  network_of(fit).map[0][8][8] = static_cast<float>(share);
  return fit;
}

TEST(Peaks, CountFromTheLeastShareOfTheMap) {
  CandidateSettings settings;
  settings.smoothing = 0;
  const double least = thresholds::kLeastPeakShare;
  EXPECT_EQ(map_subunits(with_small_peak(1.05 * least), {1, 20, 30}, settings).size(), 2U);
  EXPECT_EQ(map_subunits(with_small_peak(0.95 * least), {1, 20, 30}, settings).size(), 1U);
}

/// Filters of 3 x 3 pixels and two lags, all of them 0.
CellFit empty_fit(std::int64_t filters) {
  ModelSettings s;
  s.lags = 2;
  s.window = 11;
  s.filter_size = 3;
  s.filters = filters;
  CellFit fit;
  fit.window.window = {2, 4, 11, 11};
  network_of(fit) = make_network(s, {1, 11, 11});
  return fit;
}

TEST(Peaks, AreOneWhereTheirFiltersCorrelateAndTheirTimesAgree) {
  // A second filter sees the same place: one subunit if it looks the same in space and nearly the same in time.
  const auto number = [](float other_pixel, double angle) {
    CellFit fit = empty_fit(2);
    network_of(fit).spatial[0][0][1][1] = 1.0F;
    network_of(fit).spatial[1][0][1][1] = 1.0F;
    network_of(fit).spatial[1][0][0][0] = other_pixel;
    network_of(fit).temporal[0][0] = 1.0F;
    network_of(fit).temporal[1][0] = static_cast<float>(std::cos(angle));
    network_of(fit).temporal[1][1] = static_cast<float>(std::sin(angle));
    network_of(fit).map[0][5][5] = 1.0F;
    network_of(fit).map[1][5][5] = 1.0F;
    return map_subunits(fit, {1, 20, 30}).size();
  };
  EXPECT_EQ(number(0.5F, 0), 1U) << "a correlation of about 0.89";
  EXPECT_EQ(number(0.9F, 0), 2U) << "of about 0.74";
  EXPECT_EQ(number(0, std::acos(thresholds::kSameTime + 0.02)), 1U);
  EXPECT_EQ(number(0, std::acos(thresholds::kSameTime - 0.02)), 2U);
  EXPECT_NEAR(thresholds::kSamePeak, 0.8, 0.06) << "between the two correlations above";
}

TEST(Halves, AreThoseWhoseFiltersCorrelateByMoreThanTheLimit) {
  // Two light peaks at one place whose filters share a pixel, so that they correlate by `correlation`; a heavy one
  // apart.
  const auto number = [](double correlation) {
    const double other = std::sqrt(1 / (correlation * correlation) - 1);
    CellFit fit = empty_fit(3);
    for (int k = 0; k < 3; ++k) {
      network_of(fit).spatial[k][0][1][1] = static_cast<float>(k == 1 ? correlation : 1.0);
      network_of(fit).temporal[k][0] = 1.0F;
    }
    network_of(fit).spatial[1][0][0][0] = static_cast<float>(correlation * other);
    network_of(fit).map[0][3][3] = 1.0F;
    network_of(fit).map[1][3][3] = 1.0F;
    network_of(fit).map[2][8][8] = 3.0F;
    return map_subunits(fit, {1, 20, 30}).size();
  };
  EXPECT_EQ(number(thresholds::kHalfPeak + 0.03), 2U);
  EXPECT_EQ(number(thresholds::kHalfPeak - 0.03), 3U);
}

TEST(Peaks, OfASmoothedMapAreThoseThatSmoothingLeaves) {
  CellFit fit = two_subunits(true);
  network_of(fit).map.zero_();
  network_of(fit).map[0][3][3] = 1.0F;
  network_of(fit).map[0][3][4] = 0.6F;
  network_of(fit).map[0][3][5] = 0.7F;
  CandidateSettings settings;
  settings.same_above = 2;  // nothing is joined
  settings.halves_above = 2;
  settings.smoothing = 0;
  EXPECT_EQ(map_subunits(fit, {1, 20, 30}, settings).size(), 2U);
  settings.smoothing = 2 * thresholds::kMapSmoothing;
  EXPECT_EQ(map_subunits(fit, {1, 20, 30}, settings).size(), 1U);
}

}  // namespace
}  // namespace plexiform
