#include "plexiform/reveal/placed.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "reveal/planted.hpp"

namespace plexiform::reveal {
namespace {

const Placing kPlacing{{2, 4, 8, 8}, {1, 20, 30}};

Found found_of(Model model) {
  Found found;
  found.fit.model = std::move(model);
  found.fit.dispersion = 1;
  return found;
}

Model three_parts(std::size_t channels = 1) {
  Model model =
      model_of(bumps(2, 6, channels),
               {part_of(round_gaussian(2, 3, 1.1), {0.1, 0}), part_of(round_gaussian(5, 4, 1.4), {-0.3, 0.05}),
                part_of(round_gaussian(4, 4, 2), {0, 0.2}, -1)},
               0, 0.1);
  return model;
}

TEST(PlacedSubunits, AreOfOneSignTheHeaviestFirstOnTheGrid) {
  const auto subunits = placed_subunits(found_of(three_parts()), 1, nullptr, kPlacing);
  ASSERT_EQ(subunits.size(), 2U);
  EXPECT_GT(subunits[0].weight, subunits[1].weight);
  EXPECT_NEAR(subunits[0].weight + subunits[1].weight, 1, 1e-12);
  EXPECT_NEAR(subunits[0].place.x, 9, 0.1);
  EXPECT_NEAR(subunits[0].place.y, 6, 0.1);
  for (const auto& s : subunits) {
    EXPECT_EQ(s.spatial.shape, (std::vector<std::int64_t>{20, 30}));
    double norm = 0, time = 0;
    for (const float v : s.spatial.values) norm += static_cast<double>(v) * v;
    for (const float v : s.temporal) time += static_cast<double>(v) * v;
    EXPECT_NEAR(norm, 1, 1e-5);
    EXPECT_NEAR(time, 1, 1e-5);
    EXPECT_TRUE(s.channels.empty() && s.filter.values.empty());
    EXPECT_FALSE(s.certainty.has_value());
  }
  EXPECT_LT(subunits[0].temporal[1], 0) << "the time course carries the polarity";
  EXPECT_NEAR(subunits[1].size.major, 1.1, 0.05);
  EXPECT_NEAR(subunits[1].latency, 1, 0.3);
  const auto against = placed_subunits(found_of(three_parts()), -1, nullptr, kPlacing);
  ASSERT_EQ(against.size(), 1U);
  EXPECT_EQ(against[0].weight, 1);
}

TEST(PlacedSubunits, AFilterWhoseStrongestPixelIsNegativeIsTurned) {
  Model model = three_parts();
  model.parts.resize(1);
  model.parts[0].shape.inner = {{-3, 2, 3, std::log(1.1)}};
  const auto turned = placed_subunits(found_of(model), 1, nullptr, kPlacing);
  model.parts[0].shape.inner.clear();
  const auto plain = placed_subunits(found_of(model), 1, nullptr, kPlacing);
  EXPECT_GT(*std::ranges::max_element(turned[0].spatial.values), 0.1F);
  for (std::size_t l = 0; l < 6; ++l) EXPECT_NEAR(turned[0].temporal[l], -plain[0].temporal[l], 1e-6);
}

TEST(PlacedSubunits, OfSeveralChannelsHaveTheirWeights) {
  const auto subunits = placed_subunits(found_of(three_parts(2)), 1, nullptr, kPlacing);
  for (const auto& s : subunits) {
    ASSERT_EQ(s.channels.size(), 2U);
    EXPECT_NEAR(s.channels[0], 1 / std::sqrt(1.25), 1e-5);
    EXPECT_NEAR(s.channels[1], -0.5 / std::sqrt(1.25), 1e-5);
    ASSERT_EQ(s.filter.shape, (std::vector<std::int64_t>{2, 6}));
    for (std::size_t c = 0; c < 2; ++c)
      for (std::size_t l = 0; l < 6; ++l)
        EXPECT_NEAR(s.filter.values[c * 6 + l], s.channels[c] * s.temporal[l], 1e-5) << "these are products";
  }
}

TEST(PlacedSubunits, IntervalsMoveWithTheWindow) {
  Sure of;
  Certainty& sure = of.certainty;
  sure.parts.resize(3);
  sure.parts[1].x = {4.5, 5, 5.5}, sure.parts[1].latency = {0.5, 1, 1.5};
  sure.parts[1].gain = {40, 5}, sure.parts[1].returned = 0.5;
  const auto subunits = placed_subunits(found_of(three_parts()), 1, &of, kPlacing);
  ASSERT_TRUE(subunits[0].certainty.has_value());
  EXPECT_EQ(subunits[0].certainty->x.low, 8.5);
  EXPECT_EQ(subunits[0].certainty->x.high, 9.5);
  EXPECT_EQ(subunits[0].certainty->latency.high, 1.5);
  EXPECT_EQ(subunits[0].certainty->gain.nats, 40);
  EXPECT_EQ(subunits[0].certainty->returned, 0.5);
  EXPECT_GT(subunits[0].certainty->confidence, 0);
}

TEST(NumberInterval, IsNineTenthsOfTheResamplesAndTheNumberItself) {
  std::vector<int> numbers(100, 5);
  std::fill_n(numbers.begin(), 10, 4);
  numbers[50] = 7;
  EXPECT_EQ(number_interval(numbers, 5).low, 4);
  EXPECT_EQ(number_interval(numbers, 5).high, 5);
  EXPECT_EQ(number_interval(numbers, 6).high, 6);
  EXPECT_EQ(number_interval({5}, 5).low, 5);
}

TEST(ShareOutside, IsHalfOfASubunitOnTheBorderAndNoneOfOneInTheMiddle) {
  Model model = model_of(bumps(1, 6), {part_of(round_gaussian(7.5, 7.5, 1), {0.2})}, 0, 0.1);
  const Grid grid{16, 16};
  EXPECT_LT(share_outside(model, grid), 1e-9);
  model.parts[0].shape.centre = round_gaussian(7.5, -0.5, 1);
  EXPECT_NEAR(share_outside(model, grid), 0.5, 1e-3);
  model.parts[0].shape.centre = round_gaussian(-0.5, -0.5, 1);
  EXPECT_NEAR(share_outside(model, grid), 0.75, 1e-3);
}

TEST(PlainResidual, SaysWhereOnTheGridAndNothingWhereNothingIsMissing) {
  Residual residual;
  residual.z = 2, residual.p = 0.5, residual.visible_bits = 0.01;
  EXPECT_TRUE(plain_residual(residual, kPlacing).missing.empty());
  EXPECT_FALSE(plain_residual(residual, kPlacing).place.has_value());
  residual.p = 0.01, residual.missed_bits = 0.03;
  residual.strongest.sign = -1, residual.strongest.lag = 6;
  residual.strongest.x = 3, residual.strongest.y = 5;
  ASSERT_TRUE(residual.is_missing());
  const ResidualTest test = plain_residual(residual, kPlacing);
  EXPECT_EQ(test.missing, "suppression at lag 6 near (7, 7)");
  EXPECT_EQ(test.place->x, 7);
  EXPECT_EQ(test.place->y, 7);
}

TEST(PlainCovariates, AreGroupsWithTheirNumbers) {
  Model model = three_parts();
  model.gains = {0.1, 0.2, -0.6};
  Covariates covariates;
  covariates.what = {{CovariateKind::history, 0, 0, 1, 0},
                     {CovariateKind::history, 1, 0, 1, 0},
                     {CovariateKind::divisive, 30, 0, 1, 0.1}};
  const auto uses = plain_covariates(model, covariates);
  ASSERT_EQ(uses.size(), 2U);
  EXPECT_EQ(uses[0].what, "history");
  EXPECT_EQ(uses[0].numbers, 2U);
  EXPECT_EQ(uses[1].what, "divisive gain");
  EXPECT_NEAR(uses[1].exponent, -0.6, 1e-12);
}

}  // namespace
}  // namespace plexiform::reveal
