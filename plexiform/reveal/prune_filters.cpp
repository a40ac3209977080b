#include "plexiform/reveal/prune_filters.hpp"

#include <cmath>
#include <numbers>

#include "plexiform/base/error.hpp"
#include "plexiform/classical/module_set.hpp"
#include "plexiform/fit/objective.hpp"
#include "plexiform/reveal/candidates.hpp"

namespace plexiform {
namespace {

Network with_filters(const Network& network, const std::vector<std::int64_t>& filters) {
  Network part = clone(network);
  part.settings.filters = static_cast<std::int64_t>(filters.size());
  const at::Tensor index = at::tensor(filters, at::kLong);
  for (at::Tensor* t : {&part.spatial, &part.temporal, &part.filter, &part.bias, &part.map, &part.suppression})
    if (t->defined()) *t = t->index_select(0, index).contiguous();
  return part;
}

Network trained(const Network& start, const Dataset& data, const TrainSettings& how, std::uint64_t seed, int threads,
                const std::stop_token& stop) {
  Training further;
  further.name = "pruned";
  further.settings.model = start.settings;
  further.settings.train = how;
  further.seed = seed;
  further.state = begin_training(start);
  TrainHooks hooks;
  hooks.stop = stop;
  train(std::span(&further, 1), data, seed, threads, hooks);
  return further.state.best;
}

/// Log-likelihood of each validation chunk, nats, without log n!.
std::vector<double> validation_likelihoods(const Network& network, const Dataset& data, int threads) {
  Stepper stepper(threads, 0);
  auto losses = chunk_losses(stepper, network, data.validation_tiles, data.validation_targets);
  for (double& loss : losses) loss = -loss;
  return losses;
}

double sum_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum;
}

Gain paired(const std::vector<double>& of, const std::vector<double>& over) {
  const auto n = static_cast<double>(of.size());
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < of.size(); ++i) {
    sum += of[i] - over[i];
    squares += (of[i] - over[i]) * (of[i] - over[i]);
  }
  return {sum, std::sqrt(std::max(squares - sum * sum / n, 0.0) * n / std::max(n - 1, 1.0))};
}

}  // namespace

FilterPruning prune_filters(const CellFit& fit, const Recording& recording, const Split& split,
                            const TrainSettings& how, std::uint64_t seed, int threads, const std::stop_token& stop) {
  at::NoGradGuard no_gradient;
  FilterPruning result;
  std::vector<std::int64_t> kept;
  for (std::int64_t k = 0; k < fit.network.settings.filters; ++k) {
    const at::Tensor spatial = filter_parts(fit.network, k).spatial;
    result.morans_i.push_back(morans_i(spatial.reshape({1, -1}), spatial.size(0), spatial.size(1))[0]);
    if (result.morans_i.back() >= kLocalised) kept.push_back(k);
  }
  result.kept = kept.size();
  Settings settings;
  settings.model = fit.network.settings;
  settings.train = how;
  const Dataset data = std::move(
      make_datasets(recording, std::span(&fit.cell, 1), std::span(&fit.window.window, 1), split, settings, stop)[0]);
  const auto before = validation_likelihoods(fit.network, data, threads);
  result.pruned = fit;
  result.pruned.tried.clear();
  if (!kept.empty() && kept.size() < result.morans_i.size())
    result.pruned.network = trained(with_filters(fit.network, kept), data, how, seed, threads, stop);
  const auto after = validation_likelihoods(result.pruned.network, data, threads);
  result.pruned.validation_loss = -sum_of(after) / static_cast<double>(total(std::span(data.validation)));
  result.behind = paired(before, after);
  double spikes = 0;
  for (const auto& chunk : data.validation)
    for (std::int64_t i = 0; i < chunk.length; ++i)
      spikes += static_cast<double>(data.counts[static_cast<std::size_t>(chunk.first_bin + i)]);
  const double frames = static_cast<double>(total(std::span(data.validation)));
  if (spikes > 0) {
    const double constant = spikes * (std::log(spikes / frames) - 1);
    result.before_bits = (sum_of(before) - constant) / spikes / std::numbers::ln2;
    result.after_bits = (sum_of(after) - constant) / spikes / std::numbers::ln2;
  }
  return result;
}

}  // namespace plexiform
