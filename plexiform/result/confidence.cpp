#include "plexiform/result/confidence.hpp"

#include <algorithm>
#include <cmath>

namespace plexiform {

ConfidenceFeatures confidence_features(const SubunitCertainty& part) {
  return {std::log(std::max(1 - part.match, kLeastMiss)), std::max(part.stretch - 1, 0.0),
          std::log1p(std::max(part.gain.nats, 0.0))};
}

}  // namespace plexiform
