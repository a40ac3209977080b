#include "plexiform/filtered/filtered_movie.hpp"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

#include "plexiform/base/parallel.hpp"
#include "plexiform/model/torch_threads.hpp"
#include "plexiform/recording/chunks.hpp"

namespace plexiform {
namespace {

/// Frames that one product filters; its matrix holds the temporal filter on every row, so longer ones multiply zeros.
constexpr std::int64_t kAtOnce = 32;

struct Stretch {
  Chunk chunk;
  bool validation;
};

std::vector<Stretch> stretches_of(const Recording& recording, const Split& split, std::int64_t longest) {
  std::vector<Stretch> all;
  for (const auto& chunk : make_chunks(recording, split.train(), longest)) all.push_back({chunk, false});
  for (const auto& chunk : make_chunks(recording, split.validation(), longest)) all.push_back({chunk, true});
  std::sort(all.begin(), all.end(),
            [](const Stretch& a, const Stretch& b) { return a.chunk.first_bin < b.chunk.first_bin; });
  return all;
}

/// Row t holds the filter for frame t of a piece: [kAtOnce, kAtOnce + lags - 1], reversed in time.
at::Tensor filter_matrix(std::span<const double> temporal) {
  const auto lags = static_cast<std::int64_t>(temporal.size());
  at::Tensor matrix = at::zeros({kAtOnce, kAtOnce + lags - 1});
  auto at = matrix.accessor<float, 2>();
  for (std::int64_t t = 0; t < kAtOnce; ++t)
    for (std::int64_t l = 0; l < lags; ++l)
      at[t][t + lags - 1 - l] = static_cast<float>(temporal[static_cast<std::size_t>(l)]);
  return matrix;
}

/// Frames of a chunk and their history, channels averaged: [length + lags - 1, pixels].
at::Tensor read_chunk(const Stimulus& stimulus, const Chunk& chunk, const Window& window, std::int64_t lags) {
  const auto channels = stimulus.shape().channels, frames = chunk.length + lags - 1;
  at::Tensor block = at::empty({frames, channels, window.pixels()});
  stimulus.read(chunk.first_frame - lags + 1, chunk.first_frame + chunk.length, window,
                {block.data_ptr<float>(), static_cast<std::size_t>(block.numel())});
  return channels == 1 ? block.squeeze(1) : block.mean(1);
}

void filter_chunk(const at::Tensor& block, const at::Tensor& matrix, at::Tensor out) {
  for (std::int64_t t = 0; t < out.size(0); t += kAtOnce) {
    const auto n = std::min(kAtOnce, out.size(0) - t), history = matrix.size(1) - kAtOnce;
    at::Tensor part = out.narrow(0, t, n);
    at::mm_out(part, matrix.narrow(0, 0, n).narrow(1, 0, n + history), block.narrow(0, t, n + history));
  }
}

}  // namespace

FilteredMovie filter_movie(const Recording& recording, std::int64_t cell, const Window& window,
                           std::span<const double> temporal, const Split& split, std::int64_t longest,
                           const Context& context) {
  at::NoGradGuard no_gradient;
  const auto stretches = stretches_of(recording, split, longest);
  FilteredMovie movie;
  movie.height = window.height;
  movie.width = window.width;
  std::int64_t frames = 0;
  for (const auto& s : stretches) {
    movie.blocks.push_back({frames, frames + s.chunk.length, s.validation});
    frames += s.chunk.length;
  }
  movie.values = at::empty({frames, window.pixels()});
  movie.counts = at::empty({frames});
  const at::Tensor matrix = filter_matrix(temporal);
  const auto counts = recording.counts.row(cell);
  parallel_for(
      static_cast<std::int64_t>(stretches.size()), threads_of(context), [&](std::int64_t begin, std::int64_t end) {
        const OneTorchThread one_thread;
        for (auto i = begin; i < end; ++i) {
          check_stop(context);
          const auto& chunk = stretches[static_cast<std::size_t>(i)].chunk;
          const auto& block = movie.blocks[static_cast<std::size_t>(i)];
          filter_chunk(read_chunk(*recording.stimulus, chunk, window, static_cast<std::int64_t>(temporal.size())),
                       matrix, movie.values.narrow(0, block.begin, block.length()));
          float* to = movie.counts.data_ptr<float>() + block.begin;
          for (std::int64_t t = 0; t < chunk.length; ++t)
            to[t] = static_cast<float>(counts[static_cast<std::size_t>(chunk.first_bin + t)]);
        }
      });
  return movie;
}

FilteredMovie thinned(const FilteredMovie& movie, double spikes) {
  const double share = spikes / std::max(movie.counts.sum(at::kDouble).item<double>(), 1.0);
  if (share >= 1) return movie;
  FilteredMovie part;
  part.height = movie.height;
  part.width = movie.width;
  std::vector<at::Tensor> values, counts;
  std::int64_t at = 0;
  for (std::size_t b = 0; b < movie.blocks.size(); ++b) {
    const auto before = std::floor(static_cast<double>(b) * share),
               after = std::floor(static_cast<double>(b + 1) * share);
    if (before == after) continue;
    const TimeBlock& block = movie.blocks[b];
    values.push_back(movie.values.narrow(0, block.begin, block.length()));
    counts.push_back(movie.counts.narrow(0, block.begin, block.length()));
    part.blocks.push_back({at, at + block.length(), block.validation});
    at += block.length();
  }
  part.values = at::cat(values);
  part.counts = at::cat(counts);
  return part;
}

}  // namespace plexiform
