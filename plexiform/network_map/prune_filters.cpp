#include "plexiform/network_map/prune_filters.hpp"

#include <ATen/core/grad_mode.h>

#include <numeric>

#include "plexiform/fit/objective.hpp"
#include "plexiform/model/filter_parts.hpp"
#include "plexiform/model/torch_threads.hpp"
#include "plexiform/score/autocorrelation.hpp"
#include "plexiform/score/bits.hpp"
#include "plexiform/score/score.hpp"

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

Network trained(const Network& start, const Dataset& data, const TrainSettings& how, std::uint64_t seed,
                const Context& context) {
  Training further;
  further.name = "pruned";
  further.settings.model = start.settings;
  further.settings.train = how;
  further.seed = seed;
  further.state = begin_training(start);
  TrainHooks hooks;
  hooks.stop = context.stop;
  train(std::span(&further, 1), data, seed, threads_of(context), hooks);
  return further.state.best;
}

/// Log-likelihood of each validation chunk, nats, without log n!.
std::vector<double> validation_likelihoods(const Network& network, const Dataset& data, int threads) {
  Stepper stepper(threads, 0);
  auto losses = chunk_losses(stepper, network, data.validation_tiles, data.validation_targets);
  for (double& loss : losses) loss = -loss;
  return losses;
}

}  // namespace

FilterPruning prune_filters(const CellFit& fit, const Recording& recording, const Split& split,
                            const TrainSettings& how, std::uint64_t seed, const Context& context) {
  at::NoGradGuard no_gradient;
  const OneTorchThread one_thread;
  FilterPruning result;
  std::vector<std::int64_t> kept;
  for (std::int64_t k = 0; k < network_of(fit).settings.filters; ++k) {
    const at::Tensor spatial = filter_parts(network_of(fit), k).spatial.to(at::kDouble).contiguous();
    const std::span image(spatial.const_data_ptr<double>(), static_cast<std::size_t>(spatial.numel()));
    result.morans_i.push_back(morans_i(image, spatial.size(0), spatial.size(1)));
    if (result.morans_i.back() >= kLocalised) kept.push_back(k);
  }
  result.kept = kept.size();
  Settings settings;
  settings.model = network_of(fit).settings;
  settings.train = how;
  const Dataset data = std::move(make_datasets(recording, std::span(&fit.cell, 1), std::span(&fit.window.window, 1),
                                               split, settings, part_of(context, threads_of(context), 1))[0]);
  const auto before = validation_likelihoods(network_of(fit), data, threads_of(context));
  result.pruned = fit;
  result.pruned.tried.clear();
  result.pruned.arrays.reset();  // they are of the whole network
  if (!kept.empty() && kept.size() < result.morans_i.size())
    network_of(result.pruned) = trained(with_filters(network_of(fit), kept), data, how, seed, context);
  const auto after = validation_likelihoods(network_of(result.pruned), data, threads_of(context));
  const auto sum_of = [](const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
  };
  const auto frames = static_cast<double>(total_bins(std::span(data.validation)));
  result.pruned.validation_loss = -sum_of(after) / frames;
  const PairedDifference behind = paired_difference(before, after);
  result.behind = {behind.sum, behind.error};
  double spikes = 0;
  for (const auto& chunk : data.validation)
    for (std::int64_t i = 0; i < chunk.length; ++i)
      spikes += static_cast<double>(data.counts[static_cast<std::size_t>(chunk.first_bin + i)]);
  if (spikes > 0) {
    result.before_bits = bits_of_likelihood(sum_of(before), spikes, frames);
    result.after_bits = bits_of_likelihood(sum_of(after), spikes, frames);
  }
  return result;
}

}  // namespace plexiform
