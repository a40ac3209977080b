#include "plexiform/subunits/block_rows.hpp"

#include <algorithm>
#include <cmath>

#include "plexiform/subunits/thresholds.hpp"

namespace plexiform::reveal {
std::vector<std::uint32_t> support_of(std::span<const double> weights) {
  double most = 0;
  for (const double v : weights) most = std::max(most, std::abs(v));
  std::vector<std::uint32_t> support;
  for (std::size_t p = 0; p < weights.size(); ++p)
    if (std::abs(weights[p]) > thresholds::kSupport * most) support.push_back(static_cast<std::uint32_t>(p));
  return support;
}

std::vector<float> newest_last(std::span<const double> filter, std::size_t channels, std::size_t lags) {
  std::vector<float> taps(filter.size());
  for (std::size_t c = 0; c < channels; ++c)
    for (std::size_t l = 0; l < lags; ++l) taps[c * lags + lags - 1 - l] = static_cast<float>(filter[c * lags + l]);
  return taps;
}

void filter_channels(std::span<const float> taps, std::size_t channels, std::size_t lags, const float* rows,
                     std::size_t channel_stride, std::size_t frames, float* to) {
  for (std::size_t c = 0; c < channels; ++c)
    kernels::filter_row(taps.data() + c * lags, lags, rows + c * channel_stride, frames, c > 0, to);
}

BlockRows::BlockRows(const Model& model, const Movie& movie, const Covariates& covariates, bool derivatives)
    : model_(model), movie_(movie), covariates_(covariates), derivatives_(derivatives), layout_(model) {
  const Grid grid{movie.height, movie.width};
  const Basis& basis = model.basis;
  for (const auto& part : model.parts) {
    Filters f;
    const auto rows = derivatives ? shape_rows(part.shape, model.shared_surround(), grid)
                                  : shape_weights(part.shape, model.shared_surround(), grid);
    f.rows = rows.size() / grid.pixels();
    f.pixels = support_of(std::span(rows).first(grid.pixels()));  // with and without derivatives the same
    for (std::size_t r = 0; r < f.rows; ++r)
      for (const auto p : f.pixels) f.weights.push_back(static_cast<float>(rows[r * grid.pixels() + p]));
    f.mixed = newest_last(basis.mixed(part.mix), basis.channels, basis.lags);
    for (const auto& function : basis.functions) {
      const auto taps = newest_last(function, basis.channels, basis.lags);
      f.functions.insert(f.functions.end(), taps.begin(), taps.end());
    }
    filters_.push_back(std::move(f));
  }
}

void BlockRows::project(std::size_t part, const BlockFrames& frames, BlockSpace& space) const {
  const Filters& f = filters_[part];
  const std::size_t stride = movie_.stride(), channels = model_.basis.channels;
  float* projected = space.projected.at_least(f.rows * channels * stride);  // [row, channel, frame]
  std::vector<const float*> from(f.pixels.size());
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t i = 0; i < from.size(); ++i) from[i] = frames.movie + (c * movie_.pixels() + f.pixels[i]) * stride;
    kernels::weighted_rows(from.data(), from.size(), f.weights.data(), f.rows, stride, projected + c * stride,
                           channels * stride);
  }
}

