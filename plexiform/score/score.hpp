#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "plexiform/base/ndarray.hpp"
#include "plexiform/score/thresholds.hpp"

namespace plexiform {

/// Pearson correlation, in [-1, 1]; NaN if either has no variance. Throws InternalError if the lengths differ.
double correlation(std::span<const double> a, std::span<const double> b);

/// Information that a rate model gives about single spikes, over a constant rate, in bits per spike:
///   sum_t [ counts_t log2(rate_t / mean) - (rate_t - mean) / ln 2 ] / sum_t counts_t,   0 log 0 = 0
/// rate, counts: [time], spikes per frame; `mean` is that of counts, so 0 is the constant model.
/// Throws Error{numeric} if a rate is negative or not finite, or 0 where there is a spike; Error{data} without a
/// spike; InternalError where the lengths differ. Source: Brenner et al. 2000, Neural Computation 12:1531.
double bits_per_spike(std::span<const double> rate, std::span<const double> counts);

struct Interval {
  double low = 0;
  double high = 0;
};

/// Percentile bootstrap over blocks of time (never over frames): `blocks` are index ranges into the arrays; 95 %. The
/// score is computed anew from the blocks of each draw, the mean of the counts included; draws on which it is not
/// defined (no spike, no variance) are omitted. NaN if there are fewer than two blocks or no draw is left: one
/// block says nothing about how blocks vary. The same seed draws the same blocks in all three, so their draws are
/// paired. Source: Efron and Tibshirani 1993; blocks as in Kuensch 1989, Ann. Statist. 17:1217.
Interval correlation_interval(std::span<const double> rate, std::span<const double> counts,
                              std::span<const Range> blocks, std::uint64_t seed,
                              int draws = thresholds::score::kBootstrapDraws);
Interval bits_interval(std::span<const double> rate, std::span<const double> counts, std::span<const Range> blocks,
                       std::uint64_t seed, int draws = thresholds::score::kBootstrapDraws);
/// Of the difference bits(rate) - bits(other) on the same frames, paired over blocks.
Interval bits_difference_interval(std::span<const double> rate, std::span<const double> other,
                                  std::span<const double> counts, std::span<const Range> blocks, std::uint64_t seed,
                                  int draws = thresholds::score::kBootstrapDraws);

/// The same for a score of `items` that may be exchanged for each other (images, say): it is given the items of each
/// draw, drawn with replacement.
Interval resampled_interval(std::int64_t items, std::uint64_t seed,
                            const std::function<double(std::span<const std::int64_t>)>& score,
                            int draws = thresholds::score::kBootstrapDraws);

/// What one model gains over another: the sum of differences over blocks of time, and its standard error from their
/// spread; 0 with one block. `weights`: of the blocks, or empty for 1.
struct PairedDifference {
  double sum = 0;
  double error = 0;
};
PairedDifference paired_difference(std::span<const double> of, std::span<const double> over,
                                   std::span<const double> weights = {});

/// [0, n) cut into blocks of about `length`, the last one takes the rest; at least one.
std::vector<Range> blocks_of(std::int64_t n, std::int64_t length);

/// One to one assignment with the greatest sum: similarity [row, column] -> for each row its column or -1. As many
/// pairs as the shorter side has; NaN (a filter without variance has no correlation) never makes a pair. (Hungarian
/// method; Kuhn 1955.) Used for matching revealed to true subunits.
std::vector<std::int64_t> assign(const NdArray<double>& similarity);

/// Reliability of repeated trials, [trial, time]: mean split-half correlation r over random halves of k trials, the
/// reliability of the mean of all n trials by Spearman-Brown, m r / (1 + (m - 1) r) with m = n / k, which is
/// 2r / (1 + r) for an even n (of an odd n one trial, drawn anew, stays out of each split), and the ceiling of a
/// model's correlation, its square root. NaN if it is not defined: no variance, or a negative reliability. Throws
/// Error{data} with fewer than two trials.
struct Reliability {
  double split_half = 0;
  double of_mean = 0;
  double ceiling = 0;
};
Reliability reliability(const NdArray<double>& trials, std::uint64_t seed, int halves = thresholds::score::kHalves);

/// Share of the variance that repeats have in common which a prediction explains (FEVe): of trials [trial, time], n of
/// them, and a rate [time],
///   1 - (MSE - s2) / (Var - s2),   s2 = (mean over time of the variance within repeats) / n,
/// MSE between the rate and the trials' mean, Var the variance of that mean over time (both divided by the number of
/// frames, s2's by n - 1). NaN where Var <= s2: repeats have nothing in common. Source: Cadena et al. 2019, PLoS Comput
/// Biol 15:e1006897. Throws Error{data} with fewer than two trials.
double explained_variance(std::span<const double> rate, const NdArray<double>& trials);

/// How well other trials predict a trial: correlation, over all trials and frames, of a count with the mean of the same
/// frame in the other trials. A reference for correlations with single trials, no ceiling: that mean has noise of its
/// own. NaN without variance. Throws Error{data} with fewer than two trials.
double jackknife_oracle(const NdArray<double>& trials);

/// p values corrected for having made them all (Holm 1979, Scand. J. Statist. 6:65): each at or below alpha may be
/// called so with an error anywhere of no more than alpha. In the order given; NaN stays, and does not count.
std::vector<double> holm_adjusted(std::span<const double> p);

}  // namespace plexiform
