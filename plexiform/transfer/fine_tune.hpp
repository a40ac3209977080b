#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/evaluate/score_cell.hpp"
#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/recording/split.hpp"
#include "plexiform/result/transfer.hpp"
#include "plexiform/transfer/fitted_models.hpp"

namespace plexiform {

/// Shares of the training data that are usual for fine-tuning.
std::vector<double> usual_tune_shares();

/// Throws Error{data} if the test block is a part in the middle: fine-tuning takes its data from before it.
void require_tunable(const SplitSettings& split);

/// The curve of a network (of another stimulus) that learns from more and more of a cell's data, beside one that begins
/// from nothing, in the cell's own window, as `to` was fitted but on shorter blocks where there are few frames.
/// `fit.cell` is the row in `to.recording`, `own_window` the cell's window there. A share that is too small to be split
/// is a point with an error. The result does not depend on context.threads, of which one is used. Throws Error{data} as
/// require_tunable, Interrupted on a stop request.
TuneCurve fine_tune(const CellFit& fit, const CellWindow& own_window, const FittedModels& to,
                    std::span<const double> shares, const Context& context = {});

// The steps of fine_tune.

/// What all points of a curve share. Refers to the arguments that it was made of.
struct Tuning {
  const CellFit& fit;
  const CellWindow& own_window;
  const FittedModels& to;
  Settings settings;             ///< of the trainings
  std::uint64_t seed = 0;        ///< likewise
  std::int64_t test_frames = 0;  ///< displayed frames of the test block
  ScoredFrames frames;           ///< that every point is scored on
};
Tuning begin_tuning(const CellFit& fit, const CellWindow& own_window, const FittedModels& to, const Context& context);

/// What is learned from at one share of the data, through the window of the network and through the cell's own.
struct TuneData {
  Recording cut;  ///< to the share
  Split split;
  std::optional<Dataset> through_fit;  ///< where the model is a network
  Dataset through_own;
  std::int64_t cell = 0;  ///< row in `cut`
  double spikes = 0;      ///< in training and validation blocks
};
/// Throws Error{data} if so small a share cannot be split.
TuneData tune_data(const Tuning& tuning, double share, const Context& context);

/// The split of a recording that was cut to a share: blocks as `like`, but shorter where few frames would make less
/// than kTuneBlocks of them. The test block is the last `test_frames` frames.
Split tune_split(const Recording& cut, const SplitSettings& like, std::int64_t test_frames);

/// Scale and offset become part of the output's own parameters: rate = s a log(1 + exp(b (drive + o + c))). Throws
/// Error{usage} for an output that has none, Error{data} without a spike.
Network tuned_output(const Network& network, const Dataset& data);
SubunitModel tuned_output(const SubunitModel& model, const TuneData& data, const Context& context);
/// Continues from the network with its output tuned; unless a pass predicts the validation blocks better than that did,
/// by a standard error of the paired difference over their chunks, it stays.
Network tuned_all(const Tuning& tuning, const Dataset& data, const Context& context);
/// The same of subunits: all their numbers fitted again on the training blocks.
SubunitModel tuned_all(const Tuning& tuning, const SubunitModel& model, const TuneData& data, const Context& context);
/// Begins from nothing, in the cell's own window.
Network untuned(const Tuning& tuning, const Dataset& own, const Context& context);

}  // namespace plexiform
