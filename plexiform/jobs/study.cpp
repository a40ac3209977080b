#include "plexiform/jobs/study.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <span>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/compare/reveal_beside_truth.hpp"
#include "plexiform/compare/study_cell.hpp"
#include "plexiform/evaluate/score_cell.hpp"
#include "plexiform/formats/recording_file.hpp"
#include "plexiform/jobs/fit_recording.hpp"
#include "plexiform/jobs/reveal_run.hpp"
#include "plexiform/jobs/study_plan.hpp"
#include "plexiform/model/torch_threads.hpp"
#include "plexiform/progress/work.hpp"
#include "plexiform/result/study_rows.hpp"
#include "plexiform/run/cell_done.hpp"
#include "plexiform/run/layout.hpp"
#include "plexiform/run/lock.hpp"
#include "plexiform/run/study_json.hpp"
#include "plexiform/settings/settings.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;

/// "all", or rows: "0,3,4".
std::string text_of(std::span<const std::int64_t> cells) {
  if (cells.empty()) return "all";
  std::string text;
  for (const auto cell : cells) text += (text.empty() ? "" : ",") + std::to_string(cell);
  return text;
}

std::string text_of(const PresetSubject& subject) {
  return subject.preset + " cells all frames " + (subject.frames ? std::to_string(*subject.frames) : "default");
}
std::string text_of(const RecordedSubject& subject) {
  return subject.recording.string() + " cells " + text_of(subject.cells) + " frames default";
}

/// The checksum of the recording that a study is of; empty for model cells.
std::string recording_sum(const StudyRequest& request) {
  const auto* recorded = std::get_if<RecordedSubject>(&request.subject);
  return recorded ? checksum(recorded->recording) : std::string();
}

/// All that decides the result, for a later call that would continue.
std::string text_of(const StudyRequest& request, const std::vector<PlannedPiece>& plan, const std::string& sum) {
  std::string text = to_string(request.kind) + " ";
  text += std::visit([](const auto& subject) { return text_of(subject); }, request.subject) + "\n";
  for (const auto& piece : plan) text += piece.name + "\n";
  if (!sum.empty()) text += sum + "\n";
  return text + to_toml(request.settings);
}

/// Makes the folder of a new study, or finds that of one to be continued.
void require_folder(const StudyRequest& request) {
  if (request.resume && !is_file(layout::study_arguments(request.folder)))
    throw Error(ErrorKind::usage, "not a study: no study.txt", "start one without resuming").in_file(request.folder);
  if (!request.resume && !make_new_folder(request.folder))
    throw Error(ErrorKind::usage, "exists already; a study is never overwritten", "resume it, or choose another name")
        .mended_by("resume")
        .in_file(request.folder);
}

/// With the folder locked.
void open_folder(const StudyRequest& request, const std::string& text) {
  const fs::path known = layout::study_arguments(request.folder);
  if (!request.resume) {
    write_text_atomically(known, text);
  } else if (read_text(known) != text) {
    throw Error(ErrorKind::usage, "was started with different arguments",
                "give the same ones (study.txt has them), or choose another folder")
        .in_file(request.folder);
  }
  for (const fs::path& part : {layout::study_recordings(request.folder), layout::study_runs(request.folder),
                               layout::study_pieces(request.folder)})
    make_folders(part);
}

/// One value and one seed, all of whose cells are fitted together: each is a piece of the work, from `first` on.
struct StudyJob {
  const PlannedPiece& planned;
  fs::path folder;  ///< of the study
  std::string sum;  ///< checksum of the recording, where it is the one that the study is of
  std::size_t first = 0;
  Work& work;

  fs::path run() const { return layout::study_run(folder, planned.name); }
  fs::path kept_file() const { return layout::study_piece(folder, planned.name); }
  std::size_t piece_of(std::int64_t cell) const {
    return first + static_cast<std::size_t>(std::ranges::find(planned.cells, cell) - planned.cells.begin());
  }
};

/// What the run of a job says that its piece must be of; nothing where data did not allow a run.
Home home_of(const StudyJob& job) {
  if (!is_run(job.run())) return {};
  const RunInfo info = read_run(job.run());
  require_whole(job.run(), info);
  return home_of(job.run(), info);
}

