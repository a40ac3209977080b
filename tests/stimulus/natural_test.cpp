// What dead leaves, gratings, flicker, chirps and movies of images look like.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <vector>

#include "base/expect_error.hpp"
#include "plexiform/stimulus/image_movie.hpp"
#include "plexiform/stimulus/normalise.hpp"
#include "plexiform/stimulus/recipe.hpp"

namespace plexiform {
namespace {

using testing::expect_error;

std::vector<float> frames_of(const Stimulus& stimulus, std::int64_t begin, std::int64_t end) {
  std::vector<float> out(
      static_cast<std::size_t>((end - begin) * stimulus.shape().channels * stimulus.shape().pixels()));
  stimulus.read(begin, end, whole(stimulus.shape()), out);
  return out;
}

double mean(const std::vector<float>& v) {
  return std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
}
double spread(const std::vector<float>& v) {
  double sum = 0;
  for (const float x : v) sum += (x - mean(v)) * (x - mean(v));
  return std::sqrt(sum / static_cast<double>(v.size()));
}

TEST(DeadLeaves, HaveTheLuminanceAndTheNeighboursOfNaturalImages) {
  const auto stimulus = make_stimulus(DeadLeavesRecipe{.seed = 5, .shape = {1, 16, 16}, .largest = 16});
  const auto movie = frames_of(*stimulus, 0, 400);
  // Uniform luminance about its mean: contrasts within +-1, mean 0, standard deviation 1 / sqrt(3).
  EXPECT_NEAR(mean(movie), 0, 0.06);
  EXPECT_NEAR(spread(movie), 1 / std::sqrt(3.0), 0.03);
  EXPECT_LE(*std::ranges::max_element(movie), 1);
  EXPECT_GE(*std::ranges::min_element(movie), -1);
  // Pixels are alike nearby and less so further apart, and frames have nothing in common.
  const auto correlation = [&](std::int64_t dx, std::int64_t dt) {
    double sum = 0, n = 0;
    for (std::int64_t t = 0; t + dt < 400; ++t)
      for (std::int64_t y = 0; y < 16; ++y)
        for (std::int64_t x = 0; x + dx < 16; ++x, ++n)
          sum += movie[static_cast<std::size_t>((t * 16 + y) * 16 + x)] *
                 movie[static_cast<std::size_t>(((t + dt) * 16 + y) * 16 + x + dx)];
    return 3 * sum / n;
  };
  EXPECT_GT(correlation(1, 0), 0.6);
  EXPECT_GT(correlation(1, 0), correlation(4, 0) + 0.2);
  EXPECT_GT(correlation(4, 0), correlation(12, 0));
  EXPECT_NEAR(correlation(0, 1), 0, 0.08);
}

TEST(DeadLeaves, StayAsLongAsToldAndAreNormalisedOneByOne) {
  const auto stimulus = make_stimulus(DeadLeavesRecipe{.seed = 5,
                                                       .shape = {1, 12, 12},
                                                       .largest = 12,
                                                       .normalisation = Normalisation::image,
                                                       .contrast = 0.4,
                                                       .frames_each = 3});
  for (std::int64_t image = 0; image < 20; ++image) {
    const auto first = frames_of(*stimulus, 3 * image, 3 * image + 1),
               last = frames_of(*stimulus, 3 * image + 2, 3 * image + 3);
    EXPECT_EQ(first, last);
    EXPECT_NE(first, frames_of(*stimulus, 3 * image + 3, 3 * image + 4));
    EXPECT_NEAR(mean(first), 0, 1e-6);
    EXPECT_NEAR(spread(first), 0.4, 1e-6);
  }
}

TEST(Normalise, AGreyImageIsNothing) {
  std::vector<float> grey(9, 0.3f), bright{0.5f, 1.5f};
  normalise(grey, Normalisation::image, 0.5, 1);
  EXPECT_EQ(grey, std::vector<float>(9, 0.f));
  normalise(bright, Normalisation::set, 0.5, 2);
  EXPECT_EQ(bright, (std::vector<float>{0, 4}));
}

TEST(Gratings, DriftByOnePeriodACycleAndReverseEveryHalf) {
  GratingRecipe recipe{.seed = 8, .shape = {1, 10, 10}, .contrast = 0.5, .cycle = 10, .frames_each = 30};
  const auto drifting = make_stimulus(recipe);
  const auto near = [](const std::vector<float>& a, const std::vector<float>& b, float sign) {
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], sign * b[i], 1e-5);
  };
  near(frames_of(*drifting, 2, 3), frames_of(*drifting, 12, 13), 1);
  near(frames_of(*drifting, 2, 3), frames_of(*drifting, 7, 8), -1);
  EXPECT_NE(frames_of(*drifting, 2, 3), frames_of(*drifting, 3, 4));
  EXPECT_NE(frames_of(*drifting, 0, 1), frames_of(*drifting, 30, 31));  // another grating
  recipe.motion = GratingMotion::reversing;
  const auto reversing = make_stimulus(recipe);
  EXPECT_EQ(frames_of(*reversing, 0, 1), frames_of(*reversing, 4, 5));
  near(frames_of(*reversing, 4, 5), frames_of(*reversing, 5, 6), -1);
}

