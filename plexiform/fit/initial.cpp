#include "plexiform/fit/initial.hpp"

#include <cmath>
#include <numeric>

#include "plexiform/base/error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/base/streams.hpp"
#include "plexiform/fit/objective.hpp"
#include "plexiform/fit/thresholds.hpp"
#include "plexiform/model/output.hpp"

namespace plexiform {
namespace {

using namespace thresholds::fit;

/// Calls body(block, counts) for every training chunk: [frame with history, channel, height, width] and [bin].
template <class Body>
void for_chunks(const Dataset& data, const Body& body) {
  Tile scratch;
  for (std::size_t i = 0; i < data.train_tiles.tiles.size(); ++i) {
    const Tile& tile = data.train_tiles.tiles.get(i, scratch);
    for (std::size_t lane = 0; lane < data.train_tiles.chunks[i].size(); ++lane) {
      const Chunk& chunk = data.train_tiles.chunks[i][lane];
      std::vector<float> values = lane_of(tile, lane);
      const at::Tensor block = at::from_blob(
          values.data(), {chunk.length + data.lags - 1, data.input.channels, data.input.height, data.input.width});
      const auto begin = data.counts.begin() + chunk.first_bin;
      std::vector<float> counts(begin, begin + chunk.length);
      body(block, at::from_blob(counts.data(), {chunk.length}));
    }
  }
}

/// Spike-triggered sum over the training chunks: [lag, pixel], sum of counts * (stimulus - its mean).
at::Tensor triggered_sum(const Dataset& data) {
  const auto L = data.lags, pixels = data.input.channels * data.input.pixels();
  at::Tensor triggered = at::zeros({L, pixels}, at::kDouble), sum = at::zeros({pixels}, at::kDouble);
  double spikes = 0;
  for_chunks(data, [&](const at::Tensor& block, const at::Tensor& counts) {
    const at::Tensor flat = block.flatten(1);
    const auto bins = counts.size(0);
    for (std::int64_t l = 0; l < L; ++l)
      triggered[l] += at::mv(flat.narrow(0, L - 1 - l, bins).t(), counts).to(at::kDouble);
    sum += flat.narrow(0, L - 1, bins).sum(0).to(at::kDouble);
    spikes += counts.sum().item<double>();
  });
  return triggered - spikes / static_cast<double>(total_bins(data.train)) * sum;
}

/// Spike-triggered minus plain covariance over lags, pooled over all boxes of kCovarianceBox pixels a side: [lag, lag].
at::Tensor lag_covariance(const Dataset& data, double spikes) {
  const auto L = data.lags;
  const auto box = std::min<std::int64_t>({kCovarianceBox, data.input.height, data.input.width});
  at::Tensor triggered = at::zeros({L, L}, at::kDouble), plain = at::zeros({L, L}, at::kDouble);
  for_chunks(data, [&](const at::Tensor& block, const at::Tensor& counts) {
    const at::Tensor boxes = at::avg_pool2d(block, box, 1).flatten(1);  // [frame, box]
    std::vector<at::Tensor> lagged, weighted;
    for (std::int64_t l = 0; l < L; ++l) {
      const at::Tensor seen = boxes.narrow(0, L - 1 - l, counts.size(0));
      lagged.push_back(seen.reshape({-1}));
      weighted.push_back((seen * counts.unsqueeze(1)).reshape({-1}));
    }
    const at::Tensor all = at::stack(lagged);
    triggered += at::mm(at::stack(weighted), all.t()).to(at::kDouble);
    plain += at::mm(all, all.t()).to(at::kDouble);
  });
  return triggered / spikes - plain / static_cast<double>(total_bins(data.train));
}

/// Index of the entry with the greatest magnitude.
std::int64_t peak(const at::Tensor& values) {
  return values.abs().argmax().item<std::int64_t>();
}

at::Tensor gaussian(std::int64_t rows, std::int64_t columns, double sd) {
  const auto axis = [&](std::int64_t n) {
    return (-(at::arange(n, at::kFloat) - static_cast<double>(n - 1) / 2).square() / (2 * sd * sd)).exp();
  };
  return at::outer(axis(rows), axis(columns));
}

/// Smoothed with a Gaussian of kAverageSmoothing, which reaches two pixels.
at::Tensor smoothed(const at::Tensor& plane) {
  const at::Tensor kernel = gaussian(5, 5, kAverageSmoothing).view({1, 1, 5, 5});
  return at::conv2d(plane.to(at::kFloat).unsqueeze(0).unsqueeze(0), kernel, {}, 1, 2)[0][0];
}

/// The average's positive part, smoothed, read at the pixel under the centre of each position, with a small floor.
at::Tensor envelope(const FirstLook& look, const MapGeometry& g) {
  if (look.empty) return at::ones({g.rows, g.columns});
  const at::Tensor smooth = smoothed(look.spatial.sum(0)).clamp_min(0);
  const auto pixel = [](std::int64_t positions, std::int64_t filter, std::int64_t pad, std::int64_t size) {
    return (at::arange(positions, at::kLong) - pad + (filter - 1) / 2).clamp(0, size - 1);
  };
  const at::Tensor read = smooth.index_select(0, pixel(g.rows, g.filter_rows, g.pad, smooth.size(0)))
                              .index_select(1, pixel(g.columns, g.filter_columns, g.pad, smooth.size(1)));
  return read / read.max().clamp_min(1e-12) + kEnvelopeFloor;
}

/// Normal numbers of a tensor's shape, a function of (seed, start, part).
at::Tensor normal_like(const at::Tensor& tensor, std::uint64_t seed, std::int64_t start, std::uint64_t part) {
  const CounterRandom random(seed, streams::fit::kWeights + static_cast<std::uint64_t>(start) * 16 + part);
  at::Tensor values = at::empty(tensor.sizes());
  float* out = values.data_ptr<float>();
  for (std::int64_t i = 0; i < values.numel(); ++i)
    out[i] = static_cast<float>(random.normal(static_cast<std::uint64_t>(i)));
  return values;
}

void start_from_average(Network& n, const FirstLook& look, std::uint64_t seed, std::int64_t start) {
  const auto g = map_geometry(n.settings, n.input);
  const auto K = n.settings.filters;
  at::Tensor spatial = at::empty({K, n.input.channels, g.filter_rows, g.filter_columns});
  for (std::int64_t k = 0; k < K; ++k) {
    const double sd = kFilterWidth + kWidthStep * static_cast<double>((start + k) % 3 == 2 ? -1 : (start + k) % 3);
    spatial[k] = n.settings.full_window && !look.empty
                     ? look.spatial.to(at::kFloat)
                     : gaussian(g.filter_rows, g.filter_columns, sd).unsqueeze(0).expand_as(spatial[k]);
  }
  spatial = spatial / spatial.flatten(1).norm(2, {1}).view({-1, 1, 1, 1}).clamp_min(1e-12);
  if (K > 1 || start > 0) spatial = spatial + kStartNoise * normal_like(spatial, seed, start, 0);
  at::Tensor temporal = look.temporal.to(at::kFloat).unsqueeze(0).repeat({K, 1});
  if (n.settings.separable) {
    n.spatial = spatial;
    n.temporal = temporal;
  } else {
    n.filter = temporal.view({K, -1, 1, 1, 1}) * spatial.unsqueeze(1);
  }
  n.map = (n.settings.full_window ? at::ones({g.rows, g.columns}) : envelope(look, g)).unsqueeze(0).repeat({K, 1, 1});
  normalise_filters(n);
}

void start_at_random(Network& n, std::uint64_t seed, std::int64_t start) {
  const auto uniform_like = [&](at::Tensor& tensor, double fan_in, double fan_out, std::uint64_t part) {
    const CounterRandom random(seed, streams::fit::kWeights + static_cast<std::uint64_t>(start) * 16 + part);
    const double limit = std::sqrt(6 / (fan_in + fan_out));
    float* out = tensor.data_ptr<float>();
    for (std::int64_t i = 0; i < tensor.numel(); ++i)
      out[i] = static_cast<float>(limit * (2 * random.uniform(static_cast<std::uint64_t>(i)) - 1));
  };
  const auto g = map_geometry(n.settings, n.input);
  const auto K = static_cast<double>(n.settings.filters);
  const auto area = static_cast<double>(g.filter_rows * g.filter_columns);
  const auto depth = static_cast<double>(n.input.channels * (n.settings.separable ? 1 : n.settings.lags));
  uniform_like(n.settings.separable ? n.spatial : n.filter, depth * area, K * area, 1);
  if (n.settings.separable) uniform_like(n.temporal, static_cast<double>(n.settings.lags), 1, 2);
  uniform_like(n.map, static_cast<double>(n.map.numel()), 1, 3);
  if (n.settings.map == MapKind::nonnegative) n.map.abs_();
}

/// Scales the map so that the drive has standard deviation 1 on the training chunks, and sets the output to it.
void calibrate(Network& n, const Dataset& data, double mean_count) {
  Stepper stepper(1, 0);
  const auto all = drives(stepper, n, data.train_tiles);
  const auto bins = static_cast<double>(all.size());
  const double mean = std::accumulate(all.begin(), all.end(), 0.0) / bins;
  double squares = 0;
  for (const double d : all) squares += (d - mean) * (d - mean);
  const double scale = std::max(std::sqrt(squares / std::max(bins - 1, 1.0)), 1e-12);
  n.map.div_(scale);
  n.output = initial_output(n.settings.output, mean_count, mean / scale);
}

}  // namespace

FirstLook first_look(const Dataset& data, bool empty) {
  at::NoGradGuard no_gradient;
  double spikes = 0;
  for (const auto& chunk : data.train)
    spikes = std::accumulate(data.counts.begin() + chunk.first_bin,
                             data.counts.begin() + chunk.first_bin + chunk.length, spikes);
  if (spikes == 0) throw Error(ErrorKind::data, "no spike in the training blocks", "omit this cell").mended_by("cells");
  const auto shape = data.input;
  FirstLook look;
  look.empty = empty;
  look.mean_count = spikes / static_cast<double>(total_bins(data.train));
  look.average = triggered_sum(data) / spikes;
  if (empty) {
    const auto [values, vectors] = at::linalg_eigh(lag_covariance(data, spikes));
    look.temporal = vectors.select(1, peak(values)).clone();
    look.spatial = at::zeros({shape.channels, shape.height, shape.width}, at::kDouble);
    return look;
  }
  const auto [u, s, v] = at::linalg_svd(look.average, false);
  const at::Tensor place = smoothed(v[0].reshape({shape.channels, shape.height, shape.width}).sum(0)).flatten();
  const double sign = place[peak(place)].item<double>() < 0 ? -1 : 1;
  look.temporal = sign * u.select(1, 0);
  look.spatial = (sign * v[0]).reshape({shape.channels, shape.height, shape.width});
  return look;
}

Network initial_network(const Dataset& data, const FirstLook& look, const ModelSettings& model, StartFrom from,
                        std::uint64_t seed, std::int64_t start) {
  Network n = make_network(model, data.input);
  if (from == StartFrom::random) {
    start_at_random(n, seed, start);
    if (model.output == OutputKind::softplus)
      n.output = at::tensor({std::log(kRandomScale), std::log(kRandomGain), 0.0F});
    return n;
  }
  start_from_average(n, look, seed, start);
  calibrate(n, data, look.mean_count);
  return n;
}

}  // namespace plexiform
