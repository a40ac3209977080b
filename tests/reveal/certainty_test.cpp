#include "plexiform/reveal/certainty.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>

#include "plexiform/base/error.hpp"
#include "plexiform/result/confidence.hpp"
#include "reveal/binomial.hpp"
#include "reveal/planted_movie.hpp"

namespace plexiform {
namespace {

/// Two upright ellipses of one shape, the second half as heavy.
constexpr double kMajor = 1.05, kMinor = 0.75;
SubunitModel pair() {
  SubunitModel model = planted_model(
      SubunitNonlinearity::relu,
      {{1.5, 2.3, std::log(kMinor), std::log(kMajor), 0}, {4.1, 2.9, std::log(kMinor), std::log(kMajor), 0}}, -0.2,
      0.2);
  model.parts[1].weight = 0.5;
  return model;
}

FilteredMovie pair_movie(std::uint64_t seed, std::int64_t frames = 2000) {
  return planted_movie(pair(), 6, frames, 50, seed);
}

CertaintySettings without_resamples() {
  CertaintySettings settings;
  settings.resamples = 0;
  return settings;
}

/// Fitted from the truth, so that parts stand in its order.
FittedModel pair_fit(const FilteredMovie& movie) {
  ModelFitSettings settings;
  settings.tolerance = 1e-2;
  return fit_model(pair(), movie, {}, settings, {1});
}

bool holds(const Interval& interval, double value, double scale = 1) {
  const double middle = (interval.low + interval.high) / 2, half = scale * (interval.high - interval.low) / 2;
  return std::abs(value - middle) <= half;
}

/// How often intervals of many movies hold what was planted: places, sizes, shares.
struct Coverage {
  std::int64_t asked = 0, places = 0, sizes = 0, shares = 0;
};

Coverage coverage_of(std::int64_t movies, double scale = 1) {
  Coverage c;
  const SubunitModel truth = pair();
  for (std::int64_t m = 0; m < movies; ++m) {
    const FilteredMovie movie = pair_movie(static_cast<std::uint64_t>(1000 + m));
    const auto parts = certainty(pair_fit(movie), movie, {}, without_resamples(), 1, {.threads = 1}).parts;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const Gaussian& shape = truth.parts[i].shape;
      c.places += holds(parts[i].x, shape.x, scale) + holds(parts[i].y, shape.y, scale);
      c.sizes += holds(parts[i].major, kMajor, scale) + holds(parts[i].minor, kMinor, scale);
      c.shares += 2 * holds(parts[i].weight, truth.parts[i].weight / 1.5, scale);
      c.asked += 2;
    }
  }
  return c;
}

TEST(Certainty, NineInTenIntervalsOfPlaceHoldTheTruth) {
  const Coverage c = coverage_of(60);
  ASSERT_EQ(c.asked, 240);
  EXPECT_GE(c.places, least_of(c.asked, 0.9)) << "too narrow";
  EXPECT_LE(c.places, most_of(c.asked, 0.9)) << "too wide";
  // The prior draws axes together, and the shares of two are one number.
  EXPECT_GE(c.sizes, least_of(c.asked, 0.8));
  EXPECT_GE(c.shares, least_of(c.asked, 0.8));
}

TEST(Certainty, IntervalsOfTwoThirdsTheWidthWouldNotPass) {
  const Coverage c = coverage_of(60, 2.0 / 3);
  EXPECT_LT(c.places, least_of(c.asked, 0.9));
}

TEST(Certainty, TheExpectedMatchIsTheMatchWithTheTruthOnAverage) {
  double expected = 0, real = 0;
  constexpr int kMovies = 40;
  for (std::uint64_t seed = 0; seed < kMovies; ++seed) {
    const FilteredMovie movie = pair_movie(2000 + seed);
    const FittedModel fit = pair_fit(movie);
    const auto parts = certainty(fit, movie, {}, without_resamples(), 1, {.threads = 1}).parts;
    expected += 1 - parts[0].match;
    real += 1 - overlap(fit.model.parts[0].shape, pair().parts[0].shape);
  }
  EXPECT_GT(real, 0);
  EXPECT_NEAR(std::log(expected / real), 0, std::log(1.6)) << expected / kMovies << " for " << real / kMovies;
}

TEST(Certainty, AClearSubunitReturnsAndANumberIsAnIntervalAboutTheModelsOwn) {
  const FilteredMovie movie = pair_movie(5, 4000);
  FittedModel fit = pair_fit(movie);
  const auto sure = certainty(fit, movie, {}, {}, 1, {.threads = 2});
  ASSERT_EQ(sure.numbers.size(), 12U);
  EXPECT_GE(sure.parts[0].returned, 0.9);
  EXPECT_GT(sure.parts[0].z, 5);
  EXPECT_GT(sure.parts[0].match, 0.9);
  EXPECT_NEAR(sure.parts[0].stretch, 1, 0.3);
  EXPECT_GT(sure.parts[0].confidence, 0.9);
  EXPECT_LE(sure.number.low, 2);
  EXPECT_GE(sure.number.high, 2);
  EXPECT_LE(sure.number.high, *std::max_element(sure.numbers.begin(), sure.numbers.end()));
}

TEST(Certainty, ASubunitThatIsNotThereDoesNotReturn) {
  const FilteredMovie movie = pair_movie(6, 4000);
  SubunitModel model = pair();
  model.parts.push_back({round_gaussian(1.5, 5, 0.8), 0.02});
  const auto sure = certainty(fit_model(model, movie, {}, {}, {2}), movie, {}, {}, 1, {.threads = 2});
  EXPECT_LE(sure.parts[2].returned, 0.25);
  EXPECT_LT(sure.parts[2].z, 4);
  EXPECT_LT(sure.parts[2].confidence, sure.parts[0].confidence);
  EXPECT_LT(sure.parts[2].match, sure.parts[0].match);
}

TEST(Certainty, ResamplesWidenIntervalsOfPlaceAndNothingElse) {
  const FilteredMovie movie = pair_movie(7);
  const FittedModel fit = pair_fit(movie);
  const auto without = certainty(fit, movie, {}, without_resamples(), 1, {.threads = 2});
  const auto with = certainty(fit, movie, {}, {}, 1, {.threads = 2});
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_LE(with.parts[i].x.low, without.parts[i].x.low + 1e-12);
    EXPECT_GE(with.parts[i].x.high, without.parts[i].x.high - 1e-12);
    EXPECT_LE(with.parts[i].y.low, without.parts[i].y.low + 1e-12);
    EXPECT_EQ(with.parts[i].major.low, without.parts[i].major.low);
    EXPECT_EQ(with.parts[i].weight.high, without.parts[i].weight.high);
    EXPECT_EQ(without.parts[i].returned, 0);
  }
  EXPECT_TRUE(without.numbers.empty());
  EXPECT_EQ(without.number.low, 2);
  EXPECT_EQ(without.number.high, 2);
}

