#pragma once
#include <span>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/recording/same_cells.hpp"
#include "plexiform/result/transfer.hpp"
#include "plexiform/transfer/cross_stimuli.hpp"
#include "plexiform/transfer/fitted_models.hpp"
#include "plexiform/transfer/hooks.hpp"

namespace plexiform {

struct StimulusTransferSettings {
  CellMatch match = CellMatch::by_name;  ///< what tells that cells are the same
  bool rescale = false;                  ///< where geometries differ (recording/geometry.hpp), see below
  /// Shares of the target's training blocks that every network is fine-tuned on, on every other's recording
  /// (fine_tune.hpp, usual_tune_shares()); empty: not at all.
  std::vector<double> shares = {};
};

/// Tests the networks (and LN models) of every run on the recording of every other, on the frames that the other's own
/// models are scored on, and on recordings without models, flashed images among them (still_images.hpp; the rate at the
/// peak of the step is taken to last the whole window); cells are matched by the names that somebody
/// gave, or by row. Correlations to the true rate are
/// where score_cell has them. Fine-tuning: the target's training blocks are cut to a share (recording/cut.hpp) and the
/// network of the other run, its output tuned, continues from there (all), or only scale and offset of its output do
/// (refit_output.hpp), or a network begins from nothing as the target's own did. own_ahead is where both models see the
/// same bins. No recording may be given twice: test frames of one model would be training frames of the other. The
/// result does not depend on threads. Throws Error{data} if no cell is shared, cells that were matched differ, or grid,
/// pixel size or frame rate do; with `rescale` a model sees the other stimulus on its own grid and at its own rate.
/// Further as prepare_crossing; Interrupted on a stop request.
StimulusTransfer transfer_between_stimuli(std::span<const FittedModels> runs, std::span<const OtherRecording> others,
                                          const StimulusTransferSettings& settings, const Context& context,
                                          const TransferHooks& hooks = {});

/// The first half of it: which cells are crossed, on what. Refers to `runs` and `others`. Throws Error{usage} if a
/// share makes no sense, there is nothing to test on, or geometries differ and networks are to be fine-tuned.
StimulusCrossing prepare_crossing(std::span<const FittedModels> runs, std::span<const OtherRecording> others,
                                  const StimulusTransferSettings& settings);

/// The second half: a piece of the hooks is one of crossing.cells.
StimulusTransfer cross(const StimulusCrossing& crossing, const StimulusTransferSettings& settings,
                       const Context& context, const TransferHooks& hooks = {});

}  // namespace plexiform
