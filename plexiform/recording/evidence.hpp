#pragma once
#include <vector>

#include "plexiform/recording/triggered_sums.hpp"

namespace plexiform {

/// Evidence at each pixel of a job's window that the cell sees it. White stimuli only: another one correlates what is
/// summed.
///
/// contrast: the energy, sum over lags of (sum / standard error)^2, pooled over 3 x 3 pixels: chi-square under the
/// null, given as a standard normal deviate (Wilson and Hilferty 1931, PNAS 17:684). One test a pixel.
///
/// local: the largest |sum / standard error| over boxes and lags, all of them tests.
struct EvidenceMap {
  Window window;
  double tests = 1;            ///< a pixel
  std::vector<double> z;       ///< [y, x]
  std::vector<double> excess;  ///< [y, x], what is above the expectation: a weight for centres of gravity
};
EvidenceMap evidence(const TriggeredSums<float>& sums, const TriggeredSum<float>& job);

/// z with P(a standard normal is above z) = p, 0 < p < 0.5.
double normal_quantile_above(double p);

}  // namespace plexiform
