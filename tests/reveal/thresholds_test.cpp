// Each threshold does what its name says. Those of blocks: movie_test.cpp; of covariates: covariates_test.cpp; of the
// start: find_test.cpp. Here are the others, as far as they can be held to something; starts of fits cannot.
#include "plexiform/reveal/thresholds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "plexiform/likelihood/priors.hpp"
#include "plexiform/reveal/basis.hpp"
#include "plexiform/reveal/block_rows.hpp"
#include "plexiform/reveal/search.hpp"
#include "reveal/planted.hpp"

namespace plexiform::reveal {
namespace {

using namespace thresholds;

constexpr std::size_t kLags = 5;
const Noise kNoise{9, 3000, 1, true};

Part on(double x, double y, int sign = 1) {
  return part_of(round_gaussian(x, y, 1.1), {0.5}, sign);
}
Model cell(std::vector<Part> parts) {
  return model_of(bumps(1, kLags), std::move(parts), -0.2, 0.05);
}
Seen seen(const Movie& movie) {
  return {movie, kNoCovariates, {}};
}

TEST(Support, LeavesOutLessThanALikelihoodShows) {
  Model model = cell({on(3, 3.4), on(5.6, 5.2)});
  model.surround = Surround{0.5, kLogSurroundRatio};
  const Recording recording = planted_recording(model, {9, 6000, 1, true}, 1);
  const Movie movie = movie_of(recording, kLags);
  const auto rates = plain_rates(model, recording, 1);
  double whole = 0;
  for (const auto& block : movie.blocks)
    for (std::size_t t = 0; t < block.length; ++t) {
      const double rate = rates[static_cast<std::size_t>(block.first_bin) + t];
      if (movie.use[block.begin + t] > 0)
        whole += static_cast<double>(movie.counts[block.begin + t]) * std::log(rate) - rate;
    }
  EXPECT_NEAR(evaluate(model, seen(movie), false, {.threads = 1}).total, whole, kFineTolerance);
}

/// The log prior of a model, less that of the model before a change.
class Priors : public testing::Test {
 protected:
  Movie movie = planted_movie(cell({on(3, 3.4)}), {9, 700, 1, true}, 2);
  Covariates covariates = drift_covariates(movie);

