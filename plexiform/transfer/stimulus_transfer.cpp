#include "plexiform/transfer/stimulus_transfer.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/progress/work.hpp"
#include "plexiform/recording/geometry.hpp"
#include "plexiform/settings/run.hpp"
#include "plexiform/transfer/fine_tune.hpp"
#include "plexiform/transfer/same_cells.hpp"
#include "plexiform/transfer/still_images.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;

/// A run and the recording that it was fitted to.
struct FittedRun {
  fs::path path;
  RunInfo info;
};

/// Something that models are tested on.
struct Target {
  std::string name;
  Recording recording;
  std::optional<std::size_t> run;  ///< that was fitted to it
  std::string scored_on;
  std::vector<Range> bins;  ///< that are scored; none: fresh frames
  bool flashed = false;     ///< images that models of movies see as steps (still_images.hpp)
};

/// Names by which people tell paths apart: the last part, or all where that is not enough.
std::vector<std::string> short_names(const std::vector<fs::path>& paths) {
  std::vector<std::string> names;
  for (const auto& path : paths) {
    const auto last = [](const fs::path& p) {
      const fs::path clean = p.lexically_normal();
      return clean.has_filename() ? clean.filename() : clean.parent_path().filename();
    };
    const auto alike = std::ranges::count_if(paths, [&](const auto& other) { return last(other) == last(path); });
    names.push_back(alike > 1 ? path.string() : last(path).string());
  }
  return names;
}

class StimulusCrosser {
 public:
  StimulusCrosser(const StimulusTransferRequest& request, const TransferHooks& hooks)
      : request_(request), hooks_(hooks) {
    open();
    share();
  }

  StimulusTransfer run() {
    const auto begun = std::chrono::steady_clock::now();
    result_.cells.resize(shared_.cells.size());
    Work work("transfer", "cell", pieces(), {hooks_.progress, hooks_.piece, hooks_.log});
    work.run([&] {
      parallel_each(static_cast<std::int64_t>(shared_.cells.size()), request_.threads, [&](std::int64_t i) {
        at::set_num_threads(1);
        one_cell(static_cast<std::size_t>(i), work);
      });
    });
    result_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    return std::move(result_);
  }

