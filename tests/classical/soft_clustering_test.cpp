#include "plexiform/classical/soft_clustering.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stop_token>

#include "planted.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/score/score.hpp"

namespace plexiform {
namespace {

const std::vector<std::pair<double, double>> kPlaces = {{3, 3}, {3, 8}, {8, 3}, {8, 8}};

at::Tensor truth() {
  return planted::gaussians(12, 12, kPlaces, 1.2);
}

/// A cell that the model is exact for: sum of exponentials of the subunits' drives.
FilteredMovie exponential_cell(std::int64_t frames, double mean, std::uint64_t seed, std::int64_t validation = 0,
                               double sd = 1) {
  const at::Tensor x = planted::noise(frames, 144, seed, sd);
  const at::Tensor rate = (1.4 / sd * x.mm(truth().t().to(at::kFloat))).exp().sum(1);
  return planted::movie_of(x, planted::counts_of(rate, mean, seed + 1), 12, validation);
}

SoftClusteringSettings with(std::vector<std::int64_t> subunits, std::vector<double> sparsities) {
  SoftClusteringSettings s;
  s.subunits = std::move(subunits);
  s.sparsities = std::move(sparsities);
  return s;
}

TEST(SoftClustering, LikelihoodRisesAtEachIteration) {
  for (const std::int64_t n : {1, 4, 7}) {
    SoftClusteringSettings s = with({n}, {0});
    s.starts = 1;
    s.tolerance = 0;
    s.iterations = 60;
    const SoftClusteringResult r = soft_clustering(planted::rectified_cell(truth(), 20000, 0.1, 31), s);
    ASSERT_EQ(r.likelihood.size(), 61U);
    for (std::size_t i = 1; i < r.likelihood.size(); ++i)
      ASSERT_GE(r.likelihood[i], r.likelihood[i - 1] - 1e-6) << n << " subunits, iteration " << i;
    // One subunit is found in one step.
    EXPECT_GT(r.likelihood.back(), n > 1 ? r.likelihood[1] + 1e-3 : r.likelihood[0]);
  }
}

TEST(SoftClustering, OneSubunitIsTheWhitenedAverage) {
  const FilteredMovie movie = planted::rectified_cell(truth(), 20000, 0.1, 32);
  const SoftClusteringResult r = soft_clustering(movie, with({1}, {0}));
  const at::Tensor x = movie.values.to(at::kDouble), n = movie.counts.to(at::kDouble);
  const at::Tensor expected = at::linalg_solve(x.t().mm(x) / 20000.0, n.unsqueeze(0).mm(x).flatten() / n.sum());
  EXPECT_LT((r.filters[0] - expected).abs().max().item<double>(), 1e-4);
  EXPECT_NEAR(r.share[0], 1, 1e-12);
}

TEST(SoftClustering, RecoversTheFiltersAndWeightsOfItsOwnModel) {
  for (const double sd : {1.0, 0.3}) {
    const SoftClusteringResult r = soft_clustering(exponential_cell(60000, 0.2, 33, 0, sd), with({4}, {0.003}));
    const at::Tensor match = planted::best_match(truth(), r.modules.spatial);
    EXPECT_GT(match.min().item<double>(), 0.9) << sd;
    EXPECT_NEAR(r.filters.norm(2, {1}).mean().item<double>() * sd, 1.4, 0.2) << sd;
    for (const double share : r.share) EXPECT_NEAR(share, 0.25, 0.05);
  }
}

TEST(SoftClustering, FindsRectifiedSubunitsWithSparsityByValidation) {
  const FilteredMovie movie = planted::rectified_cell(truth(), 60000, 0.15, 34, 6000);
  const SoftClusteringResult r = soft_clustering(movie, with({1, 4}, {0, 0.003, 0.01}));
  EXPECT_EQ(r.modules.spatial.size(0), 4);
  EXPECT_EQ(r.trials.size(), 6U);
  EXPECT_GT(planted::best_match(truth(), r.modules.spatial).mean().item<double>(), 0.9);
  for (const SoftClusteringTrial& t : r.trials) EXPECT_LE(t.validation, r.validation);
  EXPECT_TRUE(std::is_sorted(r.share.rbegin(), r.share.rend()));
  EXPECT_NEAR(std::accumulate(r.share.begin(), r.share.end(), 0.0), 1, 1e-9);
}

TEST(SoftClustering, EndsTheSearchWhenMoreSubunitsDoNotHelp) {
  const at::Tensor x = planted::noise(20000, 144, 40);
  const at::Tensor rate = x.mv(truth()[0].to(at::kFloat)).exp();  // one subunit is all there is
  SoftClusteringSettings s = with({1, 2, 3, 4, 5}, {0});
  s.patience = 1;
  const SoftClusteringResult r = soft_clustering(planted::movie_of(x, planted::counts_of(rate, 0.1, 41), 12, 4000), s);
  EXPECT_EQ(r.filters.size(0), 1);
  EXPECT_EQ(r.trials.size(), 2U);
}

TEST(SoftClustering, SparsitySilencesPixelsFarFromASubunit) {
  const FilteredMovie movie = planted::rectified_cell(truth(), 30000, 0.15, 35);
  const auto zeros = [&](double sparsity) {
    const SoftClusteringResult r = soft_clustering(movie, with({4}, {sparsity}));
    return (r.filters == 0).to(at::kDouble).mean().item<double>();
  };
  EXPECT_EQ(zeros(0), 0);
  EXPECT_GT(zeros(0.01), 0.5);
}

TEST(SoftClustering, ValidationIsTheScoreOfItsRate) {
  const FilteredMovie movie = exponential_cell(20000, 0.2, 36, 5000);
  const SoftClusteringResult r = soft_clustering(movie, with({4}, {0}));
  const at::Tensor drive = movie.values.narrow(0, 15000, 5000).to(at::kDouble).mm(r.filters.t());
  const at::Tensor weight = at::tensor(r.weight, at::kDouble);
  const at::Tensor rate = (drive.exp() * weight).sum(1).contiguous();
  const at::Tensor counts = movie.counts.narrow(0, 15000, 5000).to(at::kDouble).contiguous();
  EXPECT_NEAR(r.validation, bits_per_spike({rate.data_ptr<double>(), 5000}, {counts.data_ptr<double>(), 5000}), 1e-4);
}

TEST(SoftClustering, TheSameSeedGivesTheSameBits) {
  const FilteredMovie movie = planted::rectified_cell(truth(), 5000, 0.15, 37, 500);
  const SoftClusteringResult a = soft_clustering(movie, with({3}, {0.003})),
                             b = soft_clustering(movie, with({3}, {0.003}));
  EXPECT_TRUE(at::equal(a.filters, b.filters));
  EXPECT_EQ(a.validation, b.validation);
}

TEST(SoftClustering, StopsWhereAsked) {
  const FilteredMovie movie = planted::rectified_cell(truth(), 1000, 0.1, 42);
  std::stop_source source;
  source.request_stop();
  EXPECT_THROW(soft_clustering(movie, with({2}, {0}), {1, source.get_token()}), Interrupted);
}

TEST(SoftClustering, RefusesTooLittleDataAndBadSettings) {
  FilteredMovie movie = planted::rectified_cell(truth(), 1000, 0.1, 38);
  EXPECT_THROW(soft_clustering(movie, with({2, 3}, {0})), Error) << "no validation frames to choose by";
  EXPECT_NO_THROW(soft_clustering(movie, with({2}, {0})));
  EXPECT_THROW(soft_clustering(movie, with({}, {0})), Error);
  EXPECT_THROW(soft_clustering(movie, with({0}, {0})), Error);
  EXPECT_THROW(soft_clustering(movie, with({2}, {-1})), Error);
  movie.counts.zero_();
  movie.counts[5] = 1;
  EXPECT_THROW(soft_clustering(movie, with({2}, {0})), Error) << "one spike";
  FilteredMovie brief = planted::rectified_cell(truth(), 100, 0.5, 39);
  try {
    soft_clustering(brief, with({2}, {0}));
    FAIL() << "fewer frames than pixels";
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "soft clustering: 100 training frames, fewer than the window's 144 pixels");
    EXPECT_FALSE(e.advice().empty());
  }
}

}  // namespace
}  // namespace plexiform