  double prior(const Model& model) const {
    FitSettings none;
    none.most_steps = 0;
    const Fitted fit = fit_model(model, {movie, covariates, {}}, none, {.threads = 1});
    return fit.objective - fit.at.total;
  }
};

TEST_F(Priors, OfNumbersAreNormalAndAsWideAsTheySay) {
  Model model = cell({on(3, 3.4)});
  model.log_power.free = model.log_expansion.free = true;
  model.surround = Surround{0, kLogSurroundRatio};
  model.gains = {0};
  model.log_softness = usual_log_softness(movie.mean_count());
  const auto cost = [&](double& number, double off) {
    const double before = number, at = prior(model);
    number += off;
    const double lost = at - prior(model);
    number = before;
    return lost;
  };
  const auto of = [&](double& number, double spread) {
    EXPECT_NEAR(cost(number, spread), 0.5, 1e-6);
    EXPECT_NEAR(cost(number, -spread), 0.5, 1e-6);
  };
  EXPECT_NEAR(cost(model.log_softness, kSoftnessSpread), 0.5, 1e-6);
  of(model.log_power.value, kPowerSpread);
  of(model.log_expansion.value, kExpansionSpread);
  of(model.surround->strength, kSurroundSpread);
  of(model.surround->log_ratio, kSurroundRatioSpread);
  of(model.gains[0], kGainSpread);
  of(model.parts[0].shape.centre.shear, kSizeSpread * 1.1);
}

TEST_F(Priors, OfSizesAreAboutTheMeanOfTheExcitatoryOnes) {
  Model model = cell({on(3, 3.4), on(5.6, 5.2)});
  const double alike = prior(model);
  for (auto& part : model.parts) part.shape.centre.log_a += 0.2, part.shape.centre.log_b += 0.2;
  EXPECT_NEAR(prior(model), alike, 1e-9) << "the mean may be any";
  model.parts[0].shape.centre.log_a += kSizeSpread, model.parts[1].shape.centre.log_a -= kSizeSpread;
  EXPECT_NEAR(alike - prior(model), 1, 1e-9);
  model = cell({on(3, 3.4), on(5.6, 5.2, -1)});
  auto& g = model.parts[1].shape.centre;
  g.log_a += kSuppressiveLarger, g.log_b += kSuppressiveLarger;
  const double usual = prior(model);
  g.log_a += kSuppressiveSizeSpread;
  EXPECT_NEAR(usual - prior(model), 0.5, 1e-9) << "suppressive ones are larger, and vary more";
}

TEST_F(Priors, OfInnerGaussiansAreAboutTheirSubunit) {
  Model model = cell({on(3, 3.4)});
  const double size = model.parts[0].shape.centre.log_a;
  model.parts[0].shape.inner = {{0, 3, 3.4, size - kInnerSmaller}};
  const double at = prior(model);
  auto& inner = model.parts[0].shape.inner[0];
  inner.weight = kInnerWeightSpread;
  EXPECT_NEAR(at - prior(model), 0.5, 1e-9);
  inner.x += kInnerReach * std::exp(size), inner.log_size += kInnerSizeSpread;
  EXPECT_NEAR(at - prior(model), 1.5, 1e-9);
}

TEST(Sharpest, IsAsFarAsTheSoftnessGoes) {
  Model truth = cell({on(4, 4.2)});
  truth.log_softness = std::log(1e-3);
  const Movie movie = planted_movie(truth, {9, 8000, 1, true}, 3);
  Model start = truth;
  start.log_softness = usual_log_softness(movie.mean_count());
  const double found = fit_of(start, movie).model.log_softness;
  EXPECT_GE(found, std::log(movie.mean_count()) - kSharpest - 1e-9);
  EXPECT_LT(found, std::log(movie.mean_count()) - kSharpest + 1.5);
}

TEST(LeastLeft, ARowThatParametersCanMakeIsNotSeen) {
  const Model truth = cell({on(4, 4.2)});
  const Movie movie = planted_movie(truth, kNoise, 4);
  const Fitted fit = fit_of(truth, movie, 1e-4);
  const auto ones = [](std::size_t, const BlockFrames& frames, BlockSpace&, float* rows) {
    std::fill_n(rows, frames.frames, 1.0F);
  };
  const auto score = row_scores(fit, seen(movie), 1, ones, {.threads = 1})[0];
  EXPECT_LT(std::abs(score.z), 0.5) << "the offset is fitted, so that nothing is left to want";
}

TEST(Hopeless, AFitThatStaysBelowEndsEarlyAndOneThatComesThereDoesNot) {
  const Model truth = cell({on(4, 4.2)});
  const Movie movie = planted_movie(truth, kNoise, 5);
  Model start = truth;
  start.parts[0].shape.centre.x += 0.7;
  const Fitted whole = fit_of(start, movie);
  FitSettings settings;
  settings.tolerance = 0.01;
  settings.hopeless_below = whole.objective - kHopeless;
  EXPECT_EQ(fit_model(start, seen(movie), settings, {.threads = 1}).objective, whole.objective);
  settings.hopeless_below = whole.objective + 1e6;
  EXPECT_EQ(parameters_of(fit_model(start, seen(movie), settings, {.threads = 1}).model), parameters_of(start));
}

TEST(Tolerances, LeaveLessThanTheBarsOfChanges) {
  const Model truth = cell({on(3, 3.4), on(5.6, 5.2)});
  for (const std::uint64_t seed : {6, 7, 8}) {
    const Movie movie = planted_movie(truth, kNoise, seed);
    Model start = truth;
    for (auto& part : start.parts) part.shape.centre.x += 0.4, part.mix[0] *= 0.7;
    const Fitted exact = fit_of(start, movie, 1e-4), fine = fit_of(start, movie, kFineTolerance),
                 rough = fit_of(start, movie, kRoughTolerance);
    EXPECT_LT(held_out_gain(exact, fine).nats, kBarOfNumber / 3) << seed;
    EXPECT_LT(held_out_gain(exact, rough).nats, kRoughLends) << seed;
    FitSettings steps;
    steps.tolerance = kFineTolerance, steps.most_steps = kMostSteps;
    EXPECT_EQ(fit_model(start, seen(movie), steps, {.threads = 1}).objective, fine.objective)
        << "within the most steps";
  }
}

/// Counts drawn from a model, again and again.
class Null : public testing::Test {
 protected:
  Model truth = cell({on(3, 3.4), on(5.6, 5.2)});
  Movie movie = planted_movie(truth, kNoise, 9);
  std::vector<float> rates = model_rates(truth, seen(movie), {.threads = 1});
  SearchSettings settings;
  Context context{.threads = 1};

