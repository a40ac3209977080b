// Fields, pooling and the fit of a model of still images, each against a plain computation of the same.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <numeric>

#include "base/expect_error.hpp"
#include "flashed/support.hpp"
#include "plexiform/flashed/answers.hpp"
#include "plexiform/flashed/menu.hpp"

namespace plexiform {
namespace {

using testing::ellipse;
using testing::expect_error;

RC_GTEST_PROP(Field, AnEllipseHasItsSemiAxesForStandardDeviations, ()) {
  const double a = *rc::gen::inRange(20, 300) / 10.0, b = a * *rc::gen::inRange(20, 100) / 100.0,
               angle = *rc::gen::inRange(0, 314) / 100.0;
  const Place centre{*rc::gen::inRange(-1000, 1000) / 3.0, *rc::gen::inRange(-1000, 1000) / 3.0};
  Contour contour = ellipse(centre, a, b, angle);
  if (*rc::gen::arbitrary<bool>()) std::reverse(contour.begin(), contour.end());
  const Field field = field_of(contour);
  RC_ASSERT(std::abs(field.centre.x - centre.x) < 1e-6 && std::abs(field.centre.y - centre.y) < 1e-6);
  RC_ASSERT(std::abs(field.major() - a) < 1e-3 * a);
  RC_ASSERT(std::abs(field.minor() - b) < 1e-3 * a);
  const double along = std::cos(angle), across = std::sin(angle);
  RC_ASSERT(std::abs(along * along * field.xx + 2 * along * across * field.xy + across * across * field.yy - a * a) <
            2e-3 * a * a);
  RC_ASSERT(std::abs(field.scaled(1.5).minor() - 1.5 * field.minor()) < 1e-9 * a);
}

TEST(Field, AContourWithoutAnAreaIsRefused) {
  expect_error(ErrorKind::data, {"encloses no area"}, [] { field_of({{1, 1}, {2, 2}, {3, 3}}); });
  expect_error(ErrorKind::data, {"no point"}, [] { field_of({}); });
}

TEST(Field, ItsGaussianHasUnitVolume) {
  const Field field = field_of(ellipse({30.3, 29.6}, 6, 4, 1));
  double sum = 0;
  std::vector<double> row(60);
  for (std::int64_t y = 0; y < 60; ++y) {
    gaussian_row(field, y, 0, row);
    sum = std::accumulate(row.begin(), row.end(), sum);
  }
  EXPECT_NEAR(sum, 1, 1e-6);
}

/// The definition, in double precision: every subunit by itself.
std::pair<double, double> pooled_plainly(std::span<const float> image, std::int64_t side, const Field& field,
                                         double size) {
  double off = 0, on = 0;
  Field pool = field;
  pool.xx -= size * size, pool.yy -= size * size;
  const auto n = static_cast<std::size_t>(side);
  std::vector<double> weights(n), sees_row(n);
  for (std::int64_t y = 0; y < side; ++y) {
    gaussian_row(pool, y, 0, weights);
    for (std::int64_t x = 0; x < side; ++x) {
      const Field subunit{{static_cast<double>(x), static_cast<double>(y)}, size * size, 0, size * size};
      double sees = 0;
      for (std::int64_t v = 0; v < side; ++v) {
        gaussian_row(subunit, v, 0, sees_row);
        for (std::size_t u = 0; u < n; ++u)
          sees += sees_row[u] * static_cast<double>(image[static_cast<std::size_t>(v) * n + u]);
      }
      off += weights[static_cast<std::size_t>(x)] * std::max(-sees, 0.0);
      on += weights[static_cast<std::size_t>(x)] * std::max(sees, 0.0);
    }
  }
  return {off, on};
}

TEST(PooledImages, AreWhatEverySubunitSeesPooled) {
  constexpr std::int64_t kSide = 24;
  const NdArray<float> movie = testing::squares(3, kSide, 4);
  const auto images = memory_stimulus(movie);
  const Field field = field_of(ellipse({11.3, 12.6}, 5, 4, 0.7));
  const auto pooled = pooled_images(*images, {field}, {1}, {2})[0];
  for (const auto& entry : pooled)
    for (std::int64_t image = 0; image < 3; ++image) {
      const auto [off, on] = pooled_plainly(movie.row(image), kSide, field, entry.size);
      if (entry.size == 4) continue;  // as wide as the field: pools over a pixel, see below
      EXPECT_NEAR(entry.inputs.row(image)[0], off, 2e-3) << entry.size;
      EXPECT_NEAR(entry.inputs.row(image)[1], on, 2e-3) << entry.size;
    }
}

TEST(PooledImages, TheirDifferenceIsTheFieldWhateverTheSubunits) {
  const auto images = memory_stimulus(testing::squares(6, 64, 5));
  const Field field = field_of(ellipse({32, 31}, 8, 6, 0.3));
  const auto pooled = pooled_images(*images, {field}, {0.8, 1}, {2})[0];
  EXPECT_GT(pooled.size(), 8u);
  for (const double extent : {0.8, 1.0}) {
    std::vector<double> first;
    for (const auto& entry : pooled) {
      if (entry.extent != extent) continue;
      std::vector<double> sees;
      for (std::int64_t i = 0; i < 6; ++i) sees.push_back(entry.inputs.row(i)[1] - entry.inputs.row(i)[0]);
      if (first.empty()) first = sees;
      for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(sees[i], first[i], 5e-3) << extent << ' ' << entry.size;
    }
  }
}

TEST(PooledImages, SizesGoUpToTheField) {
  EXPECT_EQ(subunit_sizes(0.3), (std::vector<double>{1}));
  EXPECT_EQ(subunit_sizes(4.1).size(), 5u);  // 1, 1.41, 2, 2.83, 4
  const auto images = memory_stimulus(testing::squares(2, 16, 5));
  const auto pooled = pooled_images(*images, {field_of(ellipse({8, 8}, 0.5, 0.4, 0))}, {1}, {1})[0];
  ASSERT_EQ(pooled.size(), 1u);  // a field below a pixel still has the smallest size
  EXPECT_TRUE(std::isfinite(pooled[0].inputs.values[0]));
}

TEST(PooledImages, NoBlockOfImagesIsMixedWithAnother) {
  const auto movie = testing::squares(40, 700, 8);  // more than are kept at a time
  const auto images = memory_stimulus(movie);
  const Field field = field_of(ellipse({350, 340}, 4, 3, 0));
  const auto all = pooled_images(*images, {field}, {1}, {2})[0];
  NdArray<float> last({1, 1, 700, 700});
  std::ranges::copy(movie.row(39), last.values.begin());
  const auto alone = pooled_images(*memory_stimulus(last), {field}, {1}, {1})[0];
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].inputs.row(39)[0], alone[i].inputs.row(0)[0]);
}

