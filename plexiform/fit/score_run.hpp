#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "plexiform/base/ndarray.hpp"
#include "plexiform/fit/score_cell.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/settings/run.hpp"

namespace plexiform {

struct RunScore {
  std::string scored_on;  ///< "test block", "whole recording", or "fresh frames" (see below)
  std::vector<CellScore> cells;
};

/// Scores a run on the test block of its own recording. A run without a test block (`--test none`) on a model cell is
/// scored on kFreshFrames frames after the recording's end, with counts drawn from the true rate; without either,
/// Error{data}. The correlation to the true rate is always on fresh frames where the stimulus goes on.
RunScore score_run(const std::filesystem::path& run, const RunInfo& info, const Recording& recording);

/// Scores a run on all frames with known history of another recording of the same cells, told by name (by row where
/// the run knows no names), on the same grid.
RunScore score_elsewhere(const std::filesystem::path& run, const RunInfo& info, const Recording& recording);

/// Predicted rates, spikes per frame: [cell, bin], NaN where the history is unknown. Cells in the run's order; cells
/// that failed are NaN throughout.
NdArray<float> predict_run(const std::filesystem::path& run, const RunInfo& info, const Recording& recording);

}  // namespace plexiform
