#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "plexiform/compute/step.hpp"
#include "plexiform/fit/dataset.hpp"
#include "plexiform/form/model_settings.hpp"
#include "plexiform/model/network.hpp"

namespace plexiform {

/// Where a fit stands at the end of a pass: everything that the next pass depends on. Order of batches and noise are
/// functions of (seed, pass) and (seed, step), so no random state is needed beyond these counters.
struct TrainState {
  std::int64_t pass = 0;                  ///< passes done
  std::int64_t steps = 0;                 ///< steps done
  Network network;                        ///< as the optimiser has it
  Network average;                        ///< running average of its weights
  std::vector<at::Tensor> first, second;  ///< Adam's moments, in the order of parameters()
  Network best;                           ///< by validation loss
  double best_loss = 0;
  std::int64_t best_pass = 0;
  bool ended = false;
  std::string metrics;  ///< lines of JSON, one a pass
};

/// A state before the first pass.
TrainState begin_training(const Network& start);

/// One fit: what it minimises, where it stands, and its own responses if these are not the dataset's (resamples).
struct Training {
  std::string name;  ///< "start0", "ln0.03"
  Settings settings;
  std::uint64_t seed = 0;  ///< of its noise
  TrainState state;
  const std::vector<Targets>* train_targets = nullptr;  ///< null: the dataset's
};

/// A copy with tensors of its own (a plain copy of tensors is another name for the same numbers).
Training clone(const Training& fit);

struct TrainHooks {
  /// Called at the end of a pass of all fits when `checkpoint_every` has gone by since the last call, and at the end.
  std::function<void(std::span<const Training>)> checkpoint;
  std::chrono::duration<double> checkpoint_every{2};
  /// Called at the end of a pass of all fits: share of the planned passes that is done, best validation loss so far.
  std::function<void(double share, double validation_loss)> passed;
  std::stop_token stop;
};

/// One step on a batch of tiles: objective, Adam, constraints, running average. `share_done` of all passes sets the
/// learning rate; `gradient` is working memory, a network of the same shape. Returns the objective before the step.
double take_step(Training& fit, const TileSet& set, const std::vector<Targets>& targets,
                 std::span<const std::size_t> batch, double share_done, Stepper& stepper, Network& gradient);

/// Fits several networks on one movie to their ends: Adam (Kingma and Ba 2015) with a cosine schedule, constraints
/// after each step, a running average of the weights, early stop on the validation blocks, each on its own. All see the
/// same batches in the same order, so that a tile is read once for all; threads take whole fits, or share one where
/// there are fewer fits. The result of a fit depends on its own settings and seeds and on `order_seed` only: alone or
/// among others, on any number of threads, interrupted and continued or not, it is the same to the bit. Throws
/// Interrupted on a stop request; Error{numeric} with step, batch and parameter where a number is not finite.
void train(std::span<Training> fits, const Dataset& data, std::uint64_t order_seed, int threads,
           const TrainHooks& hooks);

/// Standard errors of the paired difference by which the one of two networks that was named later must be ahead.
double errors_ahead(const ModelSettings& a, const ModelSettings& b);

/// Index of the best fit by validation loss. Among those of the same form (nonlinearity, number and size of filters,
/// separable or not) the lower loss decides. Another nonlinearity must be ahead by more than the standard error of the
/// paired difference over the validation chunks, another form of filters by more than two; within that the one named
/// first, the simpler, is kept. Throws InternalError if there is none.
std::size_t best_of(std::span<const Training> fits, const Dataset& data);

}  // namespace plexiform
