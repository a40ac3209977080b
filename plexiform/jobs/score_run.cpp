#include "plexiform/jobs/score_run.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/jobs/model_file.hpp"
#include "plexiform/model/torch_threads.hpp"
#include "plexiform/run/cell_done.hpp"
#include "plexiform/run/layout.hpp"

namespace plexiform {
namespace {

constexpr std::int64_t kLongestChunk = 5000;

/// Calls make_target with the row of each cell, row_of, and what it may use, and scores it; what fails is noted in the
/// cell's place.
template <class RowOf, class MakeTarget>
std::vector<CellScore> score_cells(const std::filesystem::path& run, const RunInfo& info, const Recording& recording,
                                   const RowOf& row_of, const MakeTarget& make_target, const Context& context) {
  const OneTorchThread one_thread;
  require_whole(run, info);
  std::vector<CellScore> scores(info.cells.size());
  const auto count = static_cast<std::int64_t>(scores.size());
  const auto side_by_side = static_cast<int>(std::clamp<std::int64_t>(count, 1, threads_of(context)));
  const Context part = part_of(context, threads_of(context) / side_by_side, side_by_side);
  parallel_for(count, side_by_side, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      CellScore& score = scores[i];
      score.cell = info.cells[i];
      try {
        check_stop(context);
        const std::int64_t row = row_of(score.cell);
        CellFit fit = read_run_model(run, info, score.cell);
        fit.cell = row;
        require_grid(fit, recording);
        score = score_cell(fit, recording, make_target(fit.cell, part), info.seed, part);
        score.cell = info.cells[i];
      } catch (const Error& error) {
        score.error = noted(error);
      }
    }
  });
  return scores;
}

std::int64_t same_row(std::int64_t cell) {
  return cell;
}

/// The row of each of a run's cells in another recording, [cell of the run]; none if it is not there.
std::vector<std::optional<std::int64_t>> rows_in(const Recording& recording, const std::filesystem::path& run,
                                                 const RunInfo& info, CellMatch match) {
  CellNames own{run.string(), info.cells, {}};
  for (const auto cell : info.cells) {
    const auto name = info.names.find(cell);
    own.names.push_back(name == info.names.end() ? std::string() : name->second);
  }
  return same_cells(own, names_of("the other recording", recording), match);
}

void require_same_truths(const RunInfo& info, const std::vector<std::optional<std::int64_t>>& rows,
                         const Recording& other, const Recording& own) {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i])
      require_same_truth(shown_name(own, info.cells[i]), "the run's recording", own, info.cells[i],
                         "the other recording", other, *rows[i]);
}

[[noreturn]] void refuse_absent(const RunInfo& info, const Recording& recording, std::int64_t cell) {
  const auto name = info.names.find(cell);
  throw Error(ErrorKind::data,
              "'" + shown_name(name == info.names.end() ? "" : name->second, cell) +
                  "' is not in the recording, whose first cell is '" + shown_name(recording, 0) + "'",
              "cells are matched by the names that they were imported with");
}

}  // namespace

RunScore score_run(const std::filesystem::path& run, const RunInfo& info, const Recording& recording,
                   const Context& context) {
  const Split split = run_split(info, recording);
  if (!split.test().empty())
    return {"test block",
            score_cells(
                run, info, recording, same_row,
                [&](std::int64_t cell, const Context&) { return frames_of(recording, cell, split.test()); }, context)};
  if (!continues_beyond(recording))
    throw Error(ErrorKind::data, "the run has no test block, and its recording has no truth to draw fresh frames from",
                "name another recording of the same cells");
  return {"fresh frames",
          score_cells(
              run, info, recording, same_row,
              [&](std::int64_t cell, const Context& part) { return fresh_frames(recording, cell, part); }, context)};
}

RunScore score_elsewhere(const std::filesystem::path& run, const RunInfo& info, const Recording& recording,
                         CellMatch match, const Context& context,
                         const std::optional<std::filesystem::path>& moved_to) {
  const auto bins = bins_with_history(recording, info.settings.model.lags);
  if (bins.empty())
    throw Error(ErrorKind::data, "no frame of the recording has a known history of " +
                                     std::to_string(info.settings.model.lags) + " frames");
  const auto rows = rows_in(recording, run, info, match);
  if (!recording.truth.empty() && path_exists(moved_to.value_or(info.recording)))
    require_same_truths(info, rows, recording, open_run_recording(info, moved_to, context));
  const auto row_of = [&](std::int64_t cell) {
    const auto at = static_cast<std::size_t>(std::ranges::find(info.cells, cell) - info.cells.begin());
    if (!rows[at]) refuse_absent(info, recording, cell);
    return *rows[at];
  };
  return {"whole recording",
          score_cells(
              run, info, recording, row_of,
              [&](std::int64_t row, const Context&) { return frames_of(recording, row, bins); }, context)};
}

NdArray<float> predict_run(const std::filesystem::path& run, const RunInfo& info, const Recording& recording,
                           const Context& context) {
  const auto bins = bins_with_history(recording, info.settings.model.lags);
  const auto chunks = make_chunks(recording, bins, kLongestChunk);
  require_whole(run, info);
  NdArray<float> all({static_cast<std::int64_t>(info.cells.size()), recording.bins()},
                     std::numeric_limits<float>::quiet_NaN());
  for (std::size_t i = 0; i < info.cells.size(); ++i) {
    const auto folder = cell_folder(run, info.cells[i]);
    if (cell_error(folder) || !(is_done(folder) || path_exists(layout::model_in(folder)))) continue;
    const CellFit fit = read_run_model(run, info, info.cells[i]);
    require_grid(fit, recording);
    const auto rate = predicted_rates(fit, recording, chunks, context);
    const auto row = all.row(static_cast<std::int64_t>(i));
    std::size_t next = 0;
    for (const auto& chunk : chunks)
      for (std::int64_t t = 0; t < chunk.length; ++t)
        row[static_cast<std::size_t>(chunk.first_bin + t)] = static_cast<float>(rate[next++]);
  }
  return all;
}

}  // namespace plexiform
