#include "plexiform/fit/fit_recording.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <mutex>
#include <set>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/fit/fitted_file.hpp"
#include "plexiform/fit/initial.hpp"
#include "plexiform/fit/objective.hpp"
#include "plexiform/model/archive.hpp"
#include "plexiform/progress/work.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;

/// Bytes of tiles of cells that share one pass over the stimulus; beyond TileStore's share of memory they are on disk.
constexpr std::int64_t kGroupBytes = std::int64_t{4} << 30;
/// What the order of batches is drawn for, under a cell's seed.
constexpr std::uint64_t kOrderPurpose = 1'000'000;

std::vector<Range> fitting_bins(const Split& split) {
  std::vector<Range> bins = split.train();
  bins.insert(bins.end(), split.validation().begin(), split.validation().end());
  std::sort(bins.begin(), bins.end(), [](const Range& a, const Range& b) { return a.begin < b.begin; });
  return bins;
}

/// Bits per spike on the validation blocks.
std::vector<Figure> figures_of(std::span<const Training> networks, std::span<const Training> ln, const Dataset& data) {
  const auto bits = [&](std::span<const Training> fits) {
    return validation_bits(data, fits[best_of(fits, data)].state.best_loss);
  };
  return {{kValidationBits, bits(networks)}, {kLnValidationBits, bits(ln)}};
}

/// Fits one cell, or goes on from its model file where there is one. Returns how well it went.
std::vector<Figure> fit_one(const RunInfo& info, std::int64_t cell, const CellWindow& window, const Dataset& data,
                            const fs::path& folder, int threads, const TrainHooks& hooks) {
  const FirstLook look = first_look(data, window.source == WindowSource::variance);
  const std::uint64_t seed = info.seed * 1'000'003 + static_cast<std::uint64_t>(cell);
  CellTrainings all = cell_trainings(data, look, info.settings, seed);
  if (fs::exists(folder / "model.pt")) load_trainings(folder, all.fits);
  TrainHooks saving = hooks;
  saving.checkpoint = [&](std::span<const Training> fits) {
    save_cell_fit(folder, window, fits.first(all.starts), fits.subspan(all.starts), data);
  };
  train(all.fits, data, derived_seed(seed, kOrderPurpose), threads, saving);
  write_fitted(folder, look, load_cell_fit(folder, cell), data);
  mark_done(folder);
  const std::span<const Training> fits = all.fits;
  return figures_of(fits.first(all.starts), fits.subspan(all.starts), data);
}

/// Cells whose tiles are made together.
std::vector<std::vector<std::int64_t>> groups_of(const std::vector<std::int64_t>& cells, std::int64_t bytes_each) {
  const auto size =
      static_cast<std::size_t>(std::max<std::int64_t>(1, kGroupBytes / std::max<std::int64_t>(1, bytes_each)));
  std::vector<std::vector<std::int64_t>> groups;
  for (std::size_t i = 0; i < cells.size(); i += size)
    groups.emplace_back(cells.begin() + static_cast<std::ptrdiff_t>(i),
                        cells.begin() + static_cast<std::ptrdiff_t>(std::min(cells.size(), i + size)));
  return groups;
}

class RunFitter {
 public:
  RunFitter(const RunInfo& info, const fs::path& run, const Recording& recording, const FitHooks& hooks)
      : info_(info),
        run_(run),
        recording_(recording),
        stop_(hooks.stop),
        split_(run_split(info, recording)),
        work_("fit", "cell", cell_pieces(info, recording), {hooks.progress, hooks.piece, run / "metrics.jsonl"}) {}

  std::vector<CellOutcome> fit_all() {
    for (const auto cell : info_.cells) {
      const fs::path folder = cell_folder(run_, cell);
      const auto error = cell_error(folder);
      if (error || is_done(folder))
        keep(cell, error.value_or(""));
      else
        open_.insert(cell);
    }
    work_.run([this] {
      fit_open();
      mark_done(run_);
    });
    std::sort(outcomes_.begin(), outcomes_.end(), [](const auto& a, const auto& b) { return a.cell < b.cell; });
    return outcomes_;
  }

 private:
  void fit_open() {
    const auto frames = recording_.bins();
    const auto bytes_of_value = std::int64_t{sizeof(float)} * 3 / 2;  // with the history of each stretch
    const auto pixels =
        recording_.stimulus->shape().channels * info_.settings.model.window * info_.settings.model.window;
    // Groups of all cells, not of the open ones: receptive fields that are looked for together round alike, so that a
    // run that goes on finds the same.
    for (const auto& group : groups_of(info_.cells, frames * pixels * bytes_of_value))
      if (std::any_of(group.begin(), group.end(), [&](auto cell) { return open_.contains(cell); })) fit_group(group);
  }

