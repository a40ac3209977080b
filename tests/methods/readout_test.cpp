#include "plexiform/methods/readout.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "classical/planted.hpp"
#include "plexiform/base/error.hpp"

namespace plexiform {
namespace {

constexpr std::int64_t kSide = 8;
const std::vector<double> kWeights = {0.3, 0.15, 0};
constexpr double kOffset = -0.1, kSoftness = 0.02;

Modules three_modules() {
  return {planted::gaussians(kSide, kSide, {{2, 2}, {2, 5}, {5, 4}}, 1), {}, SubunitNonlinearity::relu, {}};
}

at::Tensor rate_of(const Modules& modules, const std::vector<double>& weights, const FilteredMovie& movie) {
  const at::Tensor drive = at::mv(module_answers(modules, movie), at::tensor(weights)) + kOffset;
  return kSoftness * at::softplus(drive / kSoftness);
}

/// Counts of the modules with these weights, in training and (the last tenth) validation frames.
FilteredMovie planted_movie(const Modules& modules, const std::vector<double>& weights, std::int64_t frames,
                            std::uint64_t seed) {
  const at::Tensor x = planted::noise(frames, kSide * kSide, seed);
  FilteredMovie movie = planted::movie_of(x, at::zeros({frames}), kSide, frames / 10);
  const at::Tensor rate = rate_of(modules, weights, movie);
  movie.counts = planted::counts_of(rate, rate.mean().item<double>(), seed + 1);
  return movie;
}

// Over ten seeds weights and offset vary by 0.006 (standard deviation; 3,500 spikes); 0.03 is five times that.
TEST(Readout, PlantedWeightsComeBack) {
  const Modules modules = three_modules();
  const Readout readout = readout_of_modules(modules, planted_movie(modules, kWeights, 30'000, 3));
  for (std::size_t k = 0; k < kWeights.size(); ++k) EXPECT_NEAR(readout.weight[k], kWeights[k], 0.03) << k;
  EXPECT_NEAR(readout.offset, kOffset, 0.03);
  EXPECT_LT(readout.steps, 100);
}

TEST(Readout, CountsThatDoNotFollowTheModulesGiveNoWeights) {
  const Modules modules = three_modules();
  FilteredMovie movie = planted_movie(modules, kWeights, 30'000, 3);
  movie.counts = movie.counts.roll(1000);
  const Readout readout = readout_of_modules(modules, movie);
  for (const double weight : readout.weight) EXPECT_LT(weight, 0.04);
}

TEST(Readout, NoStepAwayRaisesTheTrainingLikelihood) {
  const Modules modules = three_modules();
  const FilteredMovie movie = planted_movie(modules, kWeights, 10'000, 5);
  const Readout best = readout_of_modules(modules, movie);
  const at::Tensor answers = module_answers(modules, movie).narrow(0, 0, 9000);
  const at::Tensor counts = movie.counts.narrow(0, 0, 9000).to(at::kDouble);
  const auto likelihood = [&](const std::vector<double>& weights, double offset) {
    const double s = std::exp(best.log_softness);
    const at::Tensor rate = s * at::softplus((at::mv(answers, at::tensor(weights)) + offset) / s);
    return (counts * rate.log() - rate).mean().item<double>();
  };
  const double here = likelihood(best.weight, best.offset);
  EXPECT_NEAR(here, best.training, 1e-9);
  for (const double step : {0.01, -0.01}) {
    EXPECT_LE(likelihood(best.weight, best.offset + step), here + 1e-8);
    for (std::size_t k = 0; k < best.weight.size(); ++k) {
      std::vector<double> other = best.weight;
      other[k] = std::max(other[k] + step, 0.0);
      EXPECT_LE(likelihood(other, best.offset), here + 1e-8) << k;
    }
  }
}

TEST(Readout, AModuleThatSuppressesGetsANegativeWeightOnlyWhereItMay) {
  Modules modules = three_modules();
  const FilteredMovie movie = planted_movie(modules, {0.3, 0.3, -0.15}, 30'000, 7);
  EXPECT_EQ(readout_of_modules(modules, movie).weight[2], 0);
  modules.free_sign = {false, false, true};
  EXPECT_NEAR(readout_of_modules(modules, movie).weight[2], -0.15, 0.04);
}

TEST(Readout, ItsNetworkGivesTheSameRates) {
  Modules modules = three_modules();
  modules.nonlinearity = SubunitNonlinearity::squared;
  modules.bias = {1, -1, 0};
  modules.free_sign = {true, true, true};
  const FilteredMovie movie = planted_movie(modules, {0.08, -0.05, 0.1}, 6000, 9);
  const Readout readout = readout_of_modules(modules, movie);
  const std::vector<double> temporal = {1};  // the movie itself
  const Network network = network_of_modules(modules, readout, movie, temporal, 1, kSide);
  const at::Tensor rate = respond(network, movie.values.view({-1, 1, kSide, kSide})).rate.value.to(at::kDouble);
  const double s = std::exp(readout.log_softness);
  const at::Tensor expected =
      s * at::softplus((at::mv(module_answers(modules, movie), at::tensor(readout.weight)) + readout.offset) / s);
  EXPECT_LT((rate - expected).abs().max().item<double>(), 1e-4);
}

TEST(Readout, HasTheSameBitsOnAnyNumberOfThreads) {
  const Modules modules = three_modules();
  const FilteredMovie movie = planted_movie(modules, kWeights, 5000, 3);
  const Readout one = readout_of_modules(modules, movie, {1}), three = readout_of_modules(modules, movie, {3});
  EXPECT_EQ(one.weight, three.weight);
  EXPECT_EQ(one.offset, three.offset);
  EXPECT_EQ(one.validation, three.validation);
}

TEST(Readout, AStopRequestEndsIt) {
  const Modules modules = three_modules();
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(readout_of_modules(modules, planted_movie(modules, kWeights, 1000, 3), {1, stop.get_token()}),
               Interrupted);
}

TEST(Readout, WithoutASpikeThereIsNone) {
  const Modules modules = three_modules();
  FilteredMovie movie = planted_movie(modules, kWeights, 1000, 3);
  movie.counts.zero_();
  EXPECT_THROW(readout_of_modules(modules, movie), Error);
}

}  // namespace
}  // namespace plexiform
