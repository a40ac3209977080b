#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "plexiform/reveal/movie.hpp"

namespace plexiform::reveal {

/// What may explain counts beside the subunits, each with one gain in the logarithm of the rate.
enum class CovariateKind {
  drift,      ///< a cosine over the recording
  transient,  ///< an exponential from its start
  history,    ///< the cell's own past counts
  divisive    ///< the cell's own past drive: log of its rate without covariates, averaged over the past
};

/// x = (raw - mean) / spread.
struct Covariate {
  CovariateKind kind = CovariateKind::drift;
  double scale = 0;  ///< of a drift half periods over the recording; else a time constant, frames; history 0: one frame
  double mean = 0, spread = 1;
  double floor = 0;  ///< of a divisive one: what is added to the averaged rate, spikes per frame
};

/// Values of covariates on the frames of a movie, each of mean 0 over the frames that are used.
struct Covariates {
  std::vector<Covariate> what;
  std::vector<std::vector<float>> rows;  ///< [covariate][padded frame]
};

/// Slow changes of excitability: cosines, and a transient at the start.
Covariates drift_covariates(const Movie& movie);
/// The past counts through filters of a frame to a second. Counts that are not used count as the mean.
Covariates history_covariates(const Movie& movie);
/// Divisive normalisation by the cell's own past: `rates` [padded frame] are the model's without covariates.
Covariates divisive_covariate(const Movie& movie, std::span<const float> rates);

/// The values [padded frame] that such a covariate, of another movie, has on this one.
std::vector<float> divisive_row(const Movie& movie, const Covariate& like, std::span<const float> rates);

/// The first ones, and after them the others.
Covariates joined(Covariates first, const Covariates& others);

}  // namespace plexiform::reveal
