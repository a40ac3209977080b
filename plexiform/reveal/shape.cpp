#include "plexiform/reveal/shape.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace plexiform::reveal {
namespace {

/// Below it a norm is none: a Gaussian far outside the window.
constexpr double kLeastNorm = 1e-12;

double dot(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// Divides `rows[0]` by its norm and makes the other rows the derivatives of what results.
void normalise(std::span<double> rows, std::size_t pixels) {
  const std::span first = rows.subspan(0, pixels);
  const double norm = std::max(std::sqrt(dot(first, first)), kLeastNorm);
  for (double& v : rows) v /= norm;
  for (std::size_t r = 1; r * pixels < rows.size(); ++r) {
    const std::span row = rows.subspan(r * pixels, pixels);
    const double along = dot(first, row);
    for (std::size_t p = 0; p < pixels; ++p) row[p] -= along * first[p];
  }
}

/// A unit-norm Gaussian and its derivatives to x, y, log_a, log_b, shear: [6, pixel].
void gaussian_rows(const Gaussian& g, const Grid& grid, std::span<double> rows) {
  const double a = std::exp(g.log_a), b = std::exp(g.log_b);
  const std::size_t pixels = grid.pixels();
  std::size_t p = 0;
  for (std::int64_t row = 0; row < grid.height; ++row)
    for (std::int64_t column = 0; column < grid.width; ++column, ++p) {
      const double u = (static_cast<double>(column) - g.x) / a, v = (static_cast<double>(row) - g.y - g.shear * u) / b;
      const double value = std::exp(-0.5 * (u * u + v * v));
      const double slope[] = {u / a - v * g.shear / (a * b), v / b, u * u - v * g.shear * u / b, v * v, v * u / b};
      rows[p] = value;
      for (std::size_t i = 0; i < kOfGaussian; ++i) rows[(1 + i) * pixels + p] = value * slope[i];
    }
  normalise(rows.first(6 * pixels), pixels);
}

Gaussian widened(const Gaussian& g, double log_ratio) {
  return {g.x, g.y, g.log_a + log_ratio, g.log_b + log_ratio, g.shear * std::exp(log_ratio)};
}

Gaussian round_one(const Inner& inner) {
  return {inner.x, inner.y, inner.log_size, inner.log_size, 0};
}

}  // namespace

void unit_gaussian(const Gaussian& g, const Grid& grid, std::span<double> out) {
  const double a = std::exp(g.log_a), b = std::exp(g.log_b);
  std::size_t p = 0;
  for (std::int64_t row = 0; row < grid.height; ++row)
    for (std::int64_t column = 0; column < grid.width; ++column, ++p) {
      const double u = (static_cast<double>(column) - g.x) / a, v = (static_cast<double>(row) - g.y - g.shear * u) / b;
      out[p] = std::exp(-0.5 * (u * u + v * v));
    }
  normalise(out.first(grid.pixels()), grid.pixels());
}

std::vector<double> shape_weights(const Shape& shape, const Surround* surround, const Grid& grid) {
  const std::size_t pixels = grid.pixels();
  std::vector<double> sum(pixels), part(pixels);
  unit_gaussian(shape.centre, grid, sum);
  const auto add = [&](const Gaussian& g, double weight) {
    unit_gaussian(g, grid, part);
    for (std::size_t p = 0; p < pixels; ++p) sum[p] += weight * part[p];
  };
  if (surround != nullptr) add(widened(shape.centre, surround->log_ratio), -surround->strength);
  for (const auto& inner : shape.inner) add(round_one(inner), inner.weight);
  normalise(sum, pixels);
  return sum;
}

std::vector<double> shape_rows(const Shape& shape, const Surround* surround, const Grid& grid) {
  const std::size_t pixels = grid.pixels(), own = parameter_count(shape);
  std::vector<double> rows((1 + own + (surround != nullptr ? kOfSurround : 0)) * pixels, 0.0);
  std::vector<double> part(6 * pixels);
  const auto row = [&](std::size_t i) { return std::span(rows).subspan(i * pixels, pixels); };
  const auto part_row = [&](std::size_t i) { return std::span<const double>(part).subspan(i * pixels, pixels); };
  const auto add = [&](std::span<double> to, std::span<const double> from, double weight) {
    for (std::size_t p = 0; p < pixels; ++p) to[p] += weight * from[p];
  };
  gaussian_rows(shape.centre, grid, std::span(rows).first(6 * pixels));
  if (surround != nullptr) {
    const double k = surround->strength, ratio = std::exp(surround->log_ratio);
    gaussian_rows(widened(shape.centre, surround->log_ratio), grid, part);
    for (std::size_t i = 0; i < kOfGaussian; ++i) add(row(i), part_row(i), -k);
    add(row(5), part_row(5), -k * ratio);
    add(row(1 + own), part_row(0), -1);
    // Both sizes and the shear follow the ratio.
    add(row(2 + own), part_row(3), -k), add(row(2 + own), part_row(4), -k);
    add(row(2 + own), part_row(5), -k * shape.centre.shear * ratio);
  }
  for (std::size_t j = 0; j < shape.inner.size(); ++j) {
    const Inner& inner = shape.inner[j];
    const std::size_t first = 1 + kOfGaussian + j * kOfInner;
    gaussian_rows(round_one(inner), grid, part);
    add(row(0), part_row(0), inner.weight);
    add(row(first), part_row(0), 1);
    add(row(first + 1), part_row(1), inner.weight), add(row(first + 2), part_row(2), inner.weight);
    add(row(first + 3), part_row(3), inner.weight), add(row(first + 3), part_row(4), inner.weight);
  }
  normalise(rows, pixels);
  return rows;
}

std::vector<double> unit(std::vector<double> v) {
  double norm = 0;
  for (const double x : v) norm += x * x;
  for (double& x : v) x /= std::max(std::sqrt(norm), 1e-300);
  return v;
}

double overlap(std::span<const double> a, std::span<const double> b) {
  return dot(a, b) / std::max(std::sqrt(dot(a, a) * dot(b, b)), kLeastNorm);
}

Ellipse ellipse_of(const Gaussian& g) {
  const double a = std::exp(g.log_a), b = std::exp(g.log_b);
  const double xx = a * a, xy = a * g.shear, yy = g.shear * g.shear + b * b;
  const double middle = (xx + yy) / 2, spread = std::hypot((xx - yy) / 2, xy);
  double angle = 0.5 * std::atan2(2 * xy, xx - yy);
  if (angle <= -std::numbers::pi / 2) angle += std::numbers::pi;
  return {std::sqrt(middle + spread), std::sqrt(std::max(middle - spread, 0.0)), angle};
}

double size_of(const Gaussian& g) {
  return std::exp((g.log_a + g.log_b) / 2);
}

}  // namespace plexiform::reveal
