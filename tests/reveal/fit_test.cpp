#include "plexiform/reveal/fit.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "plexiform/reveal/block_rows.hpp"
#include "reveal/planted.hpp"

namespace plexiform::reveal {
namespace {

constexpr std::size_t kLags = 6;

/// An ON subunit, one of another time course, and one that suppresses.
Model three_parts() {
  Model model =
      model_of(bumps(2, kLags),
               {part_of(round_gaussian(2.4, 2.6, 1.1), {0.4, 0}), part_of(round_gaussian(5.3, 3.2, 1.2), {0.1, 0.35}),
                part_of(round_gaussian(4.2, 5.6, 1.5), {0.25, -0.1}, -1)},
               -0.1, 0.05);
  model.unit = 0.3;
  return model;
}

const Noise kNoise{8, 4000, 1, true};

TEST(Evaluate, GradientsAreThoseOfFiniteDifferencesOfTheLikelihood) {
  Model model = three_parts();
  model.log_power = {0.2, true}, model.log_expansion = {-0.1, true};
  const Movie movie = planted_movie(model, kNoise, 1);
  const Seen seen{movie, kNoCovariates, {}};
  const auto at = evaluate(model, seen, true, {.threads = 1});
  const auto values = parameters_of(model);
  constexpr double kStep = 0.01;
  for (std::size_t j = 0; j < values.size(); ++j) {
    auto up = values, down = values;
    up[j] += kStep, down[j] -= kStep;
    const double above = evaluate(with_parameters(model, up), seen, false, {.threads = 1}).total,
                 below = evaluate(with_parameters(model, down), seen, false, {.threads = 1}).total;
    double gradient = 0;
    for (std::size_t b = 0; b < movie.blocks.size(); ++b)
      gradient += at.block_gradient.row(static_cast<std::int64_t>(b))[j];
    const double error = std::sqrt(at.information.values[j * values.size() + j]);
    EXPECT_NEAR(gradient, (above - below) / (2 * kStep), 0.5 + 0.1 * error)
        << j << ": pixels come and go at the rim of a shape, which the gradient does not see";
  }
}

TEST(Evaluate, InformationIsTheSumOfOuterProductsOfSlopes) {
  const Model model = three_parts();
  const Movie movie = planted_movie(model, kNoise, 2);
  std::vector<double> weights(movie.blocks.size());
  for (std::size_t b = 0; b < weights.size(); ++b) weights[b] = static_cast<double>(b % 3);
  const auto at = evaluate(model, {movie, kNoCovariates, weights}, true, {.threads = 1});
  const BlockRows rows(model, movie, kNoCovariates, true);
  const std::size_t n = rows.parameters();
  std::vector<double> information(n * n, 0.0), gradient(n, 0.0);
  double total = 0, squares = 0, expected = 0;
  BlockSpace space;
  for (std::size_t b = 0; b < movie.blocks.size(); ++b) {
    const BlockFrames frames = rows.at(b, space);
    std::vector<double> of_block(n, 0.0);
    const auto value = [&](std::size_t j, std::size_t t) { return static_cast<double>(frames.slopes.row(j)[t]); };
    for (std::size_t t = 0; t < frames.frames; ++t) {
      for (std::size_t i = 0; i < n; ++i) {
        of_block[i] += value(i, t) * value(n, t);
        for (std::size_t j = 0; j < n; ++j) information[i * n + j] += weights[b] * value(i, t) * value(j, t);
      }
      squares += weights[b] * std::pow(static_cast<double>(frames.surprise[t]), 2);
      expected += weights[b] * std::pow(static_cast<double>(frames.root[t]), 2);
    }
    total += weights[b] * frames.log_likelihood;
    EXPECT_EQ(at.block[b], weights[b] > 0 ? frames.log_likelihood : 0);
    for (std::size_t i = 0; i < n && weights[b] > 0; ++i)
      EXPECT_NEAR(at.block_gradient.row(static_cast<std::int64_t>(b))[i], of_block[i],
                  1e-3 * (1 + std::abs(of_block[i])));
  }
  EXPECT_NEAR(at.total, total, 1e-6);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      const double size = std::sqrt(information[i * n + i] * information[j * n + j]);
      EXPECT_NEAR(at.information.values[i * n + j], information[i * n + j], 1e-5 * (1 + size)) << i << ' ' << j;
    }
  EXPECT_NEAR(at.squared_surprise, squares, 1e-5 * squares);
  EXPECT_NEAR(at.dispersion(), squares / expected, 1e-4);
  EXPECT_NEAR(at.dispersion(), 1, 0.25) << "Poisson counts about their own rates";
}

TEST(ModelRates, AreThoseOfThePlainLoopsOnEachFrame) {
  const Model model = three_parts();
  const Recording recording = planted_recording(model, kNoise, 3);
  const Movie movie = movie_of(recording, kLags);
  const auto rates = model_rates(model, {movie, kNoCovariates, {}}, {.threads = 1});
  const auto plain = plain_rates(model, recording, 1, plain_supports(model, {8, 8}));
  for (const auto& block : movie.blocks)
    for (std::size_t t = 0; t < block.length; ++t)
      ASSERT_NEAR(rates[block.begin + t], plain[static_cast<std::size_t>(block.first_bin) + t], 1e-5);
}

TEST(FitModel, FindsPlantedParametersFromAStartNearby) {
  const Model truth = three_parts();
  const Movie movie = planted_movie(truth, {8, 20'000, 1, true}, 4);
  Model start = truth;
  for (auto& part : start.parts) {
    part.shape.centre.x += 0.6, part.shape.centre.y -= 0.5, part.shape.centre.log_a += 0.2;
    for (double& q : part.mix) q *= 0.6;
  }
  start.offset += 0.1, start.log_softness += 0.5;
  const Fitted fit = fit_of(start, movie);
  const Grid grid{8, 8};
  for (std::size_t i = 0; i < truth.parts.size(); ++i) {
    const Part &a = fit.model.parts[i], &b = truth.parts[i];
    EXPECT_GT(overlap(shape_weights(a.shape, nullptr, grid), shape_weights(b.shape, nullptr, grid)), 0.97) << i;
    EXPECT_NEAR(a.mix[0], b.mix[0], 0.06) << i;
    EXPECT_NEAR(a.mix[1], b.mix[1], 0.06) << i;
  }
  EXPECT_NEAR(fit.model.offset, truth.offset, 0.08);
  EXPECT_NEAR(fit.dispersion, 1, 0.1);
  // Errors of the right size: the truth is where the curvature says.
  const auto covariance = covariance_of(fit);
  const auto found = parameters_of(fit.model), planted = parameters_of(truth);
  double chi = 0;
  for (std::size_t j = 2; j < found.size(); ++j)
    chi += std::pow(found[j] - planted[j], 2) / covariance.values[j * found.size() + j];
  EXPECT_LT(chi / static_cast<double>(found.size() - 2), 2.5);
}

TEST(FitModel, FindsPowerExpansionSurroundAndGains) {
  Model truth = model_of(bumps(1, kLags), {part_of(round_gaussian(4.1, 3.8, 1), {0.5})}, -0.2, 0.05);
  Recording recording = noise_recording({9, 30'000, 1, true}, 5);
  const auto fit_with = [&](const Model& planted, const Model& start, const Covariates& covariates) {
    draw_counts(recording, plain_rates(planted, recording, 1), 6);
    const Movie movie = movie_of(recording, kLags);
    return fit_model(start, {movie, covariates, {}}, {}, {.threads = 1}).model;
  };
  Model planted = truth, start = truth;
  planted.log_power.value = std::log(2.0), start.log_power.free = true;
  EXPECT_NEAR(std::exp(fit_with(planted, start, {}).log_power.value), 2, 0.2);
  planted = start = truth;
  planted.log_expansion.value = std::log(1.6), start.log_expansion.free = true;
  EXPECT_NEAR(std::exp(fit_with(planted, start, {}).log_expansion.value), 1.6, 0.25);
  planted = start = truth;
  planted.surround = Surround{0.5, 0.8}, start.surround = Surround{0.2, thresholds::kLogSurroundRatio};
  EXPECT_NEAR(fit_with(planted, start, {}).surround->strength, 0.5, 0.12);
}

TEST(FitModel, AGainIsFoundWhereItIs) {
  const Model truth = three_parts();
  Recording recording = noise_recording(kNoise, 7);
  std::vector<std::vector<double>> slow(1);
  for (std::int64_t t = 0; t < kNoise.frames; ++t) slow[0].push_back(std::cos(0.002 * static_cast<double>(t)));
  Model planted = truth;
  planted.gains = {0.6};
  draw_counts(recording, plain_rates(planted, recording, 1, {}, slow), 8);
  const Movie movie = movie_of(recording, kLags);
  Covariates covariates;
  covariates.what.emplace_back();
  auto& row = covariates.rows.emplace_back(movie.padded_frames(), 0.0F);
  for (const auto& block : movie.blocks)
    for (std::size_t t = 0; t < block.length; ++t)
      row[block.begin + t] = static_cast<float>(slow[0][static_cast<std::size_t>(block.first_bin) + t]);
  Model start = truth;
  start.gains = {0};
  const Fitted fit = fit_model(start, {movie, covariates, {}}, {}, {.threads = 1});
  EXPECT_NEAR(fit.model.gains[0], 0.6, 0.15);
}

TEST(FitModel, WhatABlockLosesWhenItLeavesIsAboutWhatARefitWithoutItSays) {
  const Model truth = three_parts();
  const Movie movie = planted_movie(truth, {8, 3000, 1, true}, 9);
  const Fitted all = fit_of(truth, movie, 1e-4);
  double error = 0, moved = 0;
  for (std::size_t b = 0; b < movie.blocks.size(); b += 3) {
    std::vector<double> weights(movie.blocks.size(), 1.0);
    weights[b] = 0;
    FitSettings exact;
    exact.tolerance = 1e-4;
    const Fitted without = fit_model(all.model, {movie, kNoCovariates, weights}, exact, {.threads = 1});
    const double held_out = evaluate(without.model, {movie, kNoCovariates, {}}, false, {.threads = 1}).block[b];
    EXPECT_NEAR(all.held_out[b], held_out, 1.2) << b;
    EXPECT_LT(all.held_out[b], all.at.block[b]);
    error += all.held_out[b] - held_out, moved += all.at.block[b] - held_out;
  }
  EXPECT_LT(std::abs(error), 0.3 * moved) << "of what the blocks lose in all";
}

TEST(FitModel, HeldOutGainIsTheDifferenceOverBlocksAndItsError) {
  Fitted a, b;
  a.held_out = {3, 1, -2, 6}, b.held_out = {1, 1, 0, 2};
  const HeldOutGain gain = held_out_gain(a, b);  // 2, 0, -2, 4
  EXPECT_NEAR(gain.nats, 4, 1e-12);
  EXPECT_NEAR(gain.error, std::sqrt(4.0 / 3 * (4 * 24 - 16) / 4), 1e-9) << "root of blocks times their variance";
  EXPECT_EQ(held_out_gain(a, a).nats, 0);
}

TEST(FitModel, AMissingSubunitGainsAndOneTooManyDoesNot) {
  const Model truth = three_parts();
  const Movie movie = planted_movie(truth, kNoise, 10);
  const Fitted right = fit_of(truth, movie), less = fit_of(without_part(truth, 1), movie);
  EXPECT_GT(held_out_gain(right, less).nats, 30);
  Model more = truth;
  more.parts.push_back(part_of(round_gaussian(1.2, 6.1, 1.1), {0.02, 0.02}));
  EXPECT_LT(held_out_gain(fit_of(more, movie), right).nats, thresholds::kBarOfNew);
}

TEST(FitModel, BlocksWithoutAWeightAreNotThere) {
  const Model truth = three_parts();
  Movie movie = planted_movie(truth, kNoise, 11);
  std::vector<double> weights(movie.blocks.size(), 1.0);
  weights[2] = 0;
  const auto fit = [&] { return fit_model(truth, {movie, kNoCovariates, weights}, {}, {.threads = 1}); };
  const auto before = parameters_of(fit().model);
  for (std::size_t t = 0; t < movie.blocks[2].length; ++t) movie.counts[movie.blocks[2].begin + t] += 1;
  const auto after = parameters_of(fit().model);
  for (std::size_t j = 1; j < before.size(); ++j)
    EXPECT_NEAR(after[j], before[j], 0.02 * (1 + std::abs(before[j]))) << j;
}

TEST(FitModel, AnyNumberOfThreadsGivesTheSameBits) {
  const Model truth = three_parts();
  const Movie movie = planted_movie(truth, {8, 2500, 1, false}, 12);
  const auto run = [&](int threads) { return fit_model(truth, {movie, kNoCovariates, {}}, {}, {.threads = threads}); };
  const Fitted one = run(1);
  for (const int threads : {2, 3}) {
    const Fitted other = run(threads);
    EXPECT_EQ(parameters_of(one.model), parameters_of(other.model));
    EXPECT_EQ(one.held_out, other.held_out);
    EXPECT_EQ(one.curvature.values, other.curvature.values);
    EXPECT_EQ(model_rates(one.model, {movie, kNoCovariates, {}}, {.threads = 1}),
              model_rates(one.model, {movie, kNoCovariates, {}}, {.threads = threads}));
  }
}

TEST(FitModel, TheCovarianceIsTheInverseOfTheCurvature) {
  const Model truth = three_parts();
  const Fitted fit = fit_of(truth, planted_movie(truth, kNoise, 13));
  const auto inverse = covariance_of(fit);
  const auto n = static_cast<std::size_t>(inverse.shape[0]);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      double sum = 0;
      for (std::size_t k = 0; k < n; ++k) sum += fit.curvature.values[i * n + k] * inverse.values[k * n + j];
      EXPECT_NEAR(sum, i == j ? 1 : 0, 1e-4) << i << ' ' << j;
    }
}

TEST(FitModel, AStopRequestEndsIt) {
  std::stop_source stop;
  stop.request_stop();
  const Model truth = three_parts();
  const Movie movie = planted_movie(truth, {8, 700, 1, true}, 14);
  EXPECT_THROW(fit_model(truth, {movie, kNoCovariates, {}}, {}, {.threads = 1, .stop = stop.get_token()}), Interrupted);
}

}  // namespace
}  // namespace plexiform::reveal