TEST(FullField, AllPixelsShareOneValue) {
  for (const StimulusRecipe& recipe : std::initializer_list<StimulusRecipe>{
           FlickerRecipe{NoiseValues::gaussian, 2, {1, 5, 5}, 0.3, 2}, ChirpRecipe{.shape = {1, 5, 5}}}) {
    const auto stimulus = make_stimulus(recipe);
    for (std::int64_t t = 0; t < 300; ++t) {
      const auto frame = frames_of(*stimulus, t, t + 1);
      EXPECT_EQ(frame, std::vector<float>(25, frame[0]));
    }
  }
}

TEST(FullField, FlickerHasItsContrastAndChirpItsParts) {
  const auto flicker = make_stimulus(FlickerRecipe{NoiseValues::gaussian, 2, {1, 1, 1}, 0.3, 1});
  const auto values = frames_of(*flicker, 0, 4000);
  EXPECT_NEAR(mean(values), 0, 0.02);
  EXPECT_NEAR(spread(values), 0.3, 0.02);
  const auto chirp = make_stimulus(ChirpRecipe{.shape = {1, 1, 1}, .contrast = 0.8, .frame_rate = 100});
  const auto at = [&](double seconds) {
    return frames_of(*chirp, std::llround(100 * seconds), std::llround(100 * seconds) + 1)[0];
  };
  EXPECT_EQ(at(1), 0);
  EXPECT_FLOAT_EQ(at(3), 0.8f);
  EXPECT_FLOAT_EQ(at(6), -0.8f);
  EXPECT_NEAR(at(10.5), 0.8 * std::sin(2 * M_PI * (0.25 + 7.5 * 0.25 / 16)), 1e-6);
  EXPECT_NEAR(at(24.125), 0.8 * 4.125 / 8, 0.02);  // a peak of the growing sine
  EXPECT_FLOAT_EQ(at(33), at(3));                  // and again
}

std::vector<NdArray<float>> plain_images(int n, std::int64_t side) {
  std::vector<NdArray<float>> images;
  for (int i = 0; i < n; ++i) images.emplace_back(std::vector<std::int64_t>{side, side}, static_cast<float>(i + 1));
  return images;
}

TEST(ImageMovie, TestImagesAreShownInTheTestBlockOnly) {
  const ImageShow show{.seed = 4, .shape = {1, 3, 3}, .frames = 600, .frames_each = 7};
  const auto movie = image_movie(plain_images(12, 5), show);
  const double set_mean = 6.5;
  std::set<long> before, after;
  for (std::int64_t t = 0; t < 600; ++t) {
    const long image = std::lround((frames_of(*movie, t, t + 1)[0] + 1) * set_mean);  // its luminance is its number
    (t < 500 ? before : after).insert(image);
  }
  EXPECT_EQ(*before.rbegin(), 10);
  EXPECT_EQ(before.size(), 10u);
  EXPECT_EQ(after, (std::set<long>{11, 12}));
}

TEST(ImageMovie, AShowingEndsWhereTheTestBlockBegins) {
  for (const double jitter : {0.0, 1.5})
    for (const std::int64_t each : {60, 600, 100000}) {
      const auto movie = image_movie(
          plain_images(6, 5), {.seed = 4, .shape = {1, 3, 3}, .frames = 600, .frames_each = each, .jitter = jitter});
      const auto luminance = [&](std::int64_t t) { return std::lround((frames_of(*movie, t, t + 1)[0] + 1) * 3.5); };
      for (std::int64_t t = 0; t < 600; ++t) EXPECT_EQ(luminance(t) == 6, t >= 500) << t;
      EXPECT_EQ(frames_of(*movie, 0, 600), [&] {
        std::vector<float> pieces;
        for (std::int64_t t = 0; t < 600; ++t) {
          const auto frame = frames_of(*movie, t, t + 1);
          pieces.insert(pieces.end(), frame.begin(), frame.end());
        }
        return pieces;
      }());
    }
}

TEST(ImageMovie, CutsAndAveragesPatchesAsTheyLieInTheImage) {
  std::vector<NdArray<float>> images(2, NdArray<float>({9, 11}));
  for (auto& image : images)
    for (std::int64_t y = 0; y < 9; ++y)
      for (std::int64_t x = 0; x < 11; ++x)
        image.values[static_cast<std::size_t>(y * 11 + x)] = static_cast<float>(100 * y + x);
  const auto movie = image_movie(images, {.seed = 1, .shape = {1, 3, 4}, .frames = 50, .scale = 2});
  const double set_mean = 405;
  for (std::int64_t t = 0; t < 50; ++t) {
    const auto patch = frames_of(*movie, t, t + 1);
    for (std::size_t y = 0; y < 3; ++y)
      for (std::size_t x = 0; x < 4; ++x)  // two image pixels to one: 200 a row, 2 a column
        EXPECT_NEAR((patch[y * 4 + x] - patch[0]) * set_mean,
                    200.0 * static_cast<double>(y) + 2.0 * static_cast<double>(x), 1e-2);
  }
}

TEST(ImageMovie, SaysWhatIsWrongWithTheImages) {
  const ImageShow show{.seed = 4, .shape = {1, 3, 3}, .frames = 60, .scale = 2};
  expect_error(ErrorKind::data, {"1 images", "two or more"}, [&] { image_movie(plain_images(1, 9), show); });
  expect_error(ErrorKind::data, {"image 0 has 5 x 5", "6 x 6 or more"}, [&] { image_movie(plain_images(3, 5), show); });
  std::vector<NdArray<float>> black(2, NdArray<float>({9, 9}));
  expect_error(ErrorKind::data, {"black all over"}, [&] { image_movie(black, show); });
}

}  // namespace
}  // namespace plexiform
