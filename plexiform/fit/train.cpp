#include "plexiform/fit/train.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <numbers>

#include "plexiform/base/error.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/base/streams.hpp"
#include "plexiform/fit/objective.hpp"
#include "plexiform/fit/thresholds.hpp"
#include "plexiform/score/score.hpp"

namespace plexiform {
namespace {

using namespace thresholds::fit;

std::uint64_t noise_seed(const Training& fit) {
  const auto words =
      CounterRandom(fit.seed, streams::training::kNoise).words(static_cast<std::uint64_t>(fit.state.steps));
  return (static_cast<std::uint64_t>(words[0]) << 32) | words[1];
}

/// Cosine from the settings' rate to final_rate of it over all passes (Loshchilov and Hutter 2017, without restarts).
double learning_rate(const TrainSettings& s, double share_done) {
  const double low = s.final_rate;
  return s.learning_rate * (low + (1 - low) * 0.5 * (1 + std::cos(std::numbers::pi * std::min(share_done, 1.0))));
}

/// Step `steps + 1` of Adam on all parameters.
void adam_step(TrainState& state, const Network& gradient, double rate) {
  const auto step = static_cast<double>(state.steps + 1);
  const auto scale = static_cast<float>(rate / (1 - std::pow(static_cast<double>(kBeta1), step)));
  const auto correction = static_cast<float>(1 / std::sqrt(1 - std::pow(static_cast<double>(kBeta2), step)));
  const auto weights = parameters(state.network);
  const auto gradients = parameters(gradient);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    float* w = weights[i].second->data_ptr<float>();
    float* m = state.first[i].data_ptr<float>();
    float* v = state.second[i].data_ptr<float>();
    const float* g = gradients[i].second->const_data_ptr<float>();
    for (std::int64_t j = 0; j < weights[i].second->numel(); ++j) {
      m[j] += (1 - kBeta1) * (g[j] - m[j]);
      v[j] = kBeta2 * v[j] + (1 - kBeta2) * g[j] * g[j];
      w[j] -= scale * m[j] / (std::sqrt(v[j]) * correction + kEpsilon);
    }
  }
}

/// The running average, with its early steps weighted so that it forgets the start (as Adam's bias correction).
void update_average(TrainState& state, double decay) {
  const auto keep = static_cast<float>(
      std::min(decay, static_cast<double>(state.steps) / static_cast<double>(state.steps + kAverageWarmUp)));
  const auto average = parameters(state.average);
  const auto now = parameters(std::as_const(state.network));
  for (std::size_t i = 0; i < now.size(); ++i) {
    float* a = average[i].second->data_ptr<float>();
    const float* w = now[i].second->const_data_ptr<float>();
    for (std::int64_t j = 0; j < now[i].second->numel(); ++j) a[j] += (1 - keep) * (w[j] - a[j]);
  }
}

/// What helps most often.
Error with_smaller_rate(const Error& error, const TrainSettings& train) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), train.learning_rate / 10).ptr;
  return error.mended_by("learning_rate", std::string(text.data(), end));
}

void check_finite(const TrainState& state, const TrainSettings& train, double loss, std::size_t batch) {
  if (std::isfinite(loss)) return;
  std::string first = "the loss itself";
  for (const auto& [name, tensor] : parameters(state.network))
    if (!at::isfinite(*tensor).all().item<bool>()) {
      first = "parameter '" + name + "'";
      break;
    }
  const Error error(ErrorKind::numeric,
                    "the loss is not finite at step " + std::to_string(state.steps) + ", batch " +
                        std::to_string(batch) + " of pass " + std::to_string(state.pass) +
                        "; first non-finite: " + first,
                    "a smaller learning rate usually helps");
  throw with_smaller_rate(error, train);
}

/// Long recordings need fewer passes: their passes hold more steps.
std::int64_t planned_passes(const TrainSettings& s, std::int64_t train_frames) {
  const auto steps_a_pass = std::max<std::int64_t>(1, train_frames / s.batch);
  return std::min(s.passes, std::max(kLeastPasses, (s.steps + steps_a_pass - 1) / steps_a_pass));
}

/// What one thread works with: its fits, and memory that they share.
struct Worker {
  std::vector<Training*> fits;
  std::vector<Network> gradients;  ///< of each fit
  Stepper stepper;

