#include "plexiform/reveal/covariates.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>

#include "plexiform/reveal/thresholds.hpp"

namespace plexiform::reveal {
namespace {

/// Calls visit(padded frame, follows) in the order of time; `follows` where the frame before is the one shown before.
template <class Visit>
void in_time(const Movie& movie, const Visit& visit) {
  for (const auto& block : movie.blocks)
    for (std::size_t t = 0; t < block.length; ++t) visit(block.begin + t, t > 0 || block.continues);
}

/// Adds a covariate, its mean and, where wanted, its spread over the used frames taken out.
void add(Covariates& to, const Movie& movie, Covariate what, std::vector<double> raw, bool scaled) {
  double sum = 0, squares = 0;
  const double frames = movie.frames();
  for (std::size_t t = 0; t < raw.size(); ++t) sum += static_cast<double>(movie.use[t]) * raw[t];
  what.mean = sum / frames;
  for (std::size_t t = 0; t < raw.size(); ++t)
    squares += static_cast<double>(movie.use[t]) * (raw[t] - what.mean) * (raw[t] - what.mean);
  if (scaled) what.spread = std::max(std::sqrt(squares / frames), 1e-12);
  std::vector<float> row(raw.size(), 0.0F);
  in_time(movie, [&](std::size_t t, bool) { row[t] = static_cast<float>((raw[t] - what.mean) / what.spread); });
  to.what.push_back(what);
  to.rows.push_back(std::move(row));
}

/// Exponential average of `values` with a time constant in frames: of the frames before each one (`past`), or with it.
std::vector<double> averaged(const Movie& movie, std::span<const double> values, double frames, double start,
                             bool past) {
  const double keep = frames > 0 ? std::exp(-1 / frames) : 0;
  std::vector<double> out(values.size(), start);
  double state = start;
  in_time(movie, [&](std::size_t t, bool follows) {
    if (!follows) state = start;
    if (past) out[t] = state;
    state = keep * state + (1 - keep) * values[t];
    if (!past) out[t] = state;
  });
  return out;
}

}  // namespace

Covariates drift_covariates(const Movie& movie) {
  Covariates all;
  const auto first = static_cast<double>(movie.blocks.front().first_bin);
  const double length =
      static_cast<double>(movie.blocks.back().first_bin) + static_cast<double>(movie.blocks.back().length) - first;
  const auto of_time = [&](const std::function<double(double)>& f) {
    std::vector<double> raw(movie.padded_frames(), 0.0);
    for (const auto& block : movie.blocks)
      for (std::size_t t = 0; t < block.length; ++t)
        raw[block.begin + t] = f(static_cast<double>(block.first_bin) + static_cast<double>(t) - first);
    return raw;
  };
  for (int k = 1; k <= thresholds::kDriftCosines; ++k)
    add(all, movie, {CovariateKind::drift, static_cast<double>(k), 0, 1, 0},
        of_time([&](double t) { return std::cos(std::numbers::pi * k * t / length); }), true);
  const double constant = length * thresholds::kTransientShare;
  add(all, movie, {CovariateKind::transient, constant, 0, 1, 0},
      of_time([&](double t) { return std::exp(-t / constant); }), true);
  return all;
}

Covariates history_covariates(const Movie& movie) {
  Covariates all;
  const double mean = movie.mean_count();
  std::vector<double> counts(movie.padded_frames());
  for (std::size_t t = 0; t < counts.size(); ++t)
    counts[t] = movie.use[t] > 0 ? static_cast<double>(movie.counts[t]) : mean;
  for (const double frames : thresholds::kHistoryFrames)
    add(all, movie, {CovariateKind::history, frames, 0, 1, 0}, averaged(movie, counts, frames, mean, true), true);
  return all;
}

Covariates divisive_covariate(const Movie& movie, std::span<const float> rates) {
  Covariates all;
  double sum = 0;
  for (std::size_t t = 0; t < rates.size(); ++t) sum += static_cast<double>(movie.use[t] * rates[t]);
  const double mean = sum / movie.frames(), floor = thresholds::kDivisiveFloor * mean;
  const std::vector<double> values(rates.begin(), rates.end());
  std::vector<double> raw = averaged(movie, values, thresholds::kDivisiveFrames, mean, false);
  for (double& v : raw) v = std::log(floor + v);
  add(all, movie, {CovariateKind::divisive, thresholds::kDivisiveFrames, 0, 1, floor}, std::move(raw), false);
  return all;
}

std::vector<float> divisive_row(const Movie& movie, const Covariate& like, std::span<const float> rates) {
  const std::vector<double> values(rates.begin(), rates.end());
  const auto pool = averaged(movie, values, like.scale, like.floor / thresholds::kDivisiveFloor, false);
  std::vector<float> row(pool.size(), 0.0F);
  in_time(movie, [&](std::size_t t, bool) {
    row[t] = static_cast<float>((std::log(like.floor + pool[t]) - like.mean) / like.spread);
  });
  return row;
}

Covariates joined(Covariates first, const Covariates& others) {
  first.what.insert(first.what.end(), others.what.begin(), others.what.end());
  first.rows.insert(first.rows.end(), others.rows.begin(), others.rows.end());
  return first;
}

}  // namespace plexiform::reveal
