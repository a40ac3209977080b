// Each threshold does what its name says. Those of selection: changes_test.cpp and select_subunits_test.cpp (Pays); of
// the test of structure: structure_test.cpp; of certainty: certainty_test.cpp; of the minimal network:
// minimal_test.cpp; of shapes and nonlinearity: choose_test.cpp; of the map: subunits_test.cpp; of blocks:
// cell_movie_test.cpp; of the spikes that are tested and of what lies outside: reveal_cell_test.cpp. Here are the
// others.
#include "plexiform/reveal/thresholds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "plexiform/likelihood/priors.hpp"
#include "plexiform/reveal/certainty.hpp"
#include "plexiform/reveal/fit_model.hpp"
#include "plexiform/reveal/minimal.hpp"
#include "plexiform/reveal/reveal_cell.hpp"
#include "plexiform/reveal/structure.hpp"
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

/// Spread of the rates in groups of neighbours, in that of Poisson counts of these rates: how much of what the counts
/// of a group show is not noise.
double spread_in_groups(std::span<const double> rates, std::span<const std::int64_t> order, std::int64_t alike) {
  double spread = 0;
  const auto each = static_cast<std::size_t>(alike);
  for (std::size_t begin = 0; begin < order.size(); begin += each) {
    const auto group = order.subspan(begin, std::min(each, order.size() - begin));
    double mean = 0;
    for (const auto t : group) mean += rates[static_cast<std::size_t>(t)] / static_cast<double>(group.size());
    for (const auto t : group) spread += std::pow(rates[static_cast<std::size_t>(t)] - mean, 2) / mean;
  }
  return spread / static_cast<double>(order.size());
}

TEST(Alike, FramesThatExchangeCountsHaveAboutTheSameRate) {
  // A linear cell whose rate bends; 3,000 frames are as few as the other tests of structure have.
  SubunitModel model = planted_model(SubunitNonlinearity::linear, {round_gaussian(2.4, 2.1, 0.9)}, -0.8, 0.5);
  model.log_power = std::log(1.5);
  const auto rates = model_rates(model, white_movie(5, 3000, 300, 11), {.threads = 1});
  const auto order = by_rate(rates);
  EXPECT_LT(spread_in_groups(rates, order, StructureSettings{}.alike), 0.01)
      << "rates differ where counts are the same";
  EXPECT_GT(spread_in_groups(rates, order, 10 * kAlike), 0.01) << "so many would not do";
}

TEST(Alike, CountsMoveWithinTheirGroupsOnlyAndNearlyAllOfThem) {
  FilteredMovie movie = white_movie(2, 1030, 100, 12);
  std::vector<double> rates;
  for (std::int64_t t = 0; t < movie.frames(); ++t) {
    rates.push_back(static_cast<double>((7 * t) % movie.frames()));
    movie.counts[t] = static_cast<float>(t);  // each is known again
  }
  const auto order = by_rate(rates);
  const FilteredMovie drawn = exchanged(movie, order, kAlike, CounterRandom(3, 4));
  std::int64_t stayed = 0;
  const auto frames = static_cast<std::int64_t>(order.size());
  for (std::int64_t begin = 0; begin < frames; begin += kAlike) {
    std::vector<std::int64_t> before, after;
    for (std::int64_t i = begin; i < std::min(begin + kAlike, frames); ++i) {
      const auto t = order[static_cast<std::size_t>(i)];
      before.push_back(t);
      after.push_back(drawn.counts[t].item<std::int64_t>());
      stayed += before.back() == after.back();
    }
    std::ranges::sort(before);
    std::ranges::sort(after);
    EXPECT_EQ(before, after);
  }
  EXPECT_LE(stayed, 3 * frames / kAlike) << "one of a group stays where it is, on average";
}

TEST(Rounds, EndTheGrowthOfAModelThatEverythingPaysAndReachTheMost) {
  EXPECT_GE(1 + static_cast<std::size_t>(kRounds), kMostSubunits) << "or rounds would decide the number of subunits";
  const FilteredMovie movie = planted_movie(
      planted_model(SubunitNonlinearity::relu, {round_gaussian(2.4, 2.1, 0.9)}, -0.2, 0.2), 6, 400, 40, 4);
  SelectSettings settings;
  settings.dispersion = 1e-12;
  settings.least_gain = -1e20;
  settings.errors = -1e9;
  settings.to_the_end = false;
  const auto start = model_of_average(movie, {}, SubunitNonlinearity::relu);
  const auto grown = [&](std::size_t most) {
    settings.most = most;
    return select_subunits(start, movie, {}, settings, {.threads = 2}).best.model.parts.size();
  };
  EXPECT_EQ(grown(1000), 1 + static_cast<std::size_t>(kRounds));
  EXPECT_EQ(grown(6), 6U);
}

