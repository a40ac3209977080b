#include "plexiform/fit/reference.hpp"

namespace plexiform {
namespace {

/// Sum of squares of the Laplacian of each spatial filter, [..., rows, columns], zero outside.
at::Tensor laplacian_energy(const at::Tensor& weights) {
  const auto rows = weights.size(-2), columns = weights.size(-1);
  const at::Tensor padded = at::constant_pad_nd(weights, {1, 1, 1, 1});
  const auto shifted = [&](std::int64_t dy, std::int64_t dx) {
    return padded.narrow(-2, 1 + dy, rows).narrow(-1, 1 + dx, columns);
  };
  const at::Tensor laplacian = shifted(-1, 0) + shifted(1, 0) + shifted(0, -1) + shifted(0, 1) - 4 * weights;
  return laplacian.square().sum();
}

/// Sum of squares of the second difference over lags (dimension 1), zero outside.
at::Tensor second_difference_energy(const at::Tensor& weights) {
  const auto lags = weights.size(1);
  const at::Tensor flat = at::constant_pad_nd(weights.flatten(2), {0, 0, 1, 1});
  return (flat.narrow(1, 0, lags) + flat.narrow(1, 2, lags) - 2 * flat.narrow(1, 1, lags)).square().sum();
}

}  // namespace

at::Tensor reference_poisson_loss(const Rate& rate, const at::Tensor& counts) {
  return (rate.value - counts * rate.log).sum();
}

at::Tensor reference_penalties(const Network& n, const at::Tensor& activity, const TrainSettings& s) {
  at::Tensor sum = at::zeros({}, n.map.options());
  for (const at::Tensor* weights : {&n.spatial, &n.filter}) {
    if (!weights->defined()) continue;
    if (s.l1_filter > 0) sum = sum + s.l1_filter * weights->abs().sum();
    if (s.l2_filter > 0) sum = sum + s.l2_filter * weights->square().sum();
    if (s.smooth_filter > 0) sum = sum + s.smooth_filter * laplacian_energy(*weights);
  }
  for (const at::Tensor* weights : {&n.temporal, &n.filter})
    if (weights->defined() && s.smooth_temporal > 0)
      sum = sum + s.smooth_temporal * second_difference_energy(weights->dim() == 2 ? weights->unsqueeze(2) : *weights);
  for (const at::Tensor* weights : {&n.map, &n.suppression}) {
    if (!weights->defined()) continue;
    if (s.l1_map > 0) sum = sum + s.l1_map * weights->abs().sum();
    if (s.l2_map > 0) sum = sum + s.l2_map * weights->square().sum();
  }
  if (s.l1_activity > 0) sum = sum + s.l1_activity * activity.abs().sum() / static_cast<double>(activity.size(0));
  return sum;
}

at::Tensor reference_objective(const Network& network, const at::Tensor& block, const at::Tensor& counts,
                               const TrainSettings& settings) {
  const Response all = respond(network, block);
  return reference_poisson_loss(all.rate, counts) / static_cast<double>(counts.size(0)) +
         reference_penalties(network, all.activity, settings);
}

}  // namespace plexiform
