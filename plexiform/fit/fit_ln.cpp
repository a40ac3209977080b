#include <limits>

#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/fit/initial.hpp"

namespace plexiform {
namespace {

/// Strengths tried: of the penalty on the Laplacian of the spatial filter (of unit norm), and a tenth of it on the
/// filter's absolute values, which silences the pixels outside of the receptive field.
constexpr double kStrengths[] = {0.003, 0.01, 0.03, 0.1};

Settings ln_settings(const Settings& like, double strength) {
  Settings s = preset_settings("ln");
  s.model.lags = like.model.lags;
  s.model.window = like.model.window;
  s.train.batch = like.train.batch;
  s.train.passes = 40;
  s.train.patience = 8;
  s.train.smooth_filter = strength;
  s.train.l1_filter = strength / 10;
  s.train.smooth_temporal = strength / 10;
  s.model.output = like.model.output;
  return s;
}

}  // namespace

LnFit fit_ln(const Dataset& data, const FirstLook& look, const Settings& settings, std::uint64_t seed,
             const TrainHooks& hooks) {
  LnFit best;
  best.validation_loss = std::numeric_limits<double>::infinity();
  for (const double strength : kStrengths) {
    const Settings tried = ln_settings(settings, strength);
    const Starter starter = [&](std::int64_t start) {
      return initial_network(data, look, tried.model, tried.train.start_from, seed, start);
    };
    TrainState state = begin_training(starter);
    train(state, data, tried, seed, starter, hooks);
    if (state.winner_loss < best.validation_loss) best = {state.winner, state.winner_loss, strength};
  }
  return best;
}

}  // namespace plexiform
