#include "plexiform/reveal/subunit_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "plexiform/base/error.hpp"
#include "plexiform/reveal/select_subunits.hpp"
#include "reveal/planted_movie.hpp"

namespace plexiform {
namespace {

/// Two slanted subunits of unequal weight, one near the border, and a power.
SubunitModel two_parts(SubunitNonlinearity nonlinearity, double power) {
  SubunitModel model = planted_model(nonlinearity, {{2.2, 3.1, 0.1, 0.3, 0.4}, {5.6, 4.4, 0.2, -0.1, -0.3}}, -0.2, 0.4);
  model.log_power = std::log(power);
  model.parts[1].weight = 0.6;
  return model;
}

struct Case {
  SubunitNonlinearity nonlinearity;
  double power;
};

class Equation : public testing::TestWithParam<Case> {
 protected:
  SubunitModel model = two_parts(GetParam().nonlinearity, GetParam().power);
  FilteredMovie movie = planted_movie(model, 8, 1010, 100, 5);

  double plain_block(const TimeBlock& block, const std::vector<double>& rates) const {
    double sum = 0;
    for (auto t = block.begin; t < block.end; ++t) {
      const double rate = rates[static_cast<std::size_t>(t)];
      sum += movie.counts[t].item<double>() * std::log(rate) - rate;
    }
    return sum;
  }
};

TEST_P(Equation, BlockLikelihoodsAreThoseOfAPlainLoop) {
  const auto found = evaluate(model, movie, {}, false, {1});
  const auto rates = plain_rates(model, movie);
  ASSERT_EQ(found.block.size(), 11U);
  double total = 0;
  for (std::size_t b = 0; b < found.block.size(); ++b) {
    EXPECT_NEAR(found.block[b], plain_block(movie.blocks[b], rates), 2e-4);
    total += found.block[b];
  }
  EXPECT_NEAR(found.total, total, 1e-9);
  const auto ours = model_rates(model, movie, {1});
  for (std::size_t t = 0; t < rates.size(); ++t) ASSERT_NEAR(ours[t], rates[t], 1e-5 * (1 + rates[t])) << t;
}

TEST_P(Equation, BlockGradientsAndInformationAreThoseOfFiniteDifferences) {
  const auto found = evaluate(model, movie, {}, true, {1});
  const auto parameters = static_cast<std::size_t>(parameter_count(model));
  constexpr double kStep = 1e-5;
  const auto at = parameters_of(model);
  ASSERT_EQ(at.size(), parameters);
  std::vector<std::vector<double>> slopes;  // [parameter][frame], of log rate
  for (std::size_t j = 0; j < parameters; ++j) {
    auto up = at, down = at;
    up[j] += kStep, down[j] -= kStep;
    const auto above = plain_rates(with_parameters(model, up), movie),
               below = plain_rates(with_parameters(model, down), movie);
    slopes.emplace_back();
    for (std::size_t t = 0; t < above.size(); ++t)
      slopes.back().push_back((std::log(above[t]) - std::log(below[t])) / (2 * kStep));
  }
  const auto rates = plain_rates(model, movie);
  const float* counts = movie.counts.data_ptr<float>();
  const auto gradient = found.block_gradient.accessor<double, 2>();
  for (std::size_t j = 0; j < parameters; ++j)
    for (std::size_t b = 0; b < movie.blocks.size(); ++b) {
      double expected = 0, size = 0;
      for (auto t = static_cast<std::size_t>(movie.blocks[b].begin); t < static_cast<std::size_t>(movie.blocks[b].end);
           ++t) {
        expected += (counts[t] - rates[t]) * slopes[j][t];
        size += std::abs((counts[t] - rates[t]) * slopes[j][t]);
      }
      EXPECT_NEAR(gradient[static_cast<std::int64_t>(b)][static_cast<std::int64_t>(j)], expected, 1e-4 * (1 + size))
          << "parameter " << j << ", block " << b;
    }
  const auto information = found.information.accessor<double, 2>();
  for (std::size_t i = 0; i < parameters; ++i)
    for (std::size_t j = 0; j < parameters; ++j) {
      double expected = 0, size = 0;
      for (std::size_t t = 0; t < rates.size(); ++t) {
        expected += rates[t] * slopes[i][t] * slopes[j][t];
        size += std::abs(rates[t] * slopes[i][t] * slopes[j][t]);
      }
      EXPECT_NEAR(information[static_cast<std::int64_t>(i)][static_cast<std::int64_t>(j)], expected, 1e-4 * (1 + size))
          << i << ' ' << j;
    }
}

TEST_P(Equation, InformationIsSymmetricAndPositiveSemidefinite) {
  const at::Tensor information = evaluate(model, movie, {}, true, {1}).information;
  const double largest = information.abs().max().item<double>();
  EXPECT_LE((information - information.t()).abs().max().item<double>(), 1e-6 * largest);
  const at::Tensor values = at::linalg_eigvalsh((information + information.t()) / 2);
  EXPECT_GE(values.min().item<double>(), -1e-5 * largest);
}

INSTANTIATE_TEST_SUITE_P(Nonlinearities, Equation,
                         testing::Values(Case{SubunitNonlinearity::relu, 1}, Case{SubunitNonlinearity::relu, 1.7},
                                         Case{SubunitNonlinearity::half_squared, 0.6},
                                         Case{SubunitNonlinearity::squared, 1.3},
                                         Case{SubunitNonlinearity::linear, 1.6},
                                         Case{SubunitNonlinearity::linear, 0.5}));

TEST(SubunitModel, RatesFarBelowThresholdAreNumbersAndSmall) {
  SubunitModel model = planted_model(SubunitNonlinearity::linear, {round_gaussian(3, 3, 1)}, -50, 0.05);
  const FilteredMovie movie = planted_movie(model, 6, 200, 100, 3);
  for (const double rate : model_rates(model, movie, {1})) {
    EXPECT_GE(rate, 0);
    EXPECT_LT(rate, 1e-100);
  }
  const auto found = evaluate(model, movie, {}, true, {1});
  EXPECT_TRUE(std::isfinite(found.total));
  EXPECT_TRUE(found.block_gradient.isfinite().all().item<bool>());
}

TEST(SubunitModel, AnyNumberOfThreadsGivesTheSameBits) {
  const SubunitModel model = two_parts(SubunitNonlinearity::relu, 1.2);
  const FilteredMovie movie = planted_movie(model, 8, 3700, 50, 6);  // 74 blocks: groups of unequal size
  std::vector<double> weights;
  for (std::size_t b = 0; b < movie.blocks.size(); ++b) weights.push_back(static_cast<double>(b % 3));
  const std::vector<Feature> features = {{round_gaussian(2, 6, 1)}, {round_gaussian(5, 2, 1), round_gaussian(6, 6, 1)}};
  const ModelFitSettings settings;
  const auto one = evaluate(model, movie, weights, true, {1});
  const auto fit = fit_model(model, movie, weights, settings, {1});
  const auto z = feature_scores(fit.model, movie, weights, fit.curvature, features, {1});
  for (const int threads : {2, 5}) {
    const auto many = evaluate(model, movie, weights, true, {threads});
    EXPECT_EQ(many.block, one.block);
    EXPECT_EQ(many.total, one.total);
    EXPECT_TRUE(at::equal(many.block_gradient, one.block_gradient));
    EXPECT_TRUE(at::equal(many.information, one.information));
    EXPECT_EQ(model_rates(model, movie, {threads}), model_rates(model, movie, {1}));
    const auto again = fit_model(model, movie, weights, settings, {threads});
    EXPECT_EQ(again.objective, fit.objective);
    EXPECT_EQ(again.held_out, fit.held_out);
    EXPECT_EQ(parameters_of(again.model), parameters_of(fit.model));
    EXPECT_EQ(feature_scores(fit.model, movie, weights, fit.curvature, features, {threads}), z);
  }
}

/// The movie with each block as often as `times` says.
FilteredMovie repeated(const FilteredMovie& movie, const std::vector<double>& times) {
  FilteredMovie all = movie;
  all.blocks.clear();
  std::vector<at::Tensor> values, counts;
  std::int64_t frames = 0;
  for (std::size_t b = 0; b < times.size(); ++b)
    for (int i = 0; i < times[b]; ++i) {
      values.push_back(movie.values.narrow(0, movie.blocks[b].begin, movie.blocks[b].length()));
      counts.push_back(movie.counts.narrow(0, movie.blocks[b].begin, movie.blocks[b].length()));
      all.blocks.push_back({frames, frames + movie.blocks[b].length(), false});
      frames += movie.blocks[b].length();
    }
  all.values = at::cat(values);
  all.counts = at::cat(counts);
  return all;
}

TEST(SubunitModel, AWeightIsHowOftenABlockCounts) {
  const SubunitModel model = two_parts(SubunitNonlinearity::half_squared, 1);
  const FilteredMovie movie = planted_movie(model, 8, 700, 100, 7);
  const std::vector<double> weights = {1, 2, 0, 3, 1, 0, 2};
  const auto weighted = evaluate(model, movie, weights, true, {1});
  const auto copies = evaluate(model, repeated(movie, weights), {}, true, {1});
  EXPECT_NEAR(weighted.total, copies.total, 1e-9 * std::abs(copies.total));
  EXPECT_TRUE(at::allclose(weighted.information, copies.information, 1e-9, 1e-9));
  EXPECT_EQ(weighted.block[2], 0);
  EXPECT_EQ(weighted.block[1], copies.block[1]);  // a block's own numbers are without its weight
  EXPECT_TRUE(at::equal(weighted.block_gradient[1], copies.block_gradient[1]));
}

TEST(SubunitModel, FitsAndScoresCountABlockOfWeightTwoTwice) {
  const SubunitModel model = two_parts(SubunitNonlinearity::relu, 1);
  const FilteredMovie movie = planted_movie(model, 8, 1600, 100, 8);
  const std::vector<double> twice(movie.blocks.size(), 2.0);
  const FilteredMovie doubled = repeated(movie, twice);
  ModelFitSettings settings;
  settings.tolerance = 1e-6;
  const auto weighted = fit_model(model, movie, twice, settings, {1}),
             copies = fit_model(model, doubled, {}, settings, {1});
  EXPECT_NEAR(weighted.objective, copies.objective, 1e-4);
  const auto a = parameters_of(weighted.model), b = parameters_of(copies.model);
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-3) << i;
  const std::vector<Feature> features = {{round_gaussian(2, 6, 1)}, {round_gaussian(6, 1, 1)}};
  const auto z = feature_scores(weighted.model, movie, twice, weighted.curvature, features, {1});
  const auto z_copies = feature_scores(copies.model, doubled, {}, copies.curvature, features, {1});
  for (std::size_t q = 0; q < z.size(); ++q) EXPECT_NEAR(z[q], z_copies[q], 1e-2);
}

SubunitModel planted_pair() {
  SubunitModel model =
      planted_model(SubunitNonlinearity::relu, {{2.3, 3.2, 0.1, 0.25, 0.2}, {5.4, 4.1, 0.2, 0, -0.1}}, -0.3, 0.08);
  model.parts[1].weight = 0.7;
  return model;
}

TEST(FitModel, RecoversWhatWasPlantedWithinItsOwnStandardErrors) {
  const SubunitModel truth = planted_pair();
  const auto planted = parameters_of(truth);
  ModelFitSettings settings;
  settings.tolerance = 1e-3;
  settings.shape_spread = 1;
  double squares = 0;
  int count = 0;
  for (std::uint64_t seed = 20; seed < 26; ++seed) {
    const FilteredMovie movie = planted_movie(truth, 8, 4000, 100, seed);
    SubunitModel start = truth;  // a good way off
    start.offset = 0;
    start.log_softness += 1;
    for (auto& part : start.parts) {
      part.weight *= 0.6;
      part.shape = round_gaussian(part.shape.x + 0.6, part.shape.y - 0.5, 0.8);
    }
    const auto fit = fit_model(start, movie, {}, settings, {2});
    const auto found = parameters_of(fit.model);
    const at::Tensor variances = at::linalg_inv(fit.curvature).diagonal().contiguous();
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (i == ModelLayout::log_power || i == ModelLayout::log_size)
        continue;  // the power is locked, log_size is the prior's own
      const double z = (found[i] - planted[i]) / std::sqrt(variances.data_ptr<double>()[i]);
      EXPECT_LT(std::abs(z), 4.5) << "seed " << seed << ", parameter " << i;
      squares += z * z;
      ++count;
    }
    EXPECT_NEAR(found[2], planted[2], 1e-6);
    EXPECT_GT(fit.at.total, evaluate(truth, movie, {}, false, {1}).total) << "no worse than the truth on its own data";
  }
  // 84 z, correlated within a seed: their mean square is 1 with a standard error below 0.2.
  EXPECT_GT(squares / count, 0.4);
  EXPECT_LT(squares / count, 1.8);
}

