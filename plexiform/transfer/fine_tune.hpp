#pragma once
#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/fit/run.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/transfer/stimulus_transfer.hpp"

namespace plexiform {

/// The curve of a network (of another stimulus) that learns from more and more of a cell's data, beside one that begins
/// from nothing. `fit.cell` is the row in `recording`, `info` the run that was fitted to it: its settings, test block
/// and seed. A share that is too small to be split is a point with an error. Interrupted on a stop request.
TuneCurve fine_tune(const CellFit& fit, const RunInfo& info, const Recording& recording, std::span<const double> shares,
                    const std::stop_token& stop);

}  // namespace plexiform
