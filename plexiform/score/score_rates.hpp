#pragma once
#include <cstdint>
#include <vector>

#include "plexiform/score/cell_score.hpp"
#include "plexiform/score/thresholds.hpp"

namespace plexiform {

using thresholds::score::kScoreBlockFrames;

/// Bins that rates are scored on, in the order of time.
struct ScoredBins {
  std::vector<double> counts;                   ///< [bin], spikes
  std::vector<std::int64_t> frame;              ///< [bin], displayed frame: bins of one frame are its repeats
  std::int64_t block_bins = kScoreBlockFrames;  ///< of the blocks over which intervals are
};

/// Scores of a network's rates and of an LN model's on the same bins, [bin], spikes per bin: correlation and bits per
/// spike with intervals, their paired difference, blocks, and what repeated frames tell. `rate` and `ln_rate`, counts
/// and frames are kept in the result. Throws as bits_per_spike, and InternalError if lengths differ.
CellScore score_rates(std::vector<double> rate, std::vector<double> ln_rate, const ScoredBins& bins,
                      std::uint64_t seed);

}  // namespace plexiform