TEST(FitModel, AFreePowerIsFound) {
  SubunitModel truth = planted_model(SubunitNonlinearity::linear, {round_gaussian(3.4, 3.8, 1.1)}, 0.4, 0.5);
  for (const double power : {0.6, 1.0, 1.8}) {
    truth.log_power = std::log(power);
    const FilteredMovie movie = planted_movie(truth, 8, 8000, 200, 31);
    SubunitModel start = truth;
    start.log_power = 0;
    ModelFitSettings settings;
    settings.power_spread = 0.7;
    settings.tolerance = 1e-3;
    const auto fit = fit_model(start, movie, {}, settings, {2});
    const double error =
        std::sqrt(at::linalg_inv(fit.curvature)[ModelLayout::log_power][ModelLayout::log_power].item<double>());
    EXPECT_NEAR(fit.model.log_power, truth.log_power, 4 * error);
    EXPECT_LT(error, 0.4);
  }
}

TEST(FitModel, EndsWhereNoSmallStepIsBetter) {
  const SubunitModel truth = planted_pair();
  const FilteredMovie movie = planted_movie(truth, 8, 3000, 100, 40);
  ModelFitSettings settings;
  settings.tolerance = 1e-6;
  settings.shape_spread = 100;  // no prior to speak of, but on the softness
  const auto fit = fit_model(truth, movie, {}, settings, {1});
  const auto at = parameters_of(fit.model);
  const at::Tensor errors = at::linalg_inv(fit.curvature + 1e-9 * at::eye(fit.curvature.size(0), at::kDouble))
                                .diagonal()
                                .clamp_min(0)
                                .sqrt()
                                .contiguous();
  for (std::size_t i = 1; i < at.size(); ++i) {
    if (i == ModelLayout::log_power || i == ModelLayout::log_size) continue;
    for (const double side : {-0.5, 0.5}) {
      auto moved = at;
      moved[i] += side * errors.data_ptr<double>()[i];
      EXPECT_LT(evaluate(with_parameters(fit.model, moved), movie, {}, false, {1}).total, fit.at.total) << i;
    }
  }
}

