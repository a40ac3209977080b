#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/form/model_settings.hpp"
#include "plexiform/formats/recording_file.hpp"
#include "plexiform/progress/piece.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/recording/split.hpp"
#include "plexiform/run/run.hpp"

namespace plexiform {

struct FitRequest {
  std::filesystem::path recording;
  std::filesystem::path run;
  Settings settings;
  std::vector<std::int64_t> cells;  ///< rows of the recording; empty: all
  TestBlock test;
  std::uint64_t seed = 0;
};

/// What became of one cell.
struct CellOutcome {
  std::int64_t cell = 0;
  std::string error;   ///< empty where it was fitted
  double seconds = 0;  ///< with those before an interruption; 0 where it was there already
};

/// Fits cells of a recording into a new run directory, and logs it in RUN/metrics.jsonl; `piece` is told of each cell.
/// A cell that fails is reported with its error and the others continue. Throws Error{usage} if the directory exists,
/// Interrupted on a stop request.
std::vector<CellOutcome> fit_recording(const FitRequest& request, const Context& context, const PieceSink& piece = {});

/// The run that a request asks for, of its recording as it was read; nothing is written. Throws Error{usage} or
/// Error{data} if it cannot be fitted.
RunInfo new_run(const FitRequest& request, const SummedRecording& read, const Context& context);

/// Is given each cell that was fitted, as soon as it is, one at a time.
using FitSink = std::function<void(const CellFit&)>;

/// fit_recording() with the recording in hand: makes the run directory and fits into it.
std::vector<CellOutcome> fit_new_run(const RunInfo& info, const std::filesystem::path& run, const Recording& recording,
                                     const Context& context, const PieceSink& piece = {}, const FitSink& fitted = {});

/// Continues an interrupted run from its last checkpoints, to the same bits as without the interruption; on the run's
/// own number of threads where `context` has none. Cells that have ended are read again first: throws Error{missing} or
/// Error{damaged} where one of their files is gone or not what the fit left. Cells that failed, or whose folder was
/// removed, keep their error, or are fitted again.
std::vector<CellOutcome> resume_run(const std::filesystem::path& run,
                                    const std::optional<std::filesystem::path>& recording, const Context& context,
                                    const PieceSink& piece = {});

}  // namespace plexiform
