#pragma once
#include <cstdint>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/classical/module_set.hpp"
#include "plexiform/classical/thresholds.hpp"

namespace plexiform {

/// The defaults are those of thresholds.hpp.
struct SoftClusteringSettings {
  /// Numbers tried, in this order.
  std::vector<std::int64_t> subunits = {thresholds::classical::kNumbers.begin(), thresholds::classical::kNumbers.end()};
  /// Numbers in a row without a better validation after which no more are tried.
  std::int64_t patience = thresholds::classical::kNumbersPatience;
  /// Tried; for a stimulus of unit variance.
  std::vector<double> sparsities = {thresholds::classical::kSoftSparsities.begin(),
                                    thresholds::classical::kSoftSparsities.end()};
  /// Random starts of each fit; the one with the highest training likelihood is kept.
  std::int64_t starts = thresholds::classical::kSoftStarts;
  std::int64_t iterations = thresholds::classical::kSoftIterations;  ///< at most
  /// Iterations stop when one changes the log-likelihood by less, nats per spike.
  double tolerance = thresholds::classical::kSoftTolerance;
  /// Added to the neighbours' sum in the sparsity.
  double neighbours_floor = thresholds::classical::kNeighboursFloor;
  std::uint64_t seed = 1;
};

/// One combination that was tried.
struct SoftClusteringTrial {
  std::int64_t subunits = 0;
  double sparsity = 0;
  double training = 0;    ///< approximate log-likelihood, nats per spike (see below)
  double validation = 0;  ///< bits per spike over a constant rate on the validation frames; NaN without such frames
};

/// The model rate_t = sum_n weight_n exp(filter_n . x_t), spikes per frame.
struct SoftClusteringResult {
  ModuleSet modules;           ///< the filters, sorted by share, falling
  at::Tensor filters;          ///< double [subunit, pixel], as in the rate
  std::vector<double> weight;  ///< [subunit], spikes per frame
  std::vector<double> share;   ///< [subunit], of the training spikes, sum 1
  double sparsity = 0;
  double validation = 0;                    ///< of the chosen one, as in the trial
  std::vector<double> likelihood;           ///< before each iteration and at the end, nats per spike
  std::vector<SoftClusteringTrial> trials;  ///< in the order tried
};

/// Subunits by soft clustering of the spike-triggered stimuli. For a Gaussian stimulus of second moment S the
/// log-likelihood of the training frames is nearly
///
///   sum_t counts_t log rate_t - frames * sum_n weight_n exp(filter_n' S filter_n / 2),
///
/// and rises with each of these steps (expectation-maximisation; sparsity 0):
///   share_tn = weight_n exp(filter_n . x_t) / rate_t,      filter_n = S^-1 (mean of x_t, weighted by counts_t
///   share_tn), weight_n = sum_t counts_t share_tn / frames / exp(filter_n' S filter_n / 2).
/// The sparsity takes sparsity / (floor + sum of |filter| over the pixel and its four neighbours, before the step) off
/// the absolute value of each filter value: a locally normalised L1 penalty by soft thresholds, so a pixel with strong
/// neighbours keeps its value. Number and sparsity are those with the highest likelihood on the validation frames;
/// where one of each is given, these. The stimulus must be near to Gaussian with mean zero (filtered white noise is).
///
/// Throws Error{data} with fewer spikes than subunits, fewer training frames than pixels, or without validation spikes
/// where there is a choice; Error{usage} if a setting is out of range; Interrupted on a stop request; and the errors
/// of spike_frames(). Source: Shah et al. 2020, eLife 9:e45743.
SoftClusteringResult soft_clustering(const FilteredMovie& movie, const SoftClusteringSettings& settings = {},
                                     const Context& context = {});

}  // namespace plexiform