TEST(Certainty, AnyNumberOfThreadsGivesTheSameAndAnotherSeedDrawsOthers) {
  const FilteredMovie movie = pair_movie(8);
  const FittedModel fit = pair_fit(movie);
  const auto one = certainty(fit, movie, {}, {}, 1, {.threads = 1}),
             two = certainty(fit, movie, {}, {}, 1, {.threads = 3});
  const auto other = certainty(fit, movie, {}, {}, 2, {.threads = 2});
  EXPECT_EQ(one.numbers, two.numbers);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(one.parts[i].x.low, two.parts[i].x.low);
    EXPECT_EQ(one.parts[i].confidence, two.parts[i].confidence);
  }
  EXPECT_NE(one.parts[0].x.low + one.parts[1].x.low + one.parts[0].y.low + one.parts[1].y.low,
            other.parts[0].x.low + other.parts[1].x.low + other.parts[0].y.low + other.parts[1].y.low);
}

TEST(Certainty, StopsWhereAsked) {
  const FilteredMovie movie = pair_movie(9);
  std::stop_source source;
  source.request_stop();
  EXPECT_THROW(certainty(pair_fit(movie), movie, {}, {}, 1, {2, source.get_token()}), Interrupted);
}

TEST(Partners, AreOneEachTheMostAlikeFirst) {
  const auto model =
      planted_model(SubunitNonlinearity::relu, {round_gaussian(2, 2, 1), round_gaussian(2.3, 2, 1)}, 0, 1);
  const auto other = planted_model(
      SubunitNonlinearity::relu, {round_gaussian(9, 9, 1), round_gaussian(2.4, 2, 1), round_gaussian(2, 2.1, 1)}, 0, 1);
  EXPECT_EQ(partners(model, other), (std::vector<int>{2, 1}));
  EXPECT_EQ(partners(other, model), (std::vector<int>{-1, 1, 0}));
  EXPECT_EQ(partners(model, {}), (std::vector<int>{-1, -1}));
}

