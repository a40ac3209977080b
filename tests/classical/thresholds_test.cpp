// Each threshold of the classical methods does what it is for. That fits end within their tolerance: factorise_test.cpp
// and soft_clustering_test.cpp; the level of STC and what sparsity silences: there and in stc_test.cpp. Here are the
// others.
#include "plexiform/classical/thresholds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "planted.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/classical/factorise.hpp"
#include "plexiform/classical/soft_clustering.hpp"
#include "plexiform/classical/stc.hpp"
#include "plexiform/classical/stnmf.hpp"

namespace plexiform {
namespace {

using namespace thresholds::classical;

const std::vector<std::pair<double, double>> kPlaces = {{3, 3}, {3, 8}, {8, 3}, {8, 8}};

TEST(LeastLocalised, ASparsityThatLocalisesLittleIsNotChosenHoweverStable) {
  const double most = 10, nan = std::numeric_limits<double>::quiet_NaN();
  const auto chosen = [&](double localised) {
    return choose_sparsity({{0.5, 0.6, most}, {1, 0.7, 0.9 * most}, {2, 0.99, localised}});
  };
  EXPECT_EQ(chosen(kLeastLocalised * most + 0.1), 2);
  EXPECT_EQ(chosen(kLeastLocalised * most - 0.1), 1) << "the most stable of the others";
  EXPECT_EQ(choose_sparsity({{2, nan, 0}, {0.5, nan, 0}, {1, nan, 0}}), 0.5) << "nothing is localised";
}

TEST(Modules, SomeAreLeftForWhatIsNotLocalised) {
  const at::Tensor truth = planted::gaussians(12, 12, kPlaces, 1.2);
  StnmfSettings settings;
  settings.sparsities = {1.5};
  const StnmfResult found = stnmf(planted::rectified_cell(truth, 60000, 0.15, 24), settings);
  EXPECT_EQ(static_cast<std::int64_t>(found.weight.size()), kModules);
  EXPECT_GE(found.localised, 4);
  EXPECT_LT(found.localised, kModules);
}

TEST(JointIterations, LeadIntoTheValleyOfTheSubunits) {
  const at::Tensor truth = planted::gaussians(12, 12, kPlaces, 1.2);
  const SpikeFrames frames = spike_frames(planted::rectified_cell(truth, 60000, 0.15, 24));
  const at::Tensor moment = second_moment(frames.values, frames.counts);
  FactoriseSettings settings;
  const auto match_after = [&](std::int64_t iterations) {
    settings.iterations = iterations;
    const Factorisation found = factorise(moment, svd_start(moment, 8, settings.sparsity), settings);
    return planted::best_match(truth, unit_modules(found.modules).spatial).min().item<double>();
  };
  const double joint = match_after(kJointIterations);
  EXPECT_GT(joint, 0.9);
  EXPECT_NEAR(match_after(2 * kJointIterations), joint, 0.03) << "what follows goes down where these have led";
}

TEST(Numbers, RiseAndBeginWithALinearCell) {
  EXPECT_EQ(kNumbers.front(), 1);
  EXPECT_TRUE(std::ranges::is_sorted(kNumbers));
  EXPECT_EQ(SoftClusteringSettings{}.subunits.size(), kNumbers.size());
}

TEST(NeighboursFloor, APixelAloneIsSilencedAndOneAmongStrongOnesIsNot) {
  // One subunit of many pixels; a single pixel that drives as much. The sparsity takes sparsity / (floor + neighbours)
  // off each.
  at::Tensor axis = planted::gaussians(12, 12, {{4, 4}}, 1.5)[0] * 0.8;
  axis[10 * 12 + 10] = 0.1;
  const at::Tensor x = planted::noise(40000, 144, 50);
  const at::Tensor rate = x.mv(axis.to(at::kFloat)).exp();
  SoftClusteringSettings settings;
  settings.subunits = {1};
  const auto filter_of = [&](double sparsity) {
    settings.sparsities = {sparsity};
    return soft_clustering(planted::movie_of(x, planted::counts_of(rate, 0.2, 51), 12), settings).filters[0].clone();
  };
  const at::Tensor plain = filter_of(0), sparse = filter_of(kSoftSparsities.back());
  EXPECT_GT(plain[10 * 12 + 10].item<double>(), 0.05);
  EXPECT_EQ(sparse[10 * 12 + 10].item<double>(), 0) << "its neighbours have nothing";
  EXPECT_GT(sparse[4 * 12 + 4].item<double>(), 0.8 * plain[4 * 12 + 4].item<double>());
}

TEST(Shifts, AreEnoughForTheLevelAndLongerThanTheCellRemembers) {
  EXPECT_GE(kLevel, 2.0 / static_cast<double>(kShifts + 1));
  EXPECT_GT(kLeastShift, 4 * 20) << "the usual number of lags";
  StcSettings settings;
  const at::Tensor x = planted::noise(4 * kLeastShift, 9, 60);
  const at::Tensor counts = planted::counts_of(at::ones({4 * kLeastShift}), 0.5, 61);
  EXPECT_NO_THROW(stc(planted::movie_of(x, counts, 3), settings));
  settings.shifts = static_cast<std::int64_t>(2 / kLevel) - 2;
  EXPECT_THROW(stc(planted::movie_of(x, counts, 3), settings), Error) << "so few cannot reach the level";
  settings.shifts = kShifts;
  const auto short_movie =
      planted::movie_of(x.narrow(0, 0, 4 * kLeastShift - 1), counts.narrow(0, 0, 4 * kLeastShift - 1), 3);
  EXPECT_THROW(stc(short_movie, settings), Error);
}

TEST(MostAxes, EndTheSearch) {
  // A cell that squares along more axes than that.
  const std::int64_t pixels = 12;
  const at::Tensor x = planted::noise(30000, pixels, 62);
  const at::Tensor rate = x.narrow(1, 0, kMostAxes + 2).square().sum(1);
  const auto found = stc(planted::movie_of(x, planted::counts_of(rate, 0.5, 63), 3), {});
  EXPECT_EQ(found.axes.spatial.size(0), kMostAxes);
}

}  // namespace
}  // namespace plexiform
