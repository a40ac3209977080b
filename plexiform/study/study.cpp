#include "plexiform/study/study.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <mutex>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/fit/fit_recording.hpp"
#include "plexiform/fit/score_run.hpp"
#include "plexiform/reveal/reveal_run.hpp"
#include "plexiform/score/student.hpp"
#include "plexiform/study/methods.hpp"
#include "plexiform/study/study_plan.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;

/// All that decides the result, for a later call that would go on.
std::string text_of(const StudyRequest& request, const std::vector<PlannedPiece>& plan) {
  std::string text = to_string(request.kind) + " " + request.what + " cells " + request.cells + " frames " +
                     (request.frames ? std::to_string(*request.frames) : "default") + "\n";
  for (const auto& piece : plan) text += piece.name + "\n";
  if (request.what.ends_with(".h5")) text += checksum(request.what) + "\n";
  return text + to_toml(request.settings);
}

void open_folder(const StudyRequest& request, const std::string& text) {
  const fs::path known = request.folder / "study.txt";
  if (!request.resume) {
    if (fs::exists(request.folder))
      throw Error(ErrorKind::usage, request.folder.string() + ": exists already; a study is never overwritten",
                  "go on with it with --resume, or choose another name");
    std::error_code problem;
    if (!fs::create_directories(request.folder, problem))
      throw Error(ErrorKind::file, request.folder.string() + ": cannot be made: " + problem.message());
    write_text_atomically(known, text);
  } else if (!fs::is_regular_file(known)) {
    throw Error(ErrorKind::usage, request.folder.string() + ": no study to go on with: it holds no study.txt",
                "leave --resume out to begin one");
  } else if (read_text(known) != text) {
    throw Error(ErrorKind::usage, request.folder.string() + ": was begun with other arguments",
                "give the same ones (study.txt has them), or choose another folder");
  }
  for (const char* part : {"recordings", "runs", "pieces"}) fs::create_directories(request.folder / part);
}

void set_result(StudyPiece& piece, const CellScore& score, const CellSubunits& revealed, const CellFit& fit,
                const Recording& recording) {
  piece.bits_per_spike = score.network.bits_per_spike;
  piece.cc = score.network.cc;
  piece.true_rate_cc = score.network.true_rate_cc;
  piece.number = static_cast<double>(revealed.subunits.size());
  const auto peaks = map_subunits(fit, recording.stimulus->shape());
  piece.network_number = static_cast<double>(peaks.size());
  if (recording.truth.empty()) return;
  const Circuit& truth = recording.truth[static_cast<std::size_t>(piece.cell)];
  const Recovery recovery = recovery_of(revealed.truth, truth);
  piece.mean_match = recovery.mean_match;
  piece.found = static_cast<double>(recovery.found);
  piece.network_match = recovery_of(match_truth(peaks, truth), truth).mean_match;
}

/// Fit, reveal and score of one value and seed.
std::vector<StudyPiece> make_piece(const StudyRequest& request, const PlannedPiece& planned, int threads,
                                   const std::stop_token& stop) {
  const auto begun = std::chrono::steady_clock::now();
  FitRequest fit;
  fit.recording = planned.recording;
  fit.run = request.folder / "runs" / planned.name;
  fs::remove_all(fit.run);  // of a call that was interrupted
  fit.settings = planned.settings;
  fit.cells = request.cells;
  fit.test.frames = planned.test_frames;
  fit.seed = planned.seed;
  fit.threads = threads;
  fit_recording(fit, {{}, {}, stop});
  const RunInfo info = read_run(fit.run);
  const Recording recording = open_run_recording(info);
  RevealOptions options;
  options.quick = true;
  options.seed = planned.seed;
  options.threads = threads;
  const auto revealed = reveal_run(fit.run, info, recording, options, {{}, stop});
  const RunScore score = score_run(fit.run, info, recording);
  std::vector<StudyPiece> pieces;
  for (std::size_t i = 0; i < info.cells.size(); ++i) {
    StudyPiece& piece = pieces.emplace_back();
    piece.value = planned.value;
    piece.seed = planned.seed;
    piece.cell = info.cells[i];
    piece.error = revealed[i].error.empty() ? score.cells[i].error : revealed[i].error;
    if (!piece.error.empty()) continue;
    set_result(piece, score.cells[i], revealed[i], load_cell_fit(cell_folder(fit.run, piece.cell), piece.cell),
               recording);
    piece.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  }
  return pieces;
}

