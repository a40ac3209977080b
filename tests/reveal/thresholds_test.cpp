// Each threshold does what its name says. Those of selection: changes_test.cpp and select_subunits_test.cpp (Pays); of
// the test of structure: structure_test.cpp; of certainty: certainty_test.cpp; of the minimal network:
// minimal_test.cpp; of shapes and nonlinearity: choose_test.cpp; of the map: subunits_test.cpp. Here are the others.
#include "plexiform/reveal/thresholds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "plexiform/likelihood/priors.hpp"
#include "plexiform/reveal/fit_model.hpp"
#include "plexiform/reveal/reveal_cell.hpp"
#include "plexiform/reveal/subunits.hpp"
#include "reveal/planted_movie.hpp"

namespace plexiform {
namespace {

using namespace thresholds;

TEST(LeastSpikes, AreAHundredAndOneAPixel) {
  EXPECT_EQ(least_spikes(9), kLeastSpikes);
  EXPECT_EQ(least_spikes(static_cast<std::int64_t>(kLeastSpikes) + 1), kLeastSpikes + 1);
}

TEST(ShareOutside, IsHalfOfAGaussianOnTheBorderAndNoneOfOneInTheMiddle) {
  SubunitModel model = planted_model(SubunitNonlinearity::relu, {round_gaussian(7.5, 7.5, 1)}, 0, 1);
  EXPECT_LT(share_outside(model, 16, 16), 1e-9);
  model.parts[0].shape = round_gaussian(7.5, -0.5, 1);
  EXPECT_NEAR(share_outside(model, 16, 16), 0.5, 1e-3);
  model.parts[0].shape = round_gaussian(-0.5, -0.5, 1);
  EXPECT_NEAR(share_outside(model, 16, 16), 0.75, 1e-3);
  // Weighted by the parts' weights.
  model.parts.push_back({round_gaussian(7.5, 7.5, 1), 3});
  EXPECT_NEAR(share_outside(model, 16, 16), 0.75 / 4, 1e-3);
}

TEST(SoftnessSpread, IsTheWidthOfThePriorAboutTheUsualSoftness) {
  // A movie without frames to speak of leaves the prior alone.
  FilteredMovie movie = white_movie(4, 40, 20, 1);
  movie.values.zero_();
  movie.counts.fill_(0.5);
  SubunitModel model = planted_model(SubunitNonlinearity::relu, {round_gaussian(1.5, 1.5, 1)}, 0, 1);
  ModelFitSettings settings;
  settings.steps = 0;
  const auto objective = [&](double off) {
    model.log_softness = usual_log_softness(0.5) + off;
    const auto fit = fit_model(model, movie, {}, settings, {1});
    return fit.objective - fit.at.total;
  };
  EXPECT_NEAR(objective(0) - objective(kSoftnessSpread), 0.5, 1e-9);
  EXPECT_NEAR(objective(0) - objective(-2 * kSoftnessSpread), 2, 1e-9);
}

TEST(ShapeSpread, IsTheWidthOfThePriorAboutTheMeanSize) {
  FilteredMovie movie = white_movie(4, 40, 20, 1);
  movie.counts.fill_(0.5);
  SubunitModel model = planted_model(SubunitNonlinearity::relu, {round_gaussian(1.5, 1.5, 1)}, 0, 0.5);
  for (const double spread : {kShapeSpread, kOneShape}) {
    ModelFitSettings settings;
    settings.steps = 0;
    settings.shape_spread = spread;
    const auto prior = [&](double off) {
      model.log_size = off;
      const auto fit = fit_model(model, movie, {}, settings, {1});
      return fit.objective - fit.at.total;
    };
    EXPECT_NEAR(prior(0) - prior(spread), 1, 1e-9) << "half of each of two logarithms";
  }
}

TEST(PowerSpread, LetsThePowerGoWhereTheCountsWantIt) {
  SubunitModel truth = planted_model(SubunitNonlinearity::linear, {round_gaussian(2.4, 2.1, 0.9)}, 0.4, 0.5);
  truth.log_power = kPowerSpread;
  const FilteredMovie movie = planted_movie(truth, 5, 4000, 100, 3);
  SubunitModel start = truth;
  start.log_power = 0;
  ModelFitSettings settings;
  EXPECT_NEAR(fit_model(start, movie, {}, settings, {1}).model.log_power, 0, 1e-6) << "without a spread it stays";
  settings.power_spread = kPowerSpread;
  EXPECT_NEAR(fit_model(start, movie, {}, settings, {1}).model.log_power, kPowerSpread, 0.4);
}

TEST(Hopeless, AFitThatStaysBelowEndsEarly) {
  const auto truth = planted_model(SubunitNonlinearity::relu, {round_gaussian(2.4, 2.1, 0.9)}, -0.2, 0.2);
  const FilteredMovie movie = planted_movie(truth, 5, 2000, 100, 4);
  SubunitModel start = truth;
  start.parts[0].shape = round_gaussian(2.9, 2.6, 1.1);
  const FittedModel whole = fit_model(start, movie, {}, {}, {1});
  ModelFitSettings settings;
  settings.hopeless_below = whole.objective - kHopeless;
  EXPECT_EQ(fit_model(start, movie, {}, settings, {1}).objective, whole.objective) << "within reach it goes to its end";
  settings.hopeless_below = whole.objective + 1e6;
  const FittedModel ended = fit_model(start, movie, {}, settings, {1});
  EXPECT_LT(ended.objective, whole.objective - 1) << "out of reach it does not take a step";
  EXPECT_EQ(parameters_of(ended.model), parameters_of(start));
}

}  // namespace
}  // namespace plexiform
