#include "plexiform/reveal/subunits.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "plexiform/model/network.hpp"
#include "plexiform/reveal/thresholds.hpp"

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

/// Three filters of one pixel each, whose overlap is nothing; the second map's peak has a share of the sum.
CellFit with_small_peak(double share) {
  CellFit fit = two_subunits(true);
  fit.network.map.zero_();
  fit.network.map[0][2][2] = 1.0F - static_cast<float>(share);
  fit.network.map[0][8][8] = static_cast<float>(share);
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
  fit.network = make_network(s, {1, 11, 11});
  return fit;
}

TEST(Peaks, AreOneWhereTheirFiltersCorrelateAndTheirTimesAgree) {
  // A second filter sees the same place: one subunit if it looks the same in space and nearly the same in time.
  const auto number = [](float other_pixel, double angle) {
    CellFit fit = empty_fit(2);
    fit.network.spatial[0][0][1][1] = 1.0F;
    fit.network.spatial[1][0][1][1] = 1.0F;
    fit.network.spatial[1][0][0][0] = other_pixel;
    fit.network.temporal[0][0] = 1.0F;
    fit.network.temporal[1][0] = static_cast<float>(std::cos(angle));
    fit.network.temporal[1][1] = static_cast<float>(std::sin(angle));
    fit.network.map[0][5][5] = 1.0F;
    fit.network.map[1][5][5] = 1.0F;
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
      fit.network.spatial[k][0][1][1] = static_cast<float>(k == 1 ? correlation : 1.0);
      fit.network.temporal[k][0] = 1.0F;
    }
    fit.network.spatial[1][0][0][0] = static_cast<float>(correlation * other);
    fit.network.map[0][3][3] = 1.0F;
    fit.network.map[1][3][3] = 1.0F;
    fit.network.map[2][8][8] = 3.0F;
    return map_subunits(fit, {1, 20, 30}).size();
  };
  EXPECT_EQ(number(thresholds::kHalfPeak + 0.03), 2U);
  EXPECT_EQ(number(thresholds::kHalfPeak - 0.03), 3U);
}

TEST(Peaks, OfASmoothedMapAreThoseThatSmoothingLeaves) {
  CellFit fit = two_subunits(true);
  fit.network.map.zero_();
  fit.network.map[0][3][3] = 1.0F;
  fit.network.map[0][3][4] = 0.6F;
  fit.network.map[0][3][5] = 0.7F;
  CandidateSettings settings;
  settings.same_above = 2;  // nothing is joined
  settings.halves_above = 2;
  settings.smoothing = 0;
  EXPECT_EQ(map_subunits(fit, {1, 20, 30}, settings).size(), 2U);
  settings.smoothing = 2 * thresholds::kMapSmoothing;
  EXPECT_EQ(map_subunits(fit, {1, 20, 30}, settings).size(), 1U);
}

const std::vector<double> kTime = {0.6, 0.8};
Placing placing() {
  return {kTime, {2, 4, 7, 6}, {1, 20, 30}};
}

SubunitModel two_parts() {
  SubunitModel model;
  model.parts = {{{1.5, 2, 0, 0, 0}, 1}, {{4, 3, 0.2, 0, 0}, 3}};
  return model;
}

TEST(PlacedSubunits, LieInTheWindowOnTheGridTheHeaviestFirst) {
  std::vector<PartCertainty> sure(2);
  sure[0].x = {1, 2};
  sure[0].y = {1.5, 2.5};
  sure[1].confidence = 0.75;
  const auto subunits = placed_subunits(two_parts(), sure, placing());
  ASSERT_EQ(subunits.size(), 2U);
  EXPECT_NEAR(subunits[0].weight, 0.75, 1e-12);
  EXPECT_NEAR(subunits[1].weight, 0.25, 1e-12);
  const auto [y, x, height, width] = placing().window;
  EXPECT_NEAR(subunits[1].place.x, static_cast<double>(x) + 1.5, 1e-12);
  EXPECT_NEAR(subunits[1].place.y, static_cast<double>(y) + 2, 1e-12);
  EXPECT_NEAR(subunits[1].certainty->x.low, static_cast<double>(x) + 1, 1e-12);
  EXPECT_NEAR(subunits[1].certainty->y.high, static_cast<double>(y) + 2.5, 1e-12);
  EXPECT_EQ(subunits[0].certainty->confidence, 0.75);
  EXPECT_NEAR(subunits[0].size.major, std::exp(0.2), 1e-9);
  for (const auto& s : subunits) {
    double norm = 0;
    for (const float v : s.spatial.values) norm += static_cast<double>(v) * v;
    EXPECT_NEAR(norm, 1, 1e-5);
    EXPECT_EQ(s.temporal, (std::vector<float>{0.6F, 0.8F}));
    const auto peak = static_cast<std::int64_t>(std::max_element(s.spatial.values.begin(), s.spatial.values.end()) -
                                                s.spatial.values.begin());
    EXPECT_NEAR(static_cast<double>(peak % 30), s.place.x, 0.6);
    EXPECT_NEAR(static_cast<double>(peak / 30), s.place.y, 0.6);
  }
}

TEST(PlacedFilter, IsTheSumOfTheParts) {
  const auto filter = placed_filter(two_parts(), placing());
  const auto parts = placed_subunits(two_parts(), {}, placing());
  EXPECT_EQ(filter.weight, 1);
  double norm = 0, along = 0;
  std::vector<double> sum;
  for (std::size_t p = 0; p < filter.spatial.values.size(); ++p) {
    sum.push_back(3 * parts[0].spatial.values[p] + parts[1].spatial.values[p]);
    norm += sum.back() * sum.back();
  }
  for (std::size_t p = 0; p < sum.size(); ++p) along += sum[p] / std::sqrt(norm) * filter.spatial.values[p];
  EXPECT_NEAR(along, 1, 1e-5);
}

}  // namespace
}  // namespace plexiform