  explicit Worker(int threads, std::size_t spectrum_bytes) : stepper(threads, spectrum_bytes) {}
};

void one_step(Training& fit, Network& gradient, Stepper& stepper, const Dataset& data,
              const std::vector<std::size_t>& batch, std::size_t number, std::size_t batches) {
  const auto passes = static_cast<double>(planned_passes(fit.settings.train, total_bins(data.train)));
  const double done =
      (static_cast<double>(fit.state.pass) + static_cast<double>(number) / static_cast<double>(batches)) / passes;
  const auto& targets = fit.train_targets != nullptr ? *fit.train_targets : data.train_targets;
  check_finite(fit.state, fit.settings.train, take_step(fit, data.train_tiles, targets, batch, done, stepper, gradient),
               number);
}

/// Judges a fit at the end of a pass, on the validation blocks.
void close_pass(Training& fit, Stepper& stepper, const Dataset& data) {
  TrainState& state = fit.state;
  const auto& train = fit.settings.train;
  ++state.pass;
  const Network& judged = train.averaging > 0 ? state.average : state.network;
  const double loss = mean_loss(stepper, judged, data.validation_tiles, data.validation_targets);
  if (!std::isfinite(loss))
    throw with_smaller_rate(
        Error(ErrorKind::numeric, "the validation loss is not finite after pass " + std::to_string(state.pass),
              "a smaller learning rate usually helps"),
        train);
  if (loss < state.best_loss) {
    state.best_loss = loss;
    state.best_pass = state.pass;
    state.best = clone(judged);
  }
  state.metrics += nlohmann::json({{"fit", fit.name}, {"pass", state.pass}, {"validation_loss", loss}}).dump() + "\n";
  state.ended =
      state.pass >= planned_passes(train, total_bins(data.train)) || state.pass - state.best_pass >= train.patience;
}

/// One pass of a worker's fits, batch by batch together. They began together, so those that continue are at the same
/// pass; fits with batches of another size make a group of their own.
void one_pass(Worker& worker, const Dataset& data, std::uint64_t order_seed, const std::stop_token& stop) {
  std::map<std::pair<std::int64_t, std::int64_t>, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < worker.fits.size(); ++i) {
    const Training& fit = *worker.fits[i];
    if (!fit.state.ended) groups[{fit.settings.train.batch, fit.state.pass}].push_back(i);
  }
  for (const auto& [key, members] : groups) {
    const auto batches = shuffled_batches(data.train_tiles, key.first, order_seed, key.second);
    for (std::size_t b = 0; b < batches.size(); ++b) {
      if (stop.stop_requested()) throw Interrupted();
      if (b + 1 < batches.size())
        for (const auto tile : batches[b + 1]) data.train_tiles.tiles.read_ahead(tile);
      for (const auto i : members)
        one_step(*worker.fits[i], worker.gradients[i], worker.stepper, data, batches[b], b, batches.size());
    }
    for (const auto i : members) close_pass(*worker.fits[i], worker.stepper, data);
  }
}

void report(std::span<const Training> fits, const Dataset& data, const TrainHooks& hooks) {
  if (!hooks.passed) return;
  double done = 0, all = 0, best = std::numeric_limits<double>::infinity();
  for (const auto& fit : fits) {
    const auto passes = static_cast<double>(planned_passes(fit.settings.train, total_bins(data.train)));
    done += fit.state.ended ? passes : static_cast<double>(fit.state.pass);
    all += passes;
    best = std::min(best, fit.state.best_loss);
  }
  hooks.passed(done / all, best);
}

bool same_but_nonlinearity(const ModelSettings& a, const ModelSettings& b) {
  return a.filters == b.filters && a.filter_size == b.filter_size && a.separable == b.separable;
}

bool same_form(const ModelSettings& a, const ModelSettings& b) {
  return a.subunits == b.subunits && same_but_nonlinearity(a, b);
}

/// `now`, `before`: losses of chunks.
bool ahead(const std::vector<double>& now, const std::vector<double>& before, double errors) {
  const PairedDifference gain = paired_difference(before, now);
  return gain.sum > errors * gain.error;
}

}  // namespace

