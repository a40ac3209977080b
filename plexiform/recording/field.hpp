#pragma once
#include <span>
#include <vector>

#include "plexiform/recording/recording.hpp"

namespace plexiform {

/// A receptive field as a Gaussian on the images' pixels: centre, and covariance (pixels squared).
struct Field {
  Place centre;
  double xx = 0, xy = 0, yy = 0;

  /// The same place, `factor` times as wide.
  Field scaled(double factor) const;
  /// Standard deviations along the minor and the major axis, pixels.
  double minor() const;
  double major() const;
};

/// The Gaussian whose line at one standard deviation is the ellipse of a contour: of the area that the contour encloses
/// the centre, and four times the second moments (a uniform ellipse of semi-axes a, b has the moments a^2/4, b^2/4).
/// Throws Error{data} where it encloses none.
Field field_of(const Contour& contour);

/// A Gaussian of unit volume over the whole plane, at pixels x begin .. end of row y.
void gaussian_row(const Field& field, std::int64_t y, std::int64_t begin, std::span<double> out);

}  // namespace plexiform
