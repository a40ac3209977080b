#pragma once
#include <cstdint>
#include <optional>

#include "plexiform/base/context.hpp"
#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/recording/split.hpp"
#include "plexiform/result/subunits.hpp"
#include "plexiform/reveal/certainty.hpp"
#include "plexiform/reveal/structure.hpp"

namespace plexiform {

/// How the minimal network is found: subunits omitted by held-out likelihood (minimal.hpp), or, for comparison, the
/// fitted network's filters by their spatial autocorrelation (prune_filters.hpp), which stands beside the subunits.
enum class Pruning { likelihood, autocorrelation };

struct RevealSettings {
  bool quick = false;  ///< no null and no resamples: no verdict, no confidence
  Pruning pruning = Pruning::likelihood;
  StructureSettings structure;
  CertaintySettings certainty;
  TrainSettings train;  ///< of the fitted run: the length of blocks, and how a pruned network is trained again
};

/// Fewer spikes than this in training and validation blocks say nothing about what lies inside a receptive field in a
/// window of so many pixels: model cells of five subunits are not told from linear ones below it (docs/method.md).
double least_spikes(std::int64_t pixels);

/// What was revealed of a cell, and its minimal network where there are subunits or one filter.
struct Revealed {
  CellSubunits subunits;
  std::optional<CellFit> minimal;
};

/// All that is revealed about one cell from its fitted network: whether it has subunits, which, and how sure that is.
/// Sees training and validation blocks only, and no truth: of its result, name, seconds and what compares it with the
/// truth (evaluate/recovery.hpp) are for the caller to set. Tells which step it begins, of how many as far as is known
/// (a cell without structure has fewer). The same bits on any number of threads. Throws Interrupted on a stop request,
/// Error{data} if the history of a block is not in the stimulus, Error{numeric} if a likelihood is
/// not finite.
Revealed reveal_cell(const CellFit& fit, const Recording& recording, const Split& split,
                     const RevealSettings& settings = {}, std::uint64_t seed = 0, const Context& context = {});

}  // namespace plexiform
