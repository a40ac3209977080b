#include "plexiform/fit/objective.hpp"

#include <cmath>
#include <numeric>

#include "plexiform/base/random.hpp"
#include "plexiform/score/bits.hpp"

namespace plexiform {
namespace {

float sign(float x) {
  return static_cast<float>((x > 0) - (x < 0));
}

/// l1 sum |w| + l2 sum w^2; adds the gradient.
double add_norms(const at::Tensor& weights, double l1, double l2, at::Tensor& gradient) {
  if (!weights.defined() || (l1 == 0 && l2 == 0)) return 0;
  const float* w = weights.const_data_ptr<float>();
  float* g = gradient.data_ptr<float>();
  double absolute = 0, squares = 0;
  for (std::int64_t i = 0; i < weights.numel(); ++i) {
    const double x = static_cast<double>(w[i]);
    absolute += std::abs(x);
    squares += x * x;
    g[i] += static_cast<float>(l1) * sign(w[i]) + static_cast<float>(2 * l2) * w[i];
  }
  return l1 * absolute + l2 * squares;
}

/// The Laplacian of a plane [rows, columns] that is zero outside. Its own transpose.
void laplacian(const float* w, std::int64_t rows, std::int64_t columns, float* out) {
  const auto at = [&](std::int64_t y, std::int64_t x) {
    return y < 0 || x < 0 || y >= rows || x >= columns ? 0.0F : w[y * columns + x];
  };
  for (std::int64_t y = 0; y < rows; ++y)
    for (std::int64_t x = 0; x < columns; ++x)
      out[y * columns + x] = at(y - 1, x) + at(y + 1, x) + at(y, x - 1) + at(y, x + 1) - 4 * at(y, x);
}

/// The second difference of a series whose entries lie `stride` apart, zero outside. Its own transpose.
void second_difference(const float* w, std::int64_t n, std::int64_t stride, float* out) {
  for (std::int64_t i = 0; i < n; ++i)
    out[i * stride] = (i > 0 ? w[(i - 1) * stride] : 0) + (i + 1 < n ? w[(i + 1) * stride] : 0) - 2 * w[i * stride];
}

/// strength times the sum of squares of the operator's result on each piece of the weights; adds the gradient,
/// 2 strength A'A w. The operator maps a piece at an offset to the same place.
template <class Operator>
double add_energy(const at::Tensor& weights, double strength, at::Tensor& gradient, const Operator& apply) {
  std::vector<float> once(static_cast<std::size_t>(weights.numel())), twice(once.size());
  apply(weights.const_data_ptr<float>(), once.data());
  apply(once.data(), twice.data());
  float* g = gradient.data_ptr<float>();
  double sum = 0;
  for (std::size_t i = 0; i < once.size(); ++i) {
    sum += static_cast<double>(once[i]) * static_cast<double>(once[i]);
    g[i] += static_cast<float>(2 * strength) * twice[i];
  }
  return strength * sum;
}

double add_smoothness_in_space(const at::Tensor& weights, double strength, at::Tensor& gradient) {
  if (!weights.defined() || strength == 0) return 0;
  const auto rows = weights.size(-2), columns = weights.size(-1), planes = weights.numel() / (rows * columns);
  return add_energy(weights, strength, gradient, [&](const float* in, float* out) {
    for (std::int64_t i = 0; i < planes; ++i)
      laplacian(in + i * rows * columns, rows, columns, out + i * rows * columns);
  });
}

/// Over lags, the second dimension.
double add_smoothness_in_time(const at::Tensor& weights, double strength, at::Tensor& gradient) {
  if (!weights.defined() || strength == 0) return 0;
  const auto filters = weights.size(0), lags = weights.size(1), taps = weights.numel() / (filters * lags);
  return add_energy(weights, strength, gradient, [&](const float* in, float* out) {
    for (std::int64_t k = 0; k < filters; ++k)
      for (std::int64_t i = 0; i < taps; ++i)
        second_difference(in + k * lags * taps + i, lags, taps, out + k * lags * taps + i);
  });
}

double weight_of(const std::vector<Targets>& targets, std::span<const std::size_t> batch) {
  double sum = 0;
  for (const auto i : batch) sum = std::accumulate(targets[i].weights.begin(), targets[i].weights.end(), sum);
  return sum;
}

/// Values [frame, lane] of a tile, put after `all` chunk by chunk.
void append(const std::vector<float>& values, const std::vector<Chunk>& chunks, std::vector<double>& all) {
  for (std::size_t lane = 0; lane < chunks.size(); ++lane)
    for (std::int64_t t = 0; t < chunks[lane].length; ++t)
      all.push_back(static_cast<double>(values[static_cast<std::size_t>(t) * kLanes + lane]));
}

template <class Choose>
std::vector<double> collected(Stepper& stepper, const Network& network, const TileSet& set, const Choose& choose) {
  const LayerWeights weights = layer_weights(network);
  std::vector<double> all;
  for (std::size_t i = 0; i < set.tiles.size(); ++i)
    append(choose(stepper.rates(weights, set.tiles.get(i, stepper.scratch_tile()), set.first_number + i)),
           set.chunks[i], all);
  return all;
}

}  // namespace

double objective(Stepper& stepper, const Network& network, const TileSet& set, const std::vector<Targets>& targets,
                 std::span<const std::size_t> batch, const TrainSettings& settings, std::uint64_t noise_seed,
                 Network& gradient) {
  for (auto& [name, tensor] : parameters(gradient)) tensor->zero_();
  const double bins = weight_of(targets, batch);
  if (bins == 0) return add_penalties(network, settings, gradient);  // a resample may leave a batch out
  const LayerWeights weights = layer_weights(network);
  const LayerGradient to = layer_gradient(gradient);
  const CounterRandom noise(noise_seed, 0);
  double losses[kLanes] = {}, activity = 0;
  Tile& scratch = stepper.scratch_tile();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto key = noise.words(i);
    StepOptions options;
    options.scale = static_cast<float>(1 / bins);
    options.noise = {static_cast<float>(network.settings.noise), {key[0], key[1]}};
    options.l1_activity = static_cast<float>(settings.l1_activity);
    activity += stepper.gradient(weights, set.tiles.get(batch[i], scratch), set.first_number + batch[i],
                                 view(targets[batch[i]]), options, losses, to);
  }
  const double loss = std::accumulate(losses, losses + kLanes, 0.0);
  return (loss + settings.l1_activity * activity) / bins + add_penalties(network, settings, gradient);
}