/// Log prior, and what the curvature adds to the information, at a model: a fit without a step gives both.
std::pair<double, at::Tensor> prior_at(const SubunitModel& model, const FilteredMovie& movie,
                                       ModelFitSettings settings) {
  settings.steps = 0;
  const auto fit = fit_model(model, movie, {}, settings, {1});
  return {fit.objective - fit.at.total, fit.curvature - fit.at.information};
}

TEST(FitModel, CurvatureHoldsThePriorsSecondDerivatives) {
  SubunitModel model = planted_pair();
  for (auto& part : model.parts) part.shape.shear = 0;  // elsewhere Gauss-Newton's curvature, never negative
  model.log_power = 0.3;
  const FilteredMovie movie = planted_movie(model, 8, 200, 100, 43);
  ModelFitSettings settings;
  settings.power_spread = 0.7;
  const auto at = parameters_of(model);
  const auto count = static_cast<std::int64_t>(at.size());
  const at::Tensor bend = prior_at(model, movie, settings).second;
  constexpr double kStep = 1e-3;
  const auto prior = [&](std::size_t i, double by_i, std::size_t j, double by_j) {
    auto moved = at;
    moved[i] += by_i, moved[j] += by_j;
    return prior_at(with_parameters(model, moved), movie, settings).first;
  };
  for (std::int64_t i = 0; i < count; ++i)
    for (std::int64_t j = 0; j <= i; ++j) {
      const auto a = static_cast<std::size_t>(i), b = static_cast<std::size_t>(j);
      const double second = (prior(a, kStep, b, kStep) - prior(a, kStep, b, -kStep) - prior(a, -kStep, b, kStep) +
                             prior(a, -kStep, b, -kStep)) /
                            (4 * kStep * kStep);
      EXPECT_NEAR(bend[i][j].item<double>(), -second, 2e-3) << i << ' ' << j;
      EXPECT_NEAR(bend[j][i].item<double>(), -second, 2e-3) << i << ' ' << j;
    }
}

