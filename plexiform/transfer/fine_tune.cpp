#include "plexiform/transfer/fine_tune.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include "plexiform/base/error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/base/streams.hpp"
#include "plexiform/fit/cell_data.hpp"
#include "plexiform/fit/initial.hpp"
#include "plexiform/fit/objective.hpp"
#include "plexiform/fit/train.hpp"
#include "plexiform/fit/trainings.hpp"
#include "plexiform/model/torch_threads.hpp"
#include "plexiform/recording/chunks.hpp"
#include "plexiform/recording/cut.hpp"
#include "plexiform/transfer/refit_output.hpp"
#include "plexiform/transfer/thresholds.hpp"

namespace plexiform {
namespace {

using namespace thresholds::transfer;

constexpr std::int64_t kLongestChunk = 5000;

double spikes_in(const Dataset& data, const Split& split) {
  double spikes = 0;
  for (const auto* ranges : {&split.train(), &split.validation()})
    for (const Range& r : *ranges)
      for (std::int64_t bin = r.begin; bin < r.end; ++bin) spikes += data.counts[static_cast<std::size_t>(bin)];
  return spikes;
}

TrainHooks stopping(const Context& context) {
  TrainHooks hooks;
  hooks.stop = context.stop;
  return hooks;
}

TunePoint scored(const Tuning& tuning, TunePoint point, const CellWindow& window,
                 const std::function<CellModel()>& model, const Context& context) {
  try {
    CellFit fit = tuning.fit;
    fit.model = model();
    fit.window = window;
    point.score = score_cell(fit, tuning.to.recording, tuning.frames, tuning.to.seed, part_of(context, 1, 1)).network;
  } catch (const Error& error) {
    point.error = noted(error);
  }
  return point;
}

/// The three that learn, at one share of the data.
void learn(const Tuning& tuning, double share, std::vector<TunePoint>& points, const Context& context) {
  try {
    const TuneData data = tune_data(tuning, share, context);
    const auto point = [&](Tuned tuned, const CellWindow& window, const std::function<CellModel()>& model) {
      points.push_back(scored(tuning, {tuned, share, data.spikes, {}, {}}, window, model, context));
    };
    const Context one = part_of(context, 1, 1);
    if (const auto* subunits = std::get_if<SubunitModel>(&tuning.fit.model)) {
      point(Tuned::output, tuning.fit.window, [&] { return tuned_output(*subunits, data, one); });
      point(Tuned::all, tuning.fit.window, [&] { return tuned_all(tuning, *subunits, data, one); });
    } else {
      point(Tuned::output, tuning.fit.window, [&] { return tuned_output(network_of(tuning.fit), *data.through_fit); });
      point(Tuned::all, tuning.fit.window, [&] { return tuned_all(tuning, *data.through_fit, context); });
    }
    point(Tuned::from_nothing, tuning.own_window, [&] { return untuned(tuning, data.through_own, context); });
  } catch (const Error& error) {
    const std::string note = noted(error);
    for (const Tuned tuned : {Tuned::output, Tuned::all, Tuned::from_nothing})
      points.push_back({tuned, share, 0, note, {}});
  }
}

}  // namespace

std::vector<double> usual_tune_shares() {
  return {kTuneShares.begin(), kTuneShares.end()};
}

void require_tunable(const SplitSettings& split) {
  if (split.test.parts == 0) return;
  throw Error(ErrorKind::data,
              "fine-tuning takes its data from before the test block, and here that is a part in the middle (" +
                  std::to_string(split.test.part) + " of " + std::to_string(split.test.parts) + ")",
              "fit with a test block at the end");
}

Tuning begin_tuning(const CellFit& fit, const CellWindow& own_window, const FittedModels& to, const Context& context) {
  Tuning tuning{.fit = fit, .own_window = own_window, .to = to, .settings = to.settings, .frames = {}};
  tuning.settings.train.try_forms = false;
  tuning.seed = derived_seed(cell_seed(to.seed, fit.cell), purposes::after_fit::kFineTune);
  tuning.test_frames = to.split.test.frames.value_or(usual_test_frames(to.recording));
  const Split split = make_split(to.recording, to.split);
  tuning.frames = split.test().empty() ? fresh_frames(to.recording, fit.cell, part_of(context, 1, 1))
                                       : frames_of(to.recording, fit.cell, split.test());
  return tuning;
}

TuneData tune_data(const Tuning& tuning, double share, const Context& context) {
  Recording cut = cut_recording(tuning.to.recording, share, tuning.test_frames);
  SplitSettings settings = tuning.to.split;
  settings.lags = std::max(settings.lags, lags_of(tuning.fit.model));
  Split split = tune_split(cut, settings, tuning.test_frames);
  std::vector windows{tuning.own_window.window};
  if (std::holds_alternative<Network>(tuning.fit.model)) windows.push_back(tuning.fit.window.window);
  const std::vector cells(windows.size(), tuning.fit.cell);
  auto sets = make_datasets(cut, cells, windows, split, tuning.settings, part_of(context, 1, 1));
  TuneData data{std::move(cut), std::move(split), {}, std::move(sets[0]), tuning.fit.cell, 0};
  if (sets.size() > 1) data.through_fit = std::move(sets[1]);
  data.spikes = spikes_in(data.through_own, data.split);
  return data;
}

Split tune_split(const Recording& cut, const SplitSettings& like, std::int64_t test_frames) {
  SplitSettings settings = like;
  settings.test = {.frames = test_frames};
  const auto rest = static_cast<std::int64_t>(counted_frames(cut).size()) - test_frames;
  const std::int64_t shortest = kTuneBlockLags * settings.lags;
  const std::int64_t longest =
      std::max<std::int64_t>(std::llround(like.block_seconds * bins_per_second(cut)), like.block_frames_min);
  settings.block_seconds = 0;
  settings.block_frames_min = std::clamp(rest / kTuneBlocks, shortest, std::max(shortest, longest));
  return make_split(cut, settings);
}

Network tuned_output(const Network& network, const Dataset& data) {
  if (network.settings.output != OutputKind::softplus)
    throw Error(ErrorKind::usage, "output = fitted has no scale that could be tuned alone");
  Stepper stepper(1, 0);
  std::vector<double> counts;
  for (const Chunk& chunk : data.train)
    for (std::int64_t i = 0; i < chunk.length; ++i)
      counts.push_back(data.counts[static_cast<std::size_t>(chunk.first_bin + i)]);
  const OutputChange change = refit_output(network, {drives(stepper, network, data.train_tiles), {}}, counts);
  Network tuned = clone(network);
  tuned.output[0] += std::log(change.scale);
  tuned.output[2] += change.offset;
  return tuned;
}

SubunitModel tuned_output(const SubunitModel& model, const TuneData& data, const Context& context) {
  const auto chunks = make_chunks(data.cut, data.split.train(), kLongestChunk);
  const auto row = data.cut.counts.row(data.cell);
  std::vector<double> counts;
  for (const Chunk& chunk : chunks)
    for (std::int64_t i = 0; i < chunk.length; ++i)
      counts.push_back(row[static_cast<std::size_t>(chunk.first_bin + i)]);
  SubunitModel tuned = model;
  for (int i = 0; i < kOutputRounds; ++i) {
    const ModelDrive drive = subunit_drive(tuned, *data.cut.stimulus, model.window, chunks, context);
    tuned = with_shift(tuned, refit_output(tuned, drive, counts));
  }
  return tuned;
}

SubunitModel tuned_all(const Tuning& tuning, const SubunitModel& model, const TuneData& data, const Context& context) {
  const SubunitModel start = tuned_output(model, data, context);
  return refitted(start, data.cut, tuning.fit.cell, data.split, context);
}

Network tuned_all(const Tuning& tuning, const Dataset& data, const Context& context) {
  const Network& network = network_of(tuning.fit);
  const Network start = network.settings.output == OutputKind::softplus ? tuned_output(network, data) : clone(network);
  Training training;
  training.name = "tuned";
  training.settings = tuning.settings;
  training.settings.model = start.settings;
  training.seed = tuning.seed;
  training.state = begin_training(start);
  std::vector<Training> fits{std::move(training)};
  train(fits, data, tuning.seed, 1, stopping(context));
  Stepper stepper(1, 0);
  const auto losses = [&](const Network& of) {
    return chunk_losses(stepper, of, data.validation_tiles, data.validation_targets);
  };
  const PairedDifference gain = paired_difference(losses(start), losses(fits[0].state.best));
  return gain.sum > gain.error ? fits[0].state.best : start;
}

Network untuned(const Tuning& tuning, const Dataset& own, const Context& context) {
  const FirstLook look = first_look(own, tuning.own_window.source == WindowSource::variance);
  std::vector<Training> fits = network_trainings(own, look, tuning.settings, tuning.seed);
  train(fits, own, tuning.seed, 1, stopping(context));
  return fits[best_of(fits, own)].state.best;
}

TuneCurve fine_tune(const CellFit& fit, const CellWindow& own_window, const FittedModels& to,
                    std::span<const double> shares, const Context& context) {
  require_tunable(to.split);
  const at::NoGradGuard no_gradient;
  const OneTorchThread one_thread;
  const Tuning tuning = begin_tuning(fit, own_window, to, context);
  TuneCurve curve;
  curve.points.push_back(scored(
      tuning, {Tuned::nothing, 0, 0, {}, {}}, fit.window, [&] { return fit.model; }, context));
  for (const double share : shares) learn(tuning, share, curve.points, context);
  return curve;
}

}  // namespace plexiform
