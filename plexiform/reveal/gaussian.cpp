#include "plexiform/reveal/gaussian.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace plexiform {
namespace {

/// The five derivatives of |v|^2 / 2 with respect to a Gaussian's parameters, at v.
std::array<double, kGaussianParameters> half_square_derivatives(const Gaussian& g, double v1, double v2) {
  const double a = std::exp(g.log_a), b = std::exp(g.log_b), slant = g.shear / b;
  return {(-v1 + v2 * slant) / a, -v2 / b, -v1 * v1 + slant * v1 * v2, -v2 * v2, -v1 * v2 / b};
}

double norm(std::span<const double> values) {
  double sum = 0;
  for (const double v : values) sum += v * v;
  return std::sqrt(sum);
}

/// d(g / |g|) from dg, in place; `unit` is g / |g|.
void normalise_derivative(std::span<double> derivative, std::span<const double> unit, double length) {
  double along = 0;
  for (std::size_t p = 0; p < unit.size(); ++p) along += unit[p] * derivative[p];
  for (std::size_t p = 0; p < unit.size(); ++p) derivative[p] = (derivative[p] - unit[p] * along) / length;
}

}  // namespace

void gaussian_weights(const Gaussian& g, std::int64_t height, std::int64_t width, std::span<double> weights,
                      std::span<double> derivatives) {
  const auto pixels = static_cast<std::size_t>(height * width);
  const double a = std::exp(g.log_a), b = std::exp(g.log_b);
  std::size_t p = 0;
  for (std::int64_t row = 0; row < height; ++row)
    for (std::int64_t column = 0; column < width; ++column, ++p) {
      const double v1 = (static_cast<double>(column) - g.x) / a;
      const double v2 = (static_cast<double>(row) - g.y - g.shear * v1) / b;
      weights[p] = std::exp(-(v1 * v1 + v2 * v2) / 2);
      if (derivatives.empty()) continue;
      const auto slopes = half_square_derivatives(g, v1, v2);
      for (std::size_t j = 0; j < slopes.size(); ++j) derivatives[j * pixels + p] = -weights[p] * slopes[j];
    }
  const double length = std::max(norm(weights), 1e-300);
  for (double& w : weights) w /= length;
  for (std::size_t j = 0; j * pixels < derivatives.size(); ++j)
    normalise_derivative(derivatives.subspan(j * pixels, pixels), weights, length);
}

std::array<double, 3> covariance(const Gaussian& g) {
  const double a = std::exp(g.log_a), b = std::exp(g.log_b);
  return {a * a, a * g.shear, g.shear * g.shear + b * b};
}

Axes axes(const Gaussian& g) {
  const auto [xx, xy, yy] = covariance(g);
  const double middle = (xx + yy) / 2, spread = std::hypot((xx - yy) / 2, xy);
  double angle = std::atan2(2 * xy, xx - yy) / 2;
  if (angle <= -std::numbers::pi / 2) angle += std::numbers::pi;
  return {std::sqrt(middle + spread), std::sqrt(std::max(middle - spread, 0.0)), angle};
}

Gaussian gaussian_of(const Place& place, double xx, double xy, double yy) {
  constexpr double kLeastVariance = 0.01;  // pixels squared
  const double a = std::sqrt(std::max(xx, kLeastVariance)), shear = xy / a;
  return {place.x, place.y, std::log(a), std::log(std::max(yy - shear * shear, kLeastVariance)) / 2, shear};
}

double overlap(const Gaussian& a, const Gaussian& b) {
  const auto [axx, axy, ayy] = covariance(a);
  const auto [bxx, bxy, byy] = covariance(b);
  const double xx = axx + bxx, xy = axy + bxy, yy = ayy + byy, det = xx * yy - xy * xy;
  const double dx = a.x - b.x, dy = a.y - b.y;
  const double distance = (yy * dx * dx - 2 * xy * dx * dy + xx * dy * dy) / det;
  const double det_a = axx * ayy - axy * axy, det_b = bxx * byy - bxy * bxy;
  return 2 * std::sqrt(std::sqrt(det_a * det_b) / det) * std::exp(-distance / 2);
}

Gaussian moments(std::span<const double> weights, std::int64_t height, std::int64_t width) {
  const double floor = *std::max_element(weights.begin(), weights.end()) / 4;
  double mass = 0, x = 0, y = 0, xx = 0, xy = 0, yy = 0;
  std::size_t p = 0;
  for (std::int64_t row = 0; row < height; ++row)
    for (std::int64_t column = 0; column < width; ++column, ++p) {
      const double w = std::max(weights[p] - floor, 0.0), cx = static_cast<double>(column),
                   cy = static_cast<double>(row);
      mass += w;
      x += w * cx, y += w * cy;
      xx += w * cx * cx, xy += w * cx * cy, yy += w * cy * cy;
    }
  if (mass <= 0) return {static_cast<double>(width - 1) / 2, static_cast<double>(height - 1) / 2, 0, 0, 0};
  x /= mass, y /= mass;
  constexpr double kCut = 0.636 * 0.636;  // what is left of a Gaussian's variance above a quarter of its peak
  return gaussian_of({x, y}, (xx / mass - x * x) / kCut, (xy / mass - x * y) / kCut, (yy / mass - y * y) / kCut);
}

}  // namespace plexiform
