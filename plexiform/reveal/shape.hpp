#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace plexiform::reveal {

/// exp(-(u^2 + v^2) / 2) with u = (X - x) / a, v = (Y - y - shear u) / b: an elliptic Gaussian of any orientation whose
/// parameters are free of constraints. Its covariance is [a^2, a shear; a shear, shear^2 + b^2].
struct Gaussian {
  double x = 0, y = 0;          ///< centre, pixels of the window
  double log_a = 0, log_b = 0;  ///< pixels
  double shear = 0;             ///< pixels
};
inline constexpr std::size_t kOfGaussian = 5;

/// A round Gaussian that is added inside a subunit's rectifier, so that its shape need not be one Gaussian.
struct Inner {
  double weight = 0;  ///< of a unit-norm Gaussian beside the subunit's own, which has 1; may be negative
  double x = 0, y = 0;
  double log_size = 0;
};
inline constexpr std::size_t kOfInner = 4;

/// What all subunits of a cell have around them: their own Gaussian, wider by exp(log_ratio), less strong.
struct Surround {
  double strength = 0;   ///< below 0 a shape with a wider foot
  double log_ratio = 0;  ///< of the sizes
};
inline constexpr std::size_t kOfSurround = 2;

/// Spatial filter of a subunit: unit( G - strength G(sizes x ratio) + sum_j weight_j G_j ), each G of unit norm.
struct Shape {
  Gaussian centre;
  std::vector<Inner> inner;
};
/// Parameters of a shape's own.
inline std::size_t parameter_count(const Shape& shape) {
  return kOfGaussian + kOfInner * shape.inner.size();
}

struct Grid {
  std::int64_t height = 0, width = 0;
  std::size_t pixels() const { return static_cast<std::size_t>(height * width); }
};

/// A Gaussian on the pixels, unit norm over them; `out` [pixel].
void unit_gaussian(const Gaussian& g, const Grid& grid, std::span<double> out);

/// Weights [pixel], unit norm.
std::vector<double> shape_weights(const Shape& shape, const Surround* surround, const Grid& grid);

/// Weights, and their derivatives to the five numbers of the centre, the four of each inner Gaussian, and, where there
/// is a surround, its two: [1 + parameters, pixel], flat.
std::vector<double> shape_rows(const Shape& shape, const Surround* surround, const Grid& grid);

/// A vector of norm 1 along v.
std::vector<double> unit(std::vector<double> v);

/// Cosine between the weights of two shapes, or between two mixtures or filters.
double overlap(std::span<const double> a, std::span<const double> b);

/// Standard deviations along the axes, the longer first, pixels, and the angle of that one from the x axis, (-pi/2,
/// pi/2].
struct Ellipse {
  double major = 0, minor = 0, angle = 0;
};
Ellipse ellipse_of(const Gaussian& g);
/// sqrt(a b): the standard deviation of a round Gaussian of the same area.
double size_of(const Gaussian& g);

}  // namespace plexiform::reveal
