#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "plexiform/base/ndarray.hpp"
#include "plexiform/form/nonlinearity.hpp"

namespace plexiform {

/// What a cell does with its summed drive; Circuit says how each is meant.
enum class OutputNonlinearity { rectified, saturating, exponential };
OutputNonlinearity output_nonlinearity_from(const std::string& name);
std::string to_string(OutputNonlinearity output);

/// How counts scatter around the rate; Circuit says how each is meant.
enum class SpikeRule { poisson, at_most_one, negative_binomial };
SpikeRule spike_rule_from(const std::string& name);
std::string to_string(SpikeRule rule);

/// A model cell whose parts are known, and so the truth in a recording:
///   drive(t) = sum_i weight_i * f( amplitude * sum_{l,y,x} temporal_i[l] spatial_i[y,x] stimulus[t-l,y,x] )
///   rate(t)  = gain * g(drive(t) - threshold), spikes per frame
/// with g(x) = max(x, 0) (rectified), max(x, 0) / (1 + max(x, 0) / output_scale) (saturating: never above gain *
/// output_scale), exp(x / output_scale) (exponential). Counts are Poisson, or one spike with probability min(1, rate),
/// or negative binomial: Poisson of a rate that a gamma variable multiplies anew each frame, with a variance of fano
/// times the mean. A subunit of negative weight is a suppressive surround.
struct Circuit {
  NdArray<float> spatial;   ///< [subunit, height, width], unit L2 norm each, peak positive
  NdArray<float> temporal;  ///< [subunit, lag], unit L2 norm each; carries the sign (ON or OFF)
  NdArray<float> weight;    ///< [subunit]
  SubunitNonlinearity nonlinearity = SubunitNonlinearity::relu;
  OutputNonlinearity output = OutputNonlinearity::rectified;
  SpikeRule spikes = SpikeRule::poisson;
  double amplitude = 1;
  double threshold = 0;
  double gain = 1;
  double output_scale = 1;  ///< in units of the drive; of a rectified output 1
  double fano = 1;          ///< variance over mean of negative binomial counts, above 1; of others 1

  std::int64_t subunits() const { return spatial.shape.empty() ? 0 : spatial.shape[0]; }
  std::int64_t lags() const { return temporal.shape.size() < 2 ? 0 : temporal.shape[1]; }
};

/// The subunits that drive the cell, those of positive weight, in order: what a fit can find.
std::vector<std::int64_t> driving_subunits(const Circuit& circuit);

}  // namespace plexiform
