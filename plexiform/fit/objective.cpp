#include "plexiform/fit/objective.hpp"

#include <algorithm>
#include <numeric>

namespace plexiform {
namespace {

constexpr std::int64_t kEvaluationFrames = 2000;

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

at::Tensor poisson_loss(const Rate& rate, const at::Tensor& counts) {
  return (rate.value - counts * rate.log).sum();
}

at::Tensor penalties(const Network& n, const at::Tensor& activity, const TrainSettings& s) {
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

at::Tensor objective(const Network& network, const Batch& batch, const TrainSettings& settings,
                     std::optional<at::Generator> noise) {
  const Response all = respond(network, batch.block, noise);
  const Rate kept{all.rate.value.index_select(0, batch.keep), all.rate.log.index_select(0, batch.keep)};
  const at::Tensor activity =
      settings.l1_activity > 0 ? all.activity.index_select(0, batch.keep) : all.activity;  // only bins count
  const auto bins = static_cast<double>(batch.counts.size(0));
  return poisson_loss(kept, batch.counts) / bins + penalties(network, activity, settings);
}

std::vector<double> chunk_losses(const Network& network, const Dataset& data, std::span<const Chunk> chunks) {
  at::NoGradGuard no_gradient;
  std::vector<double> losses;
  for (const auto& group : grouped(chunks, kEvaluationFrames)) {
    const Batch batch = make_batch(data, group);
    const Rate rate = respond(network, batch.block).rate;
    const at::Tensor value = rate.value.index_select(0, batch.keep).to(at::kDouble);
    const at::Tensor log = rate.log.index_select(0, batch.keep).to(at::kDouble);
    const at::Tensor counts = batch.counts.to(at::kDouble);
    std::int64_t row = 0;
    for (const auto& chunk : group) {
      const auto part = [&](const at::Tensor& all) { return all.narrow(0, row, chunk.length); };
      losses.push_back(poisson_loss({part(value), part(log)}, part(counts)).item<double>());
      row += chunk.length;
    }
  }
  return losses;
}

double mean_loss(const Network& network, const Dataset& data, std::span<const Chunk> chunks) {
  const auto losses = chunk_losses(network, data, chunks);
  return std::accumulate(losses.begin(), losses.end(), 0.0) / static_cast<double>(total(chunks));
}

std::vector<double> rates(const Network& network, const Movie& movie, std::span<const Chunk> chunks) {
  at::NoGradGuard no_gradient;
  std::vector<double> all;
  for (const auto& chunk : chunks)
    for (std::int64_t done = 0; done < chunk.length; done += kEvaluationFrames) {
      const auto first = chunk.first_frame + done, count = std::min(kEvaluationFrames, chunk.length - done);
      const at::Tensor block = movie.block(first - network.settings.lags + 1, first + count);
      const at::Tensor rate = respond(network, block).rate.value.to(at::kDouble).contiguous();
      all.insert(all.end(), rate.data_ptr<double>(), rate.data_ptr<double>() + count);
    }
  return all;
}

}  // namespace plexiform