TEST(FitModel, EndsAtAMaximumOfLikelihoodAndPrior) {
  const SubunitModel truth = planted_pair();
  const FilteredMovie movie = planted_movie(truth, 8, 3000, 100, 44);
  ModelFitSettings settings;
  settings.tolerance = 1e-7;
  settings.power_spread = 0.7;
  const auto fit = fit_model(truth, movie, {}, settings, {1});
  settings.steps = 0;
  const auto at = parameters_of(fit.model);
  for (std::size_t i = 0; i < at.size(); ++i) {
    const auto bend = fit.curvature[static_cast<std::int64_t>(i)][static_cast<std::int64_t>(i)].item<double>();
    const auto objective = [&](double by) {
      auto moved = at;
      moved[i] += by / std::sqrt(bend);
      return fit_model(with_parameters(fit.model, moved), movie, {}, settings, {1}).objective;
    };
    // A slope of 0: to both sides the objective falls by about by^2 / 2.
    EXPECT_NEAR(objective(0.1), objective(-0.1), 0.005) << i;
    EXPECT_LT(objective(0.2), fit.objective) << i;
  }
}

TEST(FitModel, HeldOutIsWhatALeaveOneBlockOutRefitGives) {
  const SubunitModel truth = planted_pair();
  const FilteredMovie movie = planted_movie(truth, 8, 4000, 200, 41);
  ModelFitSettings settings;
  settings.tolerance = 1e-5;
  const auto all = fit_model(truth, movie, {}, settings, {2});
  double cost = 0, exact_cost = 0;
  for (std::size_t b = 0; b < movie.blocks.size(); ++b) {
    std::vector<double> weights(movie.blocks.size(), 1.0);
    weights[b] = 0;
    const auto without = fit_model(all.model, movie, weights, settings, {2});
    const double exact = evaluate(without.model, movie, {}, false, {1}).block[b];
    const double own = all.at.block[b] - all.held_out[b], own_exact = all.at.block[b] - exact;
    EXPECT_GT(own, 0);
    EXPECT_NEAR(own, own_exact, 0.15 + 0.35 * own_exact) << "block " << b;
    cost += own, exact_cost += own_exact;
  }
  // Together about as many nats as there are free parameters, 14.
  EXPECT_NEAR(cost / exact_cost, 1, 0.2);
  EXPECT_GT(cost, 5);
  EXPECT_LT(cost, 30);
}