TEST(Partners, OverlapByTheMeasureOfATrueSubunitOrMore) {
  // Overlaps of unit-norm round Gaussians of one size: exp(-distance^2 / 4).
  const auto at = [](double overlap) {
    return planted_model(SubunitNonlinearity::relu, {round_gaussian(2 + std::sqrt(-4 * std::log(overlap)), 2, 1)}, 0,
                         1);
  };
  EXPECT_EQ(partners(at(1), at(thresholds::kSame + 0.01)), (std::vector<int>{0}));
  EXPECT_EQ(partners(at(1), at(thresholds::kSame - 0.01)), (std::vector<int>{-1}));
}

TEST(Widened, IsTheJackknifesIntervalWhereThatIsWider) {
  const Interval narrow{1.9, 2.1};
  // Six resamples of half the blocks, each 0.5 off: their variance is that of the whole's estimate.
  const Interval wide = widened(narrow, 6 * 0.25, 6, 0.5);
  EXPECT_NEAR(wide.high - 2, 1.645 * 0.5, 1e-3);
  EXPECT_NEAR(2 - wide.low, 1.645 * 0.5, 1e-3);
  // Resamples of two thirds spread less than the whole's estimate would: their variance counts twice.
  EXPECT_NEAR(widened(narrow, 6 * 0.25, 6, 2.0 / 3).high - 2, 1.645 * 0.5 * std::sqrt(2), 1e-3);
  EXPECT_EQ(widened(narrow, 6 * 1e-6, 6, 0.5).high, 2.1);
  EXPECT_EQ(widened(narrow, 100, thresholds::kLeastReturns - 1, 0.5).high, 2.1) << "too few came back to say";
  EXPECT_GT(widened(narrow, 100, thresholds::kLeastReturns, 0.5).high, 2.1);
  EXPECT_EQ(widened(narrow, 100, 6, 1).high, 2.1) << "samples of everything do not spread";
}

PartCertainty part_of(double returned, double match, double stretch) {
  PartCertainty part;
  part.returned = returned;
  part.match = match;
  part.stretch = stretch;
  return part;
}

RC_GTEST_PROP(Confidence, RisesWithReturnsAndMatchAndFallsWithStretch, ()) {
  const auto share = [] { return *rc::gen::inRange(0, 1001) / 1000.0; };
  const double returned = share(), match = share(), stretch = 0.5 + 2 * share(), more = share() + 1e-3;
  const double c = confidence(part_of(returned, match, stretch));
  RC_ASSERT(c > 0 && c < 1);
  RC_ASSERT(confidence(part_of(returned + more, match, stretch)) > c);
  RC_ASSERT(confidence(part_of(returned, match + more, stretch)) > c || match > 1 - kLeastMiss);
  RC_ASSERT(confidence(part_of(returned, match, stretch + more)) < c || stretch + more <= 1);
  RC_ASSERT(confidence(part_of(returned, match, stretch)) == c);
}

TEST(Confidence, IsHighForASubunitThatReturnsAndLowForOneThatDoesNotMatch) {
  EXPECT_GT(confidence(part_of(1, 0.98, 1)), 0.9);
  EXPECT_LT(confidence(part_of(0, 0.3, 1.5)), 0.1);
  EXPECT_LT(confidence(part_of(1, 0.98, 2.5)), confidence(part_of(1, 0.98, 1)) - 0.2) << "two that merged";
}

}  // namespace
}  // namespace plexiform
