#pragma once
#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/settings/run.hpp"
#include "plexiform/transfer/stimulus_transfer.hpp"

namespace plexiform {

/// Throws Error{data} where the test block is a part in the middle: fine-tuning takes its data from before it.
void require_tunable(const RunInfo& info);

/// The curve of a network (of another stimulus) that learns from more and more of a cell's data, beside one that begins
/// from nothing, in the cell's own window, as its run did but on shorter blocks where there are few frames. `fit.cell`
/// is the row in `recording`, `own_window` and `info` are of the run that was fitted to it: settings, test block and
/// seed. A share that is too small to be split is a point with an error. Interrupted on a stop request.
TuneCurve fine_tune(const CellFit& fit, const CellWindow& own_window, const RunInfo& info, const Recording& recording,
                    std::span<const double> shares, const std::stop_token& stop);

}  // namespace plexiform
