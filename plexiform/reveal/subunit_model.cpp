#include "plexiform/reveal/subunit_model.hpp"

#include <algorithm>
#include <cmath>

#include "plexiform/base/error.hpp"
#include "plexiform/reveal/fit.hpp"
#include "plexiform/reveal/for_blocks.hpp"
#include "plexiform/reveal/thresholds.hpp"

namespace plexiform {
namespace {

using reveal::Model;
using reveal::Movie;

/// Chunks, each with the frames before it that a divisive gain looks back at, and how many these are.
struct Warmed {
  std::vector<Chunk> chunks;
  std::vector<std::int64_t> before;
};
Warmed warmed(std::span<const Chunk> chunks, std::int64_t frames) {
  Warmed out;
  std::int64_t next = -1;
  for (const auto& chunk : chunks) {
    const bool follows = chunk.first_frame == next;
    const auto before = follows ? 0 : std::min(frames, chunk.first_frame);
    out.chunks.push_back({chunk.first_bin - before, chunk.first_frame - before, chunk.length + before});
    out.before.push_back(before);
    next = chunk.first_frame + chunk.length;
  }
  return out;
}

/// Values of a movie's frames, [padded frame], as those of the chunks that it is made of, [bin].
template <class Values>
std::vector<double> of_chunks(const Movie& movie, const Warmed& of, const Values& values) {
  std::vector<double> out;
  std::size_t block = 0;
  for (std::size_t c = 0; c < of.chunks.size(); ++c) {
    std::int64_t left = of.chunks[c].length, skipped = of.before[c];
    for (; left > 0; ++block) {
      const auto& b = movie.blocks[block];
      for (std::size_t t = 0; t < b.length; ++t, --left)
        if (skipped > 0)
          --skipped;
        else
          out.push_back(static_cast<double>(values[b.begin + t]));
    }
  }
  return out;
}

/// Drives of all frames, [padded frame], and the rates that a divisive gain is made of.
struct Driven {
  std::vector<float> drive, rate;
};
Driven driven(const Model& model, const Movie& movie, const Context& context) {
  const reveal::Covariates none;
  const reveal::BlockRows rows(model, movie, none, false);
  Driven out{std::vector<float>(movie.padded_frames()), std::vector<float>(movie.padded_frames())};
  const auto blocks = static_cast<std::int64_t>(movie.blocks.size());
  reveal::for_blocks({movie, none, {}}, blocks, context, [&](std::size_t, std::size_t b, reveal::BlockSpace& space) {
    const auto frames = rows.at(b, space);
    const auto begin = static_cast<std::ptrdiff_t>(movie.blocks[b].begin);
    std::copy_n(frames.drive, frames.frames, out.drive.begin() + begin);
    std::copy_n(frames.rate, frames.frames, out.rate.begin() + begin);
  });
  return out;
}

/// log(softplus(x)), x far below 0 too.
double log_softplus(double x) {
  if (x < -30) return x;
  return std::log(x > 30 ? x : std::log1p(std::exp(x)));
}

}  // namespace

SubunitDrive subunit_drive(const SubunitModel& model, const Stimulus& stimulus, const Window& window,
                           std::span<const Chunk> chunks, const Context& context) {
  if (window.height != model.window.height || window.width != model.window.width)
    throw InternalError("subunit_drive: the window is not as large as the model's");
  if (chunks.empty()) return {};
  const auto looks_back = model.divisive ? std::llround(reveal::thresholds::kWarmUp * model.divisive->scale) : 0;
  const Warmed of = warmed(chunks, looks_back);
  const auto lags = static_cast<std::int64_t>(model.model.basis.lags);
  const Movie movie = reveal::movie_of(stimulus, window, lags, of.chunks, context);
  Model bare = model.model;
  bare.gains.clear();
  const Driven all = driven(bare, movie, context);
  SubunitDrive out{of_chunks(movie, of, all.drive), {}};
  if (!model.divisive) return out;
  out.log_gain = of_chunks(movie, of, reveal::divisive_row(movie, *model.divisive, all.rate));
  for (double& v : out.log_gain) v *= model.model.gains.front();
  return out;
}

SubunitRate subunit_rate(const SubunitModel& model, const SubunitDrive& drive, const OutputShift& shift) {
  const Model& m = model.model;
  const double softness = std::exp(m.log_softness), expansion = std::exp(m.log_expansion.value);
  SubunitRate out;
  for (std::size_t t = 0; t < drive.drive.size(); ++t) {
    double log = m.log_softness + expansion * log_softplus((drive.drive[t] + shift.offset) / softness);
    if (!drive.log_gain.empty()) log += drive.log_gain[t];
    out.log.push_back(log + std::log(shift.scale));
    out.value.push_back(std::exp(out.log.back()));
  }
  return out;
}

SubunitModel with_shift(SubunitModel model, const OutputShift& shift) {
  Model& m = model.model;
  // rate = s softplus(drive / s)^e: all drives and s times the scale.
  const double up = shift.scale;
  m.offset = (m.offset + shift.offset) * up;
  m.log_softness += std::log(up);
  for (auto& part : m.parts) {
    const double power = part.response == reveal::Response::linear ? 1 : std::exp(m.log_power.value);
    for (double& q : part.mix) q *= std::pow(up, 1 / power);
  }
  // What a divisive gain is made of has grown as well.
  if (model.divisive) {
    model.divisive->floor *= shift.scale;
    model.divisive->mean += std::log(shift.scale);
  }
  return model;
}

OnMovie on_movie(const SubunitModel& model, const Movie& movie, const Context& context) {
  OnMovie out{model.model, {}};
  for (auto& part : out.model.parts)
    for (double& q : part.mix) q *= movie.contrast;
  if (!model.divisive) return out;
  Model bare = out.model;
  bare.gains.clear();
  out.covariates.what.push_back(*model.divisive);
  out.covariates.rows.push_back(reveal::divisive_row(movie, *model.divisive, driven(bare, movie, context).rate));
  return out;
}

SubunitModel refitted(const SubunitModel& model, const Recording& recording, std::int64_t cell, const Split& split,
                      const Context& context) {
  const Movie movie = reveal::read_movie(recording, cell, model.window,
                                         static_cast<std::int64_t>(model.model.basis.lags), split, context);
  const OnMovie start = on_movie(model, movie, context);
  std::vector<double> training;
  for (const auto& block : movie.blocks) training.push_back(block.validation ? 0 : 1);
  reveal::FitSettings settings;
  settings.tolerance = reveal::thresholds::kFineTolerance;
  const Model fitted = reveal::fit_model(start.model, {movie, start.covariates, training}, settings, context).model;
  SubunitModel out = model;
  out.model = fitted;
  for (auto& part : out.model.parts)
    for (double& q : part.mix) q /= movie.contrast;
  const OnMovie end = on_movie(out, movie, context);  // its divisive gain is of its own past
  const auto before = reveal::evaluate(start.model, {movie, start.covariates, {}}, false, context).block,
             after = reveal::evaluate(end.model, {movie, end.covariates, {}}, false, context).block;
  double blocks = 0, sum = 0, squares = 0;
  for (std::size_t b = 0; b < movie.blocks.size(); ++b) {
    if (!movie.blocks[b].validation) continue;
    const double gain = after[b] - before[b];
    ++blocks, sum += gain, squares += gain * gain;
  }
  const double error = std::sqrt(std::max(squares - sum * sum / blocks, 0.0) * blocks / std::max(blocks - 1, 1.0));
  return sum > error ? out : model;
}

std::vector<double> predicted_rates(const SubunitModel& model, const Stimulus& stimulus, std::span<const Chunk> chunks,
                                    const Context& context) {
  return subunit_rate(model, subunit_drive(model, stimulus, model.window, chunks, context)).value;
}

std::int64_t peak_of_step(const SubunitModel& model) {
  const auto& basis = model.model.basis;
  std::vector<double> taken_up(basis.lags, 0.0);
  for (const auto& part : model.model.parts) {
    const auto filter = basis.mixed(part.mix);
    for (std::size_t c = 0; c < basis.channels; ++c) {
      double sum = 0;
      for (std::size_t l = 0; l < basis.lags; ++l) {
        sum += filter[c * basis.lags + l];
        taken_up[l] += sum * sum;  // shapes have unit norm
      }
    }
  }
  return std::ranges::max_element(taken_up) - taken_up.begin() + 1;
}

}  // namespace plexiform
