#include "plexiform/reveal/minimal.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "plexiform/base/error.hpp"
#include "plexiform/reveal/thresholds.hpp"
#include "reveal/binomial.hpp"
#include "reveal/planted_movie.hpp"

namespace plexiform {
namespace {

SubunitModel three() {
  return planted_model(SubunitNonlinearity::relu,
                       {round_gaussian(1.4, 1.6, 0.8), round_gaussian(4.4, 1.5, 0.8), round_gaussian(2.8, 4.5, 0.8)},
                       -0.3, 0.15);
}

FilteredMovie movie_of_three(std::uint64_t seed, std::int64_t frames = 2500) {
  return planted_movie(three(), 6, frames, 100, seed);
}

/// The three, and one at a place where nothing is.
FittedModel with_one_more(const FilteredMovie& movie) {
  SubunitModel model = three();
  model.parts.push_back({round_gaussian(4.5, 4.6, 0.8), 0.05});
  return fit_model(model, movie, {}, {}, {2});
}

double held_out_sum(const FittedModel& fit) {
  return std::accumulate(fit.held_out.begin(), fit.held_out.end(), 0.0);
}

TEST(Prune, TheCurveGoesFromTheFullModelDownToOne) {
  const FilteredMovie movie = movie_of_three(1);
  const FittedModel full = with_one_more(movie);
  const Pruned pruned = prune(full, movie, {}, {.threads = 2});
  ASSERT_EQ(pruned.curve.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(pruned.curve[i].subunits, 4 - i);
  EXPECT_EQ(pruned.curve[0].behind.nats, 0);
  const double spikes = movie.counts.sum().item<double>();
  for (const auto& point : pruned.curve)  // bits and nats are of the same likelihoods
    EXPECT_NEAR((pruned.curve[0].bits - point.bits) * spikes * std::log(2.0), point.behind.nats, 1e-6);
  EXPECT_GT(pruned.curve[3].behind.nats, 20) << "one subunit is not enough";
}

TEST(Prune, TheMinimalModelIsTheLastOnTheWayDownThatIsNotBehind) {
  for (std::uint64_t seed = 10; seed < 16; ++seed) {
    const FilteredMovie movie = movie_of_three(seed);
    const FittedModel full = with_one_more(movie);
    const Pruned pruned = prune(full, movie, {}, {.threads = 2});
    const std::size_t kept = pruned.minimal.model.parts.size();
    for (const auto& point : pruned.curve) {
      const bool behind = point.behind.nats > thresholds::kBehindErrors * point.behind.error;
      EXPECT_FALSE(point.subunits >= kept && behind) << seed << ", " << point.subunits;
      EXPECT_FALSE(point.subunits + 1 == kept && !behind) << seed << ", " << point.subunits;
    }
  }
}

TEST(Prune, KeepsWhatIsThereAndMostlyDropsWhatIsNot) {
  // Of one part too many, likelihood gains by chance: half its chi-square of some degrees, about one standard error.
  constexpr std::int64_t kMovies = 24;
  std::int64_t dropped = 0;
  for (std::uint64_t seed = 100; seed < 100 + kMovies; ++seed) {
    const FilteredMovie movie = movie_of_three(seed, 1500);
    const Pruned pruned = prune(with_one_more(movie), movie, {}, {.threads = 2});
    EXPECT_GE(pruned.minimal.model.parts.size(), 3U) << seed;
    dropped += pruned.minimal.model.parts.size() == 3;
  }
  EXPECT_GE(dropped, least_of(kMovies, 0.7));
}

TEST(Prune, TheLeastCertainGoesFirst) {
  const FilteredMovie movie = movie_of_three(3);
  const Pruned pruned = prune(with_one_more(movie), movie, {}, {.threads = 2});
  ASSERT_EQ(pruned.minimal.model.parts.size(), 3U);
  for (const auto& part : pruned.minimal.model.parts) EXPECT_GT(part.weight, 0.5);
  EXPECT_LE(held_out_sum(with_one_more(movie)) - held_out_sum(pruned.minimal), 10);
}

TEST(Prune, OneSubunitIsMinimal) {
  const auto one = planted_model(SubunitNonlinearity::relu, {round_gaussian(2.3, 2.6, 1)}, 0, 0.2);
  const FilteredMovie movie = planted_movie(one, 5, 1000, 100, 4);
  const Pruned pruned = prune(fit_model(one, movie, {}, {}, {1}), movie, {}, {.threads = 1});
  EXPECT_EQ(pruned.curve.size(), 1U);
  EXPECT_EQ(pruned.minimal.model.parts.size(), 1U);
}

TEST(Prune, AnyNumberOfThreadsGivesTheSameAndAStopEndsIt) {
  const FilteredMovie movie = movie_of_three(5, 1500);
  const FittedModel full = with_one_more(movie);
  const Pruned one = prune(full, movie, {}, {.threads = 1}), two = prune(full, movie, {}, {.threads = 3});
  EXPECT_EQ(parameters_of(one.minimal.model), parameters_of(two.minimal.model));
  for (std::size_t i = 0; i < one.curve.size(); ++i) EXPECT_EQ(one.curve[i].bits, two.curve[i].bits);
  std::stop_source source;
  source.request_stop();
  EXPECT_THROW(prune(full, movie, {}, {1, source.get_token()}), Interrupted);
}

TEST(ValidationLikelihood, IsThatOfTheValidationBlocksAlone) {
  FilteredMovie movie = movie_of_three(6);
  for (std::size_t b = 0; b < movie.blocks.size(); b += 5) movie.blocks[b].validation = true;
  const auto all = evaluate(three(), movie, {}, false, {1});
  double nats = 0, spikes = 0, frames = 0;
  for (std::size_t b = 0; b < movie.blocks.size(); b += 5) {
    const auto& block = movie.blocks[b];
    nats += all.block[b];
    spikes += movie.counts.narrow(0, block.begin, block.length()).sum().item<double>();
    frames += 100;
  }
  const auto found = validation_likelihood(three(), movie, {2});
  EXPECT_NEAR(found.nats, nats, 1e-9);
  EXPECT_EQ(found.spikes, spikes);
  EXPECT_EQ(found.frames, frames);
}

TEST(FittedOnTraining, DoesNotSeeTheValidationBlocks) {
  FilteredMovie movie = movie_of_three(7);
  for (std::size_t b = 0; b < movie.blocks.size(); b += 5) movie.blocks[b].validation = true;
  FilteredMovie other = movie;
  other.counts = movie.counts.clone();
  for (const auto& block : movie.blocks)  // other counts of the same sum: the prior knows the mean
    if (block.validation)
      other.counts.narrow(0, block.begin, block.length())
          .copy_(movie.counts.narrow(0, block.begin, block.length()).flip(0));
  EXPECT_EQ(parameters_of(fitted_on_training(three(), movie, {}, {1}).model),
            parameters_of(fitted_on_training(three(), other, {}, {1}).model));
  EXPECT_NE(parameters_of(fit_model(three(), movie, {}, {}, {1}).model),
            parameters_of(fit_model(three(), other, {}, {}, {1}).model));
}

}  // namespace
}  // namespace plexiform
