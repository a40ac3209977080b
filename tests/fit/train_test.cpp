#include "plexiform/fit/train.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "fit/small_recording.hpp"
#include "model/gradients.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/fit/objective.hpp"
#include "plexiform/fit/reference.hpp"
#include "plexiform/score/bits.hpp"
#include "plexiform/stimulus/stored.hpp"

namespace plexiform {
namespace {

Settings quick_settings() {
  Settings s;
  s.train.passes = 4;
  s.train.starts = 2;
  return s;
}

std::vector<Training> fitted(const SmallFit& f, std::uint64_t seed, TrainHooks hooks = {}, int threads = 1) {
  auto fits = network_trainings(f.data, f.look, f.settings, seed);
  train(fits, f.data, seed, threads, hooks);
  return fits;
}

void expect_same(const Network& a, const Network& b) {
  const auto x = parameters(a), y = parameters(b);
  ASSERT_EQ(x.size(), y.size());
  for (std::size_t i = 0; i < x.size(); ++i) EXPECT_TRUE(x[i].second->equal(*y[i].second)) << x[i].first;
}

void expect_same(std::span<const Training> a, std::span<const Training> b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    SCOPED_TRACE(a[i].name);
    expect_same(a[i].state.network, b[i].state.network);
    expect_same(a[i].state.best, b[i].state.best);
    EXPECT_EQ(a[i].state.best_loss, b[i].state.best_loss);
    EXPECT_EQ(a[i].state.metrics, b[i].state.metrics);
  }
}

TEST(Train, ASeedGivesTheSameBitsOnAnyNumberOfThreads) {
  auto settings = quick_settings();
  settings.model.noise = 0.1;
  const auto f = small_fit("mosaic5", 4000, settings);
  const auto once = fitted(f, 1);
  expect_same(once, fitted(f, 1));
  for (const int threads : {2, 3, 8}) expect_same(once, fitted(f, 1, {}, threads));
  EXPECT_FALSE(once[0].state.best.map.equal(fitted(f, 2)[0].state.best.map));
}

TEST(Train, AfterEachPassItTellsShareAndBestLoss) {
  const auto f = small_fit("mosaic5", 4000, quick_settings());
  std::vector<double> shares, losses;
  TrainHooks hooks;
  hooks.passed = [&](double share, double loss) {
    shares.push_back(share);
    losses.push_back(loss);
  };
  const auto fits = fitted(f, 1, hooks);
  ASSERT_FALSE(shares.empty());
  EXPECT_TRUE(std::ranges::is_sorted(shares));
  EXPECT_EQ(shares.back(), 1);
  EXPECT_EQ(losses.back(), std::min(fits[0].state.best_loss, fits[1].state.best_loss));
}

TEST(ValidationBits, AreThoseOfTheRatesOnTheValidationBlocks) {
  const auto f = small_fit("mosaic5", 4000, quick_settings());
  const Network network = fitted(f, 1)[0].state.best;
  Stepper stepper(1, 0);
  std::vector<double> counts;
  for (const Chunk& chunk : f.data.validation)
    for (std::int64_t i = 0; i < chunk.length; ++i)
      counts.push_back(f.data.counts[static_cast<std::size_t>(chunk.first_bin + i)]);
  const auto rate = rates(stepper, network, f.data.validation_tiles);
  const double loss = mean_loss(stepper, network, f.data.validation_tiles, f.data.validation_targets);
  EXPECT_NEAR(validation_bits(f.data, loss), bits_sums(rate, counts).bits_per_spike(), 1e-4);
}

TEST(Train, FitsAloneAndTogetherAreTheSameToTheBit) {
  Settings settings = quick_settings();
  settings.train.passes = 6;
  settings.train.patience = 1;  // so that fits end at different passes
  const auto f = small_fit("mosaic5", 6000, settings);
  std::vector<Training> all = cell_trainings(f.data, f.look, f.settings, 4).fits;
  Training other = clone(all[0]);  // a filter of another form among them
  other.name = "full";
  other.settings.model.separable = false;
  other.settings.model.filters = 3;
  other.state = begin_training(initial_network(f.data, f.look, other.settings.model, StartFrom::average, 4, 0));
  all.push_back(other);
  std::vector<Training> before;
  for (const auto& fit : all) before.push_back(clone(fit));
  train(all, f.data, 4, 2, {});
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::vector<Training> alone = {clone(before[i])};
    train(alone, f.data, 4, 1, {});
    expect_same(alone, std::span(all).subspan(i, 1));
  }
}

