#include "plexiform/jobs/compare.hpp"

#include <algorithm>
#include <map>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/compare/compare_cell.hpp"
#include "plexiform/evaluate/score_cell.hpp"
#include "plexiform/formats/recording_file.hpp"
#include "plexiform/jobs/fit_recording.hpp"
#include "plexiform/jobs/network_run.hpp"
#include "plexiform/jobs/reveal_run.hpp"
#include "plexiform/methods/methods.hpp"
#include "plexiform/model/torch_threads.hpp"
#include "plexiform/network_map/map_subunits.hpp"
#include "plexiform/progress/work.hpp"
#include "plexiform/run/comparison_json.hpp"
#include "plexiform/run/layout.hpp"
#include "plexiform/run/lock.hpp"
#include "plexiform/run/score_json.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;

/// The fitted cells of a comparison, and why others could not be fitted.
struct FittedCells {
  std::map<std::int64_t, CellFit> fits;
  std::map<std::int64_t, CellOutcome> outcomes;
};

/// For each cell the network, then the methods.
std::vector<Piece> pieces_of(const RunInfo& info, const Recording& recording) {
  std::vector<Piece> pieces;
  for (const auto cell : info.cells) {
    Piece piece{cell, shown_name(recording, cell), "cnn"};
    pieces.push_back(piece);
    for (const auto& method : all_methods()) {
      piece.method = method.name;
      piece.weight = method.cost;
      pieces.push_back(piece);
    }
  }
  return pieces;
}

/// Of the network on a cell, by its place in the run; method m is m + 1 behind it.
std::size_t piece_of(std::size_t cell) {
  return cell * (all_methods().size() + 1);
}

FittedCells fit_cells(const RunInfo& info, const fs::path& run, const Recording& recording, const Context& context,
                      Work& work) {
  FittedCells cells;
  const auto follow = [&](const PieceNews& news) {
    work.follow(piece_of(static_cast<std::size_t>(std::ranges::find(info.cells, news.piece.cell) - info.cells.begin())),
                news);
  };
  const auto keep = [&](const CellFit& fit) {
    cells.fits[fit.cell] = fit;
    cells.fits[fit.cell].arrays.reset();  // are on disk, for people
  };
  Context part = context;
  part.progress = work.beside();
  for (const auto& outcome : fit_new_run(info, run, recording, part, follow, keep))
    cells.outcomes[outcome.cell] = outcome;
  return cells;
}

/// Fitted cells on their way to be compared.
struct CompareJob {
  const RunInfo& info;
  const Recording& recording;
  const Split& split;
  const FittedCells& cells;
  Work& work;
};

/// The comparison of the run's i-th cell.
ComparedCell compare_one(const CompareJob& job, std::size_t i, const Context& context) {
  ComparisonSettings settings;
  settings.reveal.train = job.info.settings.train;
  const std::int64_t cell = job.info.cells[i];
  std::size_t piece = piece_of(i);
  const auto fit = job.cells.fits.find(cell);
  if (fit == job.cells.fits.end()) {
    const std::string& error = job.cells.outcomes.at(cell).error;
    for (std::size_t m = 0; m < all_methods().size(); ++m) job.work.end(++piece, {0, error});
    return cell_without_fit(job.recording, cell, error, settings);
  }
  ComparisonHooks hooks;
  hooks.begun = [&](const std::string&) { job.work.begin(++piece); };
  // A method that finds nothing is a result.
  hooks.done = [&](const MethodResult& row) {
    job.work.end(piece, {row.seconds.value_or(0), "", {}, row.chosen.empty() ? row.error : row.chosen});
  };
  auto compared =
      compare_cell(fit->second, job.recording, job.split, unseen_frames(job.recording, cell, job.split, context),
                   settings, job.info.seed, context, hooks);
  MethodResult& network = compared.table.methods[1];
  if (network.error.empty()) network.seconds = job.cells.outcomes.at(cell).seconds;
  return compared;
}

/// Threads take whole cells.
std::vector<ComparedCell> compare_cells(const CompareJob& job, const Context& context) {
  std::vector<ComparedCell> compared(job.info.cells.size());
  const auto count = static_cast<std::int64_t>(compared.size());
  const auto side_by_side = static_cast<int>(std::min<std::int64_t>(job.info.threads, count));
  const Context part = part_of(context, job.info.threads / side_by_side, side_by_side);
  parallel_each(count, side_by_side, [&](std::int64_t item) {
    const auto i = static_cast<std::size_t>(item);
    compared[i] = compare_one(job, i, part);
  });
  return compared;
}

