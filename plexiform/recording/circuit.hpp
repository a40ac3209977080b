#pragma once
#include <cstdint>
#include <optional>
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

/// A slow drift of the gain, and how it settles when the recording begins; Circuit says how it is meant.
struct GainDrift {
  NdArray<double> waves;        ///< [k, 2], a_k and b_k
  double period = 1;            ///< frames, above 0: those of the recording
  double transient = 0;         ///< c
  double transient_frames = 1;  ///< above 0
};

/// Noise of the gain that all cells of a recording have in common; Circuit says how it is meant.
struct SharedNoise {
  double deviation = 0;    ///< standard deviation of n
  double frames = 1;       ///< its time constant, above 0
  std::uint64_t seed = 0;  ///< what n is drawn by
};

/// A model cell whose parts are known, and so the truth in a recording. What the stimulus makes of it:
///   drive(t) = sum_i weight_i * f( amplitude * sum_{l,y,x} temporal_i[l] spatial_i[y,x] stimulus[t-l,y,x] )
///   rate(t)  = gain * g(drive(t) - threshold) / divisor(t), spikes per frame
/// with g(x) = max(x, 0) (rectified), max(x, 0) / (1 + max(x, 0) / output_scale) (saturating: never above gain *
/// output_scale), exp(x / output_scale) (exponential). A subunit of positive weight drives the cell, one of negative
/// weight suppresses it. ON and OFF subunits differ in the sign of their temporal filters.
///
/// The divisor is 1, or follows what the cell was driven by before (divisive_gain s above 0):
///   divisor(t) = 1 - s + s * (0.2 + pool(t) / pool_mean)
///   pool(t)    = sum_{k=1..5 m} v_k max(drive(t-k) - threshold, 0),   v_k ~ exp(-k / m), of sum 1, m = pool_frames
/// where frames before the first one with a whole history (lags - 1) count as pool_mean.
///
/// This is the true rate, circuit_rate(). Counts scatter around
///   rate(t) * exp(log_gain(t)) * r(t)
/// as Poisson counts, or one spike with probability min(1, that), or negative binomial: Poisson of a rate that a gamma
/// variable multiplies anew each frame, with a variance of fano times the mean. Neither of the two factors is part of
/// the true rate, as no stimulus tells of them:
///   log_gain(t) = sum_{k=1..} [a_k cos(2 pi k t / period) + b_k sin(2 pi k t / period)]
///                 + c exp(-t / transient_frames) + n(t) - log_gain_offset
/// with t in frames since the recording began, n an Ornstein-Uhlenbeck process, and the offset such that the gain's
/// mean over the recording is 1; log_gain is 0 of a cell with neither drift nor noise;
///   r(t) = 1 - refractory * exp(-(k - 1) / refractory_frames)
/// where the last frame with a spike was k frames before t; 1 where none was.
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
  double output_scale = 1;       ///< in units of the drive; of a rectified output 1
  double fano = 1;               ///< variance over mean of negative binomial counts, above 1; of others 1
  double divisive_gain = 0;      ///< s, 0 to 1
  double pool_mean = 1;          ///< above 0, in units of the drive; without divisive gain 1
  std::int64_t pool_frames = 1;  ///< m, 1 or more; without divisive gain 1
  double refractory = 0;         ///< share of the rate that is missing in the frame after a spike, 0 to 1
  double refractory_frames = 1;  ///< above 0; without refractoriness 1
  std::optional<GainDrift> drift;
  std::optional<SharedNoise> shared_noise;
  double log_gain_offset = 0;

  std::int64_t subunits() const { return spatial.shape.empty() ? 0 : spatial.shape[0]; }
  std::int64_t lags() const { return temporal.shape.size() < 2 ? 0 : temporal.shape[1]; }
};

/// The subunits that drive the cell, those of positive weight, in order: what a fit can find.
std::vector<std::int64_t> driving_subunits(const Circuit& circuit);
/// Those of negative weight, in order.
std::vector<std::int64_t> suppressive_subunits(const Circuit& circuit);

}  // namespace plexiform
