#include "plexiform/study/compare.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/fit/fit_recording.hpp"
#include "plexiform/fit/network_run.hpp"
#include "plexiform/fit/score_json.hpp"
#include "plexiform/progress/work.hpp"
#include "plexiform/reveal/reveal_run.hpp"
#include "plexiform/study/methods.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMethodsPurpose = 40;

/// One method on one cell: its models, or why there are none.
struct Attempt {
  std::optional<MethodModel> model;
  std::string error;
  double seconds = 0;
};

struct Method {
  std::string name;
  std::function<MethodModel(const MethodData&, const CellSubunits&)> run;
  double weight;  ///< of its time, beside the network's 1: about, for progress
};

/// Those that run beside the fitted network, in the order of the table.
const std::vector<Method>& methods() {
  static const std::vector<Method> all = {
      {"reveal", revealed_model, 4.5},
      {"lnln", [](const MethodData& data, const CellSubunits&) { return lnln_model(data); }, 1},
      {"soft_clustering", [](const MethodData& data, const CellSubunits&) { return soft_clustering_model(data); }, 1.5},
      {"stc", [](const MethodData& data, const CellSubunits&) { return stc_model(data); }, 0.3},
      {"stnmf", [](const MethodData& data, const CellSubunits&) { return stnmf_model(data); }, 5}};
  return all;
}

/// For each cell the network, then the methods.
std::vector<Piece> pieces_of(const std::vector<std::int64_t>& cells, const Recording& recording) {
  std::vector<Piece> pieces;
  for (const auto cell : cells) {
    Piece piece{cell, recording.names[static_cast<std::size_t>(cell)], "cnn"};
    pieces.push_back(piece);
    for (const auto& method : methods()) {
      piece.method = method.name;
      piece.weight = method.weight;
      pieces.push_back(piece);
    }
  }
  return pieces;
}

std::string message(const Error& error) {
  return error.advice().empty() ? error.what() : std::string(error.what()) + "; " + error.advice();
}

double seconds_since(std::chrono::steady_clock::time_point begun) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

Attempt attempt(const Method& method, const MethodData& data, const CellSubunits& revealed) {
  Attempt result;
  const auto begun = std::chrono::steady_clock::now();
  try {
    result.model = method.run(data, revealed);
  } catch (const Error& error) {
    result.error = message(error);
  }
  result.seconds = seconds_since(begun);
  return result;
}

class Comparer {
 public:
  Comparer(const CompareRequest& request, const std::vector<std::int64_t>& cells, const Recording& recording,
           const CompareHooks& hooks)
      : request_(request),
        cells_(cells),
        stop_(hooks.stop),
        work_("compare", "model", pieces_of(cells, recording),
              {hooks.progress, hooks.piece, request.folder / "metrics.jsonl"}) {}

  Comparison run() {
    Comparison result;
    work_.run([&] {
      fit();
      reveal();
      beside();
      result = table();
      write_text_atomically(request_.folder / "compare.json", to_json(result) + "\n");
    });
    return result;
  }

 private:
  /// Of the network on a cell, told by its place; method m is m + 1 behind it.
  std::size_t piece_of(std::size_t cell) const { return cell * (methods().size() + 1); }

  void fit() {
    FitRequest fit;
    fit.recording = request_.recording;
    fit.run = request_.folder / "run";
    fit.cells = request_.cells;
    fit.test = request_.test;
    fit.seed = request_.seed;
    fit.threads = request_.threads;
    const auto follow = [this](const PieceNews& news) {
      work_.follow(piece_of(static_cast<std::size_t>(std::ranges::find(cells_, news.piece.cell) - cells_.begin())),
                   news);
    };
    for (const auto& outcome : fit_recording(fit, {work_.beside(), follow, stop_}))
      fit_seconds_[outcome.cell] = outcome.seconds;
    info_ = read_run(fit.run);
    recording_ = open_run_recording(info_);
    use_kept_replay(recording_, false);
  }