/// The run of a method's models, and how well they do.
void write_method(const fs::path& folder, const RunInfo& info, const FittedCells& cells, const std::string& scored_on,
                  std::span<const ComparedCell> compared, std::size_t m) {
  std::vector<CellFit> fits;
  std::map<std::int64_t, std::string> errors;
  RunScore score{scored_on, {}};
  for (const auto& cell : compared) {
    const ComparedMethod& method = cell.methods[m];
    score.cells.push_back(method.score);
    if (!method.model) {
      errors[cell.table.cell] = method.score.error;
      continue;
    }
    fits.push_back(cells.fits.at(cell.table.cell));
    fits.back().model = method.model->model;
  }
  save_network_run(folder, info, "compare", fits, errors);
  write_score(folder, score, origin_of(folder, read_run(folder)));
}

/// All that a comparison leaves on disk beside the fits. Its caller holds the locks of the folder and of the run in it.
void write_compared(const fs::path& folder, const RunInfo& info, const Recording& recording, const FittedCells& cells,
                    std::span<const ComparedCell> compared, const Comparison& comparison) {
  const fs::path run = layout::inner_run(folder);
  std::vector<RevealedFit> revealed;
  RunScore score{comparison.scored_on, {}};
  for (const auto& cell : compared) {
    revealed.push_back(cell.revealed);
    score.cells.push_back(cell.score);
  }
  const Origin origin = origin_of(run, info);
  write_revealed(run, info, recording, info.seed, revealed, origin);
  write_score(run, score, origin);
  for (std::size_t m = 0; m < all_methods().size(); ++m)
    write_method(layout::method_run(folder, all_methods()[m].name), info, cells, comparison.scored_on, compared, m);
  write_comparison(folder, comparison, origin);
}

/// The recording. What cannot be compared is refused before anything is fitted.
SummedRecording checked_recording(const CompareRequest& request) {
  if (path_exists(request.folder))
    throw Error(ErrorKind::usage, "exists already; a comparison is never overwritten", "choose another name")
        .in_file(request.folder);
  SummedRecording read = read_summed_recording(request.recording);
  if (request.test.frames == 0 && !continues_beyond(read.recording))
    throw Error(
        ErrorKind::data,
        "without a test block nothing is left to score on: the recording has no truth to draw fresh frames from",
        "give a test block")
        .in_file(request.recording)
        .mended_by("test");
  return read;
}

Comparison compare_into(const CompareRequest& request, const SummedRecording& read, const Context& context,
                        const PieceSink& piece) {
  FitRequest fit;
  fit.recording = request.recording;
  fit.run = layout::inner_run(request.folder);
  fit.cells = request.cells;
  fit.test = request.test;
  fit.seed = request.seed;
  const RunInfo info = new_run(fit, read, context);
  Recording recording = read.recording;
  const Split split = run_split(info, recording);
  Work work("compare", "model", pieces_of(info, recording), {context.progress, piece, layout::log(request.folder)});
  Comparison comparison;
  comparison.scored_on = kind_of_unseen_frames(split);
  make_folders(request.folder);
  const FolderLock lock(request.folder);
  work.run([&] {
    const FittedCells cells = fit_cells(info, fit.run, recording, context, work);
    const FolderLock run_lock(fit.run);  // the fit has released its own
    use_kept_replay(recording, false, context);
    work.say("comparing methods");
    const auto compared = compare_cells({info, recording, split, cells, work}, context);
    for (const auto& cell : compared) comparison.cells.push_back(cell.table);
    check_stop(context);
    work.say("writing results");
    write_compared(request.folder, info, recording, cells, compared, comparison);
  });
  return comparison;
}

}  // namespace

Comparison compare_recording(const CompareRequest& request, const Context& context, const PieceSink& piece) {
  const OneTorchThread one_thread;
  const SummedRecording read = checked_recording(request);
  try {
    return compare_into(request, read, context, piece);
  } catch (const Error&) {
    std::error_code ignored;
    fs::remove(request.folder, ignored);  // only while it is empty
    throw;
  }
}

}  // namespace plexiform
