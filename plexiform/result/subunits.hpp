#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plexiform/base/ndarray.hpp"
#include "plexiform/form/nonlinearity.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/score/score.hpp"

namespace plexiform {

/// Standard deviations along its axes, pixels, the longer first, and the angle of that one from the x axis, radians in
/// (-pi/2, pi/2], growing towards larger y.
struct Axes {
  double major = 0, minor = 0, angle = 0;
};

/// A difference of held-out log-likelihoods, nats, with its standard error over blocks.
struct Gain {
  double nats = 0;
  double error = 0;
};

enum class Verdict { structured, no_evidence, too_little_data };
std::string to_string(Verdict verdict);         ///< "structured", "no evidence", "too little data"
Verdict verdict_from(const std::string& name);  ///< Error{usage} names the nearest

/// Is there structure beyond one linear filter with any output?
struct StructureTest {
  Verdict verdict = Verdict::no_evidence;
  double p_value = 1;
  std::vector<double> null;  ///< the statistic of each draw
  double statistic = 0;      ///< greatest |z| of what might be added to the one filter
  double effect_bits = 0;    ///< what that would gain, bits per spike
  double visible_bits = 0;   ///< the gain that is seen in nine of ten cells that have it
};

/// A change of a model that was tried: what it would gain in held-out log-likelihood, and whether it was taken.
struct Tried {
  std::string change;        ///< "new + at 5.1, 6.0 size 1.4 mix 0.3", "split 0 at 0.8", "surround", "power"
  std::size_t subunits = 0;  ///< of both signs, of the model that was changed
  Gain gain;                 ///< of the changed model over the one before
  bool taken = false;
};

/// A point of the curve of likelihood against size.
struct SizePoint {
  std::size_t subunits = 0;
  double bits = 0;  ///< held-out, per spike, over a constant rate
  Gain behind;      ///< of the full model over this one, nats
};

/// What the confidence in a subunit is made of; in subunits.json, so that a calibration need not compute it again.
struct ConfidenceFeatures {
  double log_miss = 0;    ///< logarithm of 1 - the expected correlation with the true shape
  double log_aspect = 0;  ///< logarithm of its longer axis over the shorter: two that merged are long
  double log_gain = 0;    ///< logarithm of 1 + the nats that it gains
  double log_missed = 0;  ///< logarithm of what the cell's model misses over the least that would have been seen
};

/// How sure one subunit of a fitted model is.
struct SubunitCertainty {
  Interval x, y;            ///< 90 %, pixels
  Interval major, minor;    ///< 90 %, standard deviations along the axes, pixels
  Interval weight;          ///< 90 %, share of the cell's subunits of its sign
  Interval latency, width;  ///< 90 %, frames
  double z = 0;             ///< weight in its standard errors
  double match = 0;         ///< correlation with the true shape that the shape's errors let expect
  Gain gain;                ///< over the model without it
  double returned = 0;      ///< share of resamples of the blocks in which it would have been found
  double neighbour = 0;     ///< overlap with the nearest of its sign: two for one lie close
  double stretch = 1;       ///< its longer axis in usual sizes: two that merged are long
  double confidence = 0;    ///< that it is true (correlation of 0.8 or more), calibrated; see confidence()
  ConfidenceFeatures features;
};

/// Centre of mass of squared weights, [height, width] of `width` columns.
Place centre_of(std::span<const float> weights, std::int64_t width);

/// One revealed subunit on the recording's own pixel grid.
struct Subunit {
  NdArray<float> spatial;       ///< [height, width], unit L2 norm, peak positive
  std::vector<float> temporal;  ///< [lag], unit L2 norm; carries the polarity. Of several channels what they share
  std::vector<float> channels;  ///< [channel], unit L2 norm, the strongest positive; empty of a stimulus with one
  NdArray<float> filter;  ///< [channel, lag] of several channels, unit L2 norm, where each has its own time course
  double weight = 0;      ///< share of the drive of the cell's subunits of its sign, sum 1
  bool even = false;      ///< answers to both polarities alike
  Place place;            ///< its centre, pixels
  Axes size;              ///< standard deviations along its axes, pixels, of a Gaussian of the same spread
  double latency = 0;     ///< centre of the squared temporal filter, frames
  double width = 0;       ///< its standard deviation, frames
  std::optional<SubunitCertainty> certainty;  ///< with intervals on the recording's grid
};

/// For each subunit the true one of its sign that it is assigned to (by the greatest sum of correlations of spatial
/// filters, over all pixels of the grid) and that correlation; index -1 for a surplus one.
struct TruthMatch {
  std::int64_t index = -1;
  double correlation = 0;
};

/// Bits per spike on the validation blocks.
struct ValidationBits {
  double network = 0;   ///< of the fitted network
  double subunits = 0;  ///< of the revealed subunits, fitted on the training blocks alone
};

/// A network that was fitted, and how it did on the validation blocks.
struct TriedNetwork {
  std::string form;  ///< "relu, 1 separable filter of 5 x 5 pixels"
  double validation_loss = 0;
  bool kept = false;
};

/// What all subunits of a cell have around them: their own shape, wider and less strong, inside their rectifiers.
struct SharedSurround {
  double strength = 0;  ///< of a surround as wide as the centre it would take all away
  double ratio = 1;     ///< of the sizes
};

/// What explains a cell's counts beside its subunits.
struct CovariateUse {
  std::string what;         ///< "drift", "history", "divisive gain"
  double exponent = 0;      ///< of a divisive gain: the rate goes with this power of the averaged past drive
  std::size_t numbers = 1;  ///< that it has
};

/// Whether a model has all that the spikes show.
struct ResidualTest {
  std::string missing;         ///< "suppression at lag 6 near (4, 12)", or empty
  std::optional<Place> place;  ///< of it, pixels
  double z = 0;                ///< of the strongest of what a model might have beside
  double p_value = 1;          ///< of counts drawn from the model being as strong
  double missed_bits = 0;      ///< what it promises, bits per spike
  double visible_bits = 0;     ///< the least that would have been seen
};

/// The subunits of one half of a recording beside those of the other.
struct Halves {
  std::vector<double> spikes;             ///< [half]
  std::vector<std::size_t> number, sure;  ///< [half], subunits of both signs, and those of confidence 0.9 or more
  std::size_t again = 0;                  ///< pairs of sure ones, one of each half, alike by 0.8 or more
  std::size_t by_chance = 0;  ///< the same after the second half is mirrored through the centre of its field
};

/// A cell's result: subunits, or why there are none.
struct CellSubunits {
  std::int64_t cell = 0;
  std::string name;
  std::string error;
  std::string remark;                          ///< what else a user should know, or empty
  double seconds = 0;                          ///< that revealing it took
  Window window;                               ///< in which they were looked for, on the recording's grid
  std::int64_t lags = 0;                       ///< that they look back, frames
  std::vector<Subunit> subunits;               ///< excitatory, the heaviest first
  std::vector<Subunit> suppressive;            ///< likewise
  std::optional<StructureTest> structure;      ///< none where it was not asked for
  std::optional<ResidualTest> residual;        ///< likewise
  std::optional<Halves> halves;                ///< likewise
  std::optional<Interval> number;              ///< of excitatory ones, 90 % of the resamples
  std::optional<Interval> suppressive_number;  ///< likewise
  std::vector<int> resampled_numbers;          ///< of excitatory ones
  std::size_t map_number = 0;                  ///< peaks of the fitted network's map that look like subunits
  std::size_t minimal_number = 0;              ///< subunits of the minimal network, or filters where these were pruned
  SubunitNonlinearity nonlinearity = SubunitNonlinearity::relu;  ///< linear: one filter, no subunits
  double power = 1;                                              ///< of the subunits: 1 rectifies, 2 half-squares
  double expansion = 1;                                          ///< power of the output, after its threshold
  std::size_t functions = 1;               ///< temporal functions that the subunits' time courses are mixed of
  std::optional<SharedSurround> surround;  ///< where the counts ask for one
  std::vector<CovariateUse> covariates;
  double spikes = 0;                              ///< in training and validation blocks
  double dispersion = 1;                          ///< variance over mean of counts about the model
  std::optional<ValidationBits> validation_bits;  ///< none without a spike there
  std::vector<TriedNetwork> networks;             ///< that the fit tried
  std::vector<Tried> tried;                       ///< during the search
  std::vector<SizePoint> curve;   ///< held-out likelihood against number of filters, where these were pruned
  std::vector<double> morans_i;   ///< [filter] of the fitted network, where these were pruned by it
  NdArray<float> linear;          ///< [height, width], the LN model's spatial filter, unit L2 norm
  std::vector<TruthMatch> truth;  ///< [subunit], empty where the recording has no truth
  std::vector<TruthMatch> suppressive_truth;  ///< [suppressive subunit], likewise
  std::vector<Place> true_places;             ///< [true subunit]
  std::optional<double> mean_match;           ///< see mean_match()
  NdArray<float> true_spatial;                ///< [true subunit, height, width], empty where the recording has no truth
};

}  // namespace plexiform
