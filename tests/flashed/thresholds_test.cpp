// Each threshold of flashed images does what it is for. That a fit ends at a maximum: parts_test.cpp (FitStatic); how
// far Gaussians are followed: there too (PooledImages); how often intervals hold a size: compare_flashed_test.cpp. Here
// are the others.
#include "plexiform/flashed/thresholds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "flashed/support.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/flashed/compare_flashed.hpp"
#include "plexiform/flashed/menu.hpp"

namespace plexiform {
namespace {

using namespace thresholds::flashed;
using testing::ellipse;
using testing::flashed_recording;

constexpr std::int64_t kImages = 80;

/// Inputs, and counts without noise of a model whose output begins to bend at `scale`.
struct Case {
  NdArray<double> inputs{{kImages, 2}};
  std::vector<double> counts;
  std::vector<bool> fits = std::vector<bool>(kImages, true);
  double mean = 0;

  explicit Case(double scale) {
    const CounterRandom random(4, 0);
    for (std::size_t i = 0; i < inputs.values.size(); ++i) inputs.values[i] = random.normal(i);
    const StaticModel truth{scale, 0.5 / scale, {1 / scale, -0.6 / scale}, 0, 0};
    for (std::int64_t i = 0; i < kImages; ++i) counts.push_back(truth.rate(inputs.row(i)));
    mean = std::accumulate(counts.begin(), counts.end(), 0.0) / kImages;
  }
  double likelihood(double scale) const { return fit_static(inputs, counts, fits, scale).log_likelihood; }
  /// Of the mean count alone.
  double of_nothing() const {
    double sum = 0;
    for (const double n : counts) sum += n * std::log(mean) - mean;
    return sum;
  }
};

TEST(Scales, LieSoCloseThatTheNearestDoesNearlyAsWellAsTheTruth) {
  EXPECT_TRUE(std::ranges::is_sorted(kScales));
  for (const double scale : {0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 4.0}) {
    const Case data(scale);
    const double in_means = scale / data.mean;
    if (in_means < kScales.front() || in_means > kScales.back()) continue;
    double nearest = -1e300;
    for (const double tried : kScales) nearest = std::max(nearest, data.likelihood(tried * data.mean));
    const double exact = data.likelihood(scale);
    EXPECT_LT(exact - nearest, 0.01 * (exact - data.of_nothing())) << in_means;
  }
}

TEST(Extents, AreAsManyAboveTheContourAsBelow) {
  EXPECT_TRUE(std::ranges::is_sorted(kExtents));
  const std::size_t n = kExtents.size();
  EXPECT_EQ(kExtents[n / 2], 1);
  for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR(kExtents[i] * kExtents[n - 1 - i], 1, 0.05);
}

TEST(SizesPerOctave, SoManyStepsDoubleASize) {
  const auto sizes = subunit_sizes(20);
  EXPECT_EQ(sizes[0], kSmallestSize);
  const auto step = static_cast<std::size_t>(kSizesPerOctave);
  for (std::size_t i = step; i < sizes.size(); ++i) EXPECT_NEAR(sizes[i], 2 * sizes[i - step], 1e-12);
}

TEST(LeastVariance, AFieldAsWideAsItsSubunitsPoolsOverMoreThanOnePixel) {
  // A dark image with one bright pixel, and a field whose middle is on it or half a pixel beside it: what a pool of a
  // single pixel would see would be all or nothing.
  NdArray<float> movie({1, 1, 17, 17});
  std::ranges::fill(movie.values, 0.0F);
  movie.values[8 * 17 + 8] = 1;
  const auto seen = [&](double x) {
    const auto pooled = pooled_images(*memory_stimulus(movie), {field_of(ellipse({x, 8}, 1, 1, 0))}, {1})[0];
    return pooled[0].inputs.values[1];
  };
  EXPECT_GT(seen(8.5), 0.6 * seen(8));
  EXPECT_LT(seen(8.5), seen(8));
  EXPECT_GT(seen(9), 0.3 * seen(8));
}

TEST(LeastDispersion, CountsThatAreHitExactlyDoNotDecideBetweenModelsThatDoNearlyTheSame) {
  // A truth whose scale is one of those that are tried.
  double low = 0.05, high = 1;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (middle / Case(middle).mean < kScales[2] ? low : high) = middle;
  }
  const Case data(low);
  NdArray<double> other = data.inputs;
  const CounterRandom random(6, 0);
  for (std::size_t i = 0; i < other.values.size(); ++i) other.values[i] += 3e-5 * random.normal(i);
  const std::vector<MenuEntry> menu{{1, 1, &data.inputs, 1}, {1, 2, &other, 1}};
  const WeighedModels models = weigh_models(menu, data.counts, data.fits);
  ASSERT_EQ(models.best(), 2U) << "the exact one";
  const StaticModel &exact = models.models[2], &nearly = models.models[2 + kScales.size()];
  const double behind = exact.log_likelihood - nearly.log_likelihood;
  EXPECT_LT(behind, 1e-6);
  EXPECT_GT(behind, 100 * exact.dispersion) << "or there is nothing to be kept from deciding";
  EXPECT_GT(models.weights[2 + kScales.size()], 0.4);
}

FlashedComparison compared(const Recording& recording, std::int64_t folds) {
  return compare_flashed(recording, checked_cells({}, recording), {folds});
}

TEST(FewestThatFit, IsMoreThanTwiceWhatAModelHasAndAsksForFolds) {
  EXPECT_GT(kFewestThatFit, 2 * 3) << "a scale is given; offset and two weights are fitted";
  const Recording recording = flashed_recording({{2, 1, 0}}, kFewestThatFit + 1, 4, 5);
  EXPECT_NO_THROW(compared(recording, kFewestThatFit + 1)) << "each is predicted from the others";
  EXPECT_THROW(compared(recording, kFewestThatFit), Error) << "two of them are one fold";
  EXPECT_THROW(compared(flashed_recording({{2, 1, 0}}, kFewestThatFit, 4, 5), kFewestThatFit), Error);
}

TEST(FewestWithSpikes, ACellThatAnsweredFewerImagesHasNoResult) {
  for (const std::int64_t answered : {kFewestWithSpikes - 1, kFewestWithSpikes}) {
    Recording recording = flashed_recording({{2, 1, 0}}, 20, 2, 5);
    std::ranges::fill(recording.counts.values, 0);
    for (std::int64_t i = 0; i < answered; ++i) recording.counts.values[static_cast<std::size_t>(3 * i)] = 4;
    const FlashedComparison result = compared(recording, 10);
    EXPECT_EQ(result.cells[0].error.find("expected " + std::to_string(kFewestWithSpikes)) != std::string::npos,
              answered < kFewestWithSpikes)
        << result.cells[0].error;
  }
}

}  // namespace
}  // namespace plexiform
