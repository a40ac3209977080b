#pragma once
#include "plexiform/result/confidence.hpp"

namespace plexiform {

/// Probability that a subunit is true: logistic in its features, with coefficients from model cells of other kinds,
/// recipes and seeds than any reported (docs/method.md says which, scripts/calibrate_confidence makes them).
double confidence(const ConfidenceFeatures& features);

}  // namespace plexiform
