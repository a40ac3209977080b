#include "plexiform/fit/fit_recording.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <set>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/fit/fitted_file.hpp"
#include "plexiform/fit/initial.hpp"
#include "plexiform/model/archive.hpp"

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

/// Fits one cell, or goes on from its model file where there is one.
void fit_one(const RunInfo& info, std::int64_t cell, const CellWindow& window, const Dataset& data,
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
      : info_(info), run_(run), recording_(recording), hooks_(hooks), split_(run_split(info, recording)) {}

  std::vector<CellOutcome> fit_all() {
    for (const auto cell : info_.cells) {
      const fs::path folder = cell_folder(run_, cell);
      if (const auto error = cell_error(folder))
        finish({cell, *error, 0});
      else if (is_done(folder))
        finish({cell, "", 0});
      else
        open_.insert(cell);
    }
    const auto frames = recording_.bins();
    const auto bytes_of_value = std::int64_t{sizeof(float)} * 3 / 2;  // with the history of each stretch
    const auto pixels =
        recording_.stimulus->shape().channels * info_.settings.model.window * info_.settings.model.window;
    // Groups of all cells, not of the open ones: receptive fields that are looked for together round alike, so that a
    // run that goes on finds the same.
    for (const auto& group : groups_of(info_.cells, frames * pixels * bytes_of_value))
      if (std::any_of(group.begin(), group.end(), [&](auto cell) { return open_.contains(cell); })) fit_group(group);
    mark_done(run_);
    std::sort(outcomes_.begin(), outcomes_.end(), [](const auto& a, const auto& b) { return a.cell < b.cell; });
    return outcomes_;
  }

 private:
  void fit_group(const std::vector<std::int64_t>& cells) {
    say("looking for receptive fields");
    const auto& model = info_.settings.model;
    const auto windows = find_windows(recording_, cells, fitting_bins(split_), model.window, model.lags);
    say("reading the stimulus");
    std::vector<Work> works;
    std::vector<Window> found;
    std::vector<std::int64_t> fitted;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (!open_.contains(cells[i])) continue;
      if (!windows[i].error.empty()) {
        fail(cells[i], windows[i].error);
        continue;
      }
      works.push_back({cells[i], windows[i].found, {}});
      fitted.push_back(cells[i]);
      found.push_back(windows[i].found.window);
    }
    auto datasets = make_datasets(recording_, fitted, found, split_, info_.settings, hooks_.stop);
    for (std::size_t i = 0; i < works.size(); ++i) works[i].data = std::move(datasets[i]);
    fit_works(works);
  }

  /// A cell that waits for a thread.
  struct Work {
    std::int64_t cell;
    CellWindow window;
    Dataset data;
  };

  /// Threads take whole cells; where there are fewer cells than threads, a cell gets several.
  void fit_works(std::vector<Work>& works) {
    if (works.empty()) return;
    const auto threads = std::min<std::int64_t>(info_.threads, static_cast<std::int64_t>(works.size()));
    parallel_each(static_cast<std::int64_t>(works.size()), static_cast<int>(threads), [&](std::int64_t i) {
      Work& work = works[static_cast<std::size_t>(i)];
      fit_cell(work, static_cast<int>(info_.threads / threads));
      work.data = {};  // its tiles are not needed any more
    });
  }

  void fit_cell(Work& work, int threads) {
    const auto begun = std::chrono::steady_clock::now();
    const auto cell = work.cell;
    const fs::path folder = cell_folder(run_, cell);
    fs::create_directories(folder);
    TrainHooks hooks;
    if (hooks_.progress)
      hooks.progress = [&](const Progress& progress) {
        const std::lock_guard lock(telling_);
        hooks_.progress(progress);
      };
    hooks.stop = hooks_.stop;
    hooks.what = "cell " + std::to_string(cell) + place(cell);
    try {
      fit_one(info_, cell, work.window, work.data, folder, threads, hooks);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::file || error.kind() == ErrorKind::usage) throw;
      return fail(cell, error.advice().empty() ? error.what() : std::string(error.what()) + "; " + error.advice());
    }
    finish({cell, "", std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count()});
  }

  void fail(std::int64_t cell, const std::string& error) {
    fs::create_directories(cell_folder(run_, cell));
    set_cell_error(cell_folder(run_, cell), error);
    finish({cell, error, 0});
  }

  void finish(const CellOutcome& outcome) {
    const std::lock_guard lock(telling_);
    outcomes_.push_back(outcome);
    if (hooks_.cell_done) hooks_.cell_done(outcome);
  }

  void say(const std::string& what) const {
    if (hooks_.stop.stop_requested()) throw Interrupted();
    if (hooks_.progress) hooks_.progress({what, 0, 0, "", ""});
  }

  std::string place(std::int64_t cell) const {
    const auto at = std::find(info_.cells.begin(), info_.cells.end(), cell) - info_.cells.begin();
    return " (" + std::to_string(at + 1) + " of " + std::to_string(info_.cells.size()) + ")";
  }

  const RunInfo& info_;
  const fs::path& run_;
  const Recording& recording_;
  const FitHooks& hooks_;
  Split split_;
  std::set<std::int64_t> open_;  ///< cells to be fitted
  std::mutex telling_;           ///< held while the caller is told, and over outcomes_
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
