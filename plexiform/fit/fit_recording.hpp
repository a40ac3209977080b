#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "plexiform/base/progress.hpp"
#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/progress/piece.hpp"
#include "plexiform/settings/run.hpp"

namespace plexiform {

struct FitRequest {
  std::filesystem::path recording;
  std::filesystem::path run;
  Settings settings;
  std::string cells = "all";
  TestBlock test;
  std::uint64_t seed = 0;
  int threads = 0;  ///< 0: what the machine offers
};

/// What became of one cell.
struct CellOutcome {
  std::int64_t cell = 0;
  std::string error;   ///< empty where it was fitted
  double seconds = 0;  ///< with those before an interruption; 0 where it was there already
};

struct FitHooks {
  ProgressSink progress;
  PieceSink piece;  ///< each cell
  std::stop_token stop;
};

/// Fits cells of a recording into a new run directory, and logs it in RUN/metrics.jsonl. A cell that fails is reported
/// with its error and the others go on. Throws Error{usage} where the directory exists, Interrupted on a stop request.
std::vector<CellOutcome> fit_recording(const FitRequest& request, const FitHooks& hooks);

/// Goes on with an interrupted run, from its last checkpoints, to the same bits as without the interruption.
std::vector<CellOutcome> resume_run(const std::filesystem::path& run,
                                    const std::optional<std::filesystem::path>& recording, const FitHooks& hooks);

/// The cells of a run, for a work on them.
std::vector<Piece> cell_pieces(const RunInfo& info, const Recording& recording);

}  // namespace plexiform
