#include "plexiform/recording/field.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "plexiform/base/error.hpp"

namespace plexiform {

Field Field::scaled(double factor) const {
  const double f = factor * factor;
  return {centre, f * xx, f * xy, f * yy};
}

double Field::minor() const {
  const double middle = (xx + yy) / 2, apart = std::hypot((xx - yy) / 2, xy);
  return std::sqrt(std::max(middle - apart, 0.0));
}

double Field::major() const {
  return std::sqrt((xx + yy) / 2 + std::hypot((xx - yy) / 2, xy));
}

Field field_of(const Contour& contour) {
  if (contour.empty()) throw Error(ErrorKind::data, "a contour has no point, expected three or more");
  // Moments of a polygon (Steger 1996, "On the calculation of arbitrary moments of polygons"), about its first point so
  // that large coordinates cost no digits.
  const Place origin = contour.front();
  double area = 0, x = 0, y = 0, xx = 0, xy = 0, yy = 0;
  for (std::size_t i = 0; i < contour.size(); ++i) {
    const Place& next = contour[(i + 1) % contour.size()];
    const double ax = contour[i].x - origin.x, ay = contour[i].y - origin.y, bx = next.x - origin.x,
                 by = next.y - origin.y;
    const double cross = ax * by - bx * ay;
    area += cross / 2;
    x += (ax + bx) * cross / 6;
    y += (ay + by) * cross / 6;
    xx += (ax * ax + ax * bx + bx * bx) * cross / 12;
    yy += (ay * ay + ay * by + by * by) * cross / 12;
    xy += (ax * by + 2 * ax * ay + 2 * bx * by + bx * ay) * cross / 24;
  }
  constexpr double kLeastArea = 1e-9;  // square pixels
  if (!(std::abs(area) > kLeastArea))
    throw Error(ErrorKind::data, "a contour encloses no area, expected an outline of a receptive field");
  x /= area, y /= area;
  constexpr double kOfEllipse = 4;
  Field field{{origin.x + x, origin.y + y},
              kOfEllipse * (xx / area - x * x),
              kOfEllipse * (xy / area - x * y),
              kOfEllipse * (yy / area - y * y)};
  if (!(field.minor() > 0))
    throw Error(ErrorKind::data, "a contour crosses itself, expected an outline of a receptive field");
  return field;
}

void gaussian_row(const Field& field, std::int64_t y, std::int64_t begin, std::span<double> out) {
  const double determinant = field.xx * field.yy - field.xy * field.xy;
  const double a = field.yy / determinant, b = -field.xy / determinant, c = field.xx / determinant;
  const double height = 1 / (2 * std::numbers::pi * std::sqrt(determinant));
  const double v = static_cast<double>(y) - field.centre.y;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double u = static_cast<double>(begin + static_cast<std::int64_t>(i)) - field.centre.x;
    out[i] = height * std::exp(-(a * u * u + 2 * b * u * v + c * v * v) / 2);
  }
}

}  // namespace plexiform
