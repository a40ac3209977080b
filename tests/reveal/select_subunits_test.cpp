#include "plexiform/reveal/select_subunits.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "reveal/planted_movie.hpp"

namespace plexiform {
namespace {

struct Layout {
  const char* name;
  std::vector<Gaussian> shapes;
};

/// One; two whose scalar product is above that from which joining is tried; four.
const std::vector<Layout> kLayouts = {{"one", {round_gaussian(3.3, 3.8, 1.2)}},
                                      {"two that overlap", {round_gaussian(2.7, 3.5, 1), round_gaussian(4.5, 3.7, 1)}},
                                      {"four",
                                       {round_gaussian(2, 2.1, 0.9), round_gaussian(5.1, 1.9, 0.9),
                                        round_gaussian(1.8, 5.2, 0.9), round_gaussian(5, 5.1, 0.9)}}};

SubunitModel planted(const Layout& layout) {
  return planted_model(SubunitNonlinearity::relu, layout.shapes, -0.4, 0.1);
}

FilteredMovie movie_of(const Layout& layout, std::uint64_t seed) {
  return planted_movie(planted(layout), 8, 6000, 150, seed);
}

/// Each planted subunit has one found within a pixel, and none is left over.
void expect_found(const SubunitModel& found, const Layout& layout, const std::string& from) {
  ASSERT_EQ(found.parts.size(), layout.shapes.size()) << layout.name << " from " << from;
  std::vector<bool> taken(found.parts.size());
  for (const auto& shape : layout.shapes) {
    std::size_t nearest = 0;
    double least = 1e9;
    for (std::size_t i = 0; i < found.parts.size(); ++i) {
      const double distance = std::hypot(found.parts[i].shape.x - shape.x, found.parts[i].shape.y - shape.y);
      if (!taken[i] && distance < least) least = distance, nearest = i;
    }
    taken[nearest] = true;
    EXPECT_LT(least, 0.5) << layout.name << " from " << from;
    EXPECT_NEAR(found.parts[nearest].weight, 1, 0.3) << layout.name << " from " << from;
    EXPECT_NEAR(std::sqrt(axes(found.parts[nearest].shape).major * axes(found.parts[nearest].shape).minor),
                std::exp(shape.log_a), 0.25);
  }
}

TEST(SelectSubunits, FindsThePlantedNumberFromOne) {
  for (const auto& layout : kLayouts) {
    const FilteredMovie movie = movie_of(layout, 70);
    const auto start = model_of_average(movie, {}, SubunitNonlinearity::relu);
    ASSERT_EQ(start.parts.size(), 1U);
    expect_found(select_subunits(start, movie, {}, {}, 2).best.model, layout, "one");
  }
}

TEST(SelectSubunits, FindsThePlantedNumberFromTooMany) {
  for (const auto& layout : kLayouts) {
    const FilteredMovie movie = movie_of(layout, 71);
    SubunitModel start = planted(layout);
    start.parts.push_back({round_gaussian(0.5, 7, 0.8), 0.3});  // where nothing is
    start.parts.push_back({round_gaussian(7, 3.6, 0.8), 0.3});
    SubunitModel::Part half = start.parts[0];  // the first in two halves
    half.weight = start.parts[0].weight = 0.5;
    half.shape.x += 0.5;
    start.parts[0].shape.x -= 0.5;
    start.parts.push_back(half);
    expect_found(select_subunits(start, movie, {}, {}, 2).best.model, layout, "too many");
  }
}

TEST(SelectSubunits, AddsNoneToTheTruthInNineOfTenRecordings) {
  int more = 0;
  for (std::uint64_t seed = 80; seed < 90; ++seed) {
    const FilteredMovie movie = planted_movie(planted(kLayouts[1]), 8, 3000, 100, seed);
    more += select_subunits(planted(kLayouts[1]), movie, {}, {}, 2).best.model.parts.size() > 2;
  }
  EXPECT_LE(more, 1);
}

TEST(SelectSubunits, SaysWhatItTriedAndTakesWhatPays) {
  const FilteredMovie movie = movie_of(kLayouts[2], 72);
  const SelectSettings settings;
  const auto selection =
      select_subunits(model_of_average(movie, {}, SubunitNonlinearity::relu), movie, {}, settings, 2);
  ASSERT_FALSE(selection.tried.empty());
  std::size_t subunits = 1, taken = 0;
  for (const auto& tried : selection.tried) {
    const bool pays = tried.gain.nats > std::max(settings.least_gain, settings.errors * tried.gain.error);
    const bool smaller = tried.subunits < subunits;
    EXPECT_EQ(tried.taken, smaller != pays) << tried.change;
    EXPECT_FALSE(tried.change.empty());
    if (tried.taken) subunits = tried.subunits, ++taken;
  }
  EXPECT_EQ(subunits, selection.best.model.parts.size());
  EXPECT_GE(taken, 3U);
}

TEST(SelectSubunits, KeepsToTheMost) {
  const FilteredMovie movie = movie_of(kLayouts[2], 73);
  SelectSettings settings;
  settings.most = 2;
  const auto start = model_of_average(movie, {}, SubunitNonlinearity::relu);
  EXPECT_EQ(select_subunits(start, movie, {}, settings, 2).best.model.parts.size(), 2U);
}

TEST(SelectSubunits, AsksMoreOfASubunitWhereMoreIsAskedFor) {
  const FilteredMovie movie = movie_of(kLayouts[2], 74);
  SelectSettings settings;
  settings.least_gain = 1e6;
  const auto start = model_of_average(movie, {}, SubunitNonlinearity::relu);
  EXPECT_EQ(select_subunits(start, movie, {}, settings, 2).best.model.parts.size(), 1U);
}

TEST(SelectSubunits, AnyNumberOfThreadsGivesTheSame) {
  const FilteredMovie movie = movie_of(kLayouts[1], 75);
  const auto start = model_of_average(movie, {}, SubunitNonlinearity::relu);
  const auto one = select_subunits(start, movie, {}, {}, 1), many = select_subunits(start, movie, {}, {}, 3);
  EXPECT_EQ(parameters_of(one.best.model), parameters_of(many.best.model));
  EXPECT_EQ(one.best.held_out, many.best.held_out);
  ASSERT_EQ(one.tried.size(), many.tried.size());
  for (std::size_t i = 0; i < one.tried.size(); ++i) EXPECT_EQ(one.tried[i].change, many.tried[i].change);
}

TEST(SelectSubunits, BlocksWithoutWeightAreNotSeen) {
  const FilteredMovie movie = movie_of(kLayouts[1], 76);
  FilteredMovie other = movie;
  other.counts = movie.counts.clone();
  std::vector<double> weights(movie.blocks.size(), 1.0);
  for (std::size_t b = 0; b < weights.size(); b += 3) {
    weights[b] = 0;
    // Other counts, of the same sum: the prior knows the mean.
    other.counts.narrow(0, movie.blocks[b].begin, movie.blocks[b].length())
        .copy_(movie.counts.narrow(0, movie.blocks[b].begin, movie.blocks[b].length()).flip(0));
  }
  const auto start = model_of_average(movie, weights, SubunitNonlinearity::relu);
  EXPECT_EQ(parameters_of(start), parameters_of(model_of_average(other, weights, SubunitNonlinearity::relu)));
  EXPECT_EQ(parameters_of(select_subunits(start, movie, weights, {}, 2).best.model),
            parameters_of(select_subunits(start, other, weights, {}, 2).best.model));
}

TEST(ModelOfAverage, IsAsLargeAsTheCell) {
  const FilteredMovie movie = movie_of(kLayouts[0], 77);
  const auto model = model_of_average(movie, {}, SubunitNonlinearity::relu);
  ASSERT_EQ(model.parts.size(), 1U);
  const auto& shape = model.parts[0].shape;
  EXPECT_NEAR(shape.x, 3.3, 0.3);
  EXPECT_NEAR(shape.y, 3.8, 0.3);
  EXPECT_NEAR(axes(shape).major, 1.2, 0.3);
  EXPECT_NEAR(model.parts[0].weight, movie.counts.mean().item<double>(), 1e-6);
  EXPECT_NEAR(model.log_size, std::log(1.2), 0.25);
}

}  // namespace
}  // namespace plexiform