TEST(Train, ResamplesFitTheirOwnWeights) {
  auto settings = quick_settings();
  settings.train.starts = 1;
  const auto f = small_fit("mosaic5", 6000, settings);
  // Weight 0 in the second half is as if it were not there; weight 2 everywhere is as weight 1.
  std::vector<float> twice(f.data.counts.size(), 2.0F), half(f.data.counts.size(), 1.0F);
  std::fill(half.begin() + static_cast<std::ptrdiff_t>(half.size() / 2), half.end(), 0.0F);
  const auto doubled = make_targets(f.data.train_tiles, f.data.counts, twice);
  const auto halved = make_targets(f.data.train_tiles, f.data.counts, half);
  auto fits = network_trainings(f.data, f.look, f.settings, 1);
  fits.push_back(clone(fits[0]));
  fits.push_back(clone(fits[0]));
  fits[1].train_targets = &doubled;
  fits[2].train_targets = &halved;
  train(fits, f.data, 1, 1, {});
  EXPECT_LT((fits[0].state.best.map - fits[1].state.best.map).abs().max().item<double>(), 1e-3);
  EXPECT_GT((fits[0].state.best.map - fits[2].state.best.map).abs().max().item<double>(), 1e-2);
  auto counts = f.data.counts;
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] *= half[i] == 0 ? 5.0F : 1.0F;
  const auto other = make_targets(f.data.train_tiles, counts, half);
  auto again = network_trainings(f.data, f.look, f.settings, 1);
  again[0].train_targets = &other;
  train(again, f.data, 1, 1, {});
  expect_same(again[0].state.best, fits[2].state.best);
}

TEST(Train, AnInterruptedFitGoesOnToTheSameBits) {
  auto settings = quick_settings();
  settings.model.noise = 0.1;
  const auto f = small_fit("mosaic5", 4000, settings);
  const auto whole = fitted(f, 3);
  for (const int stop_after : {1, 3}) {
    // Stops in the middle of the pass after `stop_after` passes; only the checkpoint survives.
    std::vector<Training> saved;
    std::stop_source stop;
    int passes = 0;
    TrainHooks hooks;
    hooks.checkpoint_every = std::chrono::seconds(0);
    hooks.checkpoint = [&](std::span<const Training> fits) {
      saved.clear();
      for (const auto& fit : fits) saved.push_back(clone(fit));
      if (++passes == stop_after) stop.request_stop();
    };
    hooks.stop = stop.get_token();
    EXPECT_THROW(fitted(f, 3, hooks, 2), Interrupted);
    auto fits = network_trainings(f.data, f.look, f.settings, 3);
    for (std::size_t i = 0; i < fits.size(); ++i) fits[i].state = clone(saved[i]).state;
    EXPECT_EQ(fits[0].state.pass, stop_after);
    train(fits, f.data, 3, 1, {});
    expect_same(fits, whole);
  }
}

TEST(Train, BeatsTheConstantRateAndItsOwnStart) {
  const auto f = small_fit("mosaic5", 8000, quick_settings());
  const auto start = network_trainings(f.data, f.look, f.settings, 1);
  const auto fits = fitted(f, 1);
  const auto winner = best_of(fits, f.data);
  const double mean = f.look.mean_count;
  const double constant = mean - mean * std::log(mean);
  Stepper stepper;
  EXPECT_LT(fits[winner].state.best_loss, constant);
  EXPECT_LT(fits[winner].state.best_loss,
            mean_loss(stepper, start[winner].state.network, f.data.validation_tiles, f.data.validation_targets));
}

TEST(Train, ANumberThatIsNotFiniteStopsWithStepAndParameter) {
  auto f = small_fit("mosaic5", 4000, quick_settings());
  f.data.train_targets[0].counts[0] = std::nanf("");
  try {
    fitted(f, 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::numeric);
    EXPECT_NE(std::string(error.what()).find("not finite at step"), std::string::npos) << error.what();
  }
}

