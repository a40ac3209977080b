#include "plexiform/result/confidence.hpp"

#include <algorithm>
#include <cmath>

namespace plexiform {

ConfidenceFeatures confidence_features(const SubunitCertainty& part, const Axes& size, const ResidualTest& residual) {
  const double missed =
      std::log(std::max(residual.missed_bits, kLeastMissed) / std::max(residual.visible_bits, kLeastMissed));
  return {std::log(std::max(1 - part.match, kLeastMiss)),
          std::log(std::max(size.major, kLeastAxis) / std::max(size.minor, kLeastAxis)),
          std::log1p(std::max(part.gain.nats, 0.0)), std::clamp(missed, -kMostLogMissed, kMostLogMissed)};
}

}  // namespace plexiform
