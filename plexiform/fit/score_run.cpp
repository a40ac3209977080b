#include "plexiform/fit/score_run.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <limits>

#include "plexiform/base/error.hpp"
#include "plexiform/base/parallel.hpp"

namespace plexiform {
namespace {

constexpr std::int64_t kLongestChunk = 5000;

/// Calls make_target with the row of each cell, row_of, and scores it; what fails is noted in the cell's place.
template <class RowOf, class MakeTarget>
std::vector<CellScore> score_cells(const std::filesystem::path& run, const RunInfo& info, const Recording& recording,
                                   const RowOf& row_of, const MakeTarget& make_target) {
  at::set_num_threads(1);  // cells are scored side by side
  std::vector<CellScore> scores(info.cells.size());
  parallel_for(static_cast<std::int64_t>(scores.size()), info.threads, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      const auto folder = cell_folder(run, info.cells[i]);
      CellScore& score = scores[i];
      score.cell = info.cells[i];
      try {
        if (const auto error = cell_error(folder)) throw Error(ErrorKind::data, *error);
        CellFit fit = load_cell_fit(folder, score.cell);
        fit.cell = row_of(score.cell);
        require_grid(fit, recording);
        score = score_cell(fit, recording, make_target(fit.cell), info.seed);
        score.cell = info.cells[i];
      } catch (const Error& error) {
        score.error = error.what();
      }
    }
  });
  return scores;
}

std::int64_t same_row(std::int64_t cell) {
  return cell;
}

/// The row of a run's cell in another recording, by name.
std::int64_t row_by_name(const RunInfo& info, const Recording& recording, std::int64_t cell) {
  const auto name = info.names.find(cell);
  if (name == info.names.end()) return cell;
  const auto found = std::ranges::find(recording.names, name->second);
  if (found != recording.names.end()) return found - recording.names.begin();
  throw Error(ErrorKind::data,
              "'" + name->second + "' is not in the recording, whose first cell is '" + recording.names.front() + "'",
              "cells are matched by name: import ... --names");
}

}  // namespace

RunScore score_run(const std::filesystem::path& run, const RunInfo& info, const Recording& recording) {
  const Split split = run_split(info, recording);
  if (!split.test().empty())
    return {"test block", score_cells(run, info, recording, same_row,
                                      [&](std::int64_t cell) { return frames_of(recording, cell, split.test()); })};
  if (!goes_on(recording))
    throw Error(ErrorKind::data, "the run has no test block, and its recording has no truth to draw fresh frames from",
                "name another recording of the same cells: score RUN other.h5");
  return {"fresh frames", score_cells(run, info, recording, same_row,
                                      [&](std::int64_t cell) { return fresh_frames(recording, cell); })};
}

RunScore score_elsewhere(const std::filesystem::path& run, const RunInfo& info, const Recording& recording) {
  const auto bins = bins_with_history(recording, info.settings.model.lags);
  if (bins.empty())
    throw Error(ErrorKind::data, "no frame of the recording has a known history of " +
                                     std::to_string(info.settings.model.lags) + " frames");
  return {"whole recording",
          score_cells(
              run, info, recording, [&](std::int64_t cell) { return row_by_name(info, recording, cell); },
              [&](std::int64_t row) { return frames_of(recording, row, bins); })};
}

NdArray<float> predict_run(const std::filesystem::path& run, const RunInfo& info, const Recording& recording) {
  at::set_num_threads(1);
  const auto bins = bins_with_history(recording, info.settings.model.lags);
  const auto chunks = make_chunks(recording, bins, kLongestChunk);
  NdArray<float> all({static_cast<std::int64_t>(info.cells.size()), recording.bins()},
                     std::numeric_limits<float>::quiet_NaN());
  for (std::size_t i = 0; i < info.cells.size(); ++i) {
    const auto folder = cell_folder(run, info.cells[i]);
    if (cell_error(folder) || !std::filesystem::exists(folder / "model.pt")) continue;
    const CellFit fit = load_cell_fit(folder, info.cells[i]);
    require_grid(fit, recording);
    const auto rate = predicted_rates(fit.network, recording, fit.window.window, chunks, info.threads);
    const auto row = all.row(static_cast<std::int64_t>(i));
    std::size_t next = 0;
    for (const auto& chunk : chunks)
      for (std::int64_t t = 0; t < chunk.length; ++t)
        row[static_cast<std::size_t>(chunk.first_bin + t)] = static_cast<float>(rate[next++]);
  }
  return all;
}

}  // namespace plexiform
