#pragma once
#include <cstdint>
#include <span>

#include "plexiform/base/context.hpp"
#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/recording/split.hpp"
#include "plexiform/result/transfer.hpp"
#include "plexiform/transfer/hooks.hpp"
#include "plexiform/transfer/thresholds.hpp"

namespace plexiform {

struct CellTransferSettings {
  /// Share of the other cell's training blocks, spread over them, that scale and offset of the output are fitted to
  /// (refit_output.hpp); 0: the output stays as it is.
  double refit = thresholds::transfer::kRefitShare;
};

/// Tests each cell's network on all others, on the test block of `split`, which none was fitted to. A window is moved
/// by whole pixels, to where the other cell's own is; at the border of the grid windows are moved inwards, so that
/// receptive fields may not quite meet there. p: Student's t of the differences of log-likelihood over blocks of 300
/// frames. `CellFit::cell` is the row in the recording; the result's `left_out` is empty. Depends on the arguments and
/// the seed (of the intervals) only, not on threads.
/// Throws Error{usage} if the share makes no sense; Error{data} without a test block, with fewer than two fits, if a
/// cell or its window is not in the recording, networks look back differently, or the refit has no frame; Interrupted
/// on a stop request.
CellTransfer transfer_between_cells(std::span<const CellFit> fits, const Recording& recording, const Split& split,
                                    const CellTransferSettings& settings, std::uint64_t seed, const Context& context,
                                    const TransferHooks& hooks = {});

}  // namespace plexiform