struct FitCase {
  NdArray<double> inputs{{80, 2}};
  std::vector<double> counts;
  std::vector<bool> fits = std::vector<bool>(80, true);

  explicit FitCase(std::uint64_t seed, double trials = 0) {
    const CounterRandom random(seed, 0);
    const StaticModel truth{0.5, 0.3, {1.2, -0.7}, 0, 0};
    for (std::size_t i = 0; i < inputs.values.size(); ++i) inputs.values[i] = 3 + random.normal(i);
    for (std::int64_t i = 0; i < 80; ++i) {
      const double rate = truth.rate(inputs.row(i));
      const auto at = static_cast<std::uint64_t>(1000 + i);
      counts.push_back(trials > 0 ? static_cast<double>(random.poisson(at, trials * rate)) / trials : rate);
    }
  }
};

double likelihood(const FitCase& data, const StaticModel& model) {
  double sum = 0;
  for (std::int64_t i = 0; i < 80; ++i) {
    const double rate = model.rate(data.inputs.row(i));
    if (data.fits[static_cast<std::size_t>(i)]) sum += data.counts[static_cast<std::size_t>(i)] * std::log(rate) - rate;
  }
  return sum;
}

TEST(FitStatic, TheTruthIsFoundWithoutNoise) {
  const FitCase data(1);
  const StaticModel model = fit_static(data.inputs, data.counts, data.fits, 0.5);
  EXPECT_NEAR(model.offset, 0.3, 1e-4);
  EXPECT_NEAR(model.weights[0], 1.2, 1e-4);
  EXPECT_NEAR(model.weights[1], -0.7, 1e-4);
  EXPECT_NEAR(model.dispersion, 0, 1e-6);
}

RC_GTEST_PROP(FitStatic, NoStepRaisesTheLikelihoodFurther, ()) {
  FitCase data(*rc::gen::arbitrary<std::uint64_t>(), 20);
  for (std::size_t i = 0; i < 80; i += 9) data.fits[i] = false;
  const double scale = *rc::gen::element(0.05, 0.5, 5.0);
  const StaticModel model = fit_static(data.inputs, data.counts, data.fits, scale);
  const double best = likelihood(data, model);
  RC_ASSERT(std::abs(best - model.log_likelihood) < 1e-9 * std::abs(best));
  for (const double step : {-1e-3, 1e-3}) {
    StaticModel moved = model;
    moved.offset += step;
    RC_ASSERT(likelihood(data, moved) < best + 1e-7);
    for (std::size_t k = 0; k < 2; ++k) {
      moved = model;
      moved.weights[k] += step;
      RC_ASSERT(likelihood(data, moved) < best + 1e-7);
    }
  }
}

