#include "plexiform/jobs/reveal_run.hpp"

#include <algorithm>
#include <mutex>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/compare/reveal_beside_truth.hpp"
#include "plexiform/jobs/kept_cell.hpp"
#include "plexiform/jobs/model_file.hpp"
#include "plexiform/jobs/network_run.hpp"
#include "plexiform/model/torch_threads.hpp"
#include "plexiform/run/cell_done.hpp"
#include "plexiform/run/layout.hpp"
#include "plexiform/run/lock.hpp"
#include "plexiform/run/reveal_file.hpp"
#include "plexiform/run/subunits_json.hpp"
#include "plexiform/run/versions.hpp"

namespace plexiform {
namespace {

/// From what an interrupted reveal kept, or anew. A cell that cannot be kept ends everything, unlike one that cannot be
/// revealed.
RevealedFit reveal_one(const std::filesystem::path& run, const RunInfo& info, std::int64_t number,
                       const Recording& recording, const Split& split, const RevealFitSettings& settings,
                       std::uint64_t seed, const Context& context) {
  const auto folder = cell_folder(run, number);
  CellFit fit;
  std::string key;
  try {
    fit = read_run_model(run, info, number);
    key = reveal_key(folder, settings, derived_seed(seed, static_cast<std::uint64_t>(number)));
    if (auto kept = kept_revealed(folder, key)) return *std::move(kept);
  } catch (const Error& error) {
    return nothing_revealed(recording, number, noted(error));
  }
  RevealedFit revealed = reveal_beside_truth(fit, recording, split, settings, seed, context);
  if (revealed.subunits.error.empty()) keep_revealed(folder, revealed, key);
  return revealed;
}

/// Whether subunits.json has verdicts on the models that the run has now; of others they are not worth keeping. Throws
/// as read_subunits where that cannot be told.
bool has_verdicts(const std::filesystem::path& run, const RunInfo& info) {
  const auto cells = read_subunits(run, {}).cells;
  if (std::ranges::none_of(cells, [](const CellSubunits& cell) { return cell.structure || cell.residual; }))
    return false;
  try {
    read_subunits(run, home_of(run, info));
  } catch (const Error&) {
    return false;
  }
  return true;
}

/// A quick reveal gives neither verdict nor confidence. Throws Error{usage} where it would replace a result that has
/// them, or what an interrupted reveal of other options has kept; as read_subunits where that cannot be told.
void require_nothing_fuller(const std::filesystem::path& run, const RunInfo& info, const RevealFitSettings& settings,
                            std::uint64_t seed) {
  for (const auto cell : info.cells) {
    const auto folder = cell_folder(run, cell);
    if (!path_exists(layout::kept_cell(folder))) continue;
    if (!kept_revealed(folder, reveal_key(folder, settings, derived_seed(seed, static_cast<std::uint64_t>(cell)))))
      throw Error(ErrorKind::usage, "holds what an interrupted reveal with other options has finished",
                  "reveal with the same options to continue it, or remove the folder first")
          .in_file(layout::kept(folder));
  }
  if (!path_exists(layout::subunits(run)) || !has_verdicts(run, info)) return;
  throw Error(ErrorKind::usage, "has verdicts and confidences, which a quick reveal would replace by none",
              "remove the file first if they are not wanted any more")
      .in_file(layout::subunits(run));
}

/// What made the subunits of a run, for people.
std::string made_by(const RunInfo& info, std::uint64_t seed) {
  return "fit: seed " + std::to_string(info.seed) + ", " + std::to_string(info.threads) + " threads, preset " +
         info.settings.preset + ", recording " + info.recording.string() + " (checksum " + info.checksum +
         "); reveal: seed " + std::to_string(seed);
}

}  // namespace

std::vector<RevealedFit> reveal_run(const std::filesystem::path& run, const RunInfo& info, const Recording& recording,
                                    const RevealFitSettings& settings, std::uint64_t seed, const Context& context) {
  const OneTorchThread one_thread;
  const FolderLock lock(run);
  require_whole(run, info);
  const Origin origin = origin_of(run, info);
  const Split split = run_split(info, recording);
  const auto count = static_cast<std::int64_t>(info.cells.size());
  const auto threads = threads_of(context);
  const auto side_by_side = static_cast<int>(std::min<std::int64_t>(threads, count));
  std::vector<RevealedFit> revealed(info.cells.size());
  RevealFitSettings own = settings;
  own.train = info.settings.train;
  if (settings.reveal.quick) require_nothing_fuller(run, info, own, seed);
  std::mutex telling;
  double done = 0;
  parallel_each(count, side_by_side, [&](std::int64_t item) {
    const auto i = static_cast<std::size_t>(item);
    revealed[i] = reveal_one(run, info, info.cells[i], recording, split, own, seed,
                             part_of(context, threads / side_by_side, side_by_side));
    const std::lock_guard lock(telling);
    tell(context, {"cell " + std::to_string(info.cells[i]), ++done, static_cast<double>(count), "cells", ""});
  });
  write_revealed(run, info, recording, seed, revealed, origin);
  for (const auto cell : info.cells) forget_revealed(cell_folder(run, cell));
  return revealed;
}

void write_revealed(const std::filesystem::path& run, const RunInfo& info, const Recording& recording,
                    std::uint64_t seed, std::span<const RevealedFit> revealed, const Origin& origin) {
  std::vector<CellFit> minimal;
  for (const auto& cell : revealed)
    if (cell.minimal) minimal.push_back(*cell.minimal);
  const auto cells = subunits_of(revealed);
  remove_tree(layout::subunits(run));
  save_minimal_run(run, info, minimal, origin.models);
  write_reveal(run, cells, origin);
  write_subunits(run, {info.recording.filename().string(), made_by(info, seed), bins_per_second(recording), cells},
                 origin);
}

std::vector<CellSubunits> subunits_of(std::span<const RevealedFit> revealed) {
  std::vector<CellSubunits> cells;
  for (const auto& cell : revealed) cells.push_back(cell.subunits);
  return cells;
}

}  // namespace plexiform
