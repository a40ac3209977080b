#pragma once
#include <cstdint>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/classical/module_set.hpp"
#include "plexiform/classical/thresholds.hpp"
#include "plexiform/score/autocorrelation.hpp"

namespace plexiform {

/// The defaults are those of thresholds.hpp.
struct StnmfSettings {
  std::int64_t modules = thresholds::classical::kModules;
  /// Tried; one alone is taken without consensus. Units: the standard deviation of a pixel of the filtered movie.
  std::vector<double> sparsities = {thresholds::classical::kStnmfSparsities.begin(),
                                    thresholds::classical::kStnmfSparsities.end()};
  std::int64_t iterations = thresholds::classical::kStnmfIterations;
  /// Iterations end sooner when one gains less than this share of all gains.
  double tolerance = thresholds::classical::kStnmfTolerance;
  double localised_above = kLocalised;  ///< Moran's I from which a module is localised
  /// Random starts per sparsity, and iterations of each of them.
  std::int64_t consensus_starts = thresholds::classical::kConsensusStarts;
  std::int64_t consensus_iterations = thresholds::classical::kConsensusIterations;
  /// Frames with spikes, evenly spaced, whose affiliation is compared.
  std::int64_t consensus_spikes = thresholds::classical::kConsensusSpikes;
  std::uint64_t seed = 1;
};

/// One sparsity in the consensus analysis.
struct SparsityConsensus {
  double sparsity = 0;
  double stability = 0;  ///< cophenetic correlation of the affiliations over starts, NaN where nothing is localised
  double localised = 0;  ///< mean number of localised modules over starts
};

/// The most stable of those that localise at least kLeastLocalised of the modules that any does (without that limit,
/// which is ours, a sparsity that localises next to nothing looks stable: starts agree on next to nothing); where no
/// module is localised, the smallest.
double choose_sparsity(const std::vector<SparsityConsensus>& consensus);

/// Modules of one cell: localised ones first, each part sorted by absolute weight, falling.
struct StnmfResult {
  ModuleSet modules;
  std::int64_t localised = 0;    ///< number of localised modules; they are the subunits
  std::vector<double> weight;    ///< [module], mean over spikes of the unit-norm module's coefficient, in standard
                                 ///< deviations of a pixel, signed so that the spike-triggered average is positive;
                                 ///< a module with a negative one is suppressive
  std::vector<double> morans_i;  ///< [module]
  double polarity = 1;           ///< sign of the sum of the spike-triggered average
  double spikes = 0;             ///< training spikes used
  double sparsity = 0;           ///< the one used
  std::vector<SparsityConsensus> consensus;  ///< [sparsity tried], empty where there was one only
  std::vector<double> objective;  ///< at the start and after each iteration, of the ensemble in standard deviations
};

/// Spike-triggered non-negative matrix factorisation of the training spikes: semi-non-negative factorisation (see
/// factorise()) of the values of all frames with spikes, a frame with n spikes counted n times, divided by the root
/// mean square of the training stimulus; start from the singular vectors. The sparsity is the one whose affiliations of
/// spikes to their strongest module (largest absolute encoding; counted where it is localised) agree best over random
/// starts, by choose_sparsity().
///
/// Throws Error{data} with fewer spikes (or frames with spikes) than modules, Error{usage} if a setting is out of
/// range, Interrupted on a stop request, and the errors of spike_frames(). Sources: Liu et al. 2017, Nature
/// Communications 8:149; Jia et al. 2018, "Neural System Identification with Spike-triggered Non-negative Matrix
/// Factorization" (arXiv); Zapp et al. 2024, bioRxiv 2024.04.22.590506 (the accelerated factorisation, Moran's I,
/// consensus).
StnmfResult stnmf(const FilteredMovie& movie, const StnmfSettings& settings = {}, const Context& context = {});

}  // namespace plexiform
