#include "plexiform/reveal/select_subunits.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "plexiform/base/error.hpp"
#include "plexiform/reveal/changes.hpp"
#include "plexiform/reveal/thresholds.hpp"
#include "reveal/binomial.hpp"
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
    expect_found(select_subunits(start, movie, {}, {}, {.threads = 2}).best.model, layout, "one");
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
    expect_found(select_subunits(start, movie, {}, {}, {.threads = 2}).best.model, layout, "too many");
  }
}

TEST(SelectSubunits, RarelyAddsToTheTruth) {
  // One in twenty at most: of 60 recordings no more than that rate gives in all but one of a thousand tests.
  constexpr std::int64_t kMovies = 60;
  const SubunitModel truth = planted_model(SubunitNonlinearity::relu,
                                           {round_gaussian(1.7, 2.5, 0.8), round_gaussian(3.4, 2.6, 0.8)}, -0.4, 0.1);
  std::int64_t more = 0, fewer = 0;
  for (std::uint64_t seed = 0; seed < kMovies; ++seed) {
    const FilteredMovie movie = planted_movie(truth, 6, 1500, 75, 800 + seed);
    const auto parts = select_subunits(truth, movie, {}, {}, {.threads = 2}).best.model.parts.size();
    more += parts > 2;
    fewer += parts < 2;
  }
  EXPECT_LE(more, most_of(kMovies, 0.05));
  EXPECT_LE(fewer, most_of(kMovies, 0.05));
}

TEST(SelectSubunits, WhatIsTakenOnTheWayUpAddsUpToWhatIsGained) {
  // A first pass only grows: each model is fitted once, so that the gains of those taken are the way to the last one.
  const FilteredMovie movie = movie_of(kLayouts[2], 72);
  SelectSettings settings;
  settings.to_the_end = false;
  const auto start = model_of_average(movie, {}, SubunitNonlinearity::relu);
  const auto selection = select_subunits(start, movie, {}, settings, {.threads = 2});
  settings.most = 1;
  const FittedModel first = select_subunits(start, movie, {}, settings, {.threads = 2}).best;
  double gained = 0;
  std::size_t taken = 0;
  for (const auto& tried : selection.tried) {
    EXPECT_FALSE(tried.change.empty());
    if (!tried.taken) continue;
    EXPECT_GT(tried.gain.nats, settings.least_gain) << tried.change;
    EXPECT_GT(tried.gain.nats, tried.gain.error) << tried.change;
    gained += tried.gain.nats;
    EXPECT_EQ(tried.subunits, 2 + taken++) << "one more each time";
  }
  EXPECT_EQ(selection.best.model.parts.size(), 1 + taken);
  EXPECT_GE(taken, 3U);
  EXPECT_NEAR(held_out_gain(selection.best, first).nats, gained, 1e-6);
}

TEST(SelectSubunits, AtTheEndNoSubunitCanBeSparedAndNoPairBeOne) {
  for (const auto& layout : kLayouts) {
    const FilteredMovie movie = movie_of(layout, 72);
    const SelectSettings settings;
    const auto best =
        select_subunits(model_of_average(movie, {}, SubunitNonlinearity::relu), movie, {}, settings, {.threads = 2})
            .best;
    const auto missed = [&](const SubunitModel& smaller) {
      return held_out_gain(best, fit_model(softened(smaller, movie), movie, {}, settings.fit, {2}));
    };
    const std::size_t parts = best.model.parts.size();
    for (std::size_t i = 0; parts > 1 && i < parts; ++i) {
      const Gain alone = missed(without_part(best.model, i));
      EXPECT_GT(alone.nats, std::max(settings.least_gain, alone.error)) << layout.name << ", without " << i;
      for (std::size_t j = i + 1; j < parts; ++j)
        EXPECT_GT(missed(with_joined(best.model, i, j)).nats, settings.least_gain)
            << layout.name << ", " << i << " " << j;
    }
  }
}

TEST(Pays, AsksForNatsTimesTheDispersionForErrorsAndForMoreOfARoughFit) {
  using namespace thresholds;
  SelectSettings settings;
  const auto at = [&](double nats, double error, Pass pass) { return pays({nats, error}, settings, pass); };
  EXPECT_TRUE(at(kLeastGain + 0.01, 0, Pass::to_the_end));
  EXPECT_FALSE(at(kLeastGain - 0.01, 0, Pass::to_the_end));
  EXPECT_FALSE(at(kLeastGain + 1, (kLeastGain + 1.1) / kGainErrors, Pass::to_the_end));
  EXPECT_TRUE(at(kLeastGain + 1, (kLeastGain + 0.9) / kGainErrors, Pass::to_the_end));
  const double roughly = kLeastGain + kRough * settings.fit.tolerance;
  EXPECT_TRUE(at(roughly + 0.01, 0, Pass::rough));
  EXPECT_FALSE(at(roughly - 0.01, 0, Pass::rough));
  settings.dispersion = 2;
  EXPECT_TRUE(at(2 * kLeastGain + 0.01, 0, Pass::to_the_end));
  EXPECT_FALSE(at(2 * kLeastGain - 0.01, 0, Pass::to_the_end));
}

TEST(SelectSubunits, KeepsToTheMost) {
  const FilteredMovie movie = movie_of(kLayouts[2], 73);
  SelectSettings settings;
  settings.most = 2;
  const auto start = model_of_average(movie, {}, SubunitNonlinearity::relu);
  EXPECT_EQ(select_subunits(start, movie, {}, settings, {.threads = 2}).best.model.parts.size(), 2U);
}

TEST(SelectSubunits, AsksMoreOfASubunitWhereMoreIsAskedFor) {
  const FilteredMovie movie = movie_of(kLayouts[2], 74);
  SelectSettings settings;
  settings.least_gain = 1e6;
  const auto start = model_of_average(movie, {}, SubunitNonlinearity::relu);
  EXPECT_EQ(select_subunits(start, movie, {}, settings, {.threads = 2}).best.model.parts.size(), 1U);
}

TEST(SelectSubunits, AnyNumberOfThreadsGivesTheSame) {
  const FilteredMovie movie = movie_of(kLayouts[1], 75);
  const auto start = model_of_average(movie, {}, SubunitNonlinearity::relu);
  const auto one = select_subunits(start, movie, {}, {}, {.threads = 1}),
             many = select_subunits(start, movie, {}, {}, {.threads = 3});
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
  EXPECT_EQ(parameters_of(select_subunits(start, movie, weights, {}, {.threads = 2}).best.model),
            parameters_of(select_subunits(start, other, weights, {}, {.threads = 2}).best.model));
}

TEST(SelectSubunits, StopsWhereAsked) {
  const FilteredMovie movie = movie_of(kLayouts[0], 78);
  std::stop_source source;
  source.request_stop();
  const auto start = model_of_average(movie, {}, SubunitNonlinearity::relu);
  EXPECT_THROW(select_subunits(start, movie, {}, {}, {1, source.get_token()}), Interrupted);
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
