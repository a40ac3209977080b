#include "plexiform/reveal/gaussian.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <numeric>

#include "plexiform/base/random.hpp"
#include "reveal/planted_movie.hpp"

namespace plexiform {
namespace {

constexpr std::int64_t kHeight = 7, kWidth = 9;
constexpr std::size_t kPixels = kHeight * kWidth;

/// Any place in the window or just outside, sizes of 0.4 to 3 pixels, any slant.
Gaussian some_gaussian(std::uint64_t seed) {
  const CounterRandom random(seed, 7);
  const auto between = [&](std::uint64_t i, double low, double high) { return low + (high - low) * random.uniform(i); };
  return {between(0, -1, kWidth), between(1, -1, kHeight), between(2, -0.9, 1.1), between(3, -0.9, 1.1),
          between(4, -2, 2)};
}

std::vector<double> weights_of(const Gaussian& g) {
  std::vector<double> w(kPixels);
  gaussian_weights(g, kHeight, kWidth, w);
  return w;
}

TEST(Gaussian, WeightsAreTheDocumentedShapeWithUnitNorm) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Gaussian g = some_gaussian(seed);
    const auto w = weights_of(g), expected = plain_weights(g, kHeight, kWidth);
    double squares = 0;
    for (std::size_t p = 0; p < kPixels; ++p) {
      squares += w[p] * w[p];
      ASSERT_NEAR(w[p], expected[p], 1e-12) << seed << ' ' << p;
    }
    EXPECT_NEAR(squares, 1, 1e-12);
  }
}

TEST(Gaussian, WeightsFarOutsideTheWindowAreNumbers) {
  for (const double w : weights_of(round_gaussian(400, -300, 0.5))) EXPECT_TRUE(std::isfinite(w));
}

TEST(Gaussian, DerivativesAgreeWithFiniteDifferences) {
  constexpr double kStep = 1e-6;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Gaussian g = some_gaussian(seed);
    std::vector<double> w(kPixels), derivatives(kGaussianParameters * kPixels);
    gaussian_weights(g, kHeight, kWidth, w, derivatives);
    EXPECT_EQ(w, weights_of(g));
    for (std::size_t j = 0; j < kGaussianParameters; ++j) {
      const auto moved = [&](double by) {
        Gaussian to = g;
        (j == 0 ? to.x : j == 1 ? to.y : j == 2 ? to.log_a : j == 3 ? to.log_b : to.shear) += by;
        return weights_of(to);
      };
      const auto up = moved(kStep), down = moved(-kStep);
      for (std::size_t p = 0; p < kPixels; ++p)
        ASSERT_NEAR(derivatives[j * kPixels + p], (up[p] - down[p]) / (2 * kStep), 1e-7) << seed << ' ' << j;
    }
  }
}

TEST(Gaussian, OfItsPlaceAndCovarianceIsItself) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Gaussian g = some_gaussian(seed);
    const auto [xx, xy, yy] = covariance(g);
    const Gaussian again = gaussian_of({g.x, g.y}, xx, xy, yy);
    EXPECT_EQ(again.x, g.x);
    EXPECT_EQ(again.y, g.y);
    EXPECT_NEAR(again.log_a, g.log_a, 1e-9);
    EXPECT_NEAR(again.log_b, g.log_b, 1e-9);
    EXPECT_NEAR(again.shear, g.shear, 1e-9);
  }
}

TEST(Gaussian, CovarianceIsThatOfTheShape) {
  // Moments of exp(-|v|^2 / 2) itself, on a grid that holds all of it.
  const Gaussian g{20, 21, std::log(2.5), std::log(1.5), 1.2};
  const auto w = plain_weights(g, 41, 41);
  std::vector<double> ours(w.size());
  gaussian_weights(g, 41, 41, ours);
  double mass = 0, xx = 0, xy = 0, yy = 0;
  for (std::size_t p = 0; p < w.size(); ++p) {
    const double dx = static_cast<double>(p % 41) - g.x, dy = static_cast<double>(p / 41) - g.y;
    mass += ours[p], xx += ours[p] * dx * dx, xy += ours[p] * dx * dy, yy += ours[p] * dy * dy;
  }
  const auto c = covariance(g);
  EXPECT_NEAR(xx / mass, c[0], 1e-3);
  EXPECT_NEAR(xy / mass, c[1], 1e-3);
  EXPECT_NEAR(yy / mass, c[2], 1e-3);
}