  void reveal() {
    RevealOptions options;
    options.seed = request_.seed;
    options.threads = info_.threads;
    // reveal_run tells of cells together, so their shares move together.
    const auto move_all = [this](const Progress& progress) {
      for (std::size_t i = 0; i < cells_.size(); ++i) work_.move(piece_of(i) + 1, progress.done / progress.total);
    };
    for (std::size_t i = 0; i < cells_.size(); ++i) work_.begin(piece_of(i) + 1);
    say("revealing subunits");
    revealed_ = reveal_run(request_.folder / "run", info_, recording_, options, {move_all, stop_});
  }

  /// All other methods; threads take whole cells.
  void beside() {
    say("other methods");
    at::set_num_threads(1);
    const Split split = run_split(info_, recording_);
    const auto count = static_cast<std::int64_t>(info_.cells.size());
    const auto side_by_side = static_cast<int>(std::min<std::int64_t>(info_.threads, count));
    attempts_.resize(info_.cells.size());
    parallel_each(count, side_by_side, [&](std::int64_t i) {
      at::set_num_threads(1);
      one_cell(static_cast<std::size_t>(i), split, info_.threads / side_by_side);
    });
    for (std::size_t m = 0; m < methods().size(); ++m) save(m);
  }

  void one_cell(std::size_t i, const Split& split, int threads) {
    const auto cell = info_.cells[i];
    const auto folder = cell_folder(request_.folder / "run", cell);
    if (const auto error = cell_error(folder)) {
      attempts_[i].assign(methods().size(), {std::nullopt, *error, 0});
      for (std::size_t m = 0; m < methods().size(); ++m) work_.end(piece_of(i) + 1 + m, {0, *error});
      return;
    }
    const CellFit fit = load_cell_fit(folder, cell);
    const MethodData data = method_data(
        recording_, split, fit, info_.settings.train.block_seconds,
        derived_seed(request_.seed * 1'000'003 + static_cast<std::uint64_t>(cell), kMethodsPurpose), threads, stop_);
    for (std::size_t m = 0; m < methods().size(); ++m) {
      if (stop_.stop_requested()) throw Interrupted();
      if (m > 0) work_.begin(piece_of(i) + 1 + m);  // reveal has begun
      const Attempt& made = attempts_[i].emplace_back(attempt(methods()[m], data, revealed_[i]));
      // A method that finds nothing is a result.
      work_.end(piece_of(i) + 1 + m, {seconds_of(i, m), "", {}, made.model ? made.model->chosen : made.error});
    }
  }

  double seconds_of(std::size_t i, std::size_t m) const {
    return attempts_[i][m].seconds + (methods()[m].name == "reveal" ? revealed_[i].seconds : 0);
  }

  void save(std::size_t m) const {
    std::vector<CellFit> fits;
    std::map<std::int64_t, std::string> errors;
    for (std::size_t i = 0; i < info_.cells.size(); ++i) {
      const Attempt& made = attempts_[i][m];
      if (!made.model) {
        errors[info_.cells[i]] = made.error;
        continue;
      }
      CellFit fit = load_cell_fit(cell_folder(request_.folder / "run", info_.cells[i]), info_.cells[i]);
      fit.network = made.model->network;
      fits.push_back(std::move(fit));
    }
    save_network_run(request_.folder / methods()[m].name, info_, fits, errors);
  }

  Comparison table() {
    Comparison all;
    for (const auto& revealed : revealed_) {
      CellComparison& cell = all.cells.emplace_back();
      cell.cell = revealed.cell;
      cell.name = revealed.name;
      if (!recording_.truth.empty())
        cell.true_subunits =
            static_cast<std::int64_t>(driving_subunits(recording_.truth[static_cast<std::size_t>(cell.cell)]).size());
    }
    network_rows(all);
    for (std::size_t m = 0; m < methods().size(); ++m) method_rows(all, m);
    return all;
  }

  RunScore scored(const std::string& name) {
    say("scoring " + name);
    const fs::path run = request_.folder / name;
    RunScore score = score_run(run, read_run(run), recording_);
    write_score(run, score);
    return score;
  }

