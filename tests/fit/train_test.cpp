#include "plexiform/fit/train.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "fit/small_recording.hpp"
#include "model/gradients.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/fit/objective.hpp"

namespace plexiform {
namespace {

Settings quick_settings() {
  Settings s;
  s.train.passes = 4;
  s.train.starts = 2;
  return s;
}

TrainState fitted(const SmallFit& f, std::uint64_t seed, TrainHooks hooks = {}) {
  const Starter starter = network_starter(f.data, f.look, f.settings, seed);
  TrainState state = begin_training(starter);
  train(state, f.data, f.settings, seed, starter, hooks);
  return state;
}

void expect_same(const Network& a, const Network& b) {
  const auto x = parameters(a), y = parameters(b);
  ASSERT_EQ(x.size(), y.size());
  for (std::size_t i = 0; i < x.size(); ++i) EXPECT_TRUE(x[i].second->equal(*y[i].second)) << x[i].first;
}

TEST(Train, ASeedGivesTheSameBits) {
  const auto f = small_fit("mosaic5", 4000, quick_settings());
  expect_same(fitted(f, 1).winner, fitted(f, 1).winner);
  EXPECT_FALSE(fitted(f, 1).winner.map.equal(fitted(f, 2).winner.map));
}

TEST(Train, AnInterruptedFitGoesOnToTheSameBits) {
  auto settings = quick_settings();
  settings.model.noise = 0.1;
  const auto f = small_fit("mosaic5", 4000, settings);
  const TrainState whole = fitted(f, 3);
  for (const int stop_after : {1, 3, 5, 7}) {
    // Stops in the middle of the pass after `stop_after` passes of all starts; only the checkpoint survives.
    Archive saved;
    std::stop_source stop;
    int passes = 0;
    TrainHooks hooks;
    hooks.checkpoint_every = std::chrono::seconds(0);
    hooks.checkpoint = [&](const TrainState& state) {
      saved = {};
      put_state(saved, state);
      if (++passes == stop_after) stop.request_stop();
    };
    hooks.stop = stop.get_token();
    EXPECT_THROW(fitted(f, 3, hooks), Interrupted);
    TrainState state = get_state(saved);
    train(state, f.data, f.settings, 3, network_starter(f.data, f.look, f.settings, 3), {});
    expect_same(state.winner, whole.winner);
    EXPECT_EQ(state.metrics, whole.metrics) << stop_after;
    EXPECT_EQ(state.winner_loss, whole.winner_loss);
  }
}

TEST(Train, BeatsTheConstantRateAndItsOwnStart) {
  const auto f = small_fit("mosaic5", 8000, quick_settings());
  const auto state = fitted(f, 1);
  const double mean = f.look.mean_count;
  const double constant = mean - mean * std::log(mean);
  const Network start = network_starter(f.data, f.look, f.settings, 1)(state.winner_start);
  EXPECT_LT(state.winner_loss, constant);
  EXPECT_LT(state.winner_loss, mean_loss(start, f.data, f.data.validation));
}

TEST(Train, ANumberThatIsNotFiniteStopsWithStepAndParameter) {
  auto f = small_fit("mosaic5", 4000, quick_settings());
  f.data.counts[f.data.train[0].first_bin] = std::nanf("");
  try {
    fitted(f, 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::numeric);
    EXPECT_NE(std::string(error.what()).find("not finite at step"), std::string::npos) << error.what();
  }
}

TEST(Objective, GradientsAreFiniteDifferences) {
  Settings s = quick_settings();
  s.model.lags = 5;
  s.model.filter_size = 3;
  s.model.suppression = true;
  s.train.l1_filter = 0.1, s.train.l2_filter = 0.2, s.train.smooth_filter = 0.3, s.train.smooth_temporal = 0.1;
  s.train.l1_map = 0.1, s.train.l2_map = 0.1, s.train.l1_activity = 0.2;
  at::manual_seed(2);
  Batch batch{at::randn({30, 1, 5, 5}, at::kDouble), at::arange(3, 20, at::kLong), at::ones({17}, at::kDouble)};
  for (const bool separable : {true, false}) {
    s.model.separable = separable;
    Network n = to_type(make_network(s.model, {1, 5, 5}), at::kDouble);
    std::vector<at::Tensor> inputs;
    for (auto& [name, tensor] : parameters(n)) inputs.push_back(at::rand_like(*tensor) + 0.1);
    expect_gradients(
        [&](const auto& in) {
          Network with = n;
          std::size_t i = 0;
          for (auto& [name, tensor] : parameters(with)) *tensor = in[i++];
          return objective(with, batch, s.train, std::nullopt) / 10;
        },
        inputs, 1e-5);
  }
}

TEST(Objective, PoissonLossIsLeastAtTheCounts) {
  const at::Tensor counts = at::tensor({0.0F, 1.0F, 3.0F});
  const auto loss = [&](float shift) {
    const at::Tensor rate = counts + 1e-6F + shift;
    return poisson_loss({rate, rate.log()}, counts).item<double>();
  };
  EXPECT_LT(loss(0), loss(0.05F));
  EXPECT_NEAR(loss(0), 1 + 3 - 3 * std::log(3.0), 1e-4);
}

}  // namespace
}  // namespace plexiform