TEST(FitModel, AStopRequestEndsItAndEachLookAtTheMovie) {
  const SubunitModel model = planted_pair();
  const FilteredMovie movie = planted_movie(model, 8, 2000, 100, 42);
  std::stop_source stop;
  const Context context{2, stop.get_token()};
  const FittedModel fit = fit_model(model, movie, {}, {}, context);
  const std::vector<Feature> features{{model.parts[0].shape}};
  stop.request_stop();
  EXPECT_THROW(fit_model(model, movie, {}, {}, context), Interrupted);
  EXPECT_THROW(evaluate(model, movie, {}, false, context), Interrupted);
  EXPECT_THROW(model_rates(model, movie, context), Interrupted);
  EXPECT_THROW(feature_scores(fit.model, movie, {}, fit.curvature, features, context), Interrupted);
}

TEST(FitModel, AModelWithoutFiniteLikelihoodIsRefused) {
  SubunitModel model = planted_pair();
  model.nonlinearity = SubunitNonlinearity::linear;
  FilteredMovie movie = planted_movie(model, 8, 200, 100, 42);
  movie.values[50][3] = std::numeric_limits<float>::quiet_NaN();
  try {
    fit_model(model, movie, {}, {}, {1});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::numeric);
  }
}

TEST(HeldOutGain, IsTheSumOfDifferencesAndItsErrorThatOfASum) {
  FittedModel a, b;
  a.held_out = {1, 3, 2, 6};
  b.held_out = {0, 1, 1, 2};  // differences 1 2 1 4: mean 2, variance 2
  const Gain gain = held_out_gain(a, b);
  EXPECT_DOUBLE_EQ(gain.nats, 8);
  EXPECT_NEAR(gain.error, std::sqrt(4 * 2.0), 1e-12);
  EXPECT_DOUBLE_EQ(held_out_gain(b, a).nats, -8);
  EXPECT_EQ(held_out_gain(a, a).error, 0);
  // Weights: blocks 1 and 3 twice, block 2 never, is the same as five blocks 1 2 2 4 4.
  const std::vector<double> weights = {1, 2, 0, 2};
  FittedModel c, d;
  c.held_out = {1, 2, 2, 4, 4};
  d.held_out = {0, 0, 0, 0, 0};
  EXPECT_DOUBLE_EQ(held_out_gain(a, b, weights).nats, held_out_gain(c, d).nats);
  EXPECT_NEAR(held_out_gain(a, b, weights).error, held_out_gain(c, d).error, 1e-12);
}

