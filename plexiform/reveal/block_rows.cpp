#include "plexiform/reveal/block_rows.hpp"

#include <algorithm>
#include <cmath>

#include "plexiform/reveal/thresholds.hpp"

namespace plexiform::reveal {

std::vector<std::uint32_t> support_of(std::span<const double> weights) {
  double most = 0;
  for (const double v : weights) most = std::max(most, std::abs(v));
  std::vector<std::uint32_t> support;
  for (std::size_t p = 0; p < weights.size(); ++p)
    if (std::abs(weights[p]) > thresholds::kSupport * most) support.push_back(static_cast<std::uint32_t>(p));
  return support;
}

PixelWeights pixel_weights(std::span<const double> weights) {
  PixelWeights out{support_of(weights), {}};
  for (const auto p : out.pixels) out.weights.push_back(static_cast<float>(weights[p]));
  return out;
}

PixelWeights pixel_weights(const Gaussian& g, const Grid& grid) {
  std::vector<double> weights(grid.pixels());
  unit_gaussian(g, grid, weights);
  return pixel_weights(weights);
}

void see_through(const PixelWeights& weights, const Movie& movie, const float* rows, float* to,
                 std::vector<const float*>& from) {
  for (std::size_t c = 0; c < static_cast<std::size_t>(movie.channels); ++c) {
    from.clear();
    for (const auto p : weights.pixels) from.push_back(rows + (c * movie.pixels() + p) * movie.stride());
    kernels::weighted_rows(from.data(), from.size(), weights.weights.data(), 1, movie.stride(), to + c * movie.stride(),
                           movie.stride());
  }
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
  space.from.resize(f.pixels.size());
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t i = 0; i < f.pixels.size(); ++i)
      space.from[i] = frames.movie + (c * movie_.pixels() + f.pixels[i]) * stride;
    kernels::weighted_rows(space.from.data(), f.pixels.size(), f.weights.data(), f.rows, stride, projected + c * stride,
                           channels * stride);
  }
}

BlockFrames BlockRows::at(std::size_t block, BlockSpace& space) const {
  const std::size_t n = row_length(movie_.blocks[block].length), parts = model_.parts.size();
  float* rows = space.frames.zeroed(8 * n);
  float *drive = rows, *rate = rows + n, *log_rate = rows + 2 * n, *slope = rows + 3 * n, *surprise = rows + 4 * n,
        *root = rows + 5 * n, *log_gain = rows + 6 * n, *log_bend = rows + 7 * n;
  const float* seen = space.seen.at_least(std::max<std::size_t>(parts, 1) * n);
  const float* values = space.values.at_least(std::max<std::size_t>(2 * parts, 1) * n);
  BlockFrames out;
  out.frames = n;
  out.movie = movie_.rows(block, space.movie);
  out.rate = rate, out.log_rate = log_rate, out.drive = drive, out.slope = slope, out.log_bend = log_bend;
  out.surprise = surprise, out.root = root;
  out.seen = {seen, parts, n}, out.value = {values, parts, n}, out.bend = {values + parts * n, parts, n};
  float* slopes = derivatives_ ? space.slopes.zeroed((layout_.count + 1) * n) : nullptr;
  std::fill_n(drive, n, static_cast<float>(model_.offset));
  for (std::size_t i = 0; i < parts; ++i) {
    add_part(i, out, drive, space);
    if (derivatives_) slope_part(i, out, slopes, space);
  }
  add_gains(block, n, log_gain);
  kernels::rate_rows({drive, model_.gains.empty() ? nullptr : log_gain, rate, log_rate, slope, log_bend},
                     static_cast<float>(std::exp(model_.log_softness)),
                     static_cast<float>(std::exp(model_.log_expansion.value)), n);
  const std::size_t begin = movie_.blocks[block].begin;
  const float *counts = movie_.counts.data() + begin, *use = movie_.use.data() + begin;
  for (std::size_t t = 0; t < n; ++t) {
    surprise[t] = use[t] * (counts[t] - rate[t]), root[t] = use[t] * std::sqrt(rate[t]);
    out.log_likelihood += static_cast<double>(use[t] * (counts[t] * log_rate[t] - rate[t]));
  }
  if (derivatives_) finish_slopes(block, out, slopes, space);
  return out;
}