TEST(CurveTolerance, IsFarBelowTheStepsOfTheCurveAndWhatItLeavesIsToo) {
  SubunitModel truth = planted_model(SubunitNonlinearity::relu,
                                     {round_gaussian(1.4, 1.6, 0.8), round_gaussian(4.4, 1.5, 0.8),
                                      round_gaussian(2.8, 4.5, 0.8), round_gaussian(5, 4.2, 0.7)},
                                     -0.3, 0.15);
  truth.parts[3].weight = 0.3;  // the least certain, which goes first
  for (const std::uint64_t seed : {20, 21, 23}) {
    const FilteredMovie movie = planted_movie(truth, 7, 2500, 100, seed);
    const FittedModel full = fit_model(truth, movie, {}, {}, {.threads = 2});
    const Pruned pruned = prune(full, movie, {}, {.threads = 2});
    ModelFitSettings exact;
    exact.tolerance = 1e-4;
    const auto without = fit_model(softened(without_part(full.model, 3), movie), movie, {}, exact, {.threads = 2});
    EXPECT_NEAR(pruned.curve[1].behind.nats, held_out_gain(full, without).nats, 2 * kCurveTolerance) << seed;
    for (std::size_t i = 1; i < pruned.curve.size(); ++i)
      EXPECT_GT(pruned.curve[i].behind.nats - pruned.curve[i - 1].behind.nats, 20 * kCurveTolerance) << seed;
  }
}

/// Two subunits that fire often: many spikes in few frames.
SubunitModel busy_pair() {
  return planted_model(SubunitNonlinearity::relu, {round_gaussian(1.5, 2.3, 0.9), round_gaussian(4.1, 2.9, 0.9)}, 2,
                       0.2);
}

/// What two resamples say of a movie's fit.
ModelCertainty two_resamples(const FilteredMovie& movie, CertaintySettings settings) {
  settings.resamples = 2;
  ModelFitSettings rough;
  rough.tolerance = 1e-2;
  return certainty(fit_model(busy_pair(), movie, {}, rough, {.threads = 1}), movie, {}, settings, 1, {.threads = 2});
}

TEST(Resamples, HoldTheirShareOfTheBlocksAndFewerWhereThatIsMoreSpikesThanTheyMayHave) {
  const auto said = [](const ModelCertainty& of) {
    std::vector<double> all(of.numbers.begin(), of.numbers.end());
    for (const auto& part : of.parts)
      all.insert(all.end(), {part.returned, part.x.low, part.x.high, part.y.low, part.y.high});
    return all;
  };
  const auto of_share = [](double share) {
    CertaintySettings settings;
    settings.share = share;
    settings.most_spikes = 1e300;
    return settings;
  };
  // Just below and just above the number of spikes from which the share of the blocks holds too many.
  for (const double times : {0.9, 1.15}) {
    const double wanted = times * kResampleSpikes / kResampleShare;
    FilteredMovie movie = planted_movie(busy_pair(), 6, 4000, 50, 31);
    movie = thinned(movie, wanted);
    const double spikes = movie.counts.sum().item<double>();
    ASSERT_NEAR(spikes, wanted, 0.05 * wanted);
    const double share = times < 1 ? kResampleShare : kResampleSpikes / spikes;
    const auto usual = said(two_resamples(movie, {}));
    EXPECT_EQ(usual, said(two_resamples(movie, of_share(share)))) << times;
    if (times < 1) continue;
    EXPECT_NE(usual, said(two_resamples(movie, of_share(kResampleShare)))) << "it holds fewer spikes than that";
  }
  EXPECT_LT(kResampleShare, 1) << "resamples of everything would be one and the same";
  EXPECT_GT(kResampleShare, 0.5) << "halves find fewer";
}

}  // namespace
}  // namespace plexiform
