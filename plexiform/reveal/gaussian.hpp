#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "plexiform/recording/recording.hpp"
#include "plexiform/result/subunits.hpp"

namespace plexiform {

/// Weights over the pixels of a window that have unit L2 norm and the shape
///   g(p) = exp(-|v|^2 / 2),   v = L^-1 (p - place),   L = [exp(log_a), 0; shear, exp(log_b)],
/// so that L L^T is its covariance in pixels squared. (0, 0) is the centre of the window's first pixel.
struct Gaussian {
  double x = 0, y = 0;
  double log_a = 0, log_b = 0;
  double shear = 0;
};
inline constexpr std::int64_t kGaussianParameters = 5;

/// weights[height * width], and derivatives[parameter][height * width] in the order of the struct where not empty.
void gaussian_weights(const Gaussian& g, std::int64_t height, std::int64_t width, std::span<double> weights,
                      std::span<double> derivatives = {});

Axes axes(const Gaussian& g);

/// The Gaussian of a place and a covariance (xx, xy, yy), pixels squared.
Gaussian gaussian_of(const Place& place, double xx, double xy, double yy);
std::array<double, 3> covariance(const Gaussian& g);

/// Scalar product of two unit-norm Gaussians over the plane, 0 to 1: how alike they are.
double overlap(const Gaussian& a, const Gaussian& b);

/// Place and covariance of what stands above a quarter of the peak in weights [height, width], as a start for fits.
Gaussian moments(std::span<const double> weights, std::int64_t height, std::int64_t width);

}  // namespace plexiform
