#include "plexiform/reveal/basis.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "reveal/planted.hpp"

namespace plexiform::reveal {
namespace {

constexpr std::size_t kLags = 8;

double product(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// Norm of what functions hold of a filter of norm 1.
double held(const Basis& basis, std::span<const double> filter) {
  double sum = 0;
  for (const auto& f : basis.functions) sum += std::pow(product(f, filter), 2);
  return std::sqrt(sum);
}

void expect_orthonormal(const Basis& basis) {
  for (std::size_t i = 0; i < basis.count(); ++i)
    for (std::size_t j = 0; j < basis.count(); ++j)
      EXPECT_NEAR(product(basis.functions[i], basis.functions[j]), i == j ? 1 : 0, 1e-9) << i << ' ' << j;
}

/// A cell of one filter, or of two.
Model cell(bool two, double sign = 1) {
  return model_of(bumps(2, kLags),
                  {part_of(round_gaussian(3.2, 3.4, 1.1), {sign * 0.5, 0}),
                   part_of(round_gaussian(6.4, 3.8, 1.1),
                           two ? std::vector<double>{0, sign * 0.5} : std::vector<double>{sign * 0.5, 0}),
                   part_of(round_gaussian(4.6, 6.6, 1.1), {sign * 0.4, 0})},
                  -0.3, 0.05);
}

const Noise kNoise{10, 6000, 1, true};

TEST(FirstBasis, OneFunctionInACellOfOneFilterTwoInACellOfTwo) {
  for (const std::uint64_t seed : {1, 2, 3})
    for (const bool two : {false, true}) {
      const Movie movie = planted_movie(cell(two), kNoise, seed);
      const BasisFound found = first_basis(movie, 4, seed, {.threads = 1});
      EXPECT_EQ(found.basis.count(), two ? 2U : 1U) << seed;
      EXPECT_GT(found.values[0], found.edge);
      EXPECT_EQ(found.values.size(), kLags);
      expect_orthonormal(found.basis);
      EXPECT_GT(held(found.basis, bumps(2, kLags).functions[0]), 0.95) << seed;
      EXPECT_TRUE(!two || held(found.basis, bumps(2, kLags).functions[1]) > 0.9) << seed;
      EXPECT_LE(first_basis(movie, 1, seed, {.threads = 1}).basis.count(), 1U) << "as many as asked for, at most";
    }
}

TEST(FirstBasis, IsOneFunctionAtLeastAndNeverMoreThanThereAreLags) {
  Movie movie = planted_movie(cell(false), {10, 2000, 1, true}, 4);
  std::ranges::fill(movie.counts, 0.0F);
  EXPECT_EQ(first_basis(movie, 4, 1, {.threads = 1}).basis.count(), 1U) << "nothing to see";
  const Model short_cell = model_of(bumps(1, 2), {part_of(round_gaussian(3.2, 3.4, 1.1), {0.5})}, 0, 0.05);
  EXPECT_LE(first_basis(planted_movie(short_cell, {6, 2000, 1, true}, 4), 4, 1, {.threads = 1}).basis.count(), 2U);
}

TEST(FirstBasis, TheStrongestAverageIsPositive) {
  for (const double sign : {1.0, -1.0}) {
    const Movie movie = planted_movie(cell(false, sign), kNoise, 5);
    const BasisFound found = first_basis(movie, 4, 1, {.threads = 1});
    EXPECT_GT(sign * product(found.basis.functions[0], bumps(1, kLags).functions[0]), 0.95);
    const auto map = average_map(movie, found.basis, {.threads = 1});
    const auto peak = std::ranges::max_element(map);
    EXPECT_GT(*peak, -*std::ranges::min_element(map));
    EXPECT_GT(*peak, 5);
  }
}

TEST(FirstBasis, AFilterIsFoundThroughAStimulusThatIsCorrelatedInTime) {
  const Model truth = cell(false);
  NdArray<float> frames({8000, 10, 10});
  const CounterRandom random(6, 6);
  for (std::size_t i = 0; i < frames.values.size(); ++i)
    frames.values[i] = static_cast<float>(random.normal(i)) + (i < 100 ? 0 : 0.6F * frames.values[i - 100]);
  Recording recording = recording_from_arrays(frames, NdArray<std::int32_t>({1, 8000}), 30);
  draw_counts(recording, plain_rates(truth, recording, 1.25), 6);
  const BasisFound found = first_basis(movie_of(recording, kLags), 4, 1, {.threads = 1});
  EXPECT_GT(held(found.basis, bumps(1, kLags).functions[0]), 0.93);
}

TEST(FirstBasis, ChannelsHaveTheirOwnCourses) {
  const Model truth = model_of(bumps(1, kLags, 2), {part_of(round_gaussian(3.2, 3.4, 1.1), {0.6})}, -0.2, 0.05);
  const Movie movie = planted_movie(truth, {7, 6000, 2, false}, 7);
  const BasisFound found = first_basis(movie, 4, 1, {.threads = 1});
  EXPECT_EQ(found.basis.channels, 2U);
  EXPECT_GT(held(found.basis, truth.basis.functions[0]), 0.95);
}

TEST(AverageMap, IsTheSpikeTriggeredAverageOverItsError) {
  const Movie movie = planted_movie(cell(false), kNoise, 8);
  const Basis basis = bumps(1, kLags);
  const auto map = average_map(movie, basis, {.threads = 1});
  ASSERT_EQ(map.size(), 100U);
  Buffer space;
  for (const std::size_t p : {33U, 46U, 99U}) {
    double sum = 0;
    for (std::size_t b = 0; b < movie.blocks.size(); ++b) {
      const float* row = movie.rows(b, space) + p * movie.stride();
      for (std::size_t t = 0; t < movie.blocks[b].length; ++t)
        for (std::size_t l = 0; l < kLags; ++l)
          sum += static_cast<double>(movie.counts[movie.blocks[b].begin + t]) * basis.functions[0][l] *
                 static_cast<double>(row[t + kLags - 1 - l]);
    }
    EXPECT_NEAR(map[p], sum / std::sqrt(movie.spikes()), 1e-3) << p;
  }
  EXPECT_GT(map[33], 5);
  EXPECT_LT(std::abs(map[99]), 4);
}

TEST(RefittedBasis, OneFunctionInACellOfOneFilterTwoInACellOfTwo) {
  for (const bool two : {false, true}) {
    const Movie movie = planted_movie(cell(two), kNoise, 9);
    // A start of one wrong function: the course of both, in part.
    Model start = cell(two);
    std::vector<double> f(kLags);
    for (std::size_t l = 0; l < kLags; ++l)
      f[l] = 0.8 * start.basis.functions[0][l] + 0.6 * start.basis.functions[1][l];
    start.basis.functions = {f};
    for (auto& part : start.parts) part.mix = {0.4};
    const Fitted fit = fit_of(start, movie);
    const BasisRefit refit = refitted_basis(fit, {movie, kNoCovariates, {}}, 4, {.threads = 1});
    EXPECT_EQ(refit.model.basis.count(), two ? 2U : 1U);
    expect_orthonormal(refit.model.basis);
    EXPECT_GT(held(refit.model.basis, bumps(2, kLags).functions[0]), 0.93);
    EXPECT_TRUE(!two || held(refit.model.basis, bumps(2, kLags).functions[1]) > 0.9);
    EXPECT_GT(product(refit.model.basis.functions[0], f), 0) << "the polarity stays";
    const Fitted better = fit_of(refit.model, movie);
    EXPECT_GT(held_out_gain(better, fit).nats, 10) << "another basis pays";
    EXPECT_LE(refitted_basis(fit, {movie, kNoCovariates, {}}, 1, {.threads = 1}).model.basis.count(), 1U);
  }
}

TEST(RefittedBasis, KeepsThePolarityOfTheFirstFunction) {
  const Movie movie = planted_movie(cell(false), {10, 3000, 1, true}, 12);
  for (const double sign : {1.0, -1.0}) {
    Model start = cell(false);
    start.basis = bumps(1, kLags);
    for (double& v : start.basis.functions[0]) v *= sign;
    for (auto& part : start.parts) part.mix = {sign * part.mix[0]};
    const auto refit = refitted_basis(fit_of(start, movie), {movie, kNoCovariates, {}}, 4, {.threads = 1});
    EXPECT_GT(product(refit.model.basis.functions[0], start.basis.functions[0]), 0.9) << sign;
    for (const auto& part : refit.model.parts) EXPECT_GT(sign * part.mix[0], 0);
  }
}

TEST(RefittedBasis, IsNoLargerThanThereAreLags) {
  Model model = model_of(bumps(1, 2), {}, -0.2, 0.05);
  for (int i = 0; i < 4; ++i) model.parts.push_back(part_of(round_gaussian(1 + 1.6 * i, 1 + 1.3 * i, 1), {0.5}));
  const Movie movie = planted_movie(model, {7, 3000, 1, true}, 10);
  const auto refit = refitted_basis(fit_of(model, movie), {movie, kNoCovariates, {}}, 4, {.threads = 1});
  EXPECT_LE(refit.model.basis.count(), 2U);
}

TEST(Basis, AnyNumberOfThreadsGivesTheSameBits) {
  const Movie movie = planted_movie(cell(true), {10, 3000, 1, true}, 11);
  const Fitted fit = fit_of(cell(true), movie);
  const auto run = [&](int threads) {
    const Context context{.threads = threads};
    const BasisFound first = first_basis(movie, 4, 1, context);
    std::vector<double> all = first.values;
    const auto map = average_map(movie, first.basis, context);
    all.insert(all.end(), map.begin(), map.end());
    const auto values = refitted_basis(fit, {movie, kNoCovariates, {}}, 4, context).values;
    all.insert(all.end(), values.begin(), values.end());
    return all;
  };
  EXPECT_EQ(run(1), run(3));
}

}  // namespace
}  // namespace plexiform::reveal
