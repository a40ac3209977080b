#include "plexiform/reveal/structure.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "plexiform/base/error.hpp"
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
  const auto fits = fit_both(movie, SubunitNonlinearity::relu, 1, threads);
  return test_structure(movie, fits, settings, 7, threads);
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

TEST(Structure, ALinearCellGivesNoEvidenceWhateverItsOutput) {
  // Each cell is allowed to fail once in a hundred.
  for (const double power : {0.6, 1.0, 2.0}) {
    const auto test = tested(linear_cell(101, power), {});
    EXPECT_EQ(test.verdict, Verdict::no_evidence) << "power " << power << ", p " << test.p_value;
    EXPECT_GT(test.p_value, 0.01);
    ASSERT_FALSE(test.null.empty());
    // A statistic within some tens of nats of the null's.
    EXPECT_NEAR(test.statistic, mean_of(test.null), 25) << "power " << power;
  }
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
  const auto fits = fit_both(movie, SubunitNonlinearity::relu, 1, 2);
  const auto test = test_structure(movie, fits, {}, 7, 2);
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
  const auto fits = fit_both(movie, SubunitNonlinearity::relu, 1, 2);
  StructureSettings settings;
  settings.draws = 4;
  settings.alpha = 0.2;
  EXPECT_NE(test_structure(movie, fits, settings, 1, 2).null, test_structure(movie, fits, settings, 2, 2).null);
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
  EXPECT_NEAR(fit_both(linear_cell(102), SubunitNonlinearity::relu, 1, 2).dispersion, 1, 0.1);
  const auto movie = linear_cell(102, 1, 2);
  const auto fits = fit_both(movie, SubunitNonlinearity::relu, 1, 2);
  EXPECT_NEAR(fits.dispersion, 2, 0.2);
  // And are no structure (an error rate of 1 %).
  EXPECT_EQ(test_structure(movie, fits, {}, 7, 2).verdict, Verdict::no_evidence);
}

TEST(Structure, CountsThatScatterLessThanPoissonAreTakenAsPoisson) {
  auto movie = linear_cell(96);
  movie.counts.clamp_max_(1);
  EXPECT_EQ(fit_both(movie, SubunitNonlinearity::relu, 1, 2).dispersion, 1);
}

TEST(Structure, TheLinearModelHasNoSubunitsThatBend) {
  const auto fits = fit_both(two_subunits(97), SubunitNonlinearity::half_squared, 1, 2);
  EXPECT_EQ(fits.linear.model.nonlinearity, SubunitNonlinearity::linear);
  EXPECT_EQ(fits.grown.best.model.nonlinearity, SubunitNonlinearity::half_squared);
  EXPECT_EQ(fits.linear.held_out.size(), fits.grown.best.held_out.size());
}

TEST(Structure, StopsWhereItIsAskedTo) {
  const auto movie = linear_cell(98);
  const auto fits = fit_both(movie, SubunitNonlinearity::relu, 1, 2);
  std::stop_source source;
  source.request_stop();
  EXPECT_THROW(test_structure(movie, fits, {}, 7, 2, source.get_token()), Interrupted);
}

TEST(Structure, VerdictsHaveNames) {
  EXPECT_EQ(to_string(Verdict::structured), "structured");
  EXPECT_EQ(to_string(Verdict::no_evidence), "no evidence");
  EXPECT_EQ(to_string(Verdict::too_little_data), "too little data");
}

}  // namespace
}  // namespace plexiform
