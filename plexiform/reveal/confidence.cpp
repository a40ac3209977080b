#include "plexiform/reveal/confidence.hpp"

#include <cmath>

#include "plexiform/reveal/thresholds.hpp"

namespace plexiform {

double confidence(const ConfidenceFeatures& features) {
  using namespace reveal::thresholds;
  const double logit = kConfidenceBias + kPerLogMiss * features.log_miss + kPerStretch * features.stretched +
                       kPerLogGain * features.log_gain;
  return 1 / (1 + std::exp(-logit));
}

}  // namespace plexiform
