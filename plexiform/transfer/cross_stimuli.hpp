#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/base/ndarray.hpp"
#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/result/transfer.hpp"
#include "plexiform/score/cell_score.hpp"
#include "plexiform/transfer/fitted_models.hpp"
#include "plexiform/transfer/hooks.hpp"
#include "plexiform/transfer/shared_cells.hpp"

namespace plexiform {

// The steps of transfer_between_stimuli. What they return refers to the recordings that they were given.

/// A recording on which nothing was fitted.
struct OtherRecording {
  std::string name;
  Recording recording;
};

/// Something that models are tested on.
struct TransferTarget {
  std::string name = {};
  const Recording* recording = nullptr;
  std::optional<std::size_t> run = {};  ///< models that were fitted to it
  std::string scored_on = {};           ///< see StimulusTransfer
  std::vector<Range> bins = {};         ///< that are scored; none: fresh frames
  bool flashed = false;                 ///< images that models of movies see as steps (still_images.hpp)
};

/// The recordings of `runs`, on the frames that their own models are scored on, then the others. Throws Error{usage}
/// with fewer than two recordings; Error{data} if runs look back differently, or one has neither a test block nor a
/// truth to draw fresh frames from.
std::vector<TransferTarget> targets_of(std::span<const FittedModels> runs, std::span<const OtherRecording> others);

/// A target as models of another recording's geometry see it, where that is not as it is. Throws Error{data} if
/// geometries differ and `rescale` is not asked for, or it cannot be done.
std::optional<Recording> seen_by(const FittedModels& run, const TransferTarget& target, bool rescale);

/// A cell of `run` on a target, of which it sees `seen`, if there is one. `fit.cell` is the row in the target.
CellScore score_on(const FittedModels& run, const TransferTarget& target, const std::optional<Recording>& seen,
                   const CellFit& fit, const Context& context);

/// By how much the recording's own model is ahead, where both are scored on the same counts: sets own_ahead and its
/// interval.
void set_own_ahead(CrossScore& cross, const CellScore& score, const CellScore& own, std::uint64_t seed);

/// All that a transfer between stimuli is computed from.
struct StimulusCrossing {
  std::span<const FittedModels> runs = {};
  std::vector<TransferTarget> targets = {};
  std::vector<std::vector<std::optional<Recording>>> seen = {};  ///< [run][target], see seen_by
  std::vector<SharedCell> cells = {};                            ///< row: [target]
  std::vector<std::string> left_out = {};                        ///< cells that are not in all recordings
};

/// The networks of a shared cell, [run]; CellFit::cell is the row in the run's own recording.
std::vector<CellFit> fits_of(const StimulusCrossing& crossing, const SharedCell& cell);

/// Scores of all runs' models of a cell on one target, [run]. What fails leaves its error in its place.
std::vector<CrossScore> score_target(const StimulusCrossing& crossing, const SharedCell& cell,
                                     std::span<const CellFit> fits, std::size_t target, const Context& context);

/// What a cell came to: means over runs on their own recordings, and on the others.
TransferFigures figures_of(const TransferredCell& cell, std::span<const TransferTarget> targets);

}  // namespace plexiform
