#include "plexiform/reveal/minimal.hpp"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

#include "plexiform/base/error.hpp"
#include "plexiform/model/torch_threads.hpp"
#include "plexiform/model/window_network.hpp"
#include "plexiform/reveal/thresholds.hpp"
#include "plexiform/score/bits.hpp"

namespace plexiform {
namespace {

/// Held-out log-likelihood over that of the constant rate, bits per spike.
double held_out_bits(const FittedModel& fit, const FilteredMovie& movie) {
  const double spikes = movie.counts.sum(at::kDouble).item<double>(), frames = static_cast<double>(movie.frames());
  double sum = 0;
  for (const double b : fit.held_out) sum += b;
  return bits_of_likelihood(sum, spikes, frames);
}

/// The part that is least certain to be there.
std::size_t least_missed(const FittedModel& fit) {
  const at::Tensor variance = inverse_curvature(fit).diagonal();
  std::size_t least = 0;
  double lowest = 1e300;
  for (std::size_t i = 0; i < fit.model.parts.size(); ++i) {
    const double of_weight = variance[ModelLayout::part(i).weight].item<double>();
    const double z = fit.model.parts[i].weight / std::sqrt(std::max(of_weight, 1e-300));
    if (z < lowest) lowest = z, least = i;
  }
  return least;
}

}  // namespace

Pruned prune(const FittedModel& full, const FilteredMovie& movie, const ModelFitSettings& settings,
             const Context& context) {
  at::NoGradGuard no_gradient;
  const OneTorchThread one_thread;
  Pruned result;
  result.minimal = full;
  result.curve.push_back({full.model.parts.size(), held_out_bits(full, movie), {}});
  FittedModel current = full;
  ModelFitSettings rough = settings;
  rough.tolerance = thresholds::kCurveTolerance;
  bool same = true;
  while (current.model.parts.size() > 1) {
    check_stop(context);
    const SubunitModel smaller = softened(without_part(current.model, least_missed(current)), movie);
    current = fit_model(smaller, movie, {}, rough, context);
    const Gain behind = held_out_gain(full, current);
    result.curve.push_back({current.model.parts.size(), held_out_bits(current, movie), behind});
    same = same && behind.nats <= thresholds::kBehindErrors * behind.error;
    if (same) result.minimal = current;
  }
  return result;
}

Network network_of_model(const SubunitModel& model, std::span<const double> temporal, const FrameShape& input,
                         std::int64_t window) {
  if (std::abs(model.log_power) > 1e-6) throw InternalError("the output of a network cannot have a power");
  WindowFilters filters;
  filters.spatial = at::empty({static_cast<std::int64_t>(model.parts.size()), input.pixels()}, at::kDouble);
  double* row = filters.spatial.data_ptr<double>();
  for (const auto& part : model.parts) {
    gaussian_weights(part.shape, input.height, input.width, {row, static_cast<std::size_t>(input.pixels())});
    filters.weight.push_back(part.weight);
    row += input.pixels();
  }
  filters.temporal.assign(temporal.begin(), temporal.end());
  filters.nonlinearity = model.nonlinearity;
  filters.log_softness = model.log_softness;
  filters.offset = model.offset;
  return window_network(filters, input, window);
}

ValidationLikelihood validation_likelihood(const SubunitModel& model, const FilteredMovie& movie,
                                           const Context& context) {
  ValidationLikelihood result;
  std::vector<double> weights;
  for (const auto& block : movie.blocks) {
    weights.push_back(block.validation ? 1 : 0);
    if (!block.validation) continue;
    result.frames += static_cast<double>(block.length());
    result.spikes += movie.counts.narrow(0, block.begin, block.length()).sum(at::kDouble).item<double>();
  }
  result.nats = evaluate(model, movie, weights, false, context).total;
  return result;
}

FittedModel fitted_on_training(const SubunitModel& model, const FilteredMovie& movie, const ModelFitSettings& settings,
                               const Context& context) {
  std::vector<double> training;
  for (const auto& block : movie.blocks) training.push_back(block.validation ? 0 : 1);
  return fit_model(model, movie, training, settings, context);
}

}  // namespace plexiform
