#include "plexiform/classical/stnmf.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <stop_token>

#include "planted.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/classical/consensus.hpp"

namespace plexiform {
namespace {

const std::vector<std::pair<double, double>> kPlaces = {{3, 3}, {3, 8}, {8, 3}, {8, 8}};

StnmfSettings quick(std::vector<double> sparsities) {
  StnmfSettings s;
  s.modules = 8;
  s.sparsities = std::move(sparsities);
  s.consensus_starts = 6;
  s.consensus_iterations = 100;
  s.consensus_spikes = 300;
  return s;
}

TEST(Stnmf, FindsPlantedSubunitsOnAStimulusOfAnyScale) {
  const at::Tensor truth = planted::gaussians(12, 12, kPlaces, 1.2);
  for (const double sd : {1.0, 0.2}) {
    const FilteredMovie movie = planted::rectified_cell(truth, 60000, 0.15, 21, 0, sd);
    const StnmfResult r = stnmf(movie, quick({1.7}));
    const at::Tensor match = planted::best_match(truth, r.modules.spatial.narrow(0, 0, r.localised));
    EXPECT_GT(match.mean().item<double>(), 0.9) << sd;
    EXPECT_GT(match.min().item<double>(), 0.8) << sd;
    EXPECT_TRUE(r.consensus.empty());
    EXPECT_EQ(r.polarity, 1);
    for (std::int64_t j = 0; j < 4; ++j) EXPECT_GT(r.weight[static_cast<std::size_t>(j)], 0);
  }
}

TEST(Stnmf, AnOffCellHasTheSameModulesAndPolarityTurned) {
  FilteredMovie movie = planted::rectified_cell(planted::gaussians(12, 12, kPlaces, 1.2), 20000, 0.15, 22);
  const StnmfResult on = stnmf(movie, quick({1.7}));
  movie.values = -movie.values;
  const StnmfResult off = stnmf(movie, quick({1.7}));
  EXPECT_EQ(off.polarity, -1);
  EXPECT_TRUE(at::equal(on.modules.spatial, off.modules.spatial));
  for (std::size_t j = 0; j < on.weight.size(); ++j) EXPECT_NEAR(on.weight[j], off.weight[j], 1e-12);
}

TEST(Stnmf, LocalisedModulesStandFirstByWeight) {
  const StnmfResult r =
      stnmf(planted::rectified_cell(planted::gaussians(12, 12, kPlaces, 1.2), 20000, 0.15, 23), quick({1.7}));
  for (std::size_t j = 0; j < r.morans_i.size(); ++j)
    EXPECT_EQ(r.morans_i[j] >= kLocalised, static_cast<std::int64_t>(j) < r.localised);
  for (std::int64_t j = 1; j < r.localised; ++j)
    EXPECT_LE(std::abs(r.weight[static_cast<std::size_t>(j)]), std::abs(r.weight[static_cast<std::size_t>(j - 1)]));
  EXPECT_TRUE(at::allclose(r.modules.spatial.norm(2, {1}), at::ones({8}, at::kDouble)));
}

TEST(Stnmf, ConsensusPrefersASparsityThatFindsTheSubunits) {
  const at::Tensor truth = planted::gaussians(12, 12, kPlaces, 1.2);
  const StnmfResult r = stnmf(planted::rectified_cell(truth, 60000, 0.15, 24), quick({0.0, 1.5, 100.0}));
  ASSERT_EQ(r.consensus.size(), 3U);
  EXPECT_EQ(r.sparsity, 1.5);
  EXPECT_GT(r.consensus[1].stability, r.consensus[0].stability);
  EXPECT_GT(planted::best_match(truth, r.modules.spatial).min().item<double>(), 0.9);
}

TEST(Stnmf, TheSameSeedGivesTheSameBits) {
  const FilteredMovie movie = planted::rectified_cell(planted::gaussians(12, 12, kPlaces, 1.2), 5000, 0.15, 25);
  const StnmfResult a = stnmf(movie, quick({1.0, 2.0})), b = stnmf(movie, quick({1.0, 2.0}));
  EXPECT_TRUE(at::equal(a.modules.spatial, b.modules.spatial));
  EXPECT_EQ(a.consensus[1].stability, b.consensus[1].stability);
}

TEST(Stnmf, ValidationFramesChangeNothing) {
  FilteredMovie movie = planted::rectified_cell(planted::gaussians(12, 12, kPlaces, 1.2), 5000, 0.15, 26, 1000);
  const StnmfResult before = stnmf(movie, quick({1.7}));
  movie.values.narrow(0, 4000, 1000).fill_(100);
  movie.counts.narrow(0, 4000, 1000).fill_(9);
  EXPECT_TRUE(at::equal(before.modules.spatial, stnmf(movie, quick({1.7})).modules.spatial));
}

TEST(Stnmf, StopsWhereAsked) {
  const FilteredMovie movie = planted::rectified_cell(planted::gaussians(12, 12, kPlaces, 1.2), 1000, 0.2, 28);
  std::stop_source source;
  source.request_stop();
  EXPECT_THROW(stnmf(movie, quick({1.0, 2.0}), {1, source.get_token()}), Interrupted);
}

TEST(Stnmf, RefusesTooFewSpikesAndBadSettings) {
  FilteredMovie movie = planted::rectified_cell(planted::gaussians(12, 12, kPlaces, 1.2), 1000, 0.15, 27);
  movie.counts.zero_();
  movie.counts.narrow(0, 10, 7).fill_(1);
  try {
    stnmf(movie, quick({1.7}));
    FAIL() << "7 spikes for 8 modules";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::data);
    EXPECT_STREQ(e.what(), "STNMF: 7 training spikes in 7 frames, fewer than the 8 modules");
    EXPECT_FALSE(e.advice().empty());
  }
  movie.counts[3] = -1;
  EXPECT_THROW(stnmf(movie, quick({1.7})), Error);
  EXPECT_THROW(stnmf(movie, quick({})), Error);
  EXPECT_THROW(stnmf(movie, quick({-1.0})), Error);
  StnmfSettings one = quick({1.7});
  one.modules = 1;
  EXPECT_THROW(stnmf(movie, one), Error);
  movie.counts = movie.counts.narrow(0, 0, 5);
  EXPECT_THROW(stnmf(movie, quick({1.7})), InternalError);
}

TEST(Cophenetic, IsOneWhereAllRepetitionsAgree) {
  EXPECT_NEAR(cophenetic_correlation({{0, 0, 1, 1, 2}, {4, 4, 0, 0, 1}}), 1, 1e-6);
}

TEST(Cophenetic, IsTheCorrelationOfDistancesWithMergingHeights) {
  // Distances d01 = 1/4, d02 = 3/4, d12 = 1/2: 0 and 1 merge at 1/4, 2 joins at 5/8.
  const Affiliations a = {{0, 0, 0}, {0, 0, 1}, {0, 1, 1}, {0, 0, 1}};
  const double d[] = {0.25, 0.75, 0.5}, h[] = {0.25, 0.625, 0.625};
  double dh = 0, dd = 0, hh = 0;
  for (int i = 0; i < 3; ++i)
    dh += (d[i] - 0.5) * (h[i] - 0.5), dd += (d[i] - 0.5) * (d[i] - 0.5), hh += (h[i] - 0.5) * (h[i] - 0.5);
  EXPECT_NEAR(cophenetic_correlation(a), dh / std::sqrt(dd * hh), 1e-6);
}

TEST(Cophenetic, FallsWithDisagreementAndIsUndefinedWithoutClusters) {
  const CounterRandom random(1, 1);
  Affiliations stable(10, std::vector<std::int32_t>(60)), chance = stable;
  for (std::uint64_t r = 0; r < 10; ++r)
    for (std::uint64_t i = 0; i < 60; ++i) {
      const auto guess = static_cast<std::int32_t>(random.integer(r * 60 + i, 4));
      chance[r][i] = guess;
      stable[r][i] = random.uniform(r * 60 + i + 1000) < 0.9 ? static_cast<std::int32_t>(i % 4) : guess;
    }
  EXPECT_GT(cophenetic_correlation(stable), 0.95);
  EXPECT_LT(cophenetic_correlation(chance), 0.7);
  EXPECT_TRUE(std::isnan(cophenetic_correlation({{-1, -1, -1}, {-1, -1, -1}})));
  EXPECT_THROW(cophenetic_correlation({{1}}), InternalError);
}

}  // namespace
}  // namespace plexiform
