#include "plexiform/study/study.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/fit/fit_recording.hpp"
#include "plexiform/fit/score_run.hpp"
#include "plexiform/progress/work.hpp"
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

/// Shares of the time of a fit that its parts take, about.
constexpr double kFitShare = 0.45, kRevealShare = 0.5;

/// One value and seed, all of whose cells are fitted together: each is a piece of the work.
class StudyFit {
 public:
  StudyFit(const StudyRequest& request, const PlannedPiece& planned, std::size_t first, Work& work)
      : request_(request), planned_(planned), first_(first), work_(work) {}

  fs::path kept_file() const { return request_.folder / "pieces" / (planned_.name + ".json"); }

  std::vector<StudyPiece> kept() const {
    try {
      return pieces_from_json(read_text(kept_file()));
    } catch (const Error& error) {
      throw error.at(kept_file().string());
    }
  }

  /// What data or numbers do not allow is a result.
  std::vector<StudyPiece> make(int threads, const std::stop_token& stop) {
    std::vector<StudyPiece> pieces;
    try {
      pieces = fit_reveal_score(threads, stop);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::file || error.kind() == ErrorKind::usage) throw;
      StudyPiece failed;
      failed.value = planned_.value;
      failed.seed = planned_.seed;
      failed.error = error.what();
      pieces = {failed};
    }
    write_text_atomically(kept_file(), to_json(std::span<const StudyPiece>(pieces)) + "\n");
    for (std::size_t i = 0; i < planned_.cells.size(); ++i) end(i, pieces[std::min(i, pieces.size() - 1)]);
    return pieces;
  }

 private:
  std::vector<StudyPiece> fit_reveal_score(int threads, const std::stop_token& stop) {
    const auto begun = std::chrono::steady_clock::now();
    FitRequest fit;
    fit.recording = planned_.recording;
    fit.run = request_.folder / "runs" / planned_.name;
    fs::remove_all(fit.run);  // of a call that was interrupted
    fit.settings = planned_.settings;
    fit.cells = request_.cells;
    fit.test.frames = planned_.test_frames;
    fit.seed = planned_.seed;
    fit.threads = threads;
    fit_recording(fit, {{}, [this](const PieceNews& news) { follow_fit(news); }, stop});
    const RunInfo info = read_run(fit.run);
    const Recording recording = open_run_recording(info);
    RevealOptions options;
    options.quick = true;
    options.seed = planned_.seed;
    options.threads = threads;
    const auto move_all = [this](const Progress& progress) {  // reveal_run tells of cells together
      for (std::size_t i = 0; i < planned_.cells.size(); ++i)
        work_.move(first_ + i, kFitShare + kRevealShare * progress.done / progress.total);
    };
    const auto revealed = reveal_run(fit.run, info, recording, options, {move_all, stop});
    const RunScore score = score_run(fit.run, info, recording);
    std::vector<StudyPiece> pieces;
    for (std::size_t i = 0; i < info.cells.size(); ++i) {
      StudyPiece& piece = pieces.emplace_back();
      piece.value = planned_.value;
      piece.seed = planned_.seed;
      piece.cell = info.cells[i];
      piece.error = revealed[i].error.empty() ? score.cells[i].error : revealed[i].error;
      if (!piece.error.empty()) continue;
      set_result(piece, score.cells[i], revealed[i], load_cell_fit(cell_folder(fit.run, piece.cell), piece.cell),
                 recording);
      piece.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    }
    return pieces;
  }

  /// A cell's fit is a part of its piece, which is over when it is scored.
  void follow_fit(const PieceNews& news) {
    const auto piece =
        first_ + static_cast<std::size_t>(std::ranges::find(planned_.cells, news.piece.cell) - planned_.cells.begin());
    if (news.event == PieceEvent::begun)
      work_.begin(piece);
    else
      work_.move(piece, kFitShare * news.share);
  }

  void end(std::size_t i, const StudyPiece& piece) {
    if (piece.error.empty())
      work_.end(first_ + i, {piece.seconds, "", {{kTestBits, piece.bits_per_spike}, {"cc", piece.cc}}});
    else
      work_.end(first_ + i, {piece.seconds, piece.error});
  }

  const StudyRequest& request_;
  const PlannedPiece& planned_;
  const std::size_t first_;  ///< piece of the work, of the first cell
  Work& work_;
};

std::vector<Piece> work_pieces(const StudyRequest& request, const std::vector<PlannedPiece>& plan) {
  std::vector<std::string> names;
  if (request.what.ends_with(".h5")) names = read_recording(request.what).names;
  std::vector<Piece> pieces;
  for (const auto& planned : plan)
    for (const auto cell : planned.cells) {
      const auto row = static_cast<std::size_t>(cell);
      pieces.push_back({cell, row < names.size() ? names[row] : "", "", planned.value, planned.seed});
    }
  return pieces;
}

std::vector<StudyPiece> all_pieces(const StudyRequest& request, const std::vector<PlannedPiece>& plan,
                                   const StudyHooks& hooks) {
  const int threads = request.threads > 0 ? request.threads : default_threads();
  const auto side_by_side = static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(threads), plan.size()));
  Work work("study", "fit", work_pieces(request, plan),
            {hooks.progress, hooks.piece, request.folder / "metrics.jsonl"});
  std::vector<std::vector<StudyPiece>> made(plan.size());
  std::vector<StudyFit> fits;
  for (const auto& planned : plan) {
    const std::size_t first = fits.size() * planned.cells.size();  // which are the same in the whole plan
    fits.emplace_back(request, planned, first, work);
    if (!fs::exists(fits.back().kept_file())) continue;
    made[fits.size() - 1] = fits.back().kept();
    for (std::size_t i = 0; i < planned.cells.size(); ++i) work.keep(first + i);
  }
  work.run([&] {
    parallel_each(static_cast<std::int64_t>(plan.size()), side_by_side, [&](std::int64_t item) {
      at::set_num_threads(1);
      const auto i = static_cast<std::size_t>(item);
      if (hooks.stop.stop_requested()) throw Interrupted();
      if (made[i].empty()) made[i] = fits[i].make(threads / side_by_side, hooks.stop);
    });
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
