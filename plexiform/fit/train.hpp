#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "plexiform/base/progress.hpp"
#include "plexiform/fit/dataset.hpp"
#include "plexiform/model/archive.hpp"
#include "plexiform/model/network.hpp"
#include "plexiform/settings/settings.hpp"

namespace plexiform {

/// Where a fit stands at the end of a pass: everything that the next pass depends on. Order of batches and noise are
/// functions of (seed, start, pass), so no random state is needed beyond these counters.
struct TrainState {
  std::int64_t start = 0;                 ///< number of the start that is being fitted
  std::int64_t pass = 0;                  ///< passes done in this start
  std::int64_t steps = 0;                 ///< steps done in this start
  Network network;                        ///< as the optimiser has it
  Network average;                        ///< running average of its weights
  std::vector<at::Tensor> first, second;  ///< Adam's moments, in the order of parameters()
  Network best;                           ///< of this start, by validation loss
  double best_loss = 0;
  std::int64_t best_pass = 0;
  Network winner;  ///< of the starts that ended; undefined tensors before the first
  double winner_loss = 0;
  std::int64_t winner_start = -1;
  bool ended = false;
  std::string metrics;  ///< lines of JSON, one a pass
};

void put_state(Archive& archive, const TrainState& state);
TrainState get_state(const Archive& archive);

struct TrainHooks {
  /// Called at the end of a pass when `checkpoint_every` has gone by since the last call, and at the end.
  std::function<void(const TrainState&)> checkpoint;
  std::chrono::duration<double> checkpoint_every{2};
  ProgressSink progress;
  std::stop_token stop;
  std::string what;  ///< for progress: "cell 9"
};

/// A network to begin `start` with.
using Starter = std::function<Network(std::int64_t start)>;

/// A state before the first pass.
TrainState begin_training(const Starter& starter);

/// Fits from `state` to the end: Adam (Kingma and Ba 2015) with a cosine schedule on shuffled batches, constraints
/// after each step, a running average of the weights, early stop on the validation blocks, then the next start; winner
/// is the best network of all starts. The same seed and thread count give the same bits, whether or not it was
/// interrupted and went on from a checkpoint. Throws Interrupted on a stop request; Error{numeric} with step, batch and
/// parameter where a number is not finite.
void train(TrainState& state, const Dataset& data, const Settings& settings, std::uint64_t seed, const Starter& starter,
           const TrainHooks& hooks);

}  // namespace plexiform
