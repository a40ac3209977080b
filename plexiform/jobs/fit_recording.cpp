#include "plexiform/jobs/fit_recording.hpp"

#include <algorithm>
#include <mutex>
#include <set>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/compute/algorithm.hpp"
#include "plexiform/compute/kernels.hpp"
#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/fit/objective.hpp"
#include "plexiform/formats/recording_file.hpp"
#include "plexiform/jobs/model_file.hpp"
#include "plexiform/model/torch_threads.hpp"
#include "plexiform/progress/work.hpp"
#include "plexiform/run/cell_done.hpp"
#include "plexiform/run/fitted_file.hpp"
#include "plexiform/run/layout.hpp"
#include "plexiform/run/lock.hpp"
#include "plexiform/run/run.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;

/// Bytes of tiles of cells that share one pass over the stimulus; beyond TileStore's share of memory they are on disk.
constexpr std::int64_t kGroupBytes = std::int64_t{4} << 30;

/// A run that is being fitted.
struct FitJob {
  const RunInfo& info;
  const fs::path& run;
  const fs::path& file;  ///< the recording's
  const Recording& recording;
  const Context& context;
  const FitSink& fitted;
  const ModelHome home;  ///< what its models are of
  Split split;
  Work work;
  std::set<std::int64_t> open = {};        ///< cells to be fitted
  std::vector<CellOutcome> outcomes = {};  ///< guarded by `writing`
  std::mutex writing = {};
};

std::size_t piece_of(const FitJob& job, std::int64_t cell) {
  return static_cast<std::size_t>(std::ranges::find(job.info.cells, cell) - job.info.cells.begin());
}

void say(FitJob& job, const std::string& what) {
  check_stop(job.context);
  job.work.say(what);
}

void finish(FitJob& job, std::int64_t cell, const PieceResult& result) {
  job.work.end(piece_of(job, cell), result);
  const std::lock_guard lock(job.writing);
  job.outcomes.push_back({cell, result.error, result.error.empty() ? result.seconds : 0});
}

void fail(FitJob& job, std::int64_t cell, const std::string& error) {
  const fs::path folder = cell_folder(job.run, cell);
  make_folders(folder);
  set_cell_error(folder, error);
  finish(job, cell, {job.work.seconds(piece_of(job, cell)), error});
}

/// Lines of JSON, one a pass.
std::string passes_of(std::span<const Training> fits) {
  std::string lines;
  for (const auto& fit : fits) lines += fit.state.metrics;
  return lines;
}

/// Fits one cell, or continues from its model file where there is one, and keeps it. Returns how well it went.
std::vector<Figure> fit_and_keep(FitJob& job, const CellData& data, const Context& context) {
  const fs::path folder = cell_folder(job.run, data.cell), model = model_path(job.run, data.cell);
  const std::size_t piece = piece_of(job, data.cell);
  FitHooks hooks;
  if (path_exists(model))
    hooks.resume = [&](std::span<Training> fits) { read_training(model, data.cell, fits, job.home); };
  hooks.checkpoint = [&](const CellFit& so_far, std::span<const Training> fits) {
    write_model(model, so_far, fits, job.home.origin);
    write_text_atomically(layout::log(folder), passes_of(fits));
  };
  hooks.passed = [&](double share, double loss) { job.work.move(piece, share, validation_bits(data.data, loss)); };
  const CellFit fit = fit_cell(data, job.info.settings, job.info.seed, context, hooks);
  write_fitted(job.run, data.cell, *fit.arrays, {job.info.checksum, {{data.cell, checksum(model)}}});
  mark_cell_done(job.run, job.info, data.cell);
  if (job.fitted) {
    const std::lock_guard lock(job.writing);
    job.fitted(fit);
  }
  return {{kValidationBits, validation_bits(data.data, fit.validation_loss)},
          {kLnValidationBits, validation_bits(data.data, fit.ln_validation_loss)}};
}