 private:
  void open() {
    std::vector<fs::path> recordings;
    for (const auto& path : request_.runs) {
      runs_.push_back({path, read_run(path)});
      recordings.push_back(runs_.back().info.recording);
    }
    recordings.insert(recordings.end(), request_.to.begin(), request_.to.end());
    if (recordings.size() < 2)
      throw Error(ErrorKind::usage, "one run and no other recording: nothing to test it on",
                  "name several runs, or recordings with --to");
    for (const auto& run : runs_)
      if (request_.tune) require_tunable(run.info);
    require_other_recordings(recordings);
    require_same_lags();
    result_.runs = short_names(request_.runs);
    result_.targets = short_names(recordings);
    targets_.resize(recordings.size());
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      Target& target = targets_[i];
      target.name = result_.targets[i];
      if (i < runs_.size()) {
        target.run = i;
        target.recording = open_run_recording(
            runs_[i].info, request_.moved_to.empty() ? std::nullopt : std::optional(request_.moved_to[i]));
        scored_as_its_run(target);
      } else {
        target.recording = read_recording(recordings[i]);
        target.flashed = is_flashed(target.recording);
        target.scored_on = target.flashed ? "flashed images" : "whole recording";
        target.bins = bins_with_history(target.recording, target.flashed ? 1 : runs_[0].info.settings.model.lags);
      }
      use_kept_replay(target.recording, false);
      result_.scored_on.push_back(target.scored_on);
    }
  }

  /// Frames that test one model may have trained another one of the same recording.
  void require_other_recordings(const std::vector<fs::path>& recordings) const {
    std::vector<std::string> sums;
    for (std::size_t i = 0; i < recordings.size(); ++i) {
      sums.push_back(i < runs_.size() ? runs_[i].info.checksum : checksum(recordings[i]));
      for (std::size_t j = 0; j < i; ++j)
        if (sums[j] == sums[i])
          throw Error(ErrorKind::usage,
                      recordings[i].string() + " is there twice: frames that test the one model train the other",
                      "name runs and recordings of different stimuli; score RUN tests a run on its own");
    }
  }

  void require_same_lags() const {
    for (const auto& run : runs_) {
      const auto here = runs_[0].info.settings.model.lags, there = run.info.settings.model.lags;
      if (here == there) continue;
      throw Error(ErrorKind::data,
                  runs_[0].path.string() + " looks back " + std::to_string(here) + " frames, " + run.path.string() +
                      " " + std::to_string(there) + ", so that they cannot be tested on the same ones",
                  "fit both with the same lags");
    }
  }

  void scored_as_its_run(Target& target) const {
    const Split split = run_split(runs_[*target.run].info, target.recording);
    target.bins = split.test();
    target.scored_on = target.bins.empty() ? "fresh frames" : "test block";
    if (target.bins.empty() && !goes_on(target.recording))
      throw Error(ErrorKind::data,
                  runs_[*target.run].path.string() +
                      ": the run has no test block, and its recording has no truth to draw fresh frames from",
                  "fit with a test block");
  }

  /// Finds the cells that all recordings hold and all runs have fitted.
  void share() {
    std::vector<NamedRecording> named;
    for (const auto& target : targets_) {
      NamedRecording one{target.name, &target.recording, {}};
      if (target.run) {
        for (const auto cell : runs_[*target.run].info.cells)
          if (is_fitted(*target.run, cell, target.recording)) one.cells.push_back(cell);
      } else {
        one.cells = parse_cells("all", target.recording.cells());
      }
      named.push_back(std::move(one));
    }
    for (std::size_t run = 0; run < runs_.size(); ++run) {
      seen_.emplace_back(targets_.size());
      for (std::size_t t = 0; t < targets_.size(); ++t) see(run, t);
    }
    shared_ = shared_cells(named);
    result_.left_out.insert(result_.left_out.end(), shared_.left_out.begin(), shared_.left_out.end());
  }

  /// Shows a target to a run as the run's own geometry has it.
  void see(std::size_t run, std::size_t t) {
    const Target& target = targets_[t];
    Geometry own = geometry_of(targets_[run].recording);
    const Geometry other = geometry_of(target.recording);
    if (target.flashed) own.frame_rate = other.frame_rate;  // images have no rate
    if (same_geometry(own, other)) return;
    if (!request_.rescale) require_same_geometry(result_.runs[run], own, target.name, other);
    if (request_.tune)
      throw Error(ErrorKind::usage,
                  "--tune goes on with networks on the grid and at the rate of their own recording, " + target.name +
                      " has another",
                  "leave out --tune or --rescale");
    if (target.bins.empty())
      throw Error(ErrorKind::data, target.name + ": there is no test block, and fresh frames are not rescaled",
                  "fit with a test block");
    try {
      seen_[run][t] = rescaled(target.recording, target.bins, own);
    } catch (const Error& error) {
      throw error.at(target.name + ", as " + result_.runs[run] + " sees it");
    }
  }

  /// A model on a target, as its run sees it.
  CellScore score_of(std::size_t run, std::size_t t, const CellFit& fit) const {
    const Target& target = targets_[t];
    const Recording& shown = seen_[run][t] ? *seen_[run][t] : target.recording;
    const std::int64_t lags = runs_[run].info.settings.model.lags;
    const std::uint64_t seed = runs_[run].info.seed;
    if (target.flashed) {
      const Recording steps = steps_of(shown, lags, peak_of_step(fit.network));
      ScoredFrames frames = frames_of(steps, fit.cell, bins_with_history(steps, lags));
      frames.block_bins = steps.bins() / target.recording.stimulus->frames();  // images, whose trials stand together
      frames.bin_frames = targets_[run].recording.frame_rate / target.recording.frame_rate;
      return score_cell(fit, steps, frames, seed);
    }
    if (seen_[run][t]) return score_cell(fit, shown, frames_of(shown, fit.cell, bins_with_history(shown, lags)), seed);
    return score_cell(fit, shown,
                      target.bins.empty() ? fresh_frames(shown, fit.cell) : frames_of(shown, fit.cell, target.bins),
                      seed);
  }

  /// Where a cell was not, says so once.
  bool is_fitted(std::size_t run, std::int64_t cell, const Recording& recording) {
    const auto folder = cell_folder(runs_[run].path, cell);
    const auto left_out = [&](const std::string& why) {
      result_.left_out.push_back(recording.names[static_cast<std::size_t>(cell)] + " (" + result_.runs[run] + ": " +
                                 why + ")");
      return false;
    };
    if (const auto error = cell_error(folder)) return left_out(*error);
    if (!is_done(folder)) return left_out("its fit was not finished");
    try {
      load_cell_fit(folder, cell);
    } catch (const Error& error) {
      return left_out(error.what());
    }
    return true;
  }

  CellFit fit_of(std::size_t run, const SharedCell& cell) const {
    return load_cell_fit(cell_folder(runs_[run].path, cell.row[run]), cell.row[run]);
  }

  std::vector<Piece> pieces() const {
    std::vector<Piece> all;
    for (const auto& cell : shared_.cells) all.push_back({{}, cell.name});
    return all;
  }

  /// Scores of all runs on all targets, and curves of all pairs of runs where networks are tuned.
  void one_cell(std::size_t i, Work& work) {
    work.begin(i);
    const SharedCell& cell = shared_.cells[i];
    TransferredCell& to = result_.cells[i];
    to.name = cell.name;
    std::vector<CellFit> fits;
    for (std::size_t run = 0; run < runs_.size(); ++run) fits.push_back(fit_of(run, cell));
    to.scores.assign(runs_.size(), std::vector<CrossScore>(targets_.size()));
    constexpr double kScoreShare = 0.05;  // of the time, where networks are tuned too; about
    const double scoring = request_.tune ? kScoreShare : 1;
    for (std::size_t t = 0; t < targets_.size(); ++t) {
      score_target(t, cell, fits, to);
      work.move(i, scoring * static_cast<double>(t + 1) / static_cast<double>(targets_.size()));
    }
    if (request_.tune) tune_cell(i, fits, scoring, work);
    work.end(i, {work.seconds(i), first_error(to), figures_of(to)});
  }

  void tune_cell(std::size_t i, const std::vector<CellFit>& fits, double begin, Work& work) {
    const SharedCell& cell = shared_.cells[i];
    auto& curves = result_.cells[i].curves;
    const auto pairs = static_cast<double>(runs_.size() * (runs_.size() - 1));
    for (std::size_t from = 0; from < runs_.size(); ++from)
      for (std::size_t target = 0; target < runs_.size(); ++target) {
        if (from == target) continue;
        work.say(cell.name + ": from " + result_.runs[from] + " to " + result_.targets[target]);
        CellFit fit = fits[from];
        fit.cell = cell.row[target];
        TuneCurve curve = fine_tune(fit, fits[target].window, runs_[target].info, targets_[target].recording,
                                    request_.shares, hooks_.stop);
        curve.from = from;
        curve.to = target;
        curves.push_back(std::move(curve));
        work.move(i, begin + (1 - begin) * static_cast<double>(curves.size()) / pairs);
      }
  }

  static std::string first_error(const TransferredCell& cell) {
    for (const auto& row : cell.scores)
      for (const auto& cross : row)
        if (!cross.error.empty()) return cross.error;
    return {};
  }

  /// How well runs do on their own recordings and on the others, on average.
  std::vector<Figure> figures_of(const TransferredCell& cell) const {
    const auto mean = [&](bool own) {
      double sum = 0, n = 0;
      for (std::size_t run = 0; run < runs_.size(); ++run)
        for (std::size_t t = 0; t < targets_.size(); ++t) {
          const CrossScore& cross = cell.scores[run][t];
          const double bits = cross.network.bits_per_spike;
          if ((targets_[t].run == run) == own && cross.error.empty() && std::isfinite(bits)) sum += bits, n += 1;
        }
      return sum / n;
    };
    return {{kTestBits, mean(true)}, {kBitsElsewhere, mean(false)}};
  }

  void score_target(std::size_t t, const SharedCell& cell, const std::vector<CellFit>& fits,
                    TransferredCell& to) const {
    const Target& target = targets_[t];
    const std::int64_t row = cell.row[t];
    std::vector<CellScore> scores(fits.size());
    for (std::size_t run = 0; run < fits.size(); ++run) {
      if (hooks_.stop.stop_requested()) throw Interrupted();
      try {
        CellFit fit = fits[run];
        fit.cell = row;
        scores[run] = score_of(run, t, fit);
        to.scores[run][t].network = scores[run].network;
        to.scores[run][t].ln = scores[run].ln;
      } catch (const Error& error) {
        to.scores[run][t].error = error.what();
      }
    }
    if (!target.run || !to.scores[*target.run][t].error.empty()) return;
    const CellScore& own = scores[*target.run];
    for (std::size_t run = 0; run < fits.size(); ++run) {
      CrossScore& cross = to.scores[run][t];
      if (run == *target.run || !cross.error.empty() || scores[run].counts != own.counts) continue;
      cross.own_ahead = own.network.bits_per_spike - cross.network.bits_per_spike;
      cross.own_ahead_interval =
          bits_difference_interval(own.rate, scores[run].rate, own.counts, blocks_of(own.n_frames, kScoreBlockFrames),
                                   runs_[*target.run].info.seed);
    }
  }

  const StimulusTransferRequest& request_;
  const TransferHooks& hooks_;
  std::vector<FittedRun> runs_;
  std::vector<Target> targets_;
  SharedCells shared_;
  std::vector<std::vector<std::optional<Recording>>> seen_;  ///< [run][target], where it is not as it was
  StimulusTransfer result_;
};

}  // namespace

std::string to_string(Tuned tuned) {
  switch (tuned) {
    case Tuned::nothing:
      return "nothing";
    case Tuned::output:
      return "output";
    case Tuned::all:
      return "all";
    case Tuned::from_nothing:
      break;
  }
  return "from nothing";
}

StimulusTransfer transfer_between_stimuli(const StimulusTransferRequest& request, const TransferHooks& hooks) {
  for (const double share : request.shares)
    if (!(share > 0 && share <= 1))
      throw Error(ErrorKind::usage,
                  "a share of the training data is " + std::to_string(share) + ", expected above 0 and at most 1");
  at::NoGradGuard no_gradient;
  return StimulusCrosser(request, hooks).run();
}

}  // namespace plexiform