TEST(Objective, TheKernelsAgreeWithTheDefinitionInDouble) {
  // Two tiles of 16 lanes with 5 frames each, every form of network, every penalty: value and gradient.
  const auto variants = [] {
    std::vector<Settings> all;
    for (const auto kind : {SubunitNonlinearity::relu, SubunitNonlinearity::half_squared, SubunitNonlinearity::squared,
                            SubunitNonlinearity::linear})
      for (const bool separable : {true, false})
        for (const bool second : {true, false}) {
          Settings s;
          s.model.subunits = kind;
          s.model.separable = separable;
          s.model.suppression = second;
          s.model.output = second ? OutputKind::fitted : OutputKind::softplus;
          s.model.padding = second ? Padding::valid : Padding::zero;
          s.model.contrast_scale = second ? 0.5 : 1;
          s.model.lags = 6, s.model.filter_size = 3, s.model.filters = second ? 1 : 3;
          s.train.l1_filter = 0.1, s.train.l2_filter = 0.2, s.train.smooth_filter = 0.3, s.train.smooth_temporal = 0.1;
          s.train.l1_map = 0.1, s.train.l2_map = 0.1, s.train.l1_activity = 0.2;
          all.push_back(s);
        }
    return all;
  }();
  at::manual_seed(2);
  const at::Tensor movie = at::randn({170, 2, 5, 4});
  NdArray<float> frames({170, 2, 5, 4});
  std::copy_n(movie.const_data_ptr<float>(), movie.numel(), frames.values.begin());
  const auto stimulus = memory_stimulus(std::move(frames));
  const Window window = whole(stimulus->shape());
  std::vector<Chunk> chunks;
  for (std::int64_t i = 0; i < 32; ++i) chunks.push_back({5 * i, 5 + 5 * i, 5});
  const TileSet set = std::move(make_tiles(*stimulus, std::span(&window, 1), 6, chunks, 0)[0]);
  std::vector<float> counts(160);
  for (std::size_t i = 0; i < counts.size(); ++i)
    counts[i] = static_cast<float>(i % 4 == 0) + static_cast<float>(i % 3);
  const auto targets = make_targets(set, counts);
  for (const auto& s : variants) {
    Network n = make_network(s.model, {2, 5, 4});
    for (auto& [name, tensor] : parameters(n)) *tensor = at::rand_like(*tensor) * 0.5 + 0.1;
    for (const char* algorithm : {"direct", "temporal", "spectral"}) {
      SCOPED_TRACE(to_string(s.model.subunits) + (s.model.separable ? " separable " : " full ") + algorithm +
                   (s.model.suppression ? " with suppression" : ""));
      ::setenv("PLEXIFORM_ALGORITHM", algorithm, 1);
      Network gradient = zeros_like(n);
      Stepper stepper;
      const std::vector<std::size_t> batch = {0, 1};
      const double loss = objective(stepper, n, set, targets, batch, s.train, 1, gradient);
      ::unsetenv("PLEXIFORM_ALGORITHM");
      Network exact = to_type(n, at::kDouble);
      for (auto& [name, tensor] : parameters(exact)) tensor->requires_grad_(true);
      const at::Tensor y = at::from_blob(counts.data(), {160}).to(at::kDouble);
      const at::Tensor reference = reference_objective(exact, movie.narrow(0, 0, 165).to(at::kDouble), y, s.train);
      reference.backward();
      EXPECT_NEAR(loss, reference.item<double>(), 1e-5 * (1 + std::abs(reference.item<double>())));
      const auto fast = parameters(gradient), slow = parameters(exact);
      for (std::size_t i = 0; i < fast.size(); ++i) {
        const at::Tensor expected = slow[i].second->grad();
        EXPECT_LT((fast[i].second->to(at::kDouble) - expected).abs().max().item<double>(),
                  2e-5 * (1 + expected.abs().max().item<double>()))
            << fast[i].first;
      }
    }
  }
}

TEST(Forms, EachIsFittedFromAllStartsTheGivenOneFirst) {
  Settings s = quick_settings();
  s.train.try_forms = true;
  s.train.starts = 2;
  const SmallFit f = small_fit("mosaic5", 2000, s);
  const auto fits = network_trainings(f.data, f.look, f.settings, 1);
  ASSERT_EQ(fits.size(), 8U);
  const auto of = [&](std::size_t i) { return fits[i].settings.model; };
  EXPECT_EQ(of(0).filter_size, s.model.filter_size);
  EXPECT_EQ(of(2).filter_size, s.model.filter_size + 2);
  EXPECT_EQ(of(4).filters, 2 * s.model.filters);
  EXPECT_EQ(of(5).filter_size, s.model.filter_size);
  EXPECT_FALSE(of(7).separable);
  EXPECT_EQ(fits[7].name, "start7");
}