void fit_one(FitJob& job, const CellData& data, const Context& context) {
  const std::size_t piece = piece_of(job, data.cell);
  make_folders(cell_folder(job.run, data.cell));
  job.work.begin(piece);
  try {
    const auto figures = fit_and_keep(job, data, context);
    finish(job, data.cell, {job.work.seconds(piece), "", figures});
  } catch (const Error& error) {
    fail(job, data.cell, noted(error));
  }
}

/// Threads take whole cells; where there are fewer cells than threads, a cell gets several.
void fit_side_by_side(FitJob& job, std::vector<CellData>& cells) {
  if (cells.empty()) return;
  const auto count = static_cast<std::int64_t>(cells.size());
  const auto threads = static_cast<int>(std::min<std::int64_t>(job.context.threads, count));
  parallel_each(count, threads, [&](std::int64_t i) {
    CellData& data = cells[static_cast<std::size_t>(i)];
    fit_one(job, data, part_of(job.context, job.context.threads / threads, threads));
    data.data = {};  // its tiles are not needed any more
  });
}

/// Data of the open cells of a group; those without a window fail.
std::vector<CellData> data_of(FitJob& job, std::span<const std::int64_t> group) {
  say(job, "finding receptive fields");
  const auto windows = find_cell_windows(job.recording, group, job.split, job.info.settings.model, job.context);
  say(job, "reading the stimulus");
  std::vector<CellData> all;
  std::vector<std::int64_t> cells;
  std::vector<Window> places;
  std::vector<std::size_t> failed;
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (!job.open.contains(group[i])) continue;
    if (!windows[i].error.empty()) {
      failed.push_back(i);
      continue;
    }
    all.push_back({group[i], windows[i].found, {}});
    cells.push_back(group[i]);
    places.push_back(windows[i].found.window);
  }
  auto datasets = make_datasets(job.recording, cells, places, job.split, job.info.settings, job.context);
  // All was read that the fits see: is it what config.toml says?
  require_recording(job.info, job.file);
  for (const std::size_t i : failed) fail(job, group[i], windows[i].error);
  for (std::size_t i = 0; i < all.size(); ++i) all[i].data = std::move(datasets[i]);
  return all;
}

/// Cells whose tiles are made together.
std::vector<std::span<const std::int64_t>> groups_of(std::span<const std::int64_t> cells, std::int64_t bytes_each) {
  const auto size =
      static_cast<std::size_t>(std::max<std::int64_t>(1, kGroupBytes / std::max<std::int64_t>(1, bytes_each)));
  std::vector<std::span<const std::int64_t>> groups;
  for (std::size_t i = 0; i < cells.size(); i += size)
    groups.push_back(cells.subspan(i, std::min(size, cells.size() - i)));
  return groups;
}

void fit_open(FitJob& job) {
  constexpr auto kBytesOfValue = std::int64_t{sizeof(float)} * 3 / 2;  // with the history of each lane
  const auto window = job.info.settings.model.window;
  const auto pixels = job.recording.stimulus->shape().channels * window * window;
  // Groups of all cells, not of the open ones: receptive fields that are looked for together round alike, so that a
  // run that is resumed finds the same.
  for (const auto& group : groups_of(job.info.cells, job.recording.bins() * pixels * kBytesOfValue)) {
    if (std::ranges::none_of(group, [&](auto cell) { return job.open.contains(cell); })) continue;
    auto cells = data_of(job, group);
    fit_side_by_side(job, cells);
  }
}

/// Throws where what a cell's fit left is gone or was changed. Its model is read also where the run is from before its
/// marker listed files.
void require_readable(const FitJob& job, std::int64_t cell) {
  require_whole_cell(job.run, job.info, cell);
  read_run_model(job.run, job.info, cell);
}

/// A cell that an earlier call has ended.
void keep(FitJob& job, std::int64_t cell, const std::string& error) {
  job.work.keep(piece_of(job, cell), error);
  job.outcomes.push_back({cell, error, 0});
}