  void fit_group(const std::vector<std::int64_t>& cells) {
    say("looking for receptive fields");
    const auto& model = info_.settings.model;
    const auto windows = find_windows(recording_, cells, fitting_bins(split_), model.window, model.lags);
    say("reading the stimulus");
    std::vector<Waiting> waiting;
    std::vector<Window> found;
    std::vector<std::int64_t> fitted;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (!open_.contains(cells[i])) continue;
      if (!windows[i].error.empty()) {
        fail(cells[i], windows[i].error);
        continue;
      }
      waiting.push_back({cells[i], windows[i].found, {}});
      fitted.push_back(cells[i]);
      found.push_back(windows[i].found.window);
    }
    auto datasets = make_datasets(recording_, fitted, found, split_, info_.settings, stop_);
    for (std::size_t i = 0; i < waiting.size(); ++i) waiting[i].data = std::move(datasets[i]);
    fit_waiting(waiting);
  }

  /// A cell that waits for a thread.
  struct Waiting {
    std::int64_t cell;
    CellWindow window;
    Dataset data;
  };

  /// Threads take whole cells; where there are fewer cells than threads, a cell gets several.
  void fit_waiting(std::vector<Waiting>& all) {
    if (all.empty()) return;
    const auto threads = std::min<std::int64_t>(info_.threads, static_cast<std::int64_t>(all.size()));
    parallel_each(static_cast<std::int64_t>(all.size()), static_cast<int>(threads), [&](std::int64_t i) {
      Waiting& waiting = all[static_cast<std::size_t>(i)];
      fit_cell(waiting, static_cast<int>(info_.threads / threads));
      waiting.data = {};  // its tiles are not needed any more
    });
  }

  void fit_cell(Waiting& waiting, int threads) {
    const auto cell = waiting.cell;
    const std::size_t piece = piece_of(cell);
    const fs::path folder = cell_folder(run_, cell);
    fs::create_directories(folder);
    work_.begin(piece);
    TrainHooks hooks;
    hooks.stop = stop_;
    hooks.passed = [&](double share, double loss) { work_.move(piece, share, validation_bits(waiting.data, loss)); };
    try {
      const auto figures = fit_one(info_, cell, waiting.window, waiting.data, folder, threads, hooks);
      finish(cell, {work_.seconds(piece), "", figures});
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::file || error.kind() == ErrorKind::usage) throw;
      fail(cell, error.advice().empty() ? error.what() : std::string(error.what()) + "; " + error.advice());
    }
  }

  void fail(std::int64_t cell, const std::string& error) {
    fs::create_directories(cell_folder(run_, cell));
    set_cell_error(cell_folder(run_, cell), error);
    finish(cell, {work_.seconds(piece_of(cell)), error});
  }

  void finish(std::int64_t cell, const PieceResult& result) {
    work_.end(piece_of(cell), result);
    const std::lock_guard lock(writing_);
    outcomes_.push_back({cell, result.error, result.error.empty() ? result.seconds : 0});
  }

  /// A cell that an earlier call has ended.
  void keep(std::int64_t cell, const std::string& error) {
    work_.keep(piece_of(cell), error);
    outcomes_.push_back({cell, error, 0});
  }

  void say(const std::string& what) {
    if (stop_.stop_requested()) throw Interrupted();
    work_.say(what);
  }

  std::size_t piece_of(std::int64_t cell) const {
    return static_cast<std::size_t>(std::ranges::find(info_.cells, cell) - info_.cells.begin());
  }

  const RunInfo& info_;
  const fs::path& run_;
  const Recording& recording_;
  const std::stop_token stop_;
  Split split_;
  Work work_;
  std::set<std::int64_t> open_;  ///< cells to be fitted
  std::mutex writing_;           ///< over outcomes_
  std::vector<CellOutcome> outcomes_;
};

std::vector<CellOutcome> fit_run(const RunInfo& info, const fs::path& run, const Recording& recording,
                                 const FitHooks& hooks) {
  Recording fast = recording;
  use_kept_replay(fast, true, hooks.progress, hooks.stop);
  at::set_num_threads(1);  // the threads of a fit are its own
  return RunFitter(info, run, fast, hooks).fit_all();
}

/// Where the recording's data are wrong before a cell was begun, there is nothing that --resume could go on with.
void discard_unbegun(const fs::path& run) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(run, ignored))
    if (entry.path().filename() != "config.toml") return;
  fs::remove(run / "config.toml", ignored);
  fs::remove(run, ignored);
}

}  // namespace

std::vector<Piece> cell_pieces(const RunInfo& info, const Recording& recording) {
  std::vector<Piece> pieces;
  for (const auto cell : info.cells) pieces.push_back({cell, recording.names[static_cast<std::size_t>(cell)]});
  return pieces;
}

std::vector<CellOutcome> fit_recording(const FitRequest& request, const FitHooks& hooks) {
  check_settings(request.settings);
  const Recording recording = read_recording(request.recording);
  RunInfo info;
  info.settings = request.settings;
  info.recording = fs::absolute(request.recording);
  info.checksum = checksum(request.recording);
  info.seed = request.seed;
  info.threads = request.threads > 0 ? request.threads : default_threads();
  info.test = request.test;
  info.cells = parse_cells(request.cells, recording.cells());
  for (const auto cell : info.cells) info.names[cell] = recording.names[static_cast<std::size_t>(cell)];
  info.geometry = geometry_of(recording);
  choose_algorithm({}, true);  // refuses a word in PLEXIFORM_ALGORITHM that names none
  run_split(info, recording);  // refuses what cannot be split before anything is written
  make_network(info.settings.model, network_input(info.settings.model.window, recording.stimulus->shape()));
  create_run(request.run, info);
  try {
    return fit_run(info, request.run, recording, hooks);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::data) discard_unbegun(request.run);
    throw;
  }
}

std::vector<CellOutcome> resume_run(const fs::path& run, const std::optional<fs::path>& recording,
                                    const FitHooks& hooks) {
  const RunInfo info = read_run(run);
  return fit_run(info, run, open_run_recording(info, recording), hooks);
}

}  // namespace plexiform