// As fitted before models of images shared their search with others; a change of the search must not show here.
TEST(FitStatic, KnownCasesKeepTheirLikelihood) {
  struct Known {
    std::uint64_t seed;
    double scale, log_likelihood, dispersion;
  };
  for (const Known& known :
       {Known{5, 0.05, -67.1983609492, 0.21732400356}, Known{5, 0.5, -65.5974188996, 0.0709223220739},
        Known{5, 5, -66.308874299, 0.0846421593928}, Known{6, 0.05, -69.579319694, 0.0598059987104},
        Known{6, 0.5, -69.2179055015, 0.0503481308228}, Known{6, 5, -69.1807331107, 0.0492585796223}}) {
    const FitCase data(known.seed, 20);
    const StaticModel model = fit_static(data.inputs, data.counts, data.fits, known.scale);
    EXPECT_NEAR(model.log_likelihood, known.log_likelihood, 1e-8) << known.seed << ' ' << known.scale;
    EXPECT_NEAR(model.dispersion, known.dispersion, 1e-7) << known.seed << ' ' << known.scale;
  }
}

TEST(FitStatic, WhatDoesNotVaryGetsNoWeight) {
  FitCase data(3, 10);
  for (std::int64_t i = 0; i < 80; ++i) data.inputs.row(i)[1] = 0.1;
  const StaticModel model = fit_static(data.inputs, data.counts, data.fits, 0.5);
  EXPECT_EQ(model.weights[1], 0);
  EXPECT_TRUE(std::isfinite(model.offset));
  EXPECT_GT(model.weights[0], 0.1);
}

TEST(FitStatic, SilenceIsRefused) {
  FitCase data(3);
  std::ranges::fill(data.counts, 0.0);
  expect_error(ErrorKind::numeric, {"no spike"}, [&] { fit_static(data.inputs, data.counts, data.fits, 1); });
}

TEST(WeighModels, TheEntryThatHoldsTheTruthWeighsMost) {
  const FitCase data(5, 30);
  NdArray<double> other = data.inputs;
  const CounterRandom random(6, 0);
  for (std::size_t i = 0; i < other.values.size(); ++i) other.values[i] += random.normal(i);
  const std::vector<MenuEntry> menu{{1, 1, &other, 1}, {1, 2, &data.inputs, 1}};
  const WeighedModels models = weigh_models(menu, data.counts, data.fits);
  const std::size_t scales = std::size(kScales);
  double weight = 0, sum = 0;
  for (std::size_t i = 0; i < models.weights.size(); ++i) (i / scales == 1 ? weight : sum) += models.weights[i];
  EXPECT_NEAR(weight + sum, 1, 1e-12);
  EXPECT_GT(weight, 0.99);
  EXPECT_EQ(models.best() / scales, 1u);
}

TEST(WeighModels, APriorDecidesWhereDataDoNot) {
  const FitCase data(5, 30);
  const std::vector<MenuEntry> menu{{1, 1, &data.inputs, 3}, {1, 2, &data.inputs, 1}};
  const WeighedModels models = weigh_models(menu, data.counts, data.fits);
  double first = 0;
  for (std::size_t i = 0; i < std::size(kScales); ++i) first += models.weights[i];
  EXPECT_NEAR(first, 0.75, 1e-9);
}

TEST(Answers, KnowTrialsAndImages) {
  Recording recording = testing::flashed_recording({{}}, 12, 3, 1);
  const Answers answers(recording);
  EXPECT_EQ(answers.images(), 12);
  EXPECT_EQ(answers.trials(), 3);
  const auto trials = answers.of_cell(recording, 0);
  EXPECT_EQ(trials.row(2)[5], recording.counts.values[2 * 12 + 5]);
  recording.segments.pop_back();
  recording.counts = NdArray<std::int32_t>({1, 35});
  expect_error(ErrorKind::data, {"image 11 was shown in 2 trials, image 0 in 3"}, [&] { Answers{recording}; });
  recording.kind = RecordingKind::movie;
  expect_error(ErrorKind::data, {"is of a movie"}, [&] { Answers{recording}; });
}

}  // namespace
}  // namespace plexiform
