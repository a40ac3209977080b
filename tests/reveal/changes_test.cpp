#include "plexiform/reveal/changes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "plexiform/reveal/thresholds.hpp"
#include "reveal/planted_movie.hpp"

namespace plexiform {
namespace {

using namespace thresholds;

SubunitModel model_of(const std::vector<Gaussian>& shapes) {
  return planted_model(SubunitNonlinearity::relu, shapes, -0.3, 0.1);
}

std::vector<double> variances_of(const SubunitModel& model, double variance) {
  return std::vector<double>(static_cast<std::size_t>(parameter_count(model)), variance);
}

TEST(WithJoined, HasTheirWeightPlaceAndCovarianceTogether) {
  SubunitModel model = model_of({round_gaussian(2, 3, 1), round_gaussian(5, 3, 1), round_gaussian(0, 0, 1)});
  model.parts[1].weight = 3;
  const auto joined = with_joined(model, 0, 1);
  ASSERT_EQ(joined.parts.size(), 2U);
  EXPECT_EQ(joined.parts[0].weight, 4);
  EXPECT_NEAR(joined.parts[0].shape.x, 0.25 * 2 + 0.75 * 5, 1e-12);
  const auto [xx, xy, yy] = covariance(joined.parts[0].shape);
  EXPECT_NEAR(xx, 1 + 0.25 * 0.75 * 9, 1e-12) << "that of a mixture";
  EXPECT_NEAR(xy, 0, 1e-12);
  EXPECT_NEAR(yy, 1, 1e-12);
  EXPECT_EQ(joined.parts[1].shape.x, 0);
}

TEST(WithSplit, HasTwoOfTheMeanSizeOnEachSideAlongTheAngle) {
  const auto model = model_of({round_gaussian(4, 3, 1.5)});
  const auto split = with_split(model, 0, std::numbers::pi / 2);
  ASSERT_EQ(split.parts.size(), 2U);
  EXPECT_NEAR(split.parts[0].shape.x, 4, 1e-9);
  EXPECT_NEAR(split.parts[0].shape.y, 3 + kSplitReach * 1.5, 1e-9);
  EXPECT_NEAR(split.parts[1].shape.y, 3 - kSplitReach * 1.5, 1e-9);
  EXPECT_NEAR(split.parts[0].weight, kSplitWeight, 1e-12);
  EXPECT_NEAR(axes(split.parts[1].shape).major, 1.5, 1e-9);
}

TEST(PairsToJoin, OverlapAndAreNotCertainlyApartTheMostAlikeFirst) {
  // Overlaps of unit-norm round Gaussians of one size: exp(-distance^2 / 4).
  const auto apart = [](double overlap) { return std::sqrt(-4 * std::log(overlap)); };
  const double below = apart(kJoinAbove - 0.01), above = apart(kJoinAbove + 0.01);
  const auto uncertain = [&](const SubunitModel& m) { return pairs_to_join(m, variances_of(m, 100)); };
  EXPECT_TRUE(uncertain(model_of({round_gaussian(2, 2, 1), round_gaussian(2 + below, 2, 1)})).empty());
  EXPECT_EQ(uncertain(model_of({round_gaussian(2, 2, 1), round_gaussian(2 + above, 2, 1)})).size(), 1U);
  const auto three = model_of({round_gaussian(2, 2, 1), round_gaussian(3.5, 2, 1), round_gaussian(2.2, 2, 1)});
  const auto pairs = uncertain(three);
  ASSERT_EQ(pairs.size(), 3U);
  EXPECT_EQ(pairs[0], (std::pair<std::size_t, std::size_t>{0, 2}));

  // The distance of two places has the variance of four coordinates.
  const auto two = model_of({round_gaussian(2, 2, 1), round_gaussian(3, 2, 1)});
  const double at_the_limit = std::pow(1 / kCertain, 2) / 4;
  EXPECT_TRUE(pairs_to_join(two, variances_of(two, at_the_limit * 0.98)).empty());
  EXPECT_EQ(pairs_to_join(two, variances_of(two, at_the_limit * 1.02)).size(), 1U);
}

TEST(PartsToDrop, AreTheLeastCertainThatAreNotCertainAtAll) {
  SubunitModel model =
      model_of({round_gaussian(1, 1, 1), round_gaussian(3, 1, 1), round_gaussian(5, 1, 1), round_gaussian(5, 5, 1)});
  const double weights[] = {0.9 * kCertain, 1.1 * kCertain, 0.2 * kCertain, 0.5 * kCertain};
  for (std::size_t i = 0; i < 4; ++i) model.parts[i].weight = weights[i];
  const auto drop = parts_to_drop(model, variances_of(model, 1));
  ASSERT_EQ(drop.size(), kDrops);
  EXPECT_EQ(drop, (std::vector<std::size_t>{2, 3}));
  EXPECT_TRUE(parts_to_drop(model, variances_of(model, 1e-4)).empty());
}

TEST(ParameterVariances, AreTheDiagonalOfTheInverseCurvature) {
  const auto truth = model_of({round_gaussian(2.1, 2.4, 0.9)});
  const auto movie = planted_movie(truth, 5, 1500, 100, 3);
  const auto fit = fit_model(truth, movie, {}, {}, {1});
  const auto variances = parameter_variances(fit);
  ASSERT_EQ(static_cast<std::int64_t>(variances.size()), parameter_count(truth));
  const at::Tensor inverse = at::linalg_inv(fit.curvature);
  const auto x = ModelLayout::part(0).x;
  EXPECT_NEAR(variances[static_cast<std::size_t>(x)], inverse[x][x].item<double>(), 1e-6);
}

TEST(Growths, SplitEachPartAlongFourAxesAndAddOneAtPlacesThatAreNotFar) {
  const auto model = model_of({round_gaussian(3, 3, 1), round_gaussian(7, 3, 1)});
  const FilteredMovie movie = white_movie(20, 1, 1, 1);
  const auto all = growths(model, movie);
  const auto splits = std::count_if(all.begin(), all.end(), [](const Growth& g) { return g.feature.size() == 2; });
  EXPECT_EQ(splits, 8);
  const auto stride = std::lround(kPlaceSpacing);
  for (const auto& g : all) {
    EXPECT_EQ(g.model.parts.size(), 3U);
    EXPECT_FALSE(g.change.empty());
    if (g.feature.size() == 2) continue;
    const Gaussian& shape = g.feature[0];
    double most = 0;
    for (const auto& part : model.parts)
      most = std::max(most, overlap(part.shape, round_gaussian(shape.x, shape.y, 1)));
    EXPECT_GE(most, kFar);
    EXPECT_NEAR(std::exp(shape.log_a), most > kUpon ? 0.5 : 1, 1e-9) << "a detail upon a subunit is half as large";
    EXPECT_EQ(std::lround(shape.x) % stride, 0);
    EXPECT_NEAR(g.model.parts[2].weight, 1 / kMeanOfNew, 1e-12);
  }
  // Each place of the grid that is near is there.
  std::int64_t near = 0;
  for (std::int64_t y = 0; y < 20; y += stride)
    for (std::int64_t x = 0; x < 20; x += stride) {
      const auto place = round_gaussian(static_cast<double>(x), static_cast<double>(y), 1);
      near += std::max(overlap(model.parts[0].shape, place), overlap(model.parts[1].shape, place)) >= kFar;
    }
  EXPECT_EQ(static_cast<std::int64_t>(all.size()) - splits, near);
  EXPECT_LT(near, 400);
}

TEST(Growths, PlacesAreAsFarApartAsSubunitsAreLarge) {
  const FilteredMovie movie = white_movie(20, 1, 1, 1);
  const auto places = [&](double size) {
    const auto all = growths(model_of({round_gaussian(10, 10, size)}), movie);
    std::vector<double> x;
    for (const auto& g : all)
      if (g.feature.size() == 1) x.push_back(g.feature[0].x);
    std::sort(x.begin(), x.end());
    x.erase(std::unique(x.begin(), x.end()), x.end());
    return x[1] - x[0];
  };
  EXPECT_EQ(places(1), std::lround(kPlaceSpacing));
  EXPECT_EQ(places(3), std::lround(3 * kPlaceSpacing));
  EXPECT_EQ(places(0.5), 1);
}

TEST(Wanted, AreTheHighestAboveTheLimitWhichGrowsWithTheDispersion) {
  const std::vector<double> z = {kWanted - 0.01, kWanted + 0.5, -9, kWanted + 0.1, kWanted + 2, kWanted + 1};
  EXPECT_EQ(wanted(z, 1), (std::vector<std::size_t>{4, 5, 1}));
  EXPECT_EQ(wanted(z, 1).size(), kTrials);
  EXPECT_TRUE(wanted(z, 4).empty());
  EXPECT_EQ(wanted(std::vector<double>{2 * kWanted + 0.1, 2 * kWanted - 0.1}, 4), (std::vector<std::size_t>{0}));
}

}  // namespace
}  // namespace plexiform
