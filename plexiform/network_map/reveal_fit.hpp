#pragma once
#include <cstdint>
#include <optional>

#include "plexiform/base/context.hpp"
#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/form/model_settings.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/recording/split.hpp"
#include "plexiform/result/subunits.hpp"
#include "plexiform/reveal/reveal_cell.hpp"

namespace plexiform {

/// How the minimal network is found: the revealed subunits themselves, each of which pays for itself in held-out
/// likelihood; or, for comparison, the fitted network without those of its filters that look like noise
/// (prune_filters.hpp), which stands beside the subunits.
enum class Pruning { likelihood, autocorrelation };

struct RevealFitSettings {
  RevealSettings reveal;
  Pruning pruning = Pruning::likelihood;
  TrainSettings train;  ///< of the fitted run: how a pruned network is trained again
};

/// What was revealed of a cell, and its minimal network where there are subunits or one filter.
struct RevealedFit {
  CellSubunits subunits;
  std::optional<CellFit> minimal;
};

/// Reveals a fitted cell: its subunits, as reveal_cell() finds them without the network, and beside them what the
/// network says. Of the result, name, seconds and what compares it with the truth (evaluate/recovery.hpp) are for the
/// caller to set. The same bits on any number of threads. Throws as reveal_cell().
RevealedFit reveal_fit(const CellFit& fit, const Recording& recording, const Split& split,
                       const RevealFitSettings& settings = {}, std::uint64_t seed = 0, const Context& context = {});

}  // namespace plexiform
