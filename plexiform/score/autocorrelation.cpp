#include "plexiform/score/autocorrelation.hpp"

#include <numeric>
#include <string>

#include "plexiform/base/error.hpp"

namespace plexiform {

double morans_i(std::span<const double> image, std::int64_t height, std::int64_t width) {
  if (height < 1 || width < 1 || static_cast<std::int64_t>(image.size()) != height * width)
    throw InternalError("morans_i: " + std::to_string(image.size()) + " values for " + std::to_string(height) + " x " +
                        std::to_string(width) + " pixels");
  constexpr double kFlat = 1e-24;  // a flat image has a variance of rounding only
  const auto pixels = static_cast<double>(image.size());
  const double mean = std::accumulate(image.begin(), image.end(), 0.0) / pixels;
  double pairs = 0, variance = 0, squares = 0;
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width; ++x) {
      const auto i = static_cast<std::size_t>(y * width + x);
      const double z = image[i] - mean;
      if (x + 1 < width) pairs += z * (image[i + 1] - mean);
      if (y + 1 < height) pairs += z * (image[i + static_cast<std::size_t>(width)] - mean);
      variance += z * z;
      squares += image[i] * image[i];
    }
  if (variance <= kFlat * squares) return 0;
  const double neighbours = 2 * pixels - static_cast<double>(height + width);  // pairs, each counted once
  return pixels * pairs / (neighbours * variance);
}

}  // namespace plexiform
