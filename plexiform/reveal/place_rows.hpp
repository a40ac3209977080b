#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "plexiform/compute/buffer.hpp"
#include "plexiform/reveal/movie.hpp"

namespace plexiform::reveal {

/// Places of one size.
struct PlaceGrid {
  double size = 1;           ///< standard deviation, pixels
  std::vector<double> x, y;  ///< columns and rows of places
};

/// From `begin` on, less than `end`; the middle where that is none, in a window of one row or column.
std::vector<double> places_between(double begin, double end, double step);

/// A grid of places over a window: the first at half a spacing from the border or more, as many as fit.
PlaceGrid places_over(std::int64_t height, std::int64_t width, double size, double spacing);

/// The movie through round Gaussians of unit norm on a grid. Over pixels such a Gaussian is the product of two, over
/// rows and over columns: two short sums in place of a long one.
class PlaceRows {
 public:
  PlaceRows(const PlaceGrid& grid, std::int64_t height, std::int64_t width);

  std::size_t count() const { return along_x_ * along_y_; }
  /// to [channel][place][frame with history], movie.stride() apart; places as in weights().
  void project(const Movie& movie, const float* rows, Buffer& space, float* to) const;
  /// [place, pixel], the places of one column of the grid after the other.
  std::vector<double> weights() const;

 private:
  std::size_t along_x_ = 0, along_y_ = 0, height_ = 0, width_ = 0;
  std::vector<float> wx_, wy_;  ///< [place along x, column], [place along y, row]
};

}  // namespace plexiform::reveal
