#pragma once
#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "plexiform/fit/filtered_movie.hpp"
#include "plexiform/reveal/select_subunits.hpp"
#include "plexiform/reveal/subunit_model.hpp"
#include "plexiform/score/score.hpp"

namespace plexiform {

struct CertaintySettings {
  int resamples = 12;
  double share = 2.0 / 3;     ///< of the blocks that a resample draws
  double most_spikes = 3000;  ///< of a resample: with more, fewer blocks are drawn, and what comes back is understated
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

struct ModelCertainty {
  std::vector<PartCertainty> parts;
  Interval number;           ///< 90 % of the resamples, the model's own number among them
  std::vector<int> numbers;  ///< of each resample
};

/// Intervals come from the spread of the blocks' gradients around the fit (the sandwich estimator; Huber 1967, White
/// 1982, with blocks of time as units), so that counts may be more or less variable than Poisson; those of places are
/// wider where resamples spread more. What comes back is asked of resamples: a share of the blocks, the selection made
/// anew from their spike-triggered average (stability selection; Meinshausen and Buehlmann 2010). The same result on
/// any number of threads; Interrupted on a stop request.
ModelCertainty certainty(const FittedModel& fit, const FilteredMovie& movie, const SelectSettings& select,
                         const CertaintySettings& settings, std::uint64_t seed, int threads,
                         const std::stop_token& stop = {});

/// Probability that a subunit is true: logistic in what tells a true one, with coefficients from model cells of other
/// recipes and seeds than any reported (docs/method.md says which, scripts/calibrate_confidence makes them).
double confidence(const PartCertainty& part);

}  // namespace plexiform
