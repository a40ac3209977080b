#include "plexiform/score/autocorrelation.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <vector>

#include "plexiform/base/error.hpp"

namespace plexiform {
namespace {

std::vector<double> blob(std::int64_t side, double sd) {
  std::vector<double> image;
  const double middle = static_cast<double>(side) / 2;
  for (std::int64_t y = 0; y < side; ++y)
    for (std::int64_t x = 0; x < side; ++x)
      image.push_back(
          std::exp(-(std::pow(static_cast<double>(x) - middle, 2) + std::pow(static_cast<double>(y) - middle, 2)) /
                   (2 * sd * sd)));
  return image;
}

TEST(MoransI, IsThatOfItsDefinition) {
  // 2 x 3: values 1 0 0 / 1 0 0, mean 1/3; 7 pairs of neighbours.
  const double a = 2.0 / 3, b = -1.0 / 3;
  const double pairs = a * a + b * b + b * b + 2 * (a * b + b * b);
  const double variance = 2 * a * a + 4 * b * b;
  EXPECT_NEAR(morans_i(std::vector<double>{1, 0, 0, 1, 0, 0}, 2, 3), 6 * pairs / (7 * variance), 1e-12);
}

TEST(MoransI, IsHighForABlobMinusOneForACheckerboardAndZeroForAFlatImage) {
  EXPECT_GT(morans_i(blob(10, 1.5), 10, 10), 0.8);
  std::vector<double> board;
  for (int i = 0; i < 100; ++i) board.push_back((i / 10 + i % 10) % 2);
  EXPECT_NEAR(morans_i(board, 10, 10), -1, 1e-9);
  EXPECT_EQ(morans_i(std::vector<double>(100, 0.3), 10, 10), 0);
  EXPECT_EQ(morans_i(std::vector<double>(1, 0.3), 1, 1), 0);
}

RC_GTEST_PROP(MoransI, DoesNotDependOnScaleAndMean, (std::vector<int> numbers)) {
  RC_PRE(numbers.size() >= 4);
  std::vector<double> image, other;
  for (const int n : numbers) {
    image.push_back(n % 1000);
    other.push_back(3 - 0.25 * (n % 1000));
  }
  const auto width = static_cast<std::int64_t>(numbers.size());
  RC_ASSERT(std::abs(morans_i(image, 1, width) - morans_i(other, 1, width)) < 1e-9);
}

TEST(MoransI, RefusesShapesThatDoNotFit) {
  EXPECT_THROW(morans_i(std::vector<double>(6), 2, 4), InternalError);
  EXPECT_THROW(morans_i({}, 0, 0), InternalError);
}

TEST(Localised, LiesBetweenNoiseAndABlobThatFewPixelsShow) {
  // What the threshold is for: white noise of a window is below it in 99 of 100 windows, the smallest blob above.
  EXPECT_GT(morans_i(blob(10, 0.7), 10, 10), kLocalised);
  int above = 0;
  std::uint64_t state = 1;
  for (int draw = 0; draw < 1000; ++draw) {
    std::vector<double> image;
    for (int i = 0; i < 100; ++i) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      image.push_back(static_cast<double>(state >> 40));
    }
    above += morans_i(image, 10, 10) >= kLocalised;
  }
  EXPECT_LE(above, 10);
}

}  // namespace
}  // namespace plexiform