double add_penalties(const Network& n, const TrainSettings& s, Network& gradient) {
  double sum = 0;
  sum += add_norms(n.spatial, s.l1_filter, s.l2_filter, gradient.spatial);
  sum += add_norms(n.filter, s.l1_filter, s.l2_filter, gradient.filter);
  sum += add_smoothness_in_space(n.spatial, s.smooth_filter, gradient.spatial);
  sum += add_smoothness_in_space(n.filter, s.smooth_filter, gradient.filter);
  sum += add_smoothness_in_time(n.temporal, s.smooth_temporal, gradient.temporal);
  sum += add_smoothness_in_time(n.filter, s.smooth_temporal, gradient.filter);
  sum += add_norms(n.map, s.l1_map, s.l2_map, gradient.map);
  sum += add_norms(n.suppression, s.l1_map, s.l2_map, gradient.suppression);
  return sum;
}

std::vector<double> chunk_losses(Stepper& stepper, const Network& network, const TileSet& set,
                                 const std::vector<Targets>& targets) {
  const LayerWeights weights = layer_weights(network);
  std::vector<double> all;
  for (std::size_t i = 0; i < set.tiles.size(); ++i) {
    double losses[kLanes] = {};
    stepper.loss(weights, set.tiles.get(i, stepper.scratch_tile()), set.first_number + i, view(targets[i]), losses);
    all.insert(all.end(), losses, losses + set.chunks[i].size());
  }
  return all;
}

double mean_loss(Stepper& stepper, const Network& network, const TileSet& set, const std::vector<Targets>& targets) {
  const auto losses = chunk_losses(stepper, network, set, targets);
  double bins = 0;
  for (const auto& t : targets) bins = std::accumulate(t.weights.begin(), t.weights.end(), bins);
  return std::accumulate(losses.begin(), losses.end(), 0.0) / bins;
}

double validation_bits(const Dataset& data, double loss) {
  double spikes = 0;
  for (const Chunk& chunk : data.validation)
    for (std::int64_t bin = chunk.first_bin; bin < chunk.first_bin + chunk.length; ++bin)
      spikes += data.counts[static_cast<std::size_t>(bin)];
  const auto bins = static_cast<double>(total_bins(data.validation));
  return bits_of_likelihood(-loss * bins, spikes, bins);
}

std::vector<double> rates(Stepper& stepper, const Network& network, const TileSet& set) {
  return collected(stepper, network, set, [](Stepper::Rates all) { return std::move(all.rate); });
}

std::vector<double> drives(Stepper& stepper, const Network& network, const TileSet& set) {
  return collected(stepper, network, set, [](Stepper::Rates all) { return std::move(all.drive); });
}

}  // namespace plexiform
