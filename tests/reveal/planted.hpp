#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "plexiform/base/random.hpp"
#include "plexiform/recording/from_arrays.hpp"
#include "plexiform/recording/split.hpp"
#include "plexiform/reveal/fit.hpp"
#include "plexiform/reveal/model.hpp"
#include "plexiform/reveal/movie.hpp"
#include "plexiform/reveal/thresholds.hpp"

// Cells whose model is known, on movies in memory, and that model written out plainly.
namespace plexiform::reveal {

/// White noise on a square: +-1, or normal.
struct Noise {
  std::int64_t side = 10, frames = 3000, channels = 1;
  bool binary = true;
};

/// A recording of one cell without a spike.
inline Recording noise_recording(const Noise& noise, std::uint64_t seed) {
  NdArray<float> movie({noise.frames, noise.channels, noise.side, noise.side});
  const CounterRandom random(seed, 11);
  for (std::size_t i = 0; i < movie.values.size(); ++i) {
    const double v = random.normal(i);
    movie.values[i] = static_cast<float>(noise.binary ? std::copysign(1.0, v) : v);
  }
  return recording_from_arrays(std::move(movie), NdArray<std::int32_t>({1, noise.frames}), 30);
}

/// All frames, none to test: blocks of 10 s, every tenth for validation.
inline Split split_of(const Recording& recording, std::int64_t lags, std::int64_t block_frames = 300) {
  SplitSettings settings;
  settings.lags = lags;
  settings.test.frames = 0;
  settings.block_seconds = 0, settings.block_frames_min = block_frames;
  return make_split(recording, settings);
}

inline Movie movie_of(const Recording& recording, std::int64_t lags, const Context& context = {.threads = 1}) {
  return read_movie(recording, 0, whole(recording.stimulus->shape()), lags, split_of(recording, lags), context);
}

inline Gaussian round_gaussian(double x, double y, double sd) {
  return {x, y, std::log(sd), std::log(sd), 0};
}

/// Orthonormal bumps of lag, the first at a lag of 1, each further one 2 frames later; of the same course in each
/// channel with weights that alternate in sign.
inline Basis bumps(std::size_t functions, std::size_t lags, std::size_t channels = 1) {
  Basis basis;
  basis.channels = channels, basis.lags = lags;
  for (std::size_t k = 0; k < functions; ++k) {
    std::vector<double> f;
    for (std::size_t c = 0; c < channels; ++c)
      for (std::size_t l = 0; l < lags; ++l) {
        const double u = (static_cast<double>(l) - 1 - 2 * static_cast<double>(k)) / 1.1;
        f.push_back((c % 2 == 0 ? 1 : -0.5) * std::exp(-0.5 * u * u));
      }
    for (const auto& g : basis.functions) {
      double along = 0;
      for (std::size_t i = 0; i < f.size(); ++i) along += f[i] * g[i];
      for (std::size_t i = 0; i < f.size(); ++i) f[i] -= along * g[i];
    }
    double squares = 0;
    for (const double v : f) squares += v * v;
    for (double& v : f) v /= std::sqrt(squares);
    basis.functions.push_back(std::move(f));
  }
  return basis;
}

inline Part part_of(const Gaussian& at, std::vector<double> mix, int sign = 1,
                    Response response = Response::rectified) {
  return {sign, response, std::move(mix), {at, {}}};
}

/// Subunits of one cell with a threshold of usual softness.
inline Model model_of(Basis basis, std::vector<Part> parts, double offset, double softness) {
  Model model;
  model.basis = std::move(basis), model.parts = std::move(parts);
  model.offset = offset, model.log_softness = std::log(softness);
  model.unit = 0.3;
  return model;
}

/// exp of minus half the squared distance in a Gaussian's covariance, unit norm over the pixels.
inline std::vector<double> plain_gaussian(const Gaussian& g, const Grid& grid, double wider = 1) {
  const double a = wider * std::exp(g.log_a), b = wider * std::exp(g.log_b), shear = wider * g.shear;
  const double xx = a * a, xy = a * shear, yy = shear * shear + b * b, det = xx * yy - xy * xy;
  std::vector<double> w;
  double squares = 0;
  for (std::int64_t row = 0; row < grid.height; ++row)
    for (std::int64_t column = 0; column < grid.width; ++column) {
      const double dx = static_cast<double>(column) - g.x, dy = static_cast<double>(row) - g.y;
      w.push_back(std::exp(-(yy * dx * dx - 2 * xy * dx * dy + xx * dy * dy) / det / 2));
      squares += w.back() * w.back();
    }
  for (double& v : w) v /= std::sqrt(squares);
  return w;
}

/// The documented shape: unit( G - strength G(wider) + sum_j weight_j G_j ), [pixel].
inline std::vector<double> plain_shape(const Shape& shape, const Surround* surround, const Grid& grid) {
  auto sum = plain_gaussian(shape.centre, grid);
  const auto add = [&](const std::vector<double>& w, double weight) {
    for (std::size_t p = 0; p < sum.size(); ++p) sum[p] += weight * w[p];
  };
  if (surround != nullptr) add(plain_gaussian(shape.centre, grid, std::exp(surround->log_ratio)), -surround->strength);
  for (const auto& i : shape.inner) add(plain_gaussian(round_gaussian(i.x, i.y, std::exp(i.log_size)), grid), i.weight);
  double squares = 0;
  for (const double v : sum) squares += v * v;
  for (double& v : sum) v /= std::sqrt(squares);
  return sum;
}

/// The shapes of a model's parts, [part][pixel].
inline std::vector<std::vector<double>> plain_shapes(const Model& model, const Grid& grid) {
  std::vector<std::vector<double>> all;
  for (const auto& part : model.parts) all.push_back(plain_shape(part.shape, model.shared_surround(), grid));
  return all;
}

/// Where the shapes of a model's parts are not left out, [part][pixel]: 1 or 0.
inline std::vector<std::vector<double>> plain_supports(const Model& model, const Grid& grid) {
  auto all = plain_shapes(model, grid);
  for (auto& w : all) {
    double most = 0;
    for (const double v : w) most = std::max(most, std::abs(v));
    for (double& v : w) v = std::abs(v) > thresholds::kSupport * most ? 1 : 0;
  }
  return all;
}

/// The documented equation in double, [bin], spikes per frame; bins without a history have 0. `supports`: as
/// plain_supports of a model nearby, or empty for all pixels. `covariates`: [covariate][bin].
inline std::vector<double> plain_rates(const Model& model, const Recording& recording, double contrast,
                                       const std::vector<std::vector<double>>& supports = {},
                                       const std::vector<std::vector<double>>& covariates = {}) {
  const FrameShape frame = recording.stimulus->shape();
  const Grid grid{frame.height, frame.width};
  const auto bins = static_cast<std::size_t>(recording.bins()), channels = static_cast<std::size_t>(frame.channels);
  const std::size_t lags = model.basis.lags, pixels = grid.pixels();
  std::vector<float> movie(bins * channels * pixels);
  recording.stimulus->read(0, recording.bins(), whole(frame), movie);
  const auto shapes = plain_shapes(model, grid);
  std::vector<double> drive(bins, model.offset);
  for (std::size_t i = 0; i < model.parts.size(); ++i) {
    const Part& part = model.parts[i];
    const auto filter = model.basis.mixed(part.mix);
    std::vector<double> through(bins * channels, 0.0);
    for (std::size_t t = 0; t < bins * channels; ++t)
      for (std::size_t p = 0; p < pixels; ++p)
        through[t] += (supports.empty() ? 1 : supports[i][p]) * shapes[i][p] *
                      static_cast<double>(movie[t * pixels + p]) / contrast;
    for (std::size_t t = lags - 1; t < bins; ++t) {
      double z = 0;
      for (std::size_t c = 0; c < channels; ++c)
        for (std::size_t l = 0; l < lags; ++l) z += filter[c * lags + l] * through[(t - l) * channels + c];
      if (part.response == Response::linear) {
        drive[t] += part.sign * z;
        continue;
      }
      const double r = (part.even() ? std::abs(z) : std::max(z, 0.0)) / model.unit;
      if (r > 0) drive[t] += part.sign * model.unit * std::pow(r, std::exp(model.log_power.value));
    }
  }
  const double s = std::exp(model.log_softness);
  std::vector<double> rates(bins, 0.0);
  for (std::size_t t = lags - 1; t < bins; ++t) {
    const double x = drive[t] / s, softplus = x > 30 ? x : std::log1p(std::exp(x));
    double log_rate = std::log(s) + std::exp(model.log_expansion.value) * std::log(softplus);
    for (std::size_t j = 0; j < model.gains.size(); ++j) log_rate += model.gains[j] * covariates[j][t];
    rates[t] = std::exp(log_rate);
  }
  return rates;
}

/// Poisson counts of these rates, [bin].
inline void draw_counts(Recording& recording, const std::vector<double>& rates, std::uint64_t seed) {
  const CounterRandom random(seed, 12);
  for (std::size_t t = 0; t < rates.size(); ++t)
    recording.counts.values[t] = static_cast<std::int32_t>(random.poisson(t, rates[t]));
}

/// A recording of a cell that is this model.
inline Recording planted_recording(const Model& model, const Noise& noise, std::uint64_t seed) {
  Recording recording = noise_recording(noise, seed);
  draw_counts(recording, plain_rates(model, recording, 1), seed);
  return recording;
}

inline Movie planted_movie(const Model& model, const Noise& noise, std::uint64_t seed) {
  return movie_of(planted_recording(model, noise, seed), static_cast<std::int64_t>(model.basis.lags));
}

/// Poisson counts of these rates, [padded frame], in place of a movie's.
inline void redraw(Movie& movie, const std::vector<float>& rates, std::uint64_t seed) {
  const CounterRandom random(seed, 13);
  for (std::size_t t = 0; t < rates.size(); ++t)
    movie.counts[t] = movie.use[t] > 0 ? static_cast<float>(random.poisson(t, static_cast<double>(rates[t]))) : 0.0F;
}

/// Found subunits that match planted ones: for each planted one the found part of its sign, nearest in shape and with a
/// time course of its sign; -1 where none overlaps by `least`. No part matches two.
inline std::vector<int> matched(const Model& found, const Model& planted, const Grid& grid, double least = 0.85) {
  const auto a = plain_shapes(planted, grid), b = plain_shapes(found, grid);
  std::vector<int> of(a.size(), -1);
  std::vector<char> taken(b.size(), 0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    double best = least;
    const auto course = planted.basis.mixed(planted.parts[i].mix);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const bool alike =
          found.parts[j].sign == planted.parts[i].sign && found.parts[j].response == planted.parts[i].response;
      const double in_time = overlap(course, found.basis.mixed(found.parts[j].mix));
      if (taken[j] != 0 || !alike || (!planted.parts[i].even() && in_time < 0.8)) continue;
      if (const double o = overlap(a[i], b[j]); o > best) best = o, of[i] = static_cast<int>(j);
    }
    if (of[i] >= 0) taken[static_cast<std::size_t>(of[i])] = 1;
  }
  return of;
}

inline const Covariates kNoCovariates;

inline Fitted fit_of(const Model& model, const Movie& movie, double tolerance = 0.01) {
  FitSettings settings;
  settings.tolerance = tolerance;
  return fit_model(model, {movie, kNoCovariates, {}}, settings, {.threads = 1});
}

}  // namespace plexiform::reveal