std::vector<CellOutcome> fit_run(const RunInfo& info, const fs::path& run, const fs::path& file,
                                 const Recording& recording, const Context& context, const PieceSink& piece,
                                 const FitSink& fitted) {
  const OneTorchThread one_thread;
  const FolderLock lock(run);
  Context own = context;
  if (own.threads <= 0) own.threads = info.threads;
  Recording fast = recording;
  use_kept_replay(fast, true, own);
  FitJob job{.info = info,
             .run = run,
             .file = file,
             .recording = fast,
             .context = own,
             .fitted = fitted,
             .home = model_home(run, info),
             .split = run_split(info, fast),
             .work = Work("fit", "cell", cell_pieces(info, fast), {context.progress, piece, layout::log(run)})};
  for (const auto cell : info.cells) {
    const fs::path folder = cell_folder(run, cell);
    if (const auto error = cell_error(folder)) {
      keep(job, cell, *error);
    } else if (is_done(folder)) {
      require_readable(job, cell);
      keep(job, cell, "");
    } else {
      job.open.insert(cell);
    }
  }
  if (!job.open.empty()) remove_tree(layout::done(run));
  job.work.run([&] {
    fit_open(job);
    mark_done(run);
  });
  std::ranges::sort(job.outcomes, {}, &CellOutcome::cell);
  return job.outcomes;
}

/// Where the recording's data are wrong before a cell was begun, there is nothing to resume.
void discard_unbegun(const fs::path& run) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(run, ignored))
    if (entry.path() != layout::config(run) && entry.path() != layout::lock(run)) return;
  fs::remove(layout::config(run), ignored);
  fs::remove(run, ignored);
}

}  // namespace

RunInfo new_run(const FitRequest& request, const SummedRecording& read, const Context& context) {
  const Recording& recording = read.recording;
  check_settings(request.settings);
  RunInfo info;
  info.settings = request.settings;
  info.recording = fs::absolute(request.recording);
  info.checksum = read.checksum;
  info.seed = request.seed;
  info.threads = threads_of(context);
  info.test = request.test;
  info.cells = checked_cells(request.cells, recording);
  for (const auto cell : info.cells)
    if (const auto& name = recording.names[static_cast<std::size_t>(cell)]; !name.empty()) info.names[cell] = name;
  info.geometry = geometry_of(recording);
  choose_algorithm({}, true);  // refuses a word in PLEXIFORM_ALGORITHM that names none ...
  kernels::instruction_set();  // ... and one in PLEXIFORM_KERNELS
  run_split(info, recording);  // refuses what cannot be split before anything is written
  make_network(info.settings.model, network_input(info.settings.model.window, recording.stimulus->shape()));
  return info;
}

std::vector<CellOutcome> fit_new_run(const RunInfo& info, const fs::path& run, const Recording& recording,
                                     const Context& context, const PieceSink& piece, const FitSink& fitted) {
  create_run(run, info);
  try {
    return fit_run(info, run, info.recording, recording, context, piece, fitted);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::data) discard_unbegun(run);
    throw;
  }
}

std::vector<CellOutcome> fit_recording(const FitRequest& request, const Context& context, const PieceSink& piece) {
  check_settings(request.settings);
  const SummedRecording read = read_summed_recording(request.recording);
  return fit_new_run(new_run(request, read, context), request.run, read.recording, context, piece);
}

std::vector<CellOutcome> resume_run(const fs::path& run, const std::optional<fs::path>& recording,
                                    const Context& context, const PieceSink& piece) {
  const RunInfo info = read_run(run);
  if (!info.models_by.empty())
    throw Error(ErrorKind::usage, "its models were made by " + info.models_by + ", there is no fit to continue",
                info.models_by + " again, or resume the run that the models are of")
        .in_file(run);
  return fit_run(info, run, recording.value_or(info.recording), open_run_recording(info, recording, context), context,
                 piece, {});
}

}  // namespace plexiform
