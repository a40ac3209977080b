#pragma once
#include <cstdint>
#include <string>

#include "plexiform/base/ndarray.hpp"

namespace plexiform {

/// What a subunit does with its filtered input: max(x, 0), max(x, 0)^2, x^2, x.
enum class SubunitNonlinearity { relu, half_squared, squared, linear };
SubunitNonlinearity subunit_nonlinearity_from(const std::string& name);  ///< Error{usage} names the nearest
std::string to_string(SubunitNonlinearity nonlinearity);

enum class SpikeRule { poisson, at_most_one };
SpikeRule spike_rule_from(const std::string& name);
std::string to_string(SpikeRule rule);

/// A model cell whose parts are known, and so the truth in a recording:
///   drive(t) = sum_i weight_i * f( amplitude * sum_{l,y,x} temporal_i[l] spatial_i[y,x] stimulus[t-l,y,x] )
///   rate(t)  = gain * max(drive(t) - threshold, 0), spikes per frame
/// and counts are Poisson, or one spike with probability min(1, rate).
struct Circuit {
  NdArray<float> spatial;   ///< [subunit, height, width], unit L2 norm each, peak positive
  NdArray<float> temporal;  ///< [subunit, lag], unit L2 norm each; carries the sign (ON or OFF)
  NdArray<float> weight;    ///< [subunit]
  SubunitNonlinearity nonlinearity = SubunitNonlinearity::relu;
  SpikeRule spikes = SpikeRule::poisson;
  double amplitude = 1;
  double threshold = 0;
  double gain = 1;

  std::int64_t subunits() const { return spatial.shape.empty() ? 0 : spatial.shape[0]; }
  std::int64_t lags() const { return temporal.shape.size() < 2 ? 0 : temporal.shape[1]; }
};

}  // namespace plexiform
