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

/// Is there structure beyond one linear filter?
struct StructureTest {
  Verdict verdict = Verdict::no_evidence;
  double p_value = 1;
  std::vector<double> null;  ///< the statistic of each draw, nats
  double statistic = 0;      ///< nats
  double effect_bits = 0;    ///< the statistic, bits per spike
  double effect_error = 0;   ///< its standard error over blocks
  double visible_bits = 0;   ///< the effect from which the verdict would have been "structured"
};

/// A change of a model that was tried: what it would gain in held-out log-likelihood, and whether it was taken.
struct Tried {
  std::string change;  ///< "without subunit 3", "subunits 1 and 2 as one", "subunit 0 as two", "one more at (5.1, 6.0)"
  std::size_t subunits = 0;  ///< that the model would have
  Gain gain;                 ///< of the larger model over the smaller one
  bool taken = false;
};

/// A point of the curve of likelihood against size.
struct SizePoint {
  std::size_t subunits = 0;
  double bits = 0;  ///< held-out, per spike, over a constant rate
  Gain behind;      ///< of the full model over this one, nats
};

/// How sure one subunit of a fitted model is.
struct PartCertainty {
  Interval x, y;          ///< 90 %, pixels of the window
  Interval major, minor;  ///< 90 %, standard deviations along the axes, pixels
  Interval weight;        ///< 90 %, share of the cell's subunits
  double z = 0;           ///< weight in its standard errors
  double match = 0;       ///< correlation with the true shape that the shape's errors let expect
  double returned = 0;    ///< share of the resamples in which it came back (overlap of 0.8 or more)
  double stretch = 1;     ///< its longer axis in usual sizes: two that merged are long
  double confidence = 0;  ///< that it is true (correlation of 0.8 or more), calibrated; see confidence()
};

/// Centre of mass of squared weights, [height, width] of `width` columns.
Place centre_of(std::span<const float> weights, std::int64_t width);

/// One revealed subunit on the recording's own pixel grid.
struct Subunit {
  NdArray<float> spatial;       ///< [height, width], unit L2 norm, peak positive
  std::vector<float> temporal;  ///< [lag], unit L2 norm; carries the sign
  double weight = 0;            ///< share of the cell's subunits, sum 1
  Place place;                  ///< its centre, pixels
  Axes size;                    ///< standard deviations along its axes, pixels, of a fitted Gaussian; 0 without one
  std::optional<PartCertainty> certainty;  ///< with intervals on the recording's grid
};

/// For each subunit the true one it is assigned to (by the greatest sum of correlations of spatial filters, over all
/// pixels of the grid) and that correlation; index -1 for a surplus one.
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

/// A cell's result: subunits, or why there are none.
struct CellSubunits {
  std::int64_t cell = 0;
  std::string name;
  std::string error;
  std::string remark;  ///< what else a user should know, or empty
  double seconds = 0;  ///< that revealing it took
  std::vector<Subunit> subunits;
  std::optional<StructureTest> structure;  ///< none where it was not asked for
  std::optional<Interval> number;          ///< 90 % of the resamples
  std::vector<int> resampled_numbers;
  std::size_t map_number = 0;      ///< peaks of the fitted network's map that look like subunits
  std::size_t minimal_number = 0;  ///< of the minimal network
  SubunitNonlinearity nonlinearity = SubunitNonlinearity::relu;
  double spikes = 0;                              ///< in training and validation blocks
  double dispersion = 1;                          ///< variance over mean of counts about the linear model
  bool own_shapes = false;                        ///< held-out likelihood wants shapes that differ
  std::optional<ValidationBits> validation_bits;  ///< none without a spike there
  std::vector<TriedNetwork> networks;             ///< that the fit tried
  std::vector<Tried> tried;                       ///< during selection
  std::vector<SizePoint> curve;      ///< held-out likelihood against number of subunits (of filters, where pruned so)
  std::vector<double> morans_i;      ///< [filter] of the fitted network, where these were pruned by it
  NdArray<float> linear;             ///< [height, width], the LN model's spatial filter, unit L2 norm
  std::vector<TruthMatch> truth;     ///< [subunit], empty where the recording has no truth
  std::vector<Place> true_places;    ///< [true subunit]
  std::optional<double> mean_match;  ///< see mean_match()
  NdArray<float> true_spatial;       ///< [true subunit, height, width], empty where the recording has no truth
};

}  // namespace plexiform
