#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "plexiform/base/ndarray.hpp"
#include "plexiform/evaluate/score_cell.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/recording/same_cells.hpp"
#include "plexiform/run/run.hpp"
#include "plexiform/score/cell_score.hpp"

namespace plexiform {

/// Scores a run on the test block of its own recording. A run without a test block on a model cell is scored on
/// kFreshFrames frames after the recording's end, with counts drawn from the true rate; without either, Error{data}.
/// The correlation to the true rate is always on fresh frames where the stimulus goes on.
RunScore score_run(const std::filesystem::path& run, const RunInfo& info, const Recording& recording,
                   const Context& context);

/// Scores a run on all frames with known history of another recording of the same cells, on the same grid. Throws
/// Error{data} if cells are to be matched by names that they do not have (recording/same_cells.hpp), or if both
/// recordings have the truth of model cells and it is another: for that the run's own recording is opened where it
/// still is, or at `moved_to`.
RunScore score_elsewhere(const std::filesystem::path& run, const RunInfo& info, const Recording& recording,
                         CellMatch match, const Context& context,
                         const std::optional<std::filesystem::path>& moved_to = std::nullopt);

/// Predicted rates, spikes per frame: [cell, bin], NaN where the history is unknown. Cells in the run's order; cells
/// that failed are NaN throughout.
NdArray<float> predict_run(const std::filesystem::path& run, const RunInfo& info, const Recording& recording,
                           const Context& context);

}  // namespace plexiform
