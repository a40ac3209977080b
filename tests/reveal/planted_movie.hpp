#pragma once
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "plexiform/base/random.hpp"
#include "plexiform/reveal/subunit_model.hpp"

namespace plexiform {

/// White noise of standard deviation 1 in blocks of `longest` frames, without a spike.
inline FilteredMovie white_movie(std::int64_t side, std::int64_t frames, std::int64_t longest, std::uint64_t seed) {
  FilteredMovie movie;
  movie.height = movie.width = side;
  movie.values = at::empty({frames, side * side});
  movie.counts = at::zeros({frames});
  const CounterRandom noise(seed, 0);
  float* values = movie.values.data_ptr<float>();
  for (std::int64_t i = 0; i < movie.values.numel(); ++i)
    values[i] = static_cast<float>(noise.normal(static_cast<std::uint64_t>(i)));
  for (std::int64_t begin = 0; begin < frames; begin += longest)
    movie.blocks.push_back({begin, std::min(begin + longest, frames), false});
  return movie;
}

inline Gaussian round_gaussian(double x, double y, double sd) {
  return {x, y, std::log(sd), std::log(sd), 0};
}

/// Subunits of weight 1.
inline SubunitModel planted_model(SubunitNonlinearity nonlinearity, const std::vector<Gaussian>& shapes, double offset,
                                  double softness) {
  SubunitModel model;
  model.nonlinearity = nonlinearity;
  model.log_softness = std::log(softness);
  model.offset = offset;
  for (const auto& shape : shapes) {
    model.parts.push_back({shape, 1});
    model.log_size += (shape.log_a + shape.log_b) / 2 / static_cast<double>(shapes.size());
  }
  return model;
}

/// The documented shape, from the inverse of its covariance: [pixel], unit norm.
inline std::vector<double> plain_weights(const Gaussian& g, std::int64_t height, std::int64_t width) {
  const double a = std::exp(g.log_a), b = std::exp(g.log_b);
  const double xx = a * a, xy = a * g.shear, yy = g.shear * g.shear + b * b, det = xx * yy - xy * xy;
  std::vector<double> w;
  double squares = 0;
  for (std::int64_t row = 0; row < height; ++row)
    for (std::int64_t column = 0; column < width; ++column) {
      const double dx = static_cast<double>(column) - g.x, dy = static_cast<double>(row) - g.y;
      w.push_back(std::exp(-(yy * dx * dx - 2 * xy * dx * dy + xx * dy * dy) / det / 2));
      squares += w.back() * w.back();
    }
  for (double& v : w) v /= std::sqrt(squares);
  return w;
}

inline double plain_activity(SubunitNonlinearity f, double z) {
  const double positive = z > 0 ? z : 0;
  if (f == SubunitNonlinearity::relu) return positive;
  if (f == SubunitNonlinearity::half_squared) return positive * positive;
  return f == SubunitNonlinearity::squared ? z * z : z;
}

/// The documented equation, frame by frame in double: [frame], spikes per frame.
inline std::vector<double> plain_rates(const SubunitModel& model, const FilteredMovie& movie) {
  std::vector<std::vector<double>> weights;
  for (const auto& part : model.parts) weights.push_back(plain_weights(part.shape, movie.height, movie.width));
  const double s = std::exp(model.log_softness), power = std::exp(model.log_power);
  std::vector<double> rates;
  const float* u = movie.values.data_ptr<float>();
  for (std::int64_t t = 0; t < movie.frames(); ++t, u += movie.pixels()) {
    double drive = model.offset;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      double z = 0;
      for (std::size_t p = 0; p < weights[i].size(); ++p) z += weights[i][p] * u[p];
      drive += model.parts[i].weight * plain_activity(model.nonlinearity, z);
    }
    rates.push_back(s * std::pow(std::log1p(std::exp(drive / s)), power));
  }
  return rates;
}

/// Poisson counts of a model in place of the movie's. With `each` above 1 spikes come so many at a time: that is then
/// the variance over the mean.
inline void draw_counts(FilteredMovie& movie, const SubunitModel& model, std::uint64_t seed, int each = 1) {
  const CounterRandom random(seed, 1);
  const auto rates = plain_rates(model, movie);
  float* counts = movie.counts.data_ptr<float>();
  for (std::size_t t = 0; t < rates.size(); ++t)
    counts[t] = static_cast<float>(each * random.poisson(t, rates[t] / each));
}

inline FilteredMovie planted_movie(const SubunitModel& model, std::int64_t side, std::int64_t frames,
                                   std::int64_t longest, std::uint64_t seed, int each = 1) {
  FilteredMovie movie = white_movie(side, frames, longest, seed);
  draw_counts(movie, model, seed, each);
  return movie;
}

/// A model's parameters as numbers, in their order.
inline std::vector<double> parameters_of(const SubunitModel& model) {
  std::vector<double> all = {model.log_softness, model.offset, model.log_power, model.log_size};
  for (const auto& [shape, weight] : model.parts)
    all.insert(all.end(), {weight, shape.x, shape.y, shape.log_a, shape.log_b, shape.shear});
  return all;
}

inline SubunitModel with_parameters(SubunitModel model, const std::vector<double>& all) {
  model.log_softness = all[0], model.offset = all[1], model.log_power = all[2], model.log_size = all[3];
  for (std::size_t i = 0; i < model.parts.size(); ++i) {
    const auto at = all.begin() + ModelLayout::part(i).weight;
    model.parts[i] = {{at[1], at[2], at[3], at[4], at[5]}, at[0]};
  }
  return model;
}

}  // namespace plexiform
