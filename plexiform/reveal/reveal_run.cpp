#include "plexiform/reveal/reveal_run.hpp"

#include <ATen/Parallel.h>

#include <chrono>
#include <mutex>
#include <nlohmann/json.hpp>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/reveal/kept_cell.hpp"
#include "plexiform/reveal/subunits_json.hpp"

namespace plexiform {
namespace {

/// All that decides what reveal_cell gives.
std::string key_of(const std::filesystem::path& folder, const RevealOptions& options) {
  constexpr int kVersion = 1;  // of the method: what an older one kept is not mixed with what a newer one finds
  const StructureSettings& structure = options.structure;
  const CertaintySettings& certainty = options.certainty;
  return nlohmann::json({kVersion, checksum(folder / "model.pt"), checksum(folder.parent_path() / "config.toml"),
                         is_done(folder), options.seed, options.quick, options.pruning, structure.alpha,
                         structure.draws, structure.clear_nats, structure.clear_p, structure.alike, certainty.resamples,
                         certainty.share, certainty.most_spikes})
      .dump();
}

/// From what an interrupted reveal kept, or anew. What cannot be kept ends everything, unlike what cannot be revealed.
CellSubunits reveal_one(const std::filesystem::path& run, std::int64_t number, const Recording& recording,
                        const Split& split, const RevealOptions& options, const std::stop_token& stop) {
  const auto begun = std::chrono::steady_clock::now();
  const auto folder = cell_folder(run, number);
  CellSubunits cell;
  std::string key;
  try {
    if (const auto error = cell_error(folder)) throw Error(ErrorKind::data, *error);
    const CellFit fit = load_cell_fit(folder, number);
    key = key_of(folder, options);
    if (auto kept = kept_revealed(folder, key)) return *std::move(kept);
    cell = reveal_cell(fit, recording, split, options, stop);
  } catch (const Error& error) {
    cell.error = error.what();
  } catch (const c10::Error& error) {
    cell.error = std::string("the numbers of this cell cannot be worked with: ") + error.what_without_backtrace();
  }
  cell.cell = number;
  cell.name = recording.names[static_cast<std::size_t>(number)];
  cell.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  if (cell.error.empty()) keep_revealed(folder, cell, key);
  return cell;
}

void write_json(const std::filesystem::path& run, const RunInfo& info, const Recording& recording,
                const RevealOptions& options, const std::vector<CellSubunits>& cells) {
  const nlohmann::json file = {
      {"recording", info.recording.filename().string()},
      {"made_by", "plexiform fit, seed " + std::to_string(info.seed) + ", " + std::to_string(info.threads) +
                      " threads, preset " + info.settings.preset + ", recording " + info.recording.string() +
                      " (checksum " + info.checksum + "); plexiform reveal, seed " + std::to_string(options.seed)},
      {"frame_rate", recording.frame_rate},
      {"cells", cells_json(cells)}};
  write_text_atomically(run / "subunits.json", file.dump(1) + "\n");
}

}  // namespace

std::vector<CellSubunits> reveal_run(const std::filesystem::path& run, const RunInfo& info, const Recording& recording,
                                     const RevealOptions& options, const RevealHooks& hooks) {
  at::set_num_threads(1);  // the threads are our own
  const Split split = run_split(info, recording);
  const auto count = static_cast<std::int64_t>(info.cells.size());
  const auto threads = options.threads > 0 ? options.threads : default_threads();
  const auto side_by_side = static_cast<int>(std::min<std::int64_t>(threads, count));
  std::vector<CellSubunits> cells(info.cells.size());
  std::mutex telling;
  double done = 0;
  parallel_each(count, side_by_side, [&](std::int64_t item) {
    at::set_num_threads(1);
    const auto i = static_cast<std::size_t>(item);
    RevealOptions own = options;
    own.train = info.settings.train;
    own.threads = threads / side_by_side;
    own.seed = derived_seed(options.seed, static_cast<std::uint64_t>(info.cells[i]));
    cells[i] = reveal_one(run, info.cells[i], recording, split, own, hooks.stop);
    const std::lock_guard lock(telling);
    if (hooks.progress)
      hooks.progress({"cell " + std::to_string(info.cells[i]), ++done, static_cast<double>(count), "cells", ""});
  });
  std::vector<CellFit> minimal;
  for (const auto& cell : cells)
    if (cell.minimal) minimal.push_back(*cell.minimal);
  save_minimal_run(run, info, minimal);
  write_reveal(run / "reveal.h5", cells);
  write_json(run, info, recording, options, cells);
  for (const auto cell : info.cells) forget_revealed(cell_folder(run, cell));
  return cells;
}

std::string to_json(const std::vector<CellSubunits>& cells) {
  return nlohmann::json({{"cells", cells_json(cells)}}).dump();
}

}  // namespace plexiform
