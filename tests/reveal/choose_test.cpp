#include "plexiform/reveal/choose.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "plexiform/reveal/thresholds.hpp"
#include "reveal/planted_movie.hpp"

namespace plexiform {
namespace {

SubunitModel three(SubunitNonlinearity nonlinearity, double size_of_last = 0.8) {
  return planted_model(
      nonlinearity,
      {round_gaussian(1.6, 1.7, 0.8), round_gaussian(5.2, 1.8, 0.8), round_gaussian(3.4, 5.2, size_of_last)}, -0.3,
      0.15);
}

FilteredMovie movie_of(const SubunitModel& model, std::uint64_t seed) {
  return planted_movie(model, 8, 4000, 100, seed);
}

/// What was selected where the truth is known.
Selection selected(const SubunitModel& start, const FilteredMovie& movie) {
  return {fit_model(start, movie, {}, {}, {2}), {}};
}

TEST(WithBestNonlinearity, IsThatOfThePlantedSubunits) {
  using enum SubunitNonlinearity;
  for (const auto truth : {relu, half_squared})
    for (const auto begun : {relu, half_squared}) {
      const FilteredMovie movie = movie_of(three(truth), 1);
      SubunitModel start = three(begun);
      const auto best = with_best_nonlinearity(selected(start, movie), movie, 1, {.threads = 2});
      EXPECT_EQ(best.best.model.nonlinearity, truth) << to_string(truth) << " from " << to_string(begun);
      ASSERT_FALSE(best.tried.empty());
      EXPECT_EQ(best.tried[0].taken, truth != begun);
      EXPECT_EQ(best.best.model.parts.size(), 3U);
    }
}

TEST(WithBestNonlinearity, AsksForNatsTimesTheDispersion) {
  using enum SubunitNonlinearity;
  const FilteredMovie movie = movie_of(three(half_squared), 2);
  const Selection begun = selected(three(relu), movie);
  const double gain = with_best_nonlinearity(begun, movie, 1, {.threads = 2}).tried[0].gain.nats;
  ASSERT_GT(gain, thresholds::kOtherNonlinearity);
  const auto taken = [&](double dispersion) {
    return with_best_nonlinearity(begun, movie, dispersion, {.threads = 2}).tried[0].taken;
  };
  EXPECT_TRUE(taken(0.99 * gain / thresholds::kOtherNonlinearity));
  EXPECT_FALSE(taken(1.01 * gain / thresholds::kOtherNonlinearity));
}

TEST(WithBestNonlinearity, LeavesOtherNonlinearitiesAlone) {
  using enum SubunitNonlinearity;
  const FilteredMovie movie = movie_of(three(squared), 3);
  const auto best = with_best_nonlinearity(selected(three(squared), movie), movie, 1, {.threads = 2});
  EXPECT_EQ(best.best.model.nonlinearity, squared);
  EXPECT_TRUE(best.tried.empty());
}

TEST(ChooseShapes, SubunitsOfOneShapeShareOneAndOthersHaveTheirOwn) {
  using enum SubunitNonlinearity;
  const auto sizes = [](const ChosenShapes& chosen) {
    std::vector<double> all;
    for (const auto& part : chosen.model.model.parts) all.push_back((part.shape.log_a + part.shape.log_b) / 2);
    return all;
  };
  const FilteredMovie alike = movie_of(three(relu), 4);
  const auto one = choose_shapes(fit_model(three(relu), alike, {}, {}, {2}), alike, {.threads = 2});
  EXPECT_FALSE(one.own);
  EXPECT_EQ(one.settings.shape_spread, thresholds::kOneShape);
  for (const double size : sizes(one)) EXPECT_NEAR(size, sizes(one)[0], 0.06) << "one shape for all";
  const SubunitModel large = three(relu, 1.7);
  const FilteredMovie differ = movie_of(large, 5);
  const auto own = choose_shapes(fit_model(large, differ, {}, {}, {2}), differ, {.threads = 2});
  EXPECT_TRUE(own.own);
  EXPECT_TRUE(own.tried.taken);
  EXPECT_EQ(own.settings.shape_spread, thresholds::kShapeSpread);
  EXPECT_GT(sizes(own)[2], sizes(own)[0] + 0.3);
}

/// A network whose map has a peak where each of the planted subunits lies.
Network network_of(const std::vector<std::pair<int, int>>& peaks) {
  ModelSettings s;
  s.lags = 2;
  s.window = 8;
  s.filter_size = 3;
  Network network = make_network(s, {1, 8, 8});
  network.spatial[0][0].copy_(at::tensor({0.3F, 0.6F, 0.3F, 0.6F, 1.0F, 0.6F, 0.3F, 0.6F, 0.3F}).view({3, 3}));
  network.temporal[0][0] = 1.0F;
  network.map.zero_();
  for (const auto& [y, x] : peaks) network.map[0][y][x] = 1.0F;
  return network;
}

TEST(SelectFromBoth, TheMapsPeaksTakeOverByNatsAloneWhateverTheDispersion) {
  // A dispersion that no gain makes up for: nothing grows, but what the peaks begin stays, as its weights are certain.
  const FilteredMovie movie = movie_of(three(SubunitNonlinearity::relu), 6);
  const auto average = model_of_average(movie, {}, SubunitNonlinearity::relu);
  constexpr double kDispersion = 1e4;
  const auto both = select_from_both(average, network_of({{2, 2}, {2, 5}, {5, 3}}), movie, kDispersion, {.threads = 2});
  const auto begun = std::ranges::find(both.tried, std::string("begun at the map's peaks"), &Tried::change);
  ASSERT_NE(begun, both.tried.end());
  EXPECT_GT(begun->gain.nats, thresholds::kLeastGain);
  EXPECT_LT(begun->gain.nats, kDispersion * thresholds::kLeastGain);
  EXPECT_TRUE(begun->taken);
  EXPECT_EQ(both.best.model.parts.size(), 3U);
  const auto grown = select_from_both(average, network_of({}), movie, kDispersion, {.threads = 2});
  EXPECT_EQ(grown.best.model.parts.size(), 1U);
}

TEST(SelectFromBoth, BothWaysLeadToThePlantedNumber) {
  const FilteredMovie movie = movie_of(three(SubunitNonlinearity::relu), 6);
  const auto average = model_of_average(movie, {}, SubunitNonlinearity::relu);
  const auto both = select_from_both(average, network_of({{2, 2}, {2, 5}, {5, 3}}), movie, 1, {.threads = 2});
  EXPECT_EQ(both.best.model.parts.size(), 3U);
  std::size_t begun = 0;
  for (const auto& tried : both.tried) begun += tried.change == "begun at the map's peaks";
  EXPECT_EQ(begun, 1U);
  // A map without a peak begins nothing.
  const auto grown = select_from_both(average, network_of({}), movie, 1, {.threads = 2});
  for (const auto& tried : grown.tried) EXPECT_NE(tried.change, "begun at the map's peaks");
  EXPECT_EQ(grown.best.model.parts.size(), 3U);
}

}  // namespace
}  // namespace plexiform
