#include "plexiform/reveal/scores.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "reveal/planted.hpp"

namespace plexiform::reveal {
namespace {

constexpr std::size_t kLags = 5;
const Noise kNoise{8, 3000, 1, true};

/// A subunit that is known, and one that is to be missed.
Part known() {
  return part_of(round_gaussian(2.5, 3.1, 1), {0.45, 0});
}
Part missing() {
  return part_of(round_gaussian(5.6, 4.4, 1), {0, 0.3});
}
Model cell(std::vector<Part> parts) {
  return model_of(bumps(2, kLags), std::move(parts), -0.1, 0.06);
}
Feature feature_of(const Part& part) {
  auto mix = part.mix;
  for (double& q : mix) q /= part.weight();
  return {{part.shape.centre}, mix, part.even()};
}

Seen seen(const Movie& movie) {
  return {movie, kNoCovariates, {}};
}

TEST(FeatureScores, TheSlopeIsWhatASmallWeightOfTheFeatureGains) {
  const Movie movie = planted_movie(cell({known(), missing()}), kNoise, 1);
  for (const double power : {1.0, 2.0}) {
    Model model = cell({known()});
    model.log_power.value = std::log(power);
    const Fitted fit = fit_of(model, movie);
    const Part none = part_of({4.1, 5.2, 0.1, 0.3, 0.4}, {0.6, -0.8});
    Part even = none;
    even.response = Response::even;
    for (const Part& part : {missing(), none, even})
      for (const int sign : {1, -1}) {
        Model with = fit.model;
        Part small = part;
        small.sign = sign;
        const double weight = power > 1 ? 3e-4 : 3e-3;
        // f(c z) = c^power f(z)
        for (double& q : small.mix) q *= std::pow(weight, 1 / power) / part.weight();
        with.parts.push_back(small);
        const double gain = evaluate(with, seen(movie), false, {.threads = 1}).total - fit.at.total;
        const auto score = feature_scores(fit, seen(movie), {{feature_of(part)}}, {.threads = 1})[0];
        const double expected = sign * weight * score.slope - weight * weight * score.information / 2;
        EXPECT_NEAR(gain, expected, 0.02 + 0.05 * std::abs(weight * score.slope)) << power << ' ' << sign;
      }
  }
}

TEST(FeatureScores, AMissingSubunitIsSeenWithItsSign) {
  for (const int sign : {1, -1}) {
    Part part = missing();
    part.sign = sign;
    if (sign < 0) part.shape.centre = round_gaussian(3.6, 4.1, 1.3);  // suppression needs a drive that it takes from
    const Movie movie = planted_movie(cell({known(), part}), {8, 8000, 1, true}, 2);
    const Fitted fit = fit_of(cell({known()}), movie);
    const auto scores = feature_scores(fit, seen(movie), {{feature_of(part), feature_of(known())}}, {.threads = 1});
    EXPECT_GT(sign * scores[0].z, 5);
    EXPECT_LT(std::abs(scores[1].z), 2) << "what the model has is not missed";
  }
}

TEST(FeatureScores, AFeatureOfSeveralGaussiansIsTheirSum) {
  const Movie movie = planted_movie(cell({known(), missing()}), kNoise, 3);
  const Fitted fit = fit_of(cell({known()}), movie);
  Feature one = feature_of(missing()), other = one, both = one;
  other.gaussians = {round_gaussian(1, 6, 1)};
  both.gaussians = {one.gaussians[0], other.gaussians[0]};
  const auto scores = feature_scores(fit, seen(movie), {{one, other, both}}, {.threads = 1});
  EXPECT_NEAR(scores[2].slope, scores[0].slope + scores[1].slope, 1e-3 * (1 + std::abs(scores[2].slope)));
}

/// Under the model z is normal, also of a feature that is much like what the model has: what the parameters can do is
/// taken out of its variance, as it is out of its slope.
TEST(FeatureScores, AreStandardNormalUnderTheModel) {
  const Model truth = cell({known()});
  Movie movie = planted_movie(truth, {8, 2000, 1, true}, 4);
  const auto rates = model_rates(truth, seen(movie), {.threads = 1});
  Part like = known();
  like.shape.centre.x += 0.5;
  const std::vector<Feature> features = {feature_of(missing()),
                                         feature_of(like),
                                         {{round_gaussian(4, 6, 1.5)}, {-0.6, 0.8}, false},
                                         {{round_gaussian(2, 6, 1)}, {1, 0}, true}};
  constexpr int kDraws = 60;
  std::vector<double> sum(features.size()), squares(features.size()), raw(features.size());
  for (int d = 0; d < kDraws; ++d) {
    redraw(movie, rates, static_cast<std::uint64_t>(100 + d));
    const auto scores = feature_scores(fit_of(truth, movie), seen(movie), features, {.threads = 1});
    for (std::size_t i = 0; i < features.size(); ++i) {
      sum[i] += scores[i].z / kDraws, squares[i] += scores[i].z * scores[i].z / kDraws;
      raw[i] += scores[i].slope * scores[i].slope / scores[i].information / kDraws;
    }
  }
  for (std::size_t i = 0; i < features.size(); ++i) {
    EXPECT_LT(std::abs(sum[i]), 3.3 / std::sqrt(kDraws)) << i << ": one in 1,000 by chance";
    EXPECT_GT(squares[i], 0.5) << i;
    EXPECT_LT(squares[i], 1.7) << i;
  }
  EXPECT_LT(raw[1], 0.4) << "without it the like one would hardly ever be seen";
}

TEST(JointScore, SeesWhatModulatesTheRate) {
  const Model truth = cell({known()});
  Recording recording = noise_recording({8, 6000, 1, true}, 5);
  auto rates = plain_rates(truth, recording, 1);
  for (std::size_t t = 0; t < rates.size(); ++t)
    rates[t] *= std::exp(0.4 * std::cos(std::acos(-1.0) * static_cast<double>(t) / 6000));
  draw_counts(recording, rates, 6);
  const Movie movie = movie_of(recording, kLags);
  const Fitted fit = fit_of(truth, movie);
  const Covariates drift = drift_covariates(movie);
  const auto alone = [&](std::size_t j) {
    return joint_score(fit, seen(movie), {{drift.what[j]}, {drift.rows[j]}}, {.threads = 1});
  };
  EXPECT_GT(alone(0), 25) << "one half period over the recording";
  for (std::size_t j = 1; j < 4; ++j) EXPECT_LT(alone(j), 16) << j;
  EXPECT_GT(joint_score(fit, seen(movie), drift, {.threads = 1}), alone(0) * 0.8);
}

TEST(JointScore, IsChiSquaredUnderTheModel) {
  const Model truth = cell({known()});
  Movie movie = planted_movie(truth, {8, 2000, 1, true}, 7);
  const auto rates = model_rates(truth, seen(movie), {.threads = 1});
  const Covariates drift = drift_covariates(movie);
  const auto k = static_cast<double>(drift.rows.size());
  constexpr int kDraws = 60;
  double mean = 0;
  for (int d = 0; d < kDraws; ++d) {
    redraw(movie, rates, static_cast<std::uint64_t>(200 + d));
    mean += joint_score(fit_of(truth, movie), seen(movie), drift, {.threads = 1}) / kDraws;
  }
  EXPECT_NEAR(mean, k, 3.3 * std::sqrt(2 * k / kDraws) + 0.5) << "the dispersion, 1 at least, takes a little";
}

TEST(Directions, AreUnitVectorsOneOfEachPairOfOppositeOnes) {
  for (std::size_t n = 1; n <= 4; ++n) {
    const auto all = directions(n);
    EXPECT_EQ(all.size(), n + n * (n - 1));
    for (std::size_t i = 0; i < all.size(); ++i)
      for (std::size_t j = 0; j <= i; ++j) {
        double product = 0;
        for (std::size_t k = 0; k < n; ++k) product += all[i][k] * all[j][k];
        if (i == j)
          EXPECT_NEAR(product, 1, 1e-12);
        else
          EXPECT_LT(std::abs(product), 0.99);
      }
  }
}

std::vector<PlaceGrid> places() {
  std::vector<double> along;
  for (double v = 0.5; v < 7.5; v += 1) along.push_back(v);
  return {{1, along, along}, {1.6, {2, 4, 6}, {1, 3.5, 6}}};
}

const auto kEverywhere = [](const Gaussian&) { return true; };

TEST(Screening, FindsThePlaceAndTimeCourseOfAMissingSubunit) {
  const Movie movie = planted_movie(cell({known(), missing()}), kNoise, 8);
  const Fitted fit = fit_of(cell({known()}), movie);
  const auto screening = screen(fit, seen(movie), places(), kEverywhere, true, 5, {.threads = 1});
  ASSERT_EQ(screening.best.size(), 5U);
  EXPECT_EQ(screening.looked_at, (49 + 9) * 4 * 3U) << "places, directions, two polarities and both";
  const Screened& best = screening.best[0];
  EXPECT_GT(best.z, 5);
  EXPECT_LT(std::hypot(best.gaussian.x - 5.6, best.gaussian.y - 4.4), 1.1);
  EXPECT_GT(best.mix[1], 0.65);
  for (std::size_t i = 1; i < 5; ++i) EXPECT_LE(std::abs(screening.best[i].z), std::abs(screening.best[i - 1].z));
}

TEST(Screening, ScoresAreThoseOfFeaturesWithoutParametersTakenOut) {
  for (const std::int64_t channels : {1, 2}) {
    Model model = model_of(bumps(2, kLags, static_cast<std::size_t>(channels)), {known()}, -0.1, 0.06);
    const Movie movie = planted_movie(model, {8, 1500, channels, channels == 1}, 9);
    for (const double power : {1.0, 2.0}) {
      model.log_power.value = std::log(power);
      const Fitted fit = fit_of(model, movie);
      const auto screening = screen(fit, seen(movie), places(), kEverywhere, true, 40, {.threads = 1});
      std::vector<Feature> features;
      for (const auto& s : screening.best) features.push_back({{s.gaussian}, s.mix, s.even});
      const auto scores = feature_scores(fit, seen(movie), features, {.threads = 1});
      for (std::size_t i = 0; i < scores.size(); ++i)
        EXPECT_NEAR(screening.best[i].z, scores[i].slope / std::sqrt(scores[i].information), 0.02)
            << channels << ' ' << power << ' ' << i;
    }
  }
}

TEST(Screening, LooksOnlyWhereItIsWantedAndForExcitationAlone) {
  const Movie movie = planted_movie(cell({known(), missing()}), kNoise, 10);
  const Fitted fit = fit_of(cell({known()}), movie);
  const auto left = [](const Gaussian& g) { return g.x < 4; };
  const auto screening = screen(fit, seen(movie), places(), left, false, 1000, {.threads = 1});
  EXPECT_EQ(screening.looked_at, (4 * 7 + 3) * 4 * 3U);
  EXPECT_LT(screening.best.size(), screening.looked_at);
  for (const auto& s : screening.best) {
    EXPECT_LT(s.gaussian.x, 4);
    EXPECT_GE(s.z, 0);
  }
  const auto all = screen(fit, seen(movie), places(), kEverywhere, false, 1000, {.threads = 1});
  for (const auto& s : screening.best) {
    const auto same = std::ranges::find_if(all.best, [&](const Screened& o) {
      return o.gaussian.x == s.gaussian.x && o.gaussian.y == s.gaussian.y && o.gaussian.log_a == s.gaussian.log_a &&
             o.mix == s.mix && o.even == s.even;
    });
    ASSERT_NE(same, all.best.end());
    EXPECT_EQ(same->z, s.z) << "others beside it change nothing";
  }
}

TEST(Scores, AnyNumberOfThreadsGivesTheSameBits) {
  const Movie movie = planted_movie(cell({known(), missing()}), kNoise, 11);
  const Fitted fit = fit_of(cell({known()}), movie);
  const Covariates history = history_covariates(movie);
  const auto run = [&](int threads) {
    const Context context{.threads = threads};
    std::vector<double> all = {joint_score(fit, seen(movie), history, context)};
    for (const auto& s : feature_scores(fit, seen(movie), {{feature_of(missing())}}, context)) all.push_back(s.z);
    for (const auto& s : screen(fit, seen(movie), places(), kEverywhere, true, 20, context).best) all.push_back(s.z);
    return all;
  };
  const auto one = run(1);
  EXPECT_EQ(one, run(2));
  EXPECT_EQ(one, run(3));
}

}  // namespace
}  // namespace plexiform::reveal
