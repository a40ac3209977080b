#include "plexiform/transfer/fine_tune.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "plexiform/base/error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/fit/initial.hpp"
#include "plexiform/fit/objective.hpp"
#include "plexiform/fit/score_cell.hpp"
#include "plexiform/recording/cut.hpp"
#include "plexiform/transfer/refit_output.hpp"

namespace plexiform {
namespace {

constexpr std::uint64_t kTunePurpose = 60;
constexpr std::int64_t kLongestLane = 128;

/// Displayed frames of a run's test block.
std::int64_t test_frames(const RunInfo& info, const Recording& recording) {
  return info.test.frames.value_or(usual_test_frames(recording));
}

class Tuner {
 public:
  Tuner(const CellFit& fit, const CellWindow& own_window, const RunInfo& info, const Recording& recording,
        const std::stop_token& stop)
      : fit_(fit), own_window_(own_window), info_(info), recording_(recording), stop_(stop), settings_(info.settings) {
    settings_.train.try_forms = false;
    seed_ = derived_seed(info.seed * 1'000'003 + static_cast<std::uint64_t>(fit.cell), kTunePurpose);
    const Split split = run_split(info, recording);
    frames_ = split.test().empty() ? fresh_frames(recording, fit.cell) : frames_of(recording, fit.cell, split.test());
  }

  TunePoint nothing() const {
    return scored(Tuned::nothing, 0, 0, fit_.window, [&] { return fit_.network; });
  }

  /// The three that learn, at one share of the data.
  void learn(double share, std::vector<TunePoint>& points) const {
    try {
      const Recording cut = cut_recording(recording_, share, test_frames(info_, recording_));
      const Split split = cut_split(cut);
      const std::vector cells{fit_.cell, fit_.cell};
      const std::vector windows{fit_.window.window, own_window_.window};
      const auto both = make_datasets(cut, cells, windows, split, settings_, stop_);
      const Dataset &data = both[0], &own = both[1];
      double spikes = 0;
      for (const auto* ranges : {&split.train(), &split.validation()})
        for (const Range& r : *ranges)
          for (std::int64_t bin = r.begin; bin < r.end; ++bin) spikes += data.counts[static_cast<std::size_t>(bin)];
      points.push_back(scored(Tuned::output, share, spikes, fit_.window, [&] { return tuned_output(data); }));
      points.push_back(scored(Tuned::all, share, spikes, fit_.window, [&] { return tuned_all(data); }));
      points.push_back(scored(Tuned::from_nothing, share, spikes, own_window_, [&] {
        const FirstLook look = first_look(own, own_window_.source == WindowSource::variance);
        return trained(own, network_trainings(own, look, settings_, seed_));
      }));
    } catch (const Error& error) {
      for (const Tuned tuned : {Tuned::output, Tuned::all, Tuned::from_nothing})
        points.push_back({tuned, share, 0, error.what(), {}});
    }
  }

 private:
  TunePoint scored(Tuned tuned, double share, double spikes, const CellWindow& window,
                   const std::function<Network()>& network) const {
    TunePoint point{tuned, share, spikes, {}, {}};
    try {
      CellFit fit = fit_;
      fit.network = network();
      fit.window = window;
      point.score = score_cell(fit, recording_, frames_, info_.seed).network;
    } catch (const Error& error) {
      point.error = error.what();
    }
    return point;
  }

  /// Blocks as the run's, shorter where few frames would make less than ten.
  Split cut_split(const Recording& cut) const {
    SplitSettings settings;
    settings.lags = settings_.model.lags;
    settings.test.frames = test_frames(info_, recording_);
    const auto rest = static_cast<std::int64_t>(counted_frames(cut).size()) - *settings.test.frames;
    const std::int64_t shortest = 3 * settings.lags;  // of which a third is lost to the gap
    const std::int64_t longest =
        std::max<std::int64_t>(std::llround(settings_.train.block_seconds * cut.frame_rate), settings.block_frames_min);
    settings.block_seconds = 0;
    settings.block_frames_min = std::clamp(rest / 10, shortest, std::max(shortest, longest));
    return make_split(cut, settings);
  }

  /// Goes on from the network with its output tuned; unless a pass predicts the validation blocks better than that did,
  /// by a standard error of the paired difference over their chunks, it stays.
  Network tuned_all(const Dataset& data) const {
    const Network start =
        fit_.network.settings.output == OutputKind::softplus ? tuned_output(data) : clone(fit_.network);
    Training training;
    training.name = "tuned";
    training.settings = settings_;
    training.settings.model = start.settings;
    training.seed = seed_;
    training.state = begin_training(start);
    std::vector<Training> fits{std::move(training)};
    train(fits, data, seed_, 1, hooks());
    Stepper stepper(1, 0);
    const auto losses = [&](const Network& network) {
      return chunk_losses(stepper, network, data.validation_tiles, data.validation_targets);
    };
    const PairedDifference gain = paired_difference(losses(start), losses(fits[0].state.best));
    return gain.sum > gain.error ? fits[0].state.best : start;
  }

  TrainHooks hooks() const {
    TrainHooks hooks;
    hooks.stop = stop_;
    return hooks;
  }

  Network trained(const Dataset& data, std::vector<Training> fits) const {
    train(fits, data, seed_, 1, hooks());
    return fits[best_of(fits, data)].state.best;
  }

  /// Scale and offset become part of the output's own parameters: rate = s a log(1 + exp(b (drive + o + c))).
  Network tuned_output(const Dataset& data) const {
    if (fit_.network.settings.output != OutputKind::softplus)
      throw Error(ErrorKind::usage, "output = fitted has no scale that could be tuned alone");
    Stepper stepper(1, 0);
    std::vector<double> counts;
    for (const Chunk& chunk : data.train)
      for (std::int64_t i = 0; i < chunk.length; ++i)
        counts.push_back(data.counts[static_cast<std::size_t>(chunk.first_bin + i)]);
    const OutputChange change = refit_output(fit_.network, drives(stepper, fit_.network, data.train_tiles), counts);
    Network network = clone(fit_.network);
    network.output[0] += std::log(change.scale);
    network.output[2] += change.offset;
    return network;
  }

  const CellFit& fit_;
  const CellWindow& own_window_;
  const RunInfo& info_;
  const Recording& recording_;
  const std::stop_token& stop_;
  Settings settings_;
  std::uint64_t seed_ = 0;
  ScoredFrames frames_;
};

}  // namespace

void require_tunable(const RunInfo& info) {
  if (info.test.parts == 0) return;
  throw Error(
      ErrorKind::data,
      "fine-tuning takes its data from before the test block, and that of a run is a part in the middle (--test " +
          std::to_string(info.test.part) + "/" + std::to_string(info.test.parts) + ")",
      "fit with a test block at the end");
}

TuneCurve fine_tune(const CellFit& fit, const CellWindow& own_window, const RunInfo& info, const Recording& recording,
                    std::span<const double> shares, const std::stop_token& stop) {
  require_tunable(info);
  const Tuner tuner(fit, own_window, info, recording, stop);
  TuneCurve curve;
  curve.points.push_back(tuner.nothing());
  for (const double share : shares) tuner.learn(share, curve.points);
  return curve;
}

}  // namespace plexiform