BlockFrames BlockRows::at(std::size_t block, BlockSpace& space) const {
  const Block& where = movie_.blocks[block];
  const std::size_t n = row_length(where.length), parts = model_.parts.size();
  BlockFrames out;
  out.frames = n;
  out.movie = movie_.rows(block, space.movie);
  float* rows = space.frames.zeroed(8 * n);
  float *drive = rows, *rate = rows + n, *log_rate = rows + 2 * n, *slope = rows + 3 * n, *surprise = rows + 4 * n,
        *root = rows + 5 * n, *log_gain = rows + 6 * n, *bend = rows + 7 * n;
  float* seen = space.seen.at_least(std::max<std::size_t>(parts, 1) * n);
  float* values = space.values.at_least(std::max<std::size_t>(2 * parts, 1) * n);
  out.seen = {seen, parts, n}, out.value = {values, parts, n}, out.bend = {values + parts * n, parts, n};
  out.drive = drive, out.rate = rate, out.log_rate = log_rate, out.slope = slope, out.surprise = surprise;
  out.root = root;
  float* slopes = derivatives_ ? space.slopes.zeroed((layout_.count + 1) * n) : nullptr;
  const Basis& basis = model_.basis;
  const std::size_t stride = movie_.stride(), taps = basis.channels * basis.lags;
  const auto unit = static_cast<float>(model_.unit), power = static_cast<float>(std::exp(model_.log_power.value));
  std::fill_n(drive, n, static_cast<float>(model_.offset));
  for (std::size_t i = 0; i < parts; ++i) {
    const Filters& f = filters_[i];
    const Part& part = model_.parts[i];
    project(i, out, space);
    float *z = seen + i * n, *value = values + i * n, *passed = values + (parts + i) * n;
    filter_channels(f.mixed, basis.channels, basis.lags, space.projected.data(), stride, n, z);
    kernels::rectified_power(z, unit, power, part.even, n, value, passed);
    const auto sign = static_cast<float>(part.sign);
    for (std::size_t t = 0; t < n; ++t) drive[t] += sign * value[t];
    if (!derivatives_) continue;
    // Before what all frames have in common is multiplied in: sign f'(z) dz / d parameter.
    float* own = slopes + layout_.parts[i].mix * n;
    for (std::size_t k = 0; k < basis.count(); ++k)
      filter_channels(std::span(f.functions).subspan(k * taps, taps), basis.channels, basis.lags,
                      space.projected.data(), stride, n, own + k * n);
    const std::size_t of_shape = parameter_count(part.shape);
    float* shape = slopes + layout_.parts[i].shape * n;
    float* extra = space.scratch.at_least((kOfSurround + 1) * n);
    for (std::size_t j = 1; j < f.rows; ++j) {
      float* to = j <= of_shape ? shape + (j - 1) * n : extra + (j - 1 - of_shape) * n;
      filter_channels(f.mixed, basis.channels, basis.lags, space.projected.data() + j * basis.channels * stride, stride,
                      n, to);
    }
    float* pass = extra + kOfSurround * n;
    for (std::size_t t = 0; t < n; ++t) pass[t] = sign * passed[t];
    for (float* row = own; row < slopes + layout_.parts[i].end * n; row += n)
      kernels::multiply_row(row, pass, n, false, row);
    if (layout_.surround)
      for (std::size_t j = 0; j < kOfSurround; ++j)
        kernels::multiply_row(extra + j * n, pass, n, true, slopes + (*layout_.surround + j) * n);
    if (layout_.power) {
      float* row = slopes + *layout_.power * n;
      for (std::size_t t = 0; t < n; ++t)
        if (value[t] > 0) row[t] += sign * power * value[t] * std::log(std::max(std::abs(z[t]) / unit, 1e-6F));
    }
  }
  const bool with_gains = !model_.gains.empty();
  for (std::size_t j = 0; j < model_.gains.size(); ++j) {
    const float* x = covariates_.rows[j].data() + where.begin;
    const auto gain = static_cast<float>(model_.gains[j]);
    for (std::size_t t = 0; t < n; ++t) log_gain[t] += gain * x[t];
  }
  kernels::rate_rows({drive, with_gains ? log_gain : nullptr, rate, log_rate, slope, bend},
                     static_cast<float>(std::exp(model_.log_softness)),
                     static_cast<float>(std::exp(model_.log_expansion.value)), n);
  const float *counts = movie_.counts.data() + where.begin, *use = movie_.use.data() + where.begin;
  for (std::size_t t = 0; t < n; ++t) {
    surprise[t] = use[t] * (counts[t] - rate[t]), root[t] = use[t] * std::sqrt(rate[t]);
    out.log_likelihood += static_cast<double>(use[t] * (counts[t] * log_rate[t] - rate[t]));
  }
  if (derivatives_) fill_slopes(block, out, slopes, space);
  return out;
}

void BlockRows::fill_slopes(std::size_t block, BlockFrames& frames, float* slopes, BlockSpace& space) const {
  const std::size_t n = frames.frames;
  float* all = space.scratch.at_least(n);
  kernels::multiply_row(frames.root, frames.slope, n, false, all);
  const auto scale = [&](std::size_t first, std::size_t last) {
    for (std::size_t r = first; r < last; ++r) kernels::multiply_row(slopes + r * n, all, n, false, slopes + r * n);
  };
  for (const auto& part : layout_.parts) scale(part.mix, part.end);
  if (layout_.power) scale(*layout_.power, *layout_.power + 1);
  if (layout_.surround) scale(*layout_.surround, *layout_.surround + kOfSurround);
  float *softness = slopes + layout_.softness * n, *offset = slopes + layout_.offset * n;
  for (std::size_t t = 0; t < n; ++t) {
    softness[t] = frames.root[t] - all[t] * frames.drive[t];
    offset[t] = all[t];
  }
  if (layout_.expansion) {
    const auto expansion = static_cast<float>(std::exp(model_.log_expansion.value));
    const float* bend = space.frames.data() + 7 * n;
    for (std::size_t t = 0; t < n; ++t) slopes[*layout_.expansion * n + t] = frames.root[t] * expansion * bend[t];
  }
  for (std::size_t j = 0; j < model_.gains.size(); ++j)
    kernels::multiply_row(frames.root, covariates_.rows[j].data() + movie_.blocks[block].begin, n, false,
                          slopes + (layout_.gains + j) * n);
  float* last = slopes + layout_.count * n;
  for (std::size_t t = 0; t < n; ++t) last[t] = frames.root[t] > 0 ? frames.surprise[t] / frames.root[t] : 0;
  frames.slopes = {slopes, layout_.count + 1, n};
}

}  // namespace plexiform::reveal
