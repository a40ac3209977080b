#include "plexiform/reveal/structure.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>

#include "plexiform/base/error.hpp"
#include "plexiform/reveal/thresholds.hpp"
#include "reveal/binomial.hpp"
#include "reveal/planted_movie.hpp"

namespace plexiform {
namespace {

/// One linear filter behind a threshold, whose rate then bends as its power says.
FilteredMovie linear_cell(std::uint64_t seed, double power = 1, int each = 1) {
  SubunitModel model = planted_model(SubunitNonlinearity::linear, {round_gaussian(2.6, 2.4, 1.1)}, 0.1, 0.1);
  model.log_power = std::log(power);
  model.parts[0].weight = 0.5;
  return planted_movie(model, 6, 3000, 100, seed, each);
}

FilteredMovie two_subunits(std::uint64_t seed, std::int64_t frames = 3000) {
  return planted_movie(planted_model(SubunitNonlinearity::relu,
                                     {round_gaussian(1.6, 2.3, 0.8), round_gaussian(3.7, 2.8, 0.8)}, -0.3, 0.1),
                       6, frames, 100, seed);
}

StructureTest tested(const FilteredMovie& movie, const StructureSettings& settings, int threads = 2) {
  const auto fits = fit_both(movie, SubunitNonlinearity::relu, 1, {.threads = threads});
  return test_structure(movie, fits, settings, 7, {.threads = threads});
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

StructureSettings few_draws() {
  StructureSettings settings;
  settings.draws = 19;
  settings.alpha = 0.05;
  return settings;
}

TEST(Structure, LinearCellsAreRarelyCalledStructuredWhateverTheirOutput) {
  // At most as often as alpha says (0.05 here, where 19 draws are enough), in all but one of a thousand tests.
  constexpr std::int64_t kCells = 60;
  std::int64_t structured = 0, not_lowest = 0;
  for (std::int64_t i = 0; i < kCells; ++i) {
    const double power = std::array{0.6, 1.0, 2.0}[static_cast<std::size_t>(i % 3)];
    SubunitModel model = planted_model(SubunitNonlinearity::linear, {round_gaussian(1.9, 2.2, 0.9)}, 0.1, 0.1);
    model.log_power = std::log(power);
    model.parts[0].weight = 0.5;
    const auto movie = planted_movie(model, 5, 1000, 50, static_cast<std::uint64_t>(3000 + i));
    const auto test = tested(movie, few_draws());
    structured += test.verdict == Verdict::structured;
    // The statistic is one of the null's: below the median of a few draws about as often as above it.
    ASSERT_FALSE(test.null.empty());
    EXPECT_NEAR(test.statistic, mean_of(test.null), 40) << "cell " << i;
    not_lowest += test.statistic > *std::min_element(test.null.begin(), test.null.end());
  }
  EXPECT_LE(structured, most_of(kCells, 0.05));
  EXPECT_GE(not_lowest, least_of(kCells, 0.5)) << "a statistic that is always lowest would never find anything";
}

TEST(Structure, ALinearCellGivesNoEvidenceWithTheSettingsOfTheProgram) {
  // An error rate of one in a hundred.
  const auto test = tested(linear_cell(101), {});
  EXPECT_EQ(test.verdict, Verdict::no_evidence) << "p " << test.p_value;
  EXPECT_GT(test.p_value, thresholds::kAlpha);
}

TEST(Structure, CountsExchangedWithThemselvesAreNotEvidence) {
  // Groups of one frame: each draw is the recording itself, and so is its statistic.
  StructureSettings settings = few_draws();
  settings.alike = 1;
  const auto movie = two_subunits(91, 1500);
  const auto fits = fit_both_as_dispersed(movie, SubunitNonlinearity::relu, {.threads = 2});
  ASSERT_EQ(fits.dispersion, 1) << "the draws are then fitted as the recording was";
  const auto test = test_structure(movie, fits, settings, 7, {.threads = 2});
  EXPECT_EQ(test.null, std::vector<double>(thresholds::kWave, test.statistic));
  EXPECT_EQ(test.p_value, 1);
  EXPECT_EQ(test.verdict, Verdict::no_evidence);
}

TEST(Structure, TwoSubunitsAreSeen) {
  const auto movie = two_subunits(91);
  const auto test = tested(movie, StructureSettings{});
  EXPECT_EQ(test.verdict, Verdict::structured);
  EXPECT_LT(test.p_value, 1e-3);
  EXPECT_GE(test.p_value, 1e-6);
  EXPECT_LT(test.null.size(), 99U) << "a clear case needs few draws";
  EXPECT_GT(test.statistic, *std::max_element(test.null.begin(), test.null.end()) + 15);
}

TEST(Structure, WithoutAClearCaseTheDrawsAreCounted) {
  const auto movie = two_subunits(91, 1500);
  StructureSettings settings = few_draws();
  settings.clear_nats = 1e9;
  const auto test = tested(movie, settings);
  EXPECT_EQ(test.null.size(), 19U);
  EXPECT_DOUBLE_EQ(test.p_value, 1.0 / 20);
  EXPECT_EQ(test.verdict, Verdict::structured);
}

TEST(Structure, EffectsAreTheStatisticInBitsPerSpike) {
  const auto movie = two_subunits(92);
  const auto fits = fit_both(movie, SubunitNonlinearity::relu, 1, {.threads = 2});
  const auto test = test_structure(movie, fits, {}, 7, {.threads = 2});
  const Gain gain = held_out_gain(fits.grown.best, fits.linear);
  const double spikes = movie.counts.sum().item<double>();
  EXPECT_DOUBLE_EQ(test.statistic, gain.nats);
  EXPECT_NEAR(test.effect_bits, gain.nats / std::numbers::ln2 / spikes, 1e-12);
  EXPECT_NEAR(test.effect_error, gain.error / std::numbers::ln2 / spikes, 1e-12);
  EXPECT_GT(test.effect_bits, test.visible_bits);
  EXPECT_GT(test.visible_bits * std::numbers::ln2 * spikes, *std::max_element(test.null.begin(), test.null.end()));
}

TEST(Structure, AnyNumberOfThreadsGivesTheSame) {
  for (const auto& movie : {linear_cell(93), two_subunits(93, 2000)}) {
    const auto one = tested(movie, few_draws(), 1), two = tested(movie, few_draws(), 2);
    EXPECT_EQ(one.statistic, two.statistic);
    EXPECT_EQ(one.null, two.null);
    EXPECT_EQ(one.p_value, two.p_value);
    EXPECT_EQ(one.verdict, two.verdict);
    EXPECT_EQ(one.visible_bits, two.visible_bits);
  }
}

TEST(Structure, AnotherSeedDrawsAnotherNull) {
  const auto movie = linear_cell(94);
  const auto fits = fit_both(movie, SubunitNonlinearity::relu, 1, {.threads = 2});
  StructureSettings settings;
  settings.draws = 4;
  settings.alpha = 0.2;
  EXPECT_NE(test_structure(movie, fits, settings, 1, {.threads = 2}).null,
            test_structure(movie, fits, settings, 2, {.threads = 2}).null);
}

TEST(Structure, TheDrawsOfTheNullKeepTheMovieAsItWas) {
  const auto movie = linear_cell(94);
  const at::Tensor counts = movie.counts.clone(), values = movie.values.clone();
  StructureSettings settings;
  settings.draws = 4;
  settings.alpha = 0.2;
  tested(movie, settings);
  EXPECT_TRUE(at::equal(movie.counts, counts));
  EXPECT_TRUE(at::equal(movie.values, values));
}

TEST(Structure, CountsThatScatterMoreThanPoissonAreSeen) {
  EXPECT_NEAR(fit_both(linear_cell(102), SubunitNonlinearity::relu, 1, {.threads = 2}).dispersion, 1, 0.1);
  const auto movie = linear_cell(102, 1, 2);
  const auto fits = fit_both(movie, SubunitNonlinearity::relu, 1, {.threads = 2});
  EXPECT_NEAR(fits.dispersion, 2, 0.2);
  // And are not structure (an error rate of 1 %).
  EXPECT_EQ(test_structure(movie, fits, {}, 7, {.threads = 2}).verdict, Verdict::no_evidence);
}

TEST(Structure, CountsThatScatterLessThanPoissonAreTakenAsPoisson) {
  auto movie = linear_cell(96);
  movie.counts.clamp_max_(1);
  EXPECT_EQ(fit_both(movie, SubunitNonlinearity::relu, 1, {.threads = 2}).dispersion, 1);
}

TEST(Structure, TheLinearModelHasNoSubunitsThatBend) {
  const auto fits = fit_both(two_subunits(97), SubunitNonlinearity::half_squared, 1, {.threads = 2});
  EXPECT_EQ(fits.linear.model.nonlinearity, SubunitNonlinearity::linear);
  EXPECT_EQ(fits.grown.best.model.nonlinearity, SubunitNonlinearity::half_squared);
  EXPECT_EQ(fits.linear.held_out.size(), fits.grown.best.held_out.size());
}

TEST(Structure, StopsWhereItIsAskedTo) {
  const auto movie = linear_cell(98);
  const auto fits = fit_both(movie, SubunitNonlinearity::relu, 1, {.threads = 2});
  std::stop_source source;
  source.request_stop();
  EXPECT_THROW(test_structure(movie, fits, {}, 7, {2, source.get_token()}), Interrupted);
}

TEST(Structure, DrawsThatCannotReachAlphaAreRefused) {
  const auto movie = linear_cell(94);
  const auto fits = fit_both(movie, SubunitNonlinearity::relu, 1, {.threads = 2});
  StructureSettings settings;
  settings.draws = 98;
  EXPECT_THROW(test_structure(movie, fits, settings, 1, {.threads = 2}), Error);
  EXPECT_LE(1.0 / (1 + thresholds::kDraws), thresholds::kAlpha + 1e-12);
}

TEST(Structure, DispersedCountsAreFittedAgainAndPoissonOnesAreNot) {
  EXPECT_EQ(fit_both_as_dispersed(linear_cell(102), SubunitNonlinearity::relu, {.threads = 2}).dispersion, 1);
  const auto movie = linear_cell(102, 1, 2);
  const auto once = fit_both(movie, SubunitNonlinearity::relu, 1, {.threads = 2});
  ASSERT_GT(once.dispersion, thresholds::kPoissonLike);
  const auto again = fit_both_as_dispersed(movie, SubunitNonlinearity::relu, {.threads = 2});
  EXPECT_EQ(again.dispersion, once.dispersion);
  EXPECT_LE(again.grown.best.model.parts.size(), once.grown.best.model.parts.size());
  // By a little they are taken as Poisson: chance alone makes that of a few thousand frames.
  const auto nearly = linear_cell(96);
  const double by_chance = fit_both(nearly, SubunitNonlinearity::relu, 1, {.threads = 2}).dispersion;
  ASSERT_GT(by_chance, 1);
  ASSERT_LT(by_chance, thresholds::kPoissonLike);
  EXPECT_EQ(fit_both_as_dispersed(nearly, SubunitNonlinearity::relu, {.threads = 2}).dispersion, 1);
}

TEST(NormalP, IsStudentsForOneMoreDrawAndNeverBelowItsLeast) {
  const std::vector<double> null = {-3, 3, -3, 3};  // mean 0, deviation sqrt(12)
  EXPECT_NEAR(normal_p(0, null, 1), 0.5, 1e-9);
  const double one = std::sqrt(12.0) * std::sqrt(1.25);
  EXPECT_NEAR(normal_p(one, null, 1), 0.1955, 5e-4) << "P(t > 1) with three degrees of freedom";
  EXPECT_EQ(normal_p(1e9, null, 1), thresholds::kLeastP);
  // A null without variance has the spread that the dispersion makes.
  EXPECT_NEAR(normal_p(std::sqrt(1.25) * 5, std::vector<double>(4, 0.0), 5), 0.1955, 5e-4);
}

TEST(IsClear, AsksForNatsAheadOfAllDrawsAndForStudentsP) {
  const StructureSettings settings;
  const std::vector<double> null = {-1, 0, 1, 0};
  EXPECT_TRUE(is_clear(1 + settings.clear_nats + 0.01, null, 1, settings));
  EXPECT_FALSE(is_clear(1 + settings.clear_nats - 0.01, null, 1, settings));
  EXPECT_FALSE(is_clear(1 + settings.clear_nats + 0.01, null, 2, settings)) << "nats count times the dispersion";
  const std::vector<double> wide = {-60, 60, -60, 60};
  EXPECT_FALSE(is_clear(60 + settings.clear_nats + 1, wide, 1, settings)) << "not far in the null's own spread";
}

TEST(Structure, VerdictsHaveNames) {
  EXPECT_EQ(to_string(Verdict::structured), "structured");
  EXPECT_EQ(to_string(Verdict::no_evidence), "no evidence");
  EXPECT_EQ(to_string(Verdict::too_little_data), "too little data");
}

}  // namespace
}  // namespace plexiform