  Search drawn(std::uint64_t seed) {
    redraw(movie, rates, seed);
    Search search{movie, settings, context, {}, {}, {}, {}};
    search.best = fitted(search, truth, Care::fine, -1e300);
    return search;
  }
};

TEST_F(Null, NothingPaysInCountsOfTheModelItself) {
  int taken = 0;
  constexpr int kDraws = 12;
  for (std::uint64_t d = 0; d < kDraws; ++d) {
    Search search = drawn(300 + d);
    taken += grow(search, Care::fine) ? 1 : 0;
    taken += add_surround(search) ? 1 : 0;
    taken += free_power(search) ? 1 : 0;
    taken += free_expansion(search) ? 1 : 0;
    taken += add_covariates(search, drift_covariates(movie), "drift") ? 1 : 0;
    taken += add_covariates(search, history_covariates(movie), "history") ? 1 : 0;
    shrink(search);
    EXPECT_EQ(search.best.model.parts.size(), 2U) << d;
  }
  EXPECT_LE(taken, 1) << "of " << 6 * kDraws << " offers";
}

TEST_F(Null, OnlyWhatPassesTheGatesIsFittedAndOnlyAFewOfThat) {
  settings.both_polarities = false;
  std::size_t fits = 0;
  for (std::uint64_t d = 0; d < 12; ++d) {
    Search search = drawn(400 + d);
    const double least = std::sqrt(std::max(search.best.dispersion, kLeastDispersion));
    if (grow(search, Care::fine)) continue;
    EXPECT_LE(search.tried.size(), static_cast<std::size_t>(kTries));
    for (const auto& change : search.tried)
      EXPECT_GE(change.z, (change.what.starts_with("split") ? kSplitGate : kNewGate) * least) << change.what;
    fits += search.tried.size();
    const auto before = search.tried.size();
    std::set<std::string> names;
    for (const auto& change : search.tried) names.insert(change.what);
    grow(search, Care::fine);
    for (std::size_t i = before; i < search.tried.size(); ++i)
      EXPECT_FALSE(names.contains(search.tried[i].what)) << "what was refused is not tried again";
  }
  EXPECT_LT(fits, 12U) << "gates spare nearly all fits";
}

TEST_F(Null, NoSecondTemporalFunctionIsMoreThanNoise) {
  int second = 0, refitted = 0;
  for (std::uint64_t d = 0; d < 12; ++d) {
    const Search search = drawn(500 + d);
    second += first_basis(movie, 4, d, context).basis.count() > 1 ? 1 : 0;
    refitted += refitted_basis(search.best, search.seen(), 4, context).model.basis.count() > 1 ? 1 : 0;
  }
  EXPECT_LE(second, 1) << "of 12";
  EXPECT_LE(refitted, 1) << "of 12";
}

}  // namespace
}  // namespace plexiform::reveal