double errors_ahead(const ModelSettings& a, const ModelSettings& b) {
  return same_but_nonlinearity(a, b) ? kNonlinearityErrors : kFormErrors;
}

TrainState begin_training(const Network& start) {
  TrainState state;
  state.network = clone(start);
  state.average = clone(start);
  state.best = clone(start);
  state.best_loss = std::numeric_limits<double>::infinity();
  for (const auto& [name, tensor] : parameters(state.network)) {
    state.first.push_back(at::zeros(tensor->sizes()));
    state.second.push_back(at::zeros(tensor->sizes()));
  }
  return state;
}

double take_step(Training& fit, const TileSet& set, const std::vector<Targets>& targets,
                 std::span<const std::size_t> batch, double share_done, Stepper& stepper, Network& gradient) {
  const auto& train = fit.settings.train;
  TrainState& state = fit.state;
  const double loss = objective(stepper, state.network, set, targets, batch, train, noise_seed(fit), gradient);
  if (!std::isfinite(loss)) return loss;  // the weights stay as they were, so that the cause can be found
  adam_step(state, gradient, learning_rate(train, share_done));
  project(state.network);
  if (train.unit_filters) normalise_filters(state.network);
  ++state.steps;
  if (train.averaging > 0) update_average(state, train.averaging);
  return loss;
}

Training clone(const Training& fit) {
  Training copy = fit;
  for (Network* network : {&copy.state.network, &copy.state.average, &copy.state.best}) *network = clone(*network);
  for (auto* moments : {&copy.state.first, &copy.state.second})
    for (auto& tensor : *moments) tensor = tensor.clone();
  return copy;
}

void train(std::span<Training> fits, const Dataset& data, std::uint64_t order_seed, int threads,
           const TrainHooks& hooks) {
  const auto all = static_cast<std::size_t>(std::max(threads, 1)), used = std::min(all, fits.size());
  std::vector<Worker> workers;
  for (std::size_t i = 0; i < used; ++i)
    workers.emplace_back(static_cast<int>(all / used), MovieFilter::kSpectrumBytes / used);
  for (std::size_t i = 0; i < fits.size(); ++i) {
    workers[i % used].fits.push_back(&fits[i]);
    workers[i % used].gradients.push_back(zeros_like(fits[i].state.network));
  }
  auto saved = std::chrono::steady_clock::time_point{};
  const auto open = [&] { return std::any_of(fits.begin(), fits.end(), [](const auto& f) { return !f.state.ended; }); };
  while (open()) {
    parallel_for(static_cast<std::int64_t>(used), static_cast<int>(used), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i)
        one_pass(workers[static_cast<std::size_t>(i)], data, order_seed, hooks.stop);
    });
    report(fits, data, hooks);
    const auto now = std::chrono::steady_clock::now();
    if (hooks.checkpoint && (!open() || now - saved >= hooks.checkpoint_every)) {
      hooks.checkpoint(fits);
      saved = now;
    }
  }
}

std::size_t best_of(std::span<const Training> fits, const Dataset& data) {
  if (fits.empty()) throw InternalError("best_of no fits");
  std::vector<std::size_t> of_forms;  // the best of each, in the order in which forms appear
  for (std::size_t i = 0; i < fits.size(); ++i) {
    const auto known = std::find_if(of_forms.begin(), of_forms.end(), [&](std::size_t j) {
      return same_form(fits[i].state.best.settings, fits[j].state.best.settings);
    });
    if (known == of_forms.end())
      of_forms.push_back(i);
    else if (fits[i].state.best_loss < fits[*known].state.best_loss)
      *known = i;
  }
  if (of_forms.size() == 1) return of_forms[0];
  Stepper stepper(1, 0);
  const auto losses = [&](std::size_t i) {
    return chunk_losses(stepper, fits[i].state.best, data.validation_tiles, data.validation_targets);
  };
  std::size_t best = of_forms[0];
  auto least = losses(best);
  for (const std::size_t i : std::span(of_forms).subspan(1)) {
    auto now = losses(i);
    if (!ahead(now, least, errors_ahead(fits[i].state.best.settings, fits[best].state.best.settings))) continue;
    best = i;
    least = std::move(now);
  }
  return best;
}

}  // namespace plexiform
