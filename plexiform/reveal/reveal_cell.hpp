#pragma once
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/recording/split.hpp"
#include "plexiform/reveal/certainty.hpp"
#include "plexiform/reveal/minimal.hpp"
#include "plexiform/reveal/structure.hpp"
#include "plexiform/reveal/subunits.hpp"

namespace plexiform {

/// How the minimal network is found: subunits left out by held-out likelihood (minimal.hpp), or, for comparison, the
/// fitted network's filters by their spatial autocorrelation (prune_filters.hpp), which stands beside the subunits.
enum class Pruning { likelihood, autocorrelation };

struct RevealOptions {
  bool quick = false;  ///< no null and no resamples: no verdict, no confidence
  Pruning pruning = Pruning::likelihood;
  StructureSettings structure;
  CertaintySettings certainty;
  TrainSettings train;  ///< of the fitted run
  std::uint64_t seed = 0;
  int threads = 1;
};

/// Fewer spikes than this in training and validation blocks say nothing about what lies inside a receptive field in a
/// window of so many pixels: model cells of five subunits are not told from linear ones below it (docs/method.md).
double least_spikes(std::int64_t pixels);

/// All that is revealed about one cell from its fitted network: whether it has subunits, which, and how sure that is.
/// Sees training and validation blocks only. Interrupted on a stop request.
CellSubunits reveal_cell(const CellFit& fit, const Recording& recording, const Split& split,
                         const RevealOptions& options, const std::stop_token& stop = {});

}  // namespace plexiform
