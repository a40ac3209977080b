#include "plexiform/reveal/confidence.hpp"

#include <cmath>

#include "plexiform/reveal/thresholds.hpp"

namespace plexiform {

double confidence(const ConfidenceFeatures& features) {
  using namespace reveal::thresholds;
  const double logit = kConfidenceBias + kPerLogMiss * features.log_miss + kPerLogAspect * features.log_aspect +
                       kPerLogGain * features.log_gain + kPerLogMissed * features.log_missed;
  return 1 / (1 + std::exp(-logit));
}

}  // namespace plexiform
