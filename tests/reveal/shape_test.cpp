#include "plexiform/reveal/shape.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "plexiform/reveal/block_rows.hpp"
#include "reveal/planted.hpp"

namespace plexiform::reveal {
namespace {

const Grid kGrid{9, 11};

/// Slanted, with two Gaussians more inside.
Shape slanted() {
  return {{4.2, 5.1, 0.2, 0.5, 0.6}, {{0.7, 5.9, 3.8, 0.1}, {-0.3, 2.5, 6, 0.3}}};
}

double squares(std::span<const double> w) {
  double sum = 0;
  for (const double v : w) sum += v * v;
  return sum;
}

TEST(Shape, WeightsAreThoseOfTheDefinitionAndOfUnitNorm) {
  const Surround surround{0.4, 0.8}, foot{-0.5, 0.6};
  for (const Surround* of : {static_cast<const Surround*>(nullptr), &surround, &foot})
    for (const Shape& shape : {Shape{{4.2, 5.1, 0.2, 0.5, 0.6}, {}}, slanted()}) {
      const auto w = shape_weights(shape, of, kGrid), plain = plain_shape(shape, of, kGrid);
      EXPECT_NEAR(squares(w), 1, 1e-12);
      for (std::size_t p = 0; p < w.size(); ++p) EXPECT_NEAR(w[p], plain[p], 1e-12);
    }
}

TEST(Shape, RowsAreWeightsAndTheirDerivatives) {
  const Surround surround{0.4, 0.8};
  constexpr double kStep = 1e-6;
  for (const bool surrounded : {false, true}) {
    Model model = model_of(bumps(1, 4), {part_of({}, {1})}, 0, 1);
    model.parts[0].shape = slanted();
    if (surrounded) model.surround = surround;
    const ModelLayout layout(model);
    const auto rows = shape_rows(model.parts[0].shape, model.shared_surround(), kGrid);
    std::vector<std::size_t> parameters;  // in the order of the rows
    for (auto i = layout.parts[0].shape; i < layout.parts[0].end; ++i) parameters.push_back(i);
    if (surrounded) parameters.insert(parameters.end(), {*layout.surround, *layout.surround + 1});
    ASSERT_EQ(rows.size(), (1 + parameters.size()) * kGrid.pixels());
    const auto weights = shape_weights(model.parts[0].shape, model.shared_surround(), kGrid);
    for (std::size_t p = 0; p < kGrid.pixels(); ++p) EXPECT_NEAR(rows[p], weights[p], 1e-12);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      auto up = parameters_of(model), down = up;
      up[parameters[i]] += kStep, down[parameters[i]] -= kStep;
      const auto above = plain_shapes(with_parameters(model, up), kGrid)[0],
                 below = plain_shapes(with_parameters(model, down), kGrid)[0];
      for (std::size_t p = 0; p < kGrid.pixels(); ++p)
        EXPECT_NEAR(rows[(1 + i) * kGrid.pixels() + p], (above[p] - below[p]) / (2 * kStep), 1e-8) << i << ' ' << p;
    }
  }
}

TEST(Shape, AGaussianFarOutsideTheWindowHasFiniteRows) {
  for (const double v : shape_rows({round_gaussian(500, 4, 0.5), {}}, nullptr, kGrid)) EXPECT_TRUE(std::isfinite(v));
}

TEST(Shape, TheEllipseIsThatOfTheCovariance) {
  for (const double angle : {-1.2, 0.0, 0.4, 1.5}) {
    // Axes of 3 and 1 at an angle, as a, b and shear.
    const double c = std::cos(angle), s = std::sin(angle);
    const double xx = 9 * c * c + s * s, xy = 8 * c * s, yy = 9 * s * s + c * c;
    const double a = std::sqrt(xx), shear = xy / a, b = std::sqrt(yy - shear * shear);
    const Gaussian g{1, 2, std::log(a), std::log(b), shear};
    const Ellipse ellipse = ellipse_of(g);
    EXPECT_NEAR(ellipse.major, 3, 1e-9);
    EXPECT_NEAR(ellipse.minor, 1, 1e-9);
    EXPECT_NEAR(ellipse.angle, angle, 1e-9);
    EXPECT_NEAR(size_of(g), std::sqrt(3), 1e-9) << "a round one of the same area";
  }
  EXPECT_NEAR(ellipse_of(round_gaussian(0, 0, 2)).major, 2, 1e-9);
}

TEST(Shape, OverlapIsACosine) {
  const auto w = shape_weights(slanted(), nullptr, kGrid);
  auto twice = w;
  for (double& v : twice) v *= -2;
  EXPECT_NEAR(overlap(w, w), 1, 1e-12);
  EXPECT_NEAR(overlap(w, twice), -1, 1e-12);
  const std::vector<double> nothing(w.size(), 0.0);
  EXPECT_EQ(overlap(w, nothing), 0);
}

TEST(Shape, TheSupportHoldsAllWeightsThatCount) {
  const std::vector<double> weights = {0.9 * thresholds::kSupport, -1, 0, 1.1 * thresholds::kSupport, -0.5};
  EXPECT_EQ(support_of(weights), (std::vector<std::uint32_t>{1, 3, 4}));
}

}  // namespace
}  // namespace plexiform::reveal
