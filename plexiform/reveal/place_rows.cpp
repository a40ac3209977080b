#include "plexiform/reveal/place_rows.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "plexiform/compute/rows.hpp"

namespace plexiform::reveal {
namespace {

/// Gaussians along one side of the window, unit norm: [place, pixel].
std::vector<float> along_side(std::span<const double> at, double size, std::size_t length) {
  std::vector<float> weights;
  std::vector<double> row(length);
  for (const double centre : at) {
    double norm = 0;
    for (std::size_t i = 0; i < length; ++i) {
      const double u = (static_cast<double>(i) - centre) / size;
      row[i] = std::exp(-0.5 * u * u), norm += row[i] * row[i];
    }
    for (const double v : row) weights.push_back(static_cast<float>(v / std::sqrt(std::max(norm, 1e-24))));
  }
  return weights;
}

/// Places along a side of `length` pixels, in its middle.
std::vector<double> spread_over(std::int64_t length, double spacing) {
  const auto count = std::max<std::int64_t>(static_cast<std::int64_t>(static_cast<double>(length) / spacing), 1);
  std::vector<double> at;
  for (std::int64_t i = 0; i < count; ++i)
    at.push_back(static_cast<double>(length - 1) / 2 +
                 spacing * (static_cast<double>(i) - static_cast<double>(count - 1) / 2));
  return at;
}

}  // namespace

std::vector<double> places_between(double begin, double end, double step) {
  std::vector<double> at;
  for (double v = begin; v < end; v += step) at.push_back(v);
  if (at.empty()) at.push_back((begin + end) / 2);
  return at;
}

PlaceGrid places_over(std::int64_t height, std::int64_t width, double size, double spacing) {
  return {size, spread_over(width, spacing), spread_over(height, spacing)};
}

PlaceRows::PlaceRows(const PlaceGrid& grid, std::int64_t height, std::int64_t width)
    : along_x_(grid.x.size()),
      along_y_(grid.y.size()),
      height_(static_cast<std::size_t>(height)),
      width_(static_cast<std::size_t>(width)),
      wx_(along_side(grid.x, grid.size, width_)),
      wy_(along_side(grid.y, grid.size, height_)) {}

void PlaceRows::project(const Movie& movie, const float* rows, Buffer& space, float* to) const {
  const std::size_t stride = movie.stride(), pixels = movie.pixels();
  float* over_x = space.at_least(height_ * along_x_ * stride);  // [place along x, row, frame]
  std::vector<const float*> from;
  for (std::size_t c = 0; c < static_cast<std::size_t>(movie.channels); ++c) {
    for (std::size_t y = 0; y < height_; ++y) {
      from.clear();
      for (std::size_t x = 0; x < width_; ++x) from.push_back(rows + (c * pixels + y * width_ + x) * stride);
      kernels::weighted_rows(from.data(), width_, wx_.data(), along_x_, stride, over_x + y * stride, height_ * stride);
    }
    for (std::size_t x = 0; x < along_x_; ++x) {
      from.clear();
      for (std::size_t y = 0; y < height_; ++y) from.push_back(over_x + (x * height_ + y) * stride);
      kernels::weighted_rows(from.data(), height_, wy_.data(), along_y_, stride,
                             to + (c * count() + x * along_y_) * stride, stride);
    }
  }
}

std::vector<double> PlaceRows::weights() const {
  std::vector<double> all;
  all.reserve(count() * height_ * width_);
  for (std::size_t x = 0; x < along_x_; ++x)
    for (std::size_t y = 0; y < along_y_; ++y)
      for (std::size_t r = 0; r < height_; ++r)
        for (std::size_t c = 0; c < width_; ++c)
          all.push_back(static_cast<double>(wx_[x * width_ + c]) * static_cast<double>(wy_[y * height_ + r]));
  return all;
}

}  // namespace plexiform::reveal
