#pragma once
#include <cstdint>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/recording/split.hpp"
#include "plexiform/result/subunits.hpp"

namespace plexiform {

/// A network without the filters that look like noise.
struct FilterPruning {
  std::vector<double> morans_i;  ///< [filter], spatial autocorrelation of its spatial part (score/autocorrelation.hpp)
  std::size_t kept = 0;          ///< filters with kLocalised or more
  CellFit pruned;                ///< the network of these, trained further; the fitted one where none or all are kept
  Gain behind;                   ///< of the fitted network over it, on the validation blocks, nats, paired over chunks
  double before_bits = 0, after_bits = 0;  ///< validation, bits per spike
};

/// The pruning of the paper: a filter is read as space times time (its first singular vectors) and kept when its
/// spatial autocorrelation is kLocalised or more; what is left is trained again on the training blocks, as the run was.
/// It is there for comparison: whether a filter is smooth says little about whether the cell needs it. Source: Yan et
/// al. 2018, arXiv 1811.02290. Throws Interrupted on a stop request.
FilterPruning prune_filters(const CellFit& fit, const Recording& recording, const Split& split,
                            const TrainSettings& how, std::uint64_t seed, const Context& context = {});

}  // namespace plexiform