TEST(Forms, OneThatDoesNotFitTheWindowIsLeftOut) {
  Settings s = quick_settings();
  s.model.filter_size = 15;
  s.train.try_forms = true;
  s.train.starts = 1;
  const SmallFit f = small_fit("mosaic5", 2000, s);  // 16 x 16 pixels
  for (const auto& fit : network_trainings(f.data, f.look, f.settings, 1))
    EXPECT_EQ(fit.settings.model.filter_size, 15) << fit.name;
}

/// A network from the average, not trained, that was found to lose 1.
Training begun_fit(const SmallFit& f) {
  Training fit = network_trainings(f.data, f.look, f.settings, 1)[0];
  fit.state.best = fit.state.network;
  fit.state.best_loss = 1;
  return fit;
}

TEST(Forms, TheBestStartOfEachStandsForIt) {
  const SmallFit f = small_fit("mosaic5", 2000, quick_settings());
  std::vector<Training> fits{begun_fit(f)};
  Training worse = clone(fits[0]), squares = clone(fits[0]);
  worse.state.best.map.mul_(0);
  worse.state.best_loss = 2;
  squares.state.best.settings.subunits = SubunitNonlinearity::half_squared;
  squares.state.best.map.mul_(0);
  squares.state.best_loss = 2;
  EXPECT_EQ(best_of(std::vector{worse, squares, fits[0]}, f.data), 2U);
}

/// The same weights in another form predict the same: nothing speaks for the larger one, not even a lower figure.
TEST(Forms, AnotherFormMustBeAheadByMoreThanItsError) {
  const SmallFit f = small_fit("mosaic5", 2000, quick_settings());
  std::vector<Training> fits{begun_fit(f)};
  Training larger = clone(fits[0]);
  Network& network = larger.state.best;
  network.settings.filters = 2;
  const auto doubled = [](const at::Tensor& t) { return at::cat({t, at::zeros_like(t)}).contiguous(); };
  network.spatial = at::cat({network.spatial, network.spatial}).contiguous();
  network.temporal = at::cat({network.temporal, network.temporal}).contiguous();
  network.bias = doubled(network.bias);
  network.map = doubled(network.map);
  larger.state.best_loss = 0.9;
  fits.push_back(std::move(larger));
  EXPECT_EQ(best_of(fits, f.data), 0U);
  fits[1].state.best.map.mul_(0);  // what predicts a constant is behind
  std::swap(fits[0], fits[1]);
  EXPECT_EQ(best_of(fits, f.data), 1U);
}

TEST(Reference, GradientsAreFiniteDifferences) {
  Settings s = quick_settings();
  s.model.lags = 5;
  s.model.filter_size = 3;
  s.model.suppression = true;
  s.train.l1_filter = 0.1, s.train.l2_filter = 0.2, s.train.smooth_filter = 0.3, s.train.smooth_temporal = 0.1;
  s.train.l1_map = 0.1, s.train.l2_map = 0.1, s.train.l1_activity = 0.2;
  at::manual_seed(2);
  const at::Tensor block = at::randn({21, 1, 5, 5}, at::kDouble), counts = at::ones({17}, at::kDouble);
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
          return reference_objective(with, block, counts, s.train) / 10;
        },
        inputs, 1e-5);
  }
}

TEST(Reference, PoissonLossIsLeastAtTheCounts) {
  const at::Tensor counts = at::tensor({0.0F, 1.0F, 3.0F});
  const auto loss = [&](float shift) {
    const at::Tensor rate = counts + 1e-6F + shift;
    return reference_poisson_loss({rate, rate.log()}, counts).item<double>();
  };
  EXPECT_LT(loss(0), loss(0.05F));
  EXPECT_NEAR(loss(0), 1 + 3 - 3 * std::log(3.0), 1e-4);
}

}  // namespace
}  // namespace plexiform