/// One at each place of the window.
std::vector<Feature> everywhere(std::int64_t side, double sd) {
  std::vector<Feature> features;
  for (std::int64_t y = 0; y < side; ++y)
    for (std::int64_t x = 0; x < side; ++x)
      features.push_back({round_gaussian(static_cast<double>(x), static_cast<double>(y), sd)});
  return features;
}

TEST(FeatureScores, AreStandardNormalWhereNothingIsMissing) {
  const SubunitModel truth = planted_pair();
  const auto features = everywhere(8, 0.6);
  double sum = 0, squares = 0, largest = 0;
  int count = 0;
  for (std::uint64_t seed = 50; seed < 58; ++seed) {
    const FilteredMovie movie = planted_movie(truth, 8, 3000, 100, seed);
    const auto fit = fit_model(truth, movie, {}, {}, {2});
    for (const double z : feature_scores(fit.model, movie, {}, fit.curvature, features, {2})) {
      sum += z, squares += z * z, largest = std::max(largest, std::abs(z));
      ++count;
    }
  }
  // 512 z, neighbours correlated: as good as some 200, so that the mean has a standard error of 0.07 and the standard
  // deviation of 0.05. Tolerances are three of them.
  const double mean = sum / count;
  EXPECT_NEAR(mean, 0, 0.22);
  EXPECT_NEAR(std::sqrt(squares / count - mean * mean), 1, 0.16);
  EXPECT_LT(largest, 4.5);
}