/// Throws Error{missing} or Error{damaged} where a piece, or a model that it is of, is not what the study left.
std::vector<StudyPiece> kept_pieces(const StudyJob& job) {
  const Home home = home_of(job);
  const auto pieces = read_study_piece(job.folder, job.planned.name, home);
  for (const StudyPiece& piece : pieces)
    if (piece.error.empty() && home.age == Age::versioned && !home.origin.models.contains(piece.cell))
      throw Error(ErrorKind::missing, "no such file, though the study has its result",
                  "remove " + job.kept_file().string() + " and resume: the piece is computed again")
          .in_file(layout::model(job.run(), piece.cell));
  return pieces;
}

/// The share of a piece's time that its fit takes, about.
constexpr double kFitShare = 0.45;

/// The fits of a job, each studied as far as it will be: [cell of the plan].
std::vector<StudiedCell> studied_cells(const StudyJob& job, const RunInfo& info, const Recording& recording,
                                       const Context& context) {
  std::map<std::int64_t, CellFit> fits;
  // A cell's fit is a part of its piece, which is over when it is scored.
  const auto follow = [&](const PieceNews& news) {
    const std::size_t piece = job.piece_of(news.piece.cell.value_or(0));
    if (news.event == PieceEvent::begun)
      job.work.begin(piece);
    else
      job.work.move(piece, kFitShare * news.share);
  };
  const auto outcomes =
      fit_new_run(info, job.run(), recording, context, follow, [&](const CellFit& fit) { fits[fit.cell] = fit; });
  const FolderLock run_lock(job.run());  // the fit has released its own
  Recording replayed = recording;
  use_kept_replay(replayed, false, context);
  const Split split = run_split(info, replayed);
  std::vector<StudiedCell> studied(outcomes.size());
  const auto count = static_cast<std::int64_t>(studied.size());
  const auto side_by_side = static_cast<int>(std::min<std::int64_t>(info.threads, count));
  parallel_each(count, side_by_side, [&](std::int64_t i) {
    const CellOutcome& outcome = outcomes[static_cast<std::size_t>(i)];
    StudiedCell& cell = studied[static_cast<std::size_t>(i)];
    const auto fit = fits.find(outcome.cell);
    if (fit == fits.end()) {
      cell.piece.cell = outcome.cell;
      cell.piece.error = outcome.error;
      cell.revealed = nothing_revealed(replayed, outcome.cell, outcome.error);
    } else {
      const Context part = part_of(context, info.threads / side_by_side, side_by_side);
      cell = study_cell(fit->second, replayed, split, unseen_frames(replayed, outcome.cell, split, part),
                        info.settings.train, info.seed, part);
    }
  });
  return studied;
}

/// Fits, reveals and scores the cells of a job, and keeps their runs.
std::vector<StudyPiece> made_pieces(const StudyJob& job, const Context& context) {
  const auto begun = std::chrono::steady_clock::now();
  FitRequest fit;
  fit.recording = job.planned.recording;
  fit.run = job.run();
  fit.settings = job.planned.settings;
  fit.cells = job.planned.cells;
  fit.test.frames = job.planned.test_frames;
  fit.seed = job.planned.seed;
  remove_tree(fit.run);  // of a call that was interrupted
  const SummedRecording read = read_summed_recording(fit.recording);
  const Recording& recording = read.recording;
  if (!job.sum.empty() && read.checksum != job.sum)
    throw Error(ErrorKind::file, "changed since the study began", "start another study").in_file(fit.recording);
  const RunInfo info = new_run(fit, read, context);
  std::vector<StudyPiece> pieces;
  std::vector<RevealedFit> revealed;
  for (auto& cell : studied_cells(job, info, recording, context)) {
    cell.piece.value = job.planned.value;
    cell.piece.seed = job.planned.seed;
    if (cell.piece.error.empty())
      cell.piece.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    pieces.push_back(cell.piece);
    revealed.push_back(std::move(cell.revealed));
  }
  check_stop(context);
  const FolderLock run_lock(fit.run);
  write_revealed(fit.run, info, recording, info.seed, revealed, origin_of(fit.run, info));
  return pieces;
}

