#include "plexiform/classical/factorise.hpp"

#include <gtest/gtest.h>

#include "planted.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/classical/module_set.hpp"

namespace plexiform {
namespace {

/// An ensemble of 400 spikes on 5 x 6 pixels with three parts, double [spike, pixel].
at::Tensor small_ensemble() {
  const at::Tensor parts = planted::gaussians(5, 6, {{1, 1}, {1, 4}, {3.5, 2.5}}, 0.8);
  const at::Tensor weights = planted::noise(400, 3, 11, 2).to(at::kDouble);
  return weights.mm(parts) + planted::noise(400, 30, 12, 0.5).to(at::kDouble);
}

at::Tensor ones(const at::Tensor& rows) {
  return at::ones({rows.size(0)}, rows.scalar_type());
}

/// The definition: 1/2 ||S - E' M||^2 + sparsity sum M, rows of E of unit norm over spikes.
double plain_objective(const at::Tensor& s, const at::Tensor& modules, const at::Tensor& readout, double sparsity) {
  at::Tensor e = readout.mm(s.t());
  e = e / e.norm(2, {1}, true);
  return ((s - e.t().mm(modules)).square().sum() / 2 + sparsity * modules.sum()).item<double>();
}

FactoriseSettings with(double sparsity, std::int64_t iterations) {
  FactoriseSettings s;
  s.sparsity = sparsity;
  s.iterations = iterations;
  return s;
}

TEST(Factorise, ObjectiveThroughTheMomentIsThePlainOne) {
  const at::Tensor s = small_ensemble();
  const at::Tensor moment = second_moment(s, ones(s));
  for (const double sparsity : {0.0, 1.7})
    for (const std::int64_t iterations : {0, 1, 7, 350}) {
      const Factorisation f = factorise(moment, random_start(4, 30, 3, 0), with(sparsity, iterations));
      const double plain = plain_objective(s, f.modules, f.readout, sparsity);
      EXPECT_NEAR(f.objective.back(), plain, 1e-9 * plain) << sparsity << " " << iterations;
      EXPECT_NEAR(factorisation_objective(moment, f.modules, f.readout, sparsity), plain, 1e-9 * plain);
    }
}

TEST(Factorise, ObjectiveNeverRises) {
  const at::Tensor s = small_ensemble();
  const at::Tensor moment = second_moment(s, ones(s));
  for (const double sparsity : {0.0, 0.5, 3.0, 30.0})
    for (const std::int64_t modules : {2, 5, 12})
      for (std::uint64_t start = 0; start < 3; ++start) {
        const Factorisation f = factorise(moment, random_start(modules, 30, 5, start), with(sparsity, 300));
        ASSERT_EQ(f.iterations(), 300);
        for (std::size_t i = 1; i < f.objective.size(); ++i)
          ASSERT_LE(f.objective[i], f.objective[i - 1] * (1 + 1e-12)) << sparsity << " " << modules << " " << i;
        EXPECT_GE(f.modules.min().item<double>(), 0);
      }
}

TEST(Factorise, EndsWhereNoSingleRowCanBeImproved) {
  const at::Tensor s = small_ensemble();
  const at::Tensor moment = second_moment(s, ones(s));
  const Factorisation f = factorise(moment, svd_start(moment, 3, 1.0), with(1.0, 3000));
  for (std::int64_t j = 0; j < 3; ++j)
    for (const double step : {-1e-3, 1e-3}) {
      at::Tensor modules = f.modules.clone(), readout = f.readout.clone();
      modules[j] *= 1 + step;
      EXPECT_GE(plain_objective(s, modules, f.readout, 1.0), f.objective.back() * (1 - 1e-12));
      readout[j] += step * readout[j].abs().max() * at::ones({30}, at::kDouble);
      EXPECT_GE(plain_objective(s, f.modules, readout, 1.0), f.objective.back() * (1 - 1e-12));
    }
}

TEST(Factorise, AFrameWithTwoSpikesCountsTwice) {
  const at::Tensor s = small_ensemble();
  at::Tensor counts = ones(s);
  counts[3] = 2;
  counts[17] = 3;
  const at::Tensor repeated = s.repeat_interleave(counts.to(at::kLong), 0);
  EXPECT_TRUE(at::allclose(second_moment(s, counts), repeated.t().mm(repeated), 1e-12, 1e-12));
}

TEST(Factorise, SecondMomentInFloatIsThatInDouble) {
  const at::Tensor x = planted::noise(9000, 20, 4);
  const at::Tensor exact = x.to(at::kDouble).t().mm(x.to(at::kDouble));
  EXPECT_LT((second_moment(x, ones(x)) - exact).abs().max().item<double>(), 1e-5 * 9000);
}

TEST(Factorise, FindsThePartsOfAnEnsemble) {
  const at::Tensor s = small_ensemble();
  const at::Tensor moment = second_moment(s, ones(s));
  const Factorisation f = factorise(moment, svd_start(moment, 3, 1.0), with(1.0, 500));
  const at::Tensor truth = planted::gaussians(5, 6, {{1, 1}, {1, 4}, {3.5, 2.5}}, 0.8);
  EXPECT_GT(planted::best_match(truth, unit_modules(f.modules).spatial).min().item<double>(), 0.97);
}

TEST(Factorise, AModuleOfZerosMakesNothingUndefined) {
  const at::Tensor s = small_ensemble();
  at::Tensor start = random_start(4, 30, 1, 0);
  start[2].zero_();
  start[3] = start[1];  // and two alike
  const Factorisation f = factorise(second_moment(s, ones(s)), start, with(1.0, 50));
  EXPECT_TRUE(at::isfinite(f.modules).all().item<bool>());
  EXPECT_TRUE(at::isfinite(f.readout).all().item<bool>());
  EXPECT_LT(f.objective.back(), f.objective.front());
}

TEST(Factorise, StopsAtTheGoalAndAtTheTolerance) {
  const at::Tensor s = small_ensemble();
  const at::Tensor moment = second_moment(s, ones(s));
  const Factorisation all = factorise(moment, random_start(3, 30, 1, 0), with(1.0, 400));
  FactoriseSettings settings = with(1.0, 400);
  settings.stop_at = all.objective[7];
  EXPECT_EQ(factorise(moment, random_start(3, 30, 1, 0), settings).iterations(), 7);
  settings = with(1.0, 400);
  settings.tolerance = 1e-4;
  const Factorisation early = factorise(moment, random_start(3, 30, 1, 0), settings);
  EXPECT_LT(early.iterations(), 400);
  const double gained = early.objective.front() - early.objective.back();
  EXPECT_LT(early.objective.back() - all.objective.back(), 0.05 * gained);
}

TEST(Factorise, RefusesWhatCannotBeFactorised) {
  const at::Tensor moment = at::eye(6, at::kDouble);
  const at::Tensor start = random_start(3, 6, 1, 0);
  EXPECT_THROW(factorise(moment, random_start(3, 5, 1, 0), {}), InternalError);
  EXPECT_THROW(factorise(moment, random_start(1, 6, 1, 0), {}), Error);
  EXPECT_THROW(factorise(at::zeros({6, 6}, at::kDouble), start, {}), Error);
  EXPECT_THROW(factorise(moment * std::nan(""), start, {}), Error);
  EXPECT_THROW(factorise(moment, start, with(-1, 10)), Error);
  EXPECT_THROW(svd_start(moment, 1, 1), Error);
}

TEST(RandomStart, IsAFunctionOfSeedAndIndex) {
  EXPECT_TRUE(at::equal(random_start(3, 6, 1, 0), random_start(3, 6, 1, 0)));
  EXPECT_FALSE(at::equal(random_start(3, 6, 1, 0), random_start(3, 6, 1, 1)));
  EXPECT_FALSE(at::equal(random_start(3, 6, 1, 0), random_start(3, 6, 2, 0)));
}

}  // namespace
}  // namespace plexiform