TEST(FeatureScores, AreLargeWhereASubunitIsMissing) {
  const SubunitModel truth = planted_pair();
  const FilteredMovie movie = planted_movie(truth, 8, 4000, 100, 60);
  SubunitModel start = truth;
  start.parts.resize(1);
  const auto fit = fit_model(start, movie, {}, {}, {2});
  const auto features = everywhere(8, 1);
  const auto z = feature_scores(fit.model, movie, {}, fit.curvature, features, {2});
  const auto most = std::max_element(z.begin(), z.end());
  EXPECT_GT(*most, 10);
  const auto& found = features[static_cast<std::size_t>(most - z.begin())][0];
  EXPECT_LE(std::hypot(found.x - truth.parts[1].shape.x, found.y - truth.parts[1].shape.y), 1.2);
}

TEST(FeatureScores, OfSeveralGaussiansAreThoseOfTheirSum) {
  // A feature twice the same Gaussian is that Gaussian with twice the weight: the same z.
  const SubunitModel truth = planted_pair();
  const FilteredMovie movie = planted_movie(truth, 8, 1000, 100, 61);
  const auto fit = fit_model(truth, movie, {}, {}, {1});
  const Gaussian g = round_gaussian(3, 6, 1), h = round_gaussian(6, 2, 0.8);
  const std::vector<Feature> features = {{g}, {g, g}, {h}, {g, h}, {h, g}};
  const auto z = feature_scores(fit.model, movie, {}, fit.curvature, features, {1});
  EXPECT_NEAR(z[0], z[1], 1e-3);
  EXPECT_NEAR(z[3], z[4], 1e-3);
  EXPECT_GT(std::abs(z[0] - z[3]) + std::abs(z[2] - z[3]), 0.01);
}

TEST(FeatureScores, OfWhatTheModelHasAreNotEvidence) {
  const SubunitModel truth = planted_pair();
  const FilteredMovie movie = planted_movie(truth, 8, 3000, 100, 62);
  ModelFitSettings settings;
  settings.tolerance = 1e-4;
  const auto fit = fit_model(truth, movie, {}, settings, {1});
  const std::vector<Feature> own = {{fit.model.parts[0].shape}, {fit.model.parts[1].shape}};
  for (const double z : feature_scores(fit.model, movie, {}, fit.curvature, own, {1})) EXPECT_LT(std::abs(z), 0.5);
}

/// A step far beyond the quadratic model's reach brings little; the fit must not take that for its end.
TEST(FitModel, ARoughFitDoesNotStopAtAFailedStep) {
  for (const std::uint64_t seed : {10U, 27U, 121U}) {
    std::vector<Gaussian> ring;
    for (int i = 0; i < 5; ++i) {
      const double angle = 0.7 * static_cast<double>(seed) + 2 * std::numbers::pi * i / 5;
      ring.push_back(round_gaussian(4.5 + 2.4 * std::cos(angle), 4.5 + 2.4 * std::sin(angle), 0.9));
    }
    const FilteredMovie movie =
        planted_movie(planted_model(SubunitNonlinearity::relu, ring, -1.2, 0.05), 10, 3000, 150, seed);
    const SubunitModel start = softened(model_of_average(movie, {}, SubunitNonlinearity::relu), movie);
    ModelFitSettings settings;
    settings.power_spread = 0.7;
    const double exact = fit_model(start, movie, {}, settings, {1}).objective;
    settings.tolerance = 2;
    EXPECT_NEAR(fit_model(start, movie, {}, settings, {1}).objective, exact, 3 * settings.tolerance) << "seed " << seed;
  }
}

}  // namespace
}  // namespace plexiform
