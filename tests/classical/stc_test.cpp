#include "plexiform/classical/stc.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <stop_token>
#include <vector>

#include "planted.hpp"
#include "plexiform/base/error.hpp"

namespace plexiform {
namespace {

constexpr std::int64_t kSide = 5;

/// A rate from the drives along a linear axis a and another axis b, [frame] each.
using Rate = at::Tensor (*)(const at::Tensor& a, const at::Tensor& b);

at::Tensor axes() {
  return planted::gaussians(kSide, kSide, {{1.5, 1.5}, {3.5, 3.5}}, 0.7);
}

FilteredMovie cell(Rate rate, std::int64_t frames, std::uint64_t seed, double mean = 0.2) {
  const at::Tensor x = planted::noise(frames, kSide * kSide, seed);
  const at::Tensor drive = x.mm(axes().t().to(at::kFloat));
  return planted::movie_of(x, planted::counts_of(rate(drive.select(1, 0), drive.select(1, 1)), mean, seed + 1), kSide);
}

at::Tensor nothing(const at::Tensor& a, const at::Tensor&) {
  return at::ones_like(a);
}
at::Tensor linear(const at::Tensor& a, const at::Tensor&) {
  return a.clamp_min(0);
}
at::Tensor energy(const at::Tensor& a, const at::Tensor& b) {
  return a.clamp_min(0) + 0.6 * b.square();
}
at::Tensor suppressed(const at::Tensor& a, const at::Tensor& b) {
  return a.clamp_min(0) / (1 + b.square());
}

/// Binary noise filtered along time by six lags: values that depend on those before, and are not quite Gaussian.
FilteredMovie linear_cell_in_filtered_binary_noise(std::uint64_t seed) {
  const std::int64_t frames = 1500;
  const at::Tensor bits = planted::noise(frames + 5, kSide * kSide, seed).sign();
  at::Tensor x = at::zeros({frames, kSide * kSide}, at::kFloat);
  for (std::int64_t lag = 0; lag < 6; ++lag)
    x += std::vector<float>{0.1F, 0.5F, 0.7F, 0.2F, -0.3F, -0.35F}[static_cast<std::size_t>(lag)] *
         bits.narrow(0, 5 - lag, frames);
  const at::Tensor drive = x.mv(axes()[0].to(at::kFloat));
  return planted::movie_of(x, planted::counts_of(drive.clamp_min(0), 0.2, seed + 1), kSide);
}

StcSettings quick(std::uint64_t seed) {
  StcSettings s;
  s.shifts = 39;
  s.level = 0.05;
  s.least_shift = 20;
  s.seed = seed;
  return s;
}

/// Cells of `count` in which an axis is found.
int found(const std::function<FilteredMovie(std::uint64_t)>& make, int count) {
  int cells = 0;
  for (int i = 0; i < count; ++i) {
    const auto seed = static_cast<std::uint64_t>(1000 + 10 * i);
    cells += stc(make(seed), quick(seed)).tests.front().significant ? 1 : 0;
  }
  return cells;
}

int found(Rate rate, int count) {
  return found([rate](std::uint64_t seed) { return cell(rate, 1500, seed); }, count);
}

// At a level of 5 %, more than 18 of 200 cells would be found by chance with a probability below 1 % (binomial).
TEST(Stc, FindsNoAxisInCountsWithoutStimulus) {
  EXPECT_LE(found(nothing, 200), 18);
}
TEST(Stc, FindsNoAxisInALinearCell) {
  EXPECT_LE(found(linear, 200), 18);
}
TEST(Stc, FindsNoAxisInALinearCellInFilteredBinaryNoise) {
  EXPECT_LE(found(linear_cell_in_filtered_binary_noise, 200), 18);
}
// ... and the same test does see an axis where there is one.
TEST(Stc, FindsTheAxisInNearlyEveryQuadraticCell) {
  EXPECT_GE(found(energy, 50), 45);
}

TEST(Stc, FindsAPlantedQuadraticAxisAndNoMore) {
  const StcResult r = stc(cell(energy, 20000, 41), quick(1));
  ASSERT_EQ(r.axes.spatial.size(0), 1);
  ASSERT_EQ(r.tests.size(), 2U);
  EXPECT_GT(std::abs(r.axes.spatial[0].dot(axes()[1]).item<double>()), 0.95);
  EXPECT_GT(r.tests[0].eigenvalue, r.tests[0].null_high);
  EXPECT_LE(r.tests[0].p, 0.05);
  EXPECT_FALSE(r.tests[1].significant);
  EXPECT_NEAR(r.axes.spatial[0].dot(r.average).item<double>(), 0, 1e-10);
  EXPECT_GT(std::abs(r.average.dot(axes()[0]).item<double>()), 0.95);
}

TEST(Stc, FindsASuppressiveAxisAsASmallEigenvalue) {
  const StcResult r = stc(cell(suppressed, 30000, 43), quick(2));
  ASSERT_GE(r.axes.spatial.size(0), 1);
  EXPECT_GT(std::abs(r.axes.spatial[0].dot(axes()[1]).item<double>()), 0.9);
  EXPECT_LT(r.tests[0].eigenvalue, r.tests[0].null_low);
}

TEST(Stc, EigenvaluesAreThoseOfTheProjectedDifference) {
  const FilteredMovie movie = cell(energy, 3000, 45);
  const StcResult r = stc(movie, quick(3));
  const at::Tensor x = movie.values.to(at::kDouble), n = movie.counts.to(at::kDouble).unsqueeze(1);
  const at::Tensor moment = x.t().mm(x) / 3000.0;
  const at::Tensor away = at::eye(25, at::kDouble) - at::outer(r.average, r.average);
  const at::Tensor difference = away.mm(x.t().mm(x * n) / n.sum() - moment).mm(away) / moment.diagonal().mean();
  at::Tensor expected = at::linalg_eigvalsh(difference);
  // One of them is the 0 of the average.
  const at::Tensor kept = at::argsort(expected.abs()).narrow(0, 1, 24);
  expected = std::get<0>(expected.index_select(0, kept).sort());
  EXPECT_LT((r.eigenvalues - expected).abs().max().item<double>(), 1e-5);
}

TEST(Stc, IsAFunctionOfItsSeed) {
  const FilteredMovie movie = cell(energy, 2000, 47);
  const StcResult a = stc(movie, quick(4)), b = stc(movie, quick(4)), c = stc(movie, quick(5));
  EXPECT_EQ(a.tests[0].null_high, b.tests[0].null_high);
  EXPECT_TRUE(at::equal(a.axes.spatial, b.axes.spatial));
  EXPECT_NE(a.tests[0].null_high, c.tests[0].null_high);
}

TEST(Stc, ValidationFramesChangeNothing) {
  FilteredMovie movie = cell(energy, 2000, 48);
  movie.blocks = {{0, 500, false}, {500, 1000, true}, {1000, 2000, false}};
  const StcResult before = stc(movie, quick(6));
  movie.values.narrow(0, 500, 500).fill_(50);
  movie.counts.narrow(0, 500, 500).fill_(3);
  EXPECT_TRUE(at::equal(before.eigenvalues, stc(movie, quick(6)).eigenvalues));
}

TEST(Stc, StopsWhereAsked) {
  const FilteredMovie movie = cell(energy, 1000, 50);
  std::stop_source source;
  source.request_stop();
  EXPECT_THROW(stc(movie, quick(8), {1, source.get_token()}), Interrupted);
}

TEST(Stc, RefusesTooLittleDataAndBadSettings) {
  FilteredMovie movie = cell(energy, 1000, 49);
  StcSettings s = quick(7);
  s.shifts = 20;
  EXPECT_THROW(stc(movie, s), Error) << "too few shifts for the level";
  s = quick(7);
  s.least_shift = 300;
  try {
    stc(movie, s);
    FAIL() << "shifts longer than the recording allows";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::data);
    EXPECT_STREQ(e.what(), "spike-triggered covariance: 1000 training frames, fewer than four shifts of 300");
  }
  movie.counts.zero_();
  EXPECT_THROW(stc(movie, quick(7)), Error) << "no spikes";
}

}  // namespace
}  // namespace plexiform
