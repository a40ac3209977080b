#include "plexiform/stimulus/normalise.hpp"

#include <cmath>

namespace plexiform {

void normalise(std::span<float> image, Normalisation how, double mean, double contrast) {
  double middle = mean, unit = mean;
  if (how == Normalisation::image) {
    const auto n = static_cast<double>(image.size());
    double sum = 0, squares = 0;
    for (const float v : image) sum += v;
    middle = sum / n;
    for (const float v : image) squares += (v - middle) * (v - middle);
    unit = std::sqrt(squares / n);
    // Rounding of the mean leaves something of an image that is grey all over.
    if (!(unit > 1e-6 * std::abs(middle))) unit = 0;
  }
  const double scale = unit > 0 ? contrast / unit : 0;
  for (float& v : image) v = static_cast<float>(scale * (v - middle));
}

}  // namespace plexiform
