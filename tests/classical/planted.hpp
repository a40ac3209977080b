#pragma once
#include <ATen/ATen.h>

#include <cmath>
#include <utility>
#include <vector>

#include "plexiform/base/random.hpp"
#include "plexiform/filtered/filtered_movie.hpp"

namespace plexiform::planted {

/// White Gaussian noise of standard deviation `sd`, float32 [frame, pixel].
inline at::Tensor noise(std::int64_t frames, std::int64_t pixels, std::uint64_t seed, double sd = 1) {
  at::Tensor x = at::empty({frames, pixels}, at::kFloat);
  const CounterRandom random(seed, 1);
  float* values = x.data_ptr<float>();
  for (std::int64_t i = 0; i < x.numel(); ++i)
    values[i] = static_cast<float>(sd * random.normal(static_cast<std::uint64_t>(i)));
  return x;
}

/// Gaussians of unit norm around the given places, double [place, height * width].
inline at::Tensor gaussians(std::int64_t height, std::int64_t width,
                            const std::vector<std::pair<double, double>>& places, double sd) {
  const at::Tensor y = at::arange(height, at::kDouble).unsqueeze(1), x = at::arange(width, at::kDouble).unsqueeze(0);
  std::vector<at::Tensor> rows;
  for (const auto& [cy, cx] : places) {
    const at::Tensor g = (-((y - cy).square() + (x - cx).square()) / (2 * sd * sd)).exp().flatten();
    rows.push_back(g / g.norm());
  }
  return at::stack(rows);
}

/// Poisson counts of a rate [frame], scaled to `mean` spikes a frame.
inline at::Tensor counts_of(const at::Tensor& rate, double mean, std::uint64_t seed) {
  const at::Tensor scaled = (rate.to(at::kDouble) * (mean / rate.mean().item<double>())).contiguous();
  at::Tensor counts = at::empty({rate.size(0)}, at::kFloat);
  const CounterRandom random(seed, 2);
  for (std::int64_t t = 0; t < rate.size(0); ++t)
    counts.data_ptr<float>()[t] =
        static_cast<float>(random.poisson(static_cast<std::uint64_t>(t), scaled.data_ptr<double>()[t]));
  return counts;
}

/// A movie of one training block and, after it, one validation block of `validation` frames.
inline FilteredMovie movie_of(const at::Tensor& values, const at::Tensor& counts, std::int64_t height,
                              std::int64_t validation = 0) {
  FilteredMovie m;
  m.height = height;
  m.width = values.size(1) / height;
  m.values = values;
  m.counts = counts;
  m.blocks = {{0, values.size(0) - validation, false}};
  if (validation > 0) m.blocks.push_back({values.size(0) - validation, values.size(0), true});
  return m;
}

/// A cell of rectified subunits [subunit, pixel], sparse (half its mean drive taken off), 12 x 12 pixels.
inline FilteredMovie rectified_cell(const at::Tensor& subunits, std::int64_t frames, double mean, std::uint64_t seed,
                                    std::int64_t validation = 0, double sd = 1) {
  const at::Tensor x = noise(frames, 144, seed, sd);
  const at::Tensor drive = x.mm(subunits.t().to(at::kFloat)).clamp_min(0).sum(1);
  const at::Tensor rate = (drive - drive.mean() / 2).clamp_min(0);
  return movie_of(x, counts_of(rate, mean, seed + 1), 12, validation);
}

/// For each true row its largest absolute correlation with a module (as cosine, both of unit norm).
inline at::Tensor best_match(const at::Tensor& truth, const at::Tensor& modules) {
  return std::get<0>(truth.mm(modules.t()).max(1));
}

}  // namespace plexiform::planted