  /// The rows "ln" and "cnn".
  void network_rows(Comparison& all) {
    const RunScore score = scored("run");
    all.scored_on = score.scored_on;
    for (std::size_t i = 0; i < all.cells.size(); ++i) {
      CellScore ln = score.cells[i];
      all.cells[i].n_spikes = ln.n_spikes;
      MethodResult network = row_of("cnn", ln);
      ln.network = ln.ln;
      ln.bits_gain = {};
      all.cells[i].methods = {row_of("ln", ln), network};
      if (!network.error.empty()) continue;
      MethodResult& cnn = all.cells[i].methods[1];
      cnn.chosen = score.cells[i].subunits;
      cnn.seconds = fit_seconds_.at(all.cells[i].cell);
      all.cells[i].methods[0].chosen = "one filter";
      const CellFit fit = load_cell_fit(cell_folder(request_.folder / "run", all.cells[i].cell), all.cells[i].cell);
      const auto peaks = map_subunits(fit, recording_.stimulus->shape());
      cnn.number = static_cast<std::int64_t>(peaks.size());
      if (recording_.truth.empty()) continue;
      const Circuit& truth = recording_.truth[static_cast<std::size_t>(fit.cell)];
      set_recovery(cnn, recovery_of(match_truth(peaks, truth), truth));
    }
  }

  void method_rows(Comparison& all, std::size_t m) {
    const std::string& name = methods()[m].name;
    const RunScore score = scored(name);
    for (std::size_t i = 0; i < all.cells.size(); ++i) {
      const Attempt& made = attempts_[i][m];
      MethodResult row = row_of(name, score.cells[i]);
      row.seconds = seconds_of(i, m);
      if (made.model) {
        row.chosen = made.model->chosen;
        set_modules(row, *made.model, info_.cells[i]);
      }
      all.cells[i].methods.push_back(std::move(row));
    }
  }

  void set_modules(MethodResult& row, const MethodModel& model, std::int64_t cell) const {
    if (!model.modules) return;
    row.number = model.modules->size(0);
    if (recording_.truth.empty()) return;
    const CellFit fit = load_cell_fit(cell_folder(request_.folder / "run", cell), cell);
    set_recovery(
        row, recovery_of_modules(*model.modules, fit.window.window, recording_.truth[static_cast<std::size_t>(cell)]));
  }

  static void set_recovery(MethodResult& row, const Recovery& recovery) {
    row.mean_match = recovery.mean_match;
    row.found = recovery.found;
  }

  void say(const std::string& what) {
    if (stop_.stop_requested()) throw Interrupted();
    work_.say(what);
  }

  const CompareRequest& request_;
  const std::vector<std::int64_t> cells_;
  const std::stop_token stop_;
  Work work_;
  RunInfo info_;
  Recording recording_;
  std::map<std::int64_t, double> fit_seconds_;
  std::vector<CellSubunits> revealed_;          ///< [cell]
  std::vector<std::vector<Attempt>> attempts_;  ///< [cell][method]
};

/// The recording. What cannot be compared is refused before anything is fitted.
Recording checked_recording(const CompareRequest& request) {
  if (fs::exists(request.folder))
    throw Error(ErrorKind::usage, request.folder.string() + ": exists already; a comparison is never overwritten",
                "choose another name");
  Recording recording = read_recording(request.recording);
  if (request.test.frames == 0 && !goes_on(recording))
    throw Error(ErrorKind::data,
                request.recording.string() +
                    ": without a test block nothing is left to score on: the recording has no "
                    "truth to draw fresh frames from",
                "leave --test none out, or give a number of frames");
  return recording;
}

}  // namespace

MethodResult row_of(const std::string& method, const CellScore& score) {
  MethodResult row;
  row.method = method;
  row.error = score.error;
  row.score = score.network;
  row.gain = score.network.bits_per_spike - score.ln.bits_per_spike;
  row.gain_interval = score.bits_gain;
  return row;
}

Comparison compare_recording(const CompareRequest& request, const CompareHooks& hooks) {
  at::NoGradGuard no_gradient;
  const Recording recording = checked_recording(request);
  try {
    return Comparer(request, parse_cells(request.cells, recording.cells()), recording, hooks).run();
  } catch (const Error&) {
    std::error_code ignored;
    fs::remove(request.folder, ignored);  // only while it is empty
    throw;
  }
}

}  // namespace plexiform