void BlockRows::add_part(std::size_t part, const BlockFrames& frames, float* drive, BlockSpace& space) const {
  const std::size_t n = frames.frames;
  const Part& of = model_.parts[part];
  project(part, frames, space);
  float *z = space.seen.data() + part * n, *value = space.values.data() + part * n,
        *bend = space.values.data() + (model_.parts.size() + part) * n;
  filter_channels(filters_[part].mixed, model_.basis.channels, model_.basis.lags, space.projected.data(),
                  movie_.stride(), n, z);
  if (of.response == Response::linear) {
    std::copy_n(z, n, value);
    std::fill_n(bend, n, 1.0F);
  } else {
    kernels::rectified_power(z, static_cast<float>(model_.unit), static_cast<float>(std::exp(model_.log_power.value)),
                             of.even(), n, value, bend);
  }
  const auto sign = static_cast<float>(of.sign);
  for (std::size_t t = 0; t < n; ++t) drive[t] += sign * value[t];
}

void BlockRows::slope_part(std::size_t part, const BlockFrames& frames, float* slopes, BlockSpace& space) const {
  const Filters& f = filters_[part];
  const Basis& basis = model_.basis;
  const ModelLayout::PartLayout& at = layout_.parts[part];
  const std::size_t n = frames.frames, stride = movie_.stride(), taps = basis.channels * basis.lags;
  const std::size_t of_shape = parameter_count(model_.parts[part].shape);
  const auto sign = static_cast<float>(model_.parts[part].sign);
  const auto filter = [&](std::span<const float> with, std::size_t row, float* to) {
    filter_channels(with, basis.channels, basis.lags, space.projected.data() + row * basis.channels * stride, stride, n,
                    to);
  };
  for (std::size_t k = 0; k < basis.count(); ++k)
    filter(std::span(f.functions).subspan(k * taps, taps), 0, slopes + (at.mix + k) * n);
  float* of_surround = space.scratch.at_least((kOfSurround + 1) * n);  // what all parts share, and what passes
  float* pass = of_surround + kOfSurround * n;
  for (std::size_t j = 1; j < f.rows; ++j)
    filter(f.mixed, j, j <= of_shape ? slopes + (at.shape + j - 1) * n : of_surround + (j - 1 - of_shape) * n);
  for (std::size_t t = 0; t < n; ++t) pass[t] = sign * frames.bend.row(part)[t];
  for (auto i = at.mix; i < at.end; ++i) kernels::multiply_row(slopes + i * n, pass, n, false, slopes + i * n);
  if (layout_.surround)
    for (std::size_t j = 0; j < kOfSurround; ++j)
      kernels::multiply_row(of_surround + j * n, pass, n, true, slopes + (*layout_.surround + j) * n);
  if (!layout_.power || model_.parts[part].response == Response::linear) return;
  const auto unit = static_cast<float>(model_.unit), power = static_cast<float>(std::exp(model_.log_power.value));
  const float *z = frames.seen.row(part), *value = frames.value.row(part);
  float* row = slopes + *layout_.power * n;
  for (std::size_t t = 0; t < n; ++t)
    if (value[t] > 0) row[t] += sign * power * value[t] * std::log(std::max(std::abs(z[t]) / unit, 1e-6F));
}

void BlockRows::add_gains(std::size_t block, std::size_t frames, float* log_gain) const {
  for (std::size_t j = 0; j < model_.gains.size(); ++j) {
    const float* x = covariates_.rows[j].data() + movie_.blocks[block].begin;
    const auto gain = static_cast<float>(model_.gains[j]);
    for (std::size_t t = 0; t < frames; ++t) log_gain[t] += gain * x[t];
  }
}

void BlockRows::finish_slopes(std::size_t block, BlockFrames& frames, float* slopes, BlockSpace& space) const {
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
    for (std::size_t t = 0; t < n; ++t)
      slopes[*layout_.expansion * n + t] = frames.root[t] * expansion * frames.log_bend[t];
  }
  for (std::size_t j = 0; j < model_.gains.size(); ++j)
    kernels::multiply_row(frames.root, covariates_.rows[j].data() + movie_.blocks[block].begin, n, false,
                          slopes + (layout_.gains + j) * n);
  float* last = slopes + layout_.count * n;
  for (std::size_t t = 0; t < n; ++t) last[t] = frames.root[t] > 0 ? frames.surprise[t] / frames.root[t] : 0;
  frames.slopes = {slopes, layout_.count + 1, n};
}

}  // namespace plexiform::reveal