TEST(Gaussian, ACovarianceThatIsNoneGivesANarrowShape) {
  for (const auto& c : {std::array<double, 3>{0, 0, 0}, {-1, 0, 2}, {1, 5, 1}}) {
    const Gaussian g = gaussian_of({3, 4}, c[0], c[1], c[2]);
    EXPECT_TRUE(std::isfinite(g.log_a) && std::isfinite(g.log_b) && std::isfinite(g.shear));
  }
}

TEST(Gaussian, AxesOfKnownShapes) {
  constexpr double kPi = std::numbers::pi;
  const auto turned = [](double major, double minor, double angle) {
    const double c = std::cos(angle), s = std::sin(angle), m = major * major, n = minor * minor;
    return gaussian_of({0, 0}, m * c * c + n * s * s, (m - n) * c * s, m * s * s + n * c * c);
  };
  for (const double angle : {0.0, 0.3, kPi / 4, 1.2, kPi / 2, -0.3, -kPi / 4, -1.5}) {
    const Axes a = axes(turned(3, 1.5, angle));
    EXPECT_NEAR(a.major, 3, 1e-9);
    EXPECT_NEAR(a.minor, 1.5, 1e-9);
    EXPECT_NEAR(std::sin(a.angle - angle), 0, 1e-9) << angle;  // the same line
    EXPECT_GT(a.angle, -kPi / 2);
    EXPECT_LE(a.angle, kPi / 2);
  }
  EXPECT_NEAR(axes(round_gaussian(0, 0, 2)).minor, 2, 1e-9);
  EXPECT_GT(axes({0, 0, 0, 1, -0.0}).angle, 0);  // pi / 2, not its other end
  // A positive slant leans towards larger y as x grows.
  EXPECT_GT(axes({0, 0, 0, 0, 1}).angle, 0);
}

TEST(Gaussian, OverlapIsTheScalarProductOfTheWeights) {
  // Wide enough for a sum over pixels to be the integral, and far from the border.
  const std::vector<Gaussian> shapes = {{20, 21, 0.8, 0.6, 0.5}, {22, 20, 0.5, 0.9, -1}, round_gaussian(17, 24, 2.5)};
  for (const auto& a : shapes)
    for (const auto& b : shapes) {
      const auto w = plain_weights(a, 41, 43), v = plain_weights(b, 41, 43);
      EXPECT_NEAR(overlap(a, b), std::inner_product(w.begin(), w.end(), v.begin(), 0.0), 1e-4);
    }
}

TEST(Gaussian, MomentsOfASampledOneAreAStart) {
  for (const auto& g : {Gaussian{9.3, 10.6, std::log(1.5), std::log(1.5), 0},
                        Gaussian{10, 9, std::log(2.0), std::log(1.4), 0.8}, Gaussian{8, 11, 0.9, 0.3, -1}}) {
    std::vector<double> w(20 * 22);
    gaussian_weights(g, 20, 22, w);
    const Gaussian found = moments(w, 20, 22);
    EXPECT_NEAR(found.x, g.x, 0.05);
    EXPECT_NEAR(found.y, g.y, 0.05);
    const Axes a = axes(found), expected = axes(g);
    EXPECT_NEAR(a.major / expected.major, 1, 0.15);
    EXPECT_NEAR(a.minor / expected.minor, 1, 0.15);
    EXPECT_NEAR(std::sin(a.angle - expected.angle), 0, expected.major > 1.2 * expected.minor ? 0.05 : 2);
    // In any unit.
    for (double& v : w) v *= 1e-3;
    EXPECT_NEAR(moments(w, 20, 22).log_a, found.log_a, 1e-9);
  }
}

TEST(Gaussian, MomentsOfNothingAreTheMiddle) {
  const std::vector<double> nothing(4 * 7);
  const Gaussian g = moments(nothing, 4, 7);
  EXPECT_EQ(g.x, 3);
  EXPECT_EQ(g.y, 1.5);
}

}  // namespace
}  // namespace plexiform
