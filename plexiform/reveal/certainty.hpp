#pragma once
#include <cstdint>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/reveal/find.hpp"

namespace plexiform::reveal {

/// 90 % of what a quantity may be.
struct Bounds {
  double low = 0, value = 0, high = 0;
};

/// What is known of one subunit.
struct PartCertainty {
  Bounds x, y;           ///< centre of the squared weights, pixels of the window
  Bounds major, minor;   ///< standard deviations along the axes of a Gaussian of the same spread, pixels
  Bounds weight;         ///< share of the drive of all subunits of its sign
  Bounds latency;        ///< centre of the squared temporal filter, frames
  Bounds width;          ///< its standard deviation, frames
  double z = 0;          ///< the mixture in its errors
  double match = 0;      ///< correlation with the true shape that the shape's errors let expect
  HeldOutGain gain;      ///< over the model without it, nats
  double returned = 0;   ///< share of resamples of the blocks in which it would have been found
  double neighbour = 0;  ///< overlap with the nearest of its sign
  double stretch = 1;    ///< its longer axis in mean sizes
};

struct Certainty {
  std::vector<PartCertainty> parts;
  std::vector<int> excitatory, suppressive;  ///< numbers found in each resample
};

/// How sure each subunit is, by influence: a subunit's gain is known block by block, so that it can be told from any
/// resample of the blocks without a fit whether it would have been found there. Intervals are from
/// refits that leave out a tenth of the blocks each (jackknife), from what the priors hold back, and, of time courses,
/// from what the counts tell of the temporal functions. The same bits on any number of threads. Throws Interrupted on a
/// stop request.
Certainty certainty_of(const Found& found, const Movie& movie, std::uint64_t seed, const Context& context);

/// What describes a subunit beside its weights.
struct PartSummary {
  double x = 0, y = 0, major = 0, minor = 0;  ///< as in PartCertainty
  double angle = 0;                           ///< of the longer axis from the x axis, (-pi/2, pi/2]
  double share = 0, latency = 0, width = 0;
};
std::vector<PartSummary> summaries_of(const Model& model, const Grid& grid);

/// Centre and spread of a temporal filter [channel * lag], frames.
struct TimeCourse {
  double latency = 0, width = 0;
};
TimeCourse time_course(std::span<const double> filter, std::size_t lags);

}  // namespace plexiform::reveal
