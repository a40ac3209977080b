#include "plexiform/fit/train.hpp"

#include <ATen/CPUGeneratorImpl.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <numbers>

#include "plexiform/base/error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/fit/objective.hpp"

namespace plexiform {
namespace {

constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEpsilon = 1e-8;  // Kingma and Ba 2015

/// Streams of random numbers under a fit's seed.
constexpr std::uint64_t kOrderStream = 1'000'000, kNoiseStream = 2'000'000;

std::uint64_t derived_seed(std::uint64_t seed, std::uint64_t stream, std::int64_t index) {
  const auto words = CounterRandom(seed, stream).words(static_cast<std::uint64_t>(index));
  return (static_cast<std::uint64_t>(words[0]) << 32) | words[1];
}

std::vector<at::Tensor> trainable(Network& network) {
  std::vector<at::Tensor> tensors;
  for (auto& [name, tensor] : parameters(network)) tensors.push_back(*tensor);
  return tensors;
}

void begin_start(TrainState& state, const Starter& starter) {
  state.network = starter(state.start);
  state.average = clone(state.network);
  state.best = clone(state.network);
  state.best_loss = std::numeric_limits<double>::infinity();
  state.best_pass = 0;
  state.pass = state.steps = 0;
  state.first.clear();
  state.second.clear();
  for (const auto& tensor : trainable(state.network)) {
    state.first.push_back(at::zeros_like(tensor));
    state.second.push_back(at::zeros_like(tensor));
  }
}

/// Cosine from the settings' rate to final_rate of it over all passes (Loshchilov and Hutter 2017, without restarts).
double learning_rate(const TrainSettings& s, double share_done) {
  const double low = s.final_rate;
  return s.learning_rate * (low + (1 - low) * 0.5 * (1 + std::cos(std::numbers::pi * std::min(share_done, 1.0))));
}

void adam_step(TrainState& state, const std::vector<at::Tensor>& weights, double rate) {
  at::NoGradGuard no_gradient;
  std::vector<at::Tensor> gradients, step_counts;
  for (const auto& tensor : weights) {
    gradients.push_back(tensor.grad());
    step_counts.push_back(at::full({}, static_cast<double>(state.steps + 1), at::kFloat));
  }
  at::_fused_adam_(weights, gradients, state.first, state.second, {}, step_counts, rate, kBeta1, kBeta2, 0, kEpsilon,
                   false, false);
}

void check_finite(const TrainState& state, const at::Tensor& loss, std::size_t batch) {
  if (std::isfinite(loss.item<double>())) return;
  std::string first = "the loss itself";
  for (const auto& [name, tensor] : parameters(state.network))
    if (!at::isfinite(*tensor).all().item<bool>()) {
      first = "parameter '" + name + "'";
      break;
    }
  throw Error(ErrorKind::numeric,
              "the loss is not finite at step " + std::to_string(state.steps) + ", batch " + std::to_string(batch) +
                  " of pass " + std::to_string(state.pass) + "; " + first + " went first",
              "a smaller learning_rate helps most often");
}

/// The running average, with its early steps weighted so that it forgets the start (as Adam's bias correction).
void update_average(TrainState& state, double decay) {
  at::NoGradGuard no_gradient;
  const double keep = std::min(decay, static_cast<double>(state.steps) / static_cast<double>(state.steps + 10));
  const auto average = parameters(state.average);
  const auto now = parameters(std::as_const(state.network));
  for (std::size_t i = 0; i < now.size(); ++i) average[i].second->lerp_(*now[i].second, 1 - keep);
}

struct PassTools {
  const Dataset& data;
  const Settings& settings;
  std::uint64_t seed;
  const TrainHooks& hooks;
  std::int64_t passes;  ///< of a start
};

void one_step(TrainState& state, const PassTools& tools, std::span<const Chunk> chunks, std::size_t number,
              std::size_t batches) {
  const auto& train = tools.settings.train;
  const Batch batch = make_batch(tools.data, chunks);
  const auto weights = trainable(state.network);
  for (const auto& tensor : weights) {
    tensor.mutable_grad() = at::Tensor();
    tensor.requires_grad_(true);
  }
  at::Generator noise = at::detail::createCPUGenerator(
      derived_seed(tools.seed, kNoiseStream + static_cast<std::uint64_t>(state.start), state.steps));
  const at::Tensor loss = objective(state.network, batch, train, noise);
  check_finite(state, loss, number);
  loss.backward();
  for (const auto& tensor : weights) tensor.requires_grad_(false);
  const double done = (static_cast<double>(state.pass) + static_cast<double>(number) / static_cast<double>(batches)) /
                      static_cast<double>(tools.passes);
  adam_step(state, weights, learning_rate(train, done));
  project(state.network);
  if (train.unit_filters) normalise_filters(state.network);
  ++state.steps;
  if (train.averaging > 0) update_average(state, train.averaging);
}

void one_pass(TrainState& state, const PassTools& tools) {
  const auto& data = tools.data;
  const auto order_seed = derived_seed(tools.seed, kOrderStream, state.start);
  const auto batches = shuffled_batches(data.train, tools.settings.train.batch, order_seed, state.pass);
  for (std::size_t i = 0; i < batches.size(); ++i) {
    if (tools.hooks.stop.stop_requested()) throw Interrupted();
    one_step(state, tools, batches[i], i, batches.size());
  }
  ++state.pass;
  const Network& judged = tools.settings.train.averaging > 0 ? state.average : state.network;
  const double loss = mean_loss(judged, data, data.validation);
  if (!std::isfinite(loss))
    throw Error(ErrorKind::numeric, "the validation loss is not finite after pass " + std::to_string(state.pass),
                "a smaller learning_rate helps most often");
  if (loss < state.best_loss) {
    state.best_loss = loss;
    state.best_pass = state.pass;
    state.best = clone(judged);
  }
  state.metrics +=
      nlohmann::json({{"start", state.start}, {"pass", state.pass}, {"validation_loss", loss}}).dump() + "\n";
}

/// Long recordings need fewer passes: their passes hold more steps.
std::int64_t planned_passes(const TrainSettings& s, std::int64_t train_frames) {
  constexpr std::int64_t kLeastPasses = 10;
  const auto steps_a_pass = std::max<std::int64_t>(1, train_frames / s.batch);
  return std::min(s.passes, std::max(kLeastPasses, (s.steps + steps_a_pass - 1) / steps_a_pass));
}

bool start_is_over(const TrainState& state, const PassTools& tools) {
  const auto& s = tools.settings.train;
  return state.pass >= tools.passes || state.pass - state.best_pass >= s.patience;
}

/// Whether the start that ended is better than the winner so far. With the same subunit nonlinearity the lower
/// validation loss decides. Another nonlinearity must be ahead by more than the standard error of the paired difference
/// over the validation chunks: within it the first one tried, the simpler, is kept.
bool wins(const TrainState& state, const Dataset& data) {
  if (state.winner_start < 0) return true;
  if (state.best.settings.subunits == state.winner.settings.subunits) return state.best_loss < state.winner_loss;
  const auto now = chunk_losses(state.best, data, data.validation);
  const auto before = chunk_losses(state.winner, data, data.validation);
  const auto n = static_cast<double>(now.size());
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < now.size(); ++i) {
    const double gain = before[i] - now[i];
    sum += gain;
    squares += gain * gain;
  }
  const double variance = n > 1 ? (squares - sum * sum / n) / (n - 1) : 0;
  return sum > std::sqrt(n * variance);
}

void close_start(TrainState& state, const Dataset& data, const Settings& settings, const Starter& starter) {
  if (wins(state, data)) {
    state.winner = clone(state.best);
    state.winner_loss = state.best_loss;
    state.winner_start = state.start;
  }
  ++state.start;
  state.ended = state.start >= settings.train.starts;
  if (!state.ended) begin_start(state, starter);
}

void report(const TrainState& state, const PassTools& tools) {
  if (!tools.hooks.progress) return;
  const auto& s = tools.settings.train;
  const auto frames = static_cast<double>(total(tools.data.train));
  char figures[64];
  std::snprintf(figures, sizeof figures, "validation loss %.5f", state.best_loss);
  tools.hooks.progress(
      {tools.hooks.what + ", start " + std::to_string(state.start + 1) + " of " + std::to_string(s.starts),
       static_cast<double>(state.start * tools.passes + state.pass) * frames,
       static_cast<double>(s.starts * tools.passes) * frames, "frames", figures});
}

}  // namespace

TrainState begin_training(const Starter& starter) {
  TrainState state;
  begin_start(state, starter);
  return state;
}

void train(TrainState& state, const Dataset& data, const Settings& settings, std::uint64_t seed, const Starter& starter,
           const TrainHooks& hooks) {
  const PassTools tools{data, settings, seed, hooks, planned_passes(settings.train, total(data.train))};
  auto saved = std::chrono::steady_clock::time_point{};
  while (!state.ended) {
    one_pass(state, tools);
    report(state, tools);
    if (start_is_over(state, tools)) close_start(state, data, settings, starter);
    const auto now = std::chrono::steady_clock::now();
    if (hooks.checkpoint && (state.ended || now - saved >= hooks.checkpoint_every)) {
      hooks.checkpoint(state);
      saved = now;
    }
  }
}

}  // namespace plexiform
