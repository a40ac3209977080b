#include "plexiform/stimulus/white_noise.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

// Statistical tests here have a fixed seed and a limit of 4.5 standard errors: with another seed one in 150,000 would
// fail.
namespace plexiform {
namespace {

constexpr double kLimit = 4.5;

WhiteNoiseRecipe noise(NoiseValues values, std::uint64_t seed = 1) {
  return {values, seed, {1, 10, 10}, 0.5};
}

std::vector<float> movie(const WhiteNoiseRecipe& recipe, std::int64_t frames, std::int64_t begin = 0) {
  const auto stimulus = make_stimulus(recipe);
  std::vector<float> out(static_cast<std::size_t>(frames * recipe.shape.channels * recipe.shape.pixels()));
  stimulus->read(begin, begin + frames, whole(recipe.shape), out);
  return out;
}

double mean_product(const std::vector<float>& values, std::size_t apart) {
  double sum = 0;
  for (std::size_t i = 0; i + apart < values.size(); ++i) sum += values[i] * values[i + apart];
  return sum / static_cast<double>(values.size() - apart);
}

TEST(WhiteNoise, BinaryIsPlusOrMinusTheContrastEquallyOften) {
  const auto values = movie(noise(NoiseValues::binary), 2000);
  double sum = 0;
  for (const float v : values) {
    ASSERT_EQ(std::abs(v), 0.5f);
    sum += v;
  }
  EXPECT_NEAR(sum / static_cast<double>(values.size()), 0, kLimit * 0.5 / std::sqrt(values.size()));
}

TEST(WhiteNoise, GaussianHasTheContrastAsItsDeviation) {
  const auto values = movie(noise(NoiseValues::gaussian), 2000);
  const auto n = static_cast<double>(values.size());
  double sum = 0, square = 0, fourth = 0;
  for (const double v : values) sum += v, square += v * v, fourth += v * v * v * v;
  EXPECT_NEAR(sum / n, 0, kLimit * 0.5 / std::sqrt(n));
  EXPECT_NEAR(square / n, 0.25, kLimit * 0.25 * std::sqrt(2 / n));
  EXPECT_NEAR(fourth / n, 3 * 0.0625, kLimit * 0.0625 * std::sqrt(96 / n));
}

TEST(WhiteNoise, NeighboursInSpaceAndTimeDoNotKnowEachOther) {
  for (const auto kind : {NoiseValues::binary, NoiseValues::gaussian}) {
    const auto values = movie(noise(kind), 2000);
    // The next pixel, row and frame, and what one draw of the generator holds.
    for (const std::size_t apart : {1u, 2u, 3u, 10u, 32u, 64u, 100u, 128u}) {
      EXPECT_NEAR(mean_product(values, apart), 0, kLimit * 0.25 / std::sqrt(values.size())) << apart;
    }
  }
}

TEST(WhiteNoise, ChannelsDoNotKnowEachOtherNorTheNextFrame) {
  WhiteNoiseRecipe recipe = noise(NoiseValues::binary);
  recipe.shape.channels = 2;
  const auto values = movie(recipe, 1000);
  for (const std::size_t apart : {100u, 200u, 300u}) {
    EXPECT_NEAR(mean_product(values, apart), 0, kLimit * 0.25 / std::sqrt(values.size())) << apart;
  }
}

TEST(WhiteNoise, AnotherSeedIsAnotherMovie) {
  const auto a = movie(noise(NoiseValues::binary, 1), 100), b = movie(noise(NoiseValues::binary, 2), 100);
  double product = 0;
  for (std::size_t i = 0; i < a.size(); ++i) product += a[i] * b[i];
  EXPECT_NEAR(product / static_cast<double>(a.size()), 0, kLimit * 0.25 / std::sqrt(a.size()));
}

TEST(WhiteNoise, ValuesStayWhatTheyAre) {
  // Recordings keep the seed and not the movie: a change of these values would falsify every one of them.
  const auto binary = movie(noise(NoiseValues::binary, 42), 1);
  std::string signs;
  for (std::size_t i = 0; i < 32; ++i) signs += binary[i] > 0 ? '+' : '-';
  EXPECT_EQ(signs, "++--+-+-----++++-+-+-+++--+++--+");
  const auto gaussian = movie(noise(NoiseValues::gaussian, 42), 1);
  EXPECT_NEAR(gaussian[0], -0.4850949, 1e-6);
  EXPECT_NEAR(gaussian[3], 0.9619634, 1e-6);
}

TEST(WhiteNoise, HasFramesFarOut) {
  constexpr std::int64_t kFar = std::int64_t{1} << 50;
  EXPECT_EQ(movie(noise(NoiseValues::binary), 3, kFar).size(), 300u);
}

}  // namespace
}  // namespace plexiform
