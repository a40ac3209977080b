#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/filtered/filtered_movie.hpp"
#include "plexiform/result/subunits.hpp"
#include "plexiform/reveal/select_subunits.hpp"
#include "plexiform/reveal/subunit_model.hpp"
#include "plexiform/reveal/thresholds.hpp"
#include "plexiform/score/score.hpp"

namespace plexiform {

struct CertaintySettings {
  int resamples = thresholds::kResamples;
  double share = thresholds::kResampleShare;         ///< of the blocks that a resample draws
  double most_spikes = thresholds::kResampleSpikes;  ///< of a resample: with more, fewer blocks are drawn, and what
                                                     ///< comes back is understated
};

struct ModelCertainty {
  std::vector<PartCertainty> parts;
  Interval number;           ///< 90 % of the resamples, the model's own number among them
  std::vector<int> numbers;  ///< of each resample
};

/// Intervals come from the spread of the blocks' gradients around the fit (the sandwich estimator; Huber 1967, White
/// 1982, with blocks of time as units), so that counts may be more or less variable than Poisson; those of places are
/// wider where resamples spread more. What comes back is asked of resamples: a share of the blocks, the selection made
/// anew from their spike-triggered average (stability selection; Meinshausen and Buehlmann 2010). Only its rough pass
/// is made, so that it asks kRough tolerances more of a subunit than the model beside it was asked. The same bits on
/// any number of threads. Throws Interrupted on a stop request.
ModelCertainty certainty(const FittedModel& fit, const FilteredMovie& movie, const SelectSettings& select,
                         const CertaintySettings& settings, std::uint64_t seed, const Context& context = {});

/// For each part its partner in another model, one each, the most alike pairs (overlap of kSame or more) first; -1
/// without one.
std::vector<int> partners(const SubunitModel& model, const SubunitModel& other);

/// A 90 % interval as wide as the spread of resamples asks for, if that is wider: `squares` is the sum of squared
/// distances from what is estimated in the `times` resamples (kLeastReturns at least) that found it. Of samples that
/// hold a share f of the blocks, the variance is (1 - f) / f of that of the whole's estimate (the delete-d jackknife;
/// Shao and Wu 1989).
Interval widened(const Interval& interval, double squares, int times, double share);

/// Probability that a subunit is true: logistic in confidence_features(), with coefficients from model cells of other
/// recipes and seeds than any reported (docs/method.md says which, scripts/calibrate_confidence makes them).
double confidence(const PartCertainty& part);

}  // namespace plexiform