/// A piece that was kept, or a new one. What data or numbers do not allow is its result.
std::vector<StudyPiece> kept_or_made(const StudyRequest& request, const PlannedPiece& planned, int threads,
                                     const std::stop_token& stop) {
  const fs::path file = request.folder / "pieces" / (planned.name + ".json");
  if (fs::exists(file)) {
    try {
      return pieces_from_json(read_text(file));
    } catch (const Error& error) {
      throw error.at(file.string());
    }
  }
  std::vector<StudyPiece> pieces;
  try {
    pieces = make_piece(request, planned, threads, stop);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::file || error.kind() == ErrorKind::usage) throw;
    StudyPiece failed;
    failed.value = planned.value;
    failed.seed = planned.seed;
    failed.error = error.what();
    pieces = {failed};
  }
  write_text_atomically(file, to_json(std::span<const StudyPiece>(pieces)) + "\n");
  return pieces;
}

std::vector<StudyPiece> all_pieces(const StudyRequest& request, const std::vector<PlannedPiece>& plan,
                                   const StudyHooks& hooks) {
  const auto count = static_cast<std::int64_t>(plan.size());
  const int threads = request.threads > 0 ? request.threads : default_threads();
  const auto side_by_side = static_cast<int>(std::min<std::int64_t>(threads, count));
  std::vector<std::vector<StudyPiece>> made(plan.size());
  std::mutex telling;
  double done = 0;
  parallel_each(count, side_by_side, [&](std::int64_t item) {
    at::set_num_threads(1);
    const auto i = static_cast<std::size_t>(item);
    if (hooks.stop.stop_requested()) throw Interrupted();
    made[i] = kept_or_made(request, plan[i], threads / side_by_side, hooks.stop);
    const std::lock_guard lock(telling);
    if (hooks.progress)
      hooks.progress({"value " + value_text(plan[i].value) + ", seed " + std::to_string(plan[i].seed), ++done,
                      static_cast<double>(count), "fits", ""});
  });
  std::vector<StudyPiece> pieces;
  for (auto& part : made) pieces.insert(pieces.end(), part.begin(), part.end());
  return pieces;
}

/// A measure over the pieces of one value: cells averaged within a seed, then over seeds.
template <class Measure>
std::optional<Estimate> over_seeds(std::span<const StudyPiece> pieces, double value, const Measure& measure) {
  std::map<std::uint64_t, std::vector<double>> by_seed;
  for (const auto& piece : pieces) {
    if (piece.value != value || !piece.error.empty()) continue;
    const std::optional<double> found = measure(piece);
    if (found && std::isfinite(*found)) by_seed[piece.seed].push_back(*found);
  }
  std::vector<double> means;
  for (const auto& [seed, all] : by_seed) {
    double sum = 0;
    for (const double v : all) sum += v;
    means.push_back(sum / static_cast<double>(all.size()));
  }
  if (means.empty()) return std::nullopt;
  return estimate(means);
}

}  // namespace

Estimate estimate(std::span<const double> of_seeds) {
  if (of_seeds.empty()) throw InternalError("an estimate of no values");
  const auto n = static_cast<double>(of_seeds.size());
  Estimate e;
  e.seeds = static_cast<std::int64_t>(of_seeds.size());
  for (const double v : of_seeds) e.mean += v / n;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  e.interval = {-kInfinity, kInfinity};
  if (e.seeds < 2) return e;
  double squares = 0;
  for (const double v : of_seeds) squares += (v - e.mean) * (v - e.mean);
  const double half = student_quantile(0.025, static_cast<int>(e.seeds - 1)) * std::sqrt(squares / (n - 1) / n);
  e.interval = {e.mean - half, e.mean + half};
  return e;
}

std::vector<StudyRow> study_rows(std::span<const StudyPiece> pieces, std::span<const double> values) {
  std::vector<StudyRow> rows;
  for (const double value : values) {
    const auto over = [&](auto member) {
      return over_seeds(pieces, value, [member](const StudyPiece& p) { return std::optional<double>(p.*member); });
    };
    StudyRow& row = rows.emplace_back();
    row.value = value;
    row.bits_per_spike = over(&StudyPiece::bits_per_spike);
    row.cc = over(&StudyPiece::cc);
    row.true_rate_cc = over(&StudyPiece::true_rate_cc);
    row.number = over(&StudyPiece::number);
    row.mean_match = over(&StudyPiece::mean_match);
    row.found = over(&StudyPiece::found);
    row.network_number = over(&StudyPiece::network_number);
    row.network_match = over(&StudyPiece::network_match);
    row.failed = std::count_if(pieces.begin(), pieces.end(),
                               [&](const StudyPiece& p) { return p.value == value && !p.error.empty(); });
  }
  return rows;
}

Study run_study(const StudyRequest& request, const StudyHooks& hooks) {
  at::NoGradGuard no_gradient;
  const auto plan = plan_study(request);
  open_folder(request, text_of(request, plan));
  make_recordings(request, plan);
  Study study;
  study.kind = request.kind;
  study.what = request.what;
  study.pieces = all_pieces(request, plan, hooks);
  study.rows = study_rows(study.pieces, request.values.empty() ? usual_values(request.kind) : request.values);
  write_text_atomically(request.folder / "study.json", to_json(study) + "\n");
  return study;
}

}  // namespace plexiform