void end_piece(Work& work, std::size_t i, const StudyPiece& piece) {
  if (piece.error.empty())
    work.end(i, {piece.seconds, "", {{kTestBits, piece.bits_per_spike}, {"cc", piece.cc}}});
  else
    work.end(i, {piece.seconds, piece.error});
}

/// The pieces of a job, made and kept. What data or numbers do not allow is a result.
std::vector<StudyPiece> make_and_keep(const StudyJob& job, const Context& context) {
  std::vector<StudyPiece> pieces;
  try {
    pieces = made_pieces(job, context);
  } catch (const Error& error) {
    StudyPiece failed;
    failed.value = job.planned.value;
    failed.seed = job.planned.seed;
    failed.error = noted(error);
    pieces = {failed};
  }
  write_study_piece(job.folder, job.planned.name, pieces, home_of(job).origin);
  for (std::size_t i = 0; i < job.planned.cells.size(); ++i)
    end_piece(job.work, job.first + i, pieces[std::min(i, pieces.size() - 1)]);
  return pieces;
}

std::vector<Piece> work_pieces(const StudyRequest& request, const std::vector<PlannedPiece>& plan) {
  std::optional<Recording> recording;
  if (const auto* recorded = std::get_if<RecordedSubject>(&request.subject))
    recording = read_recording(recorded->recording);
  std::vector<Piece> pieces;
  for (const auto& planned : plan)
    for (const auto cell : planned.cells)
      pieces.push_back({cell, recording ? shown_name(*recording, cell) : "", "", planned.value, planned.seed});
  return pieces;
}

/// All pieces of a plan, those that an earlier call kept among them.
std::vector<StudyPiece> all_pieces(const StudyRequest& request, const std::vector<PlannedPiece>& plan,
                                   const std::string& sum, const Context& context, const PieceSink& piece) {
  const int threads = threads_of(context);
  const auto side_by_side = static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(threads), plan.size()));
  Work work("study", "fit", work_pieces(request, plan), {context.progress, piece, layout::log(request.folder)});
  std::vector<std::vector<StudyPiece>> made(plan.size());
  std::vector<StudyJob> jobs;
  for (const auto& planned : plan) {
    const std::size_t first = jobs.size() * planned.cells.size();  // which are the same in the whole plan
    const auto* recorded = std::get_if<RecordedSubject>(&request.subject);
    const bool is_own = recorded && planned.recording == recorded->recording;
    const StudyJob& job = jobs.emplace_back(StudyJob{planned, request.folder, is_own ? sum : "", first, work});
    if (!path_exists(job.kept_file())) continue;
    made[jobs.size() - 1] = kept_pieces(job);
    for (std::size_t i = 0; i < planned.cells.size(); ++i) work.keep(first + i);
  }
  const Context part = part_of(context, threads / side_by_side, side_by_side);
  work.run([&] {
    parallel_each(static_cast<std::int64_t>(plan.size()), side_by_side, [&](std::int64_t item) {
      const auto i = static_cast<std::size_t>(item);
      check_stop(context);
      if (made[i].empty()) made[i] = make_and_keep(jobs[i], part);
    });
  });
  std::vector<StudyPiece> pieces;
  for (auto& of_job : made) pieces.insert(pieces.end(), of_job.begin(), of_job.end());
  return pieces;
}

}  // namespace

Study run_study(const StudyRequest& request, const Context& context, const PieceSink& piece) {
  const OneTorchThread one_thread;
  const auto plan = plan_study(request);
  const std::string sum = recording_sum(request);
  const std::string text = text_of(request, plan, sum);
  require_folder(request);
  const FolderLock lock(request.folder);
  open_folder(request, text);
  make_recordings(request, plan, context);
  Study study;
  study.kind = request.kind;
  study.what = name_of(request.subject);
  study.pieces = all_pieces(request, plan, sum, context, piece);
  study.rows = study_rows(study.pieces, request.values.empty() ? usual_values(request.kind) : request.values);
  write_study(request.folder, study, {sum, {}});
  return study;
}

}  // namespace plexiform
