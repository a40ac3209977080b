#include "plexiform/reveal/one_filter.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "plexiform/base/parallel.hpp"
#include "plexiform/reveal/block_rows.hpp"
#include "plexiform/reveal/thresholds.hpp"

namespace plexiform::reveal {
namespace {

using namespace thresholds;
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXd;

constexpr std::int64_t kGroups = 16;

/// Calls body(group, i, space) for the i-th of the blocks seen.
template <class Body>
void for_blocks(const FramesSeen& seen, const Context& context, const Body& body) {
  const auto blocks = static_cast<std::int64_t>(seen.blocks.size()), groups = std::min(kGroups, blocks);
  parallel_for(groups, threads_of(context), [&](std::int64_t begin, std::int64_t end) {
    BlockSpace space;
    for (auto g = begin; g < end; ++g)
      for (auto i = g * blocks / groups; i < (g + 1) * blocks / groups; ++i) {
        check_stop(context);
        body(static_cast<std::size_t>(g), static_cast<std::size_t>(i), space);
      }
  });
}

/// Moments of the linear features (places x functions), of all frames and of those before spikes.
struct Moments {
  Matrix all, triggered;          ///< [feature, feature], sums of products; lower half
  Vector all_sum, triggered_sum;  ///< [feature]
};

class Fit {
 public:
  Fit(const Movie& movie, const FramesSeen& seen, FilterSpace space, const Context& context)
      : movie_(movie), seen_(seen), context_(context), space_(std::move(space)) {
    counts_.reserve(seen.frames.size());
    for (const auto t : seen.frames) counts_.push_back(movie.counts[t]);
    moments_ = moments();
    const auto frames = static_cast<double>(seen.frames.size());
    mean_ = moments_.all_sum / frames;
    covariance_ = Matrix(moments_.all.selfadjointView<Eigen::Lower>()) / frames - mean_ * mean_.transpose();
    covariance_.diagonal().array() += kFilterRidge * covariance_.diagonal().mean();
  }

  /// The whitened spike-triggered average, and the axis along which the variance before spikes is least like that of
  /// all.
  std::array<Vector, 2> starts() const {
    const Eigen::LLT<Matrix> root(covariance_);
    Matrix change = Matrix(moments_.triggered.selfadjointView<Eigen::Lower>()) / seen_.spikes;
    change -= mean_ * mean_.transpose() + covariance_;
    root.matrixL().solveInPlace(change);
    change.transposeInPlace();
    root.matrixL().solveInPlace(change);
    const Eigen::SelfAdjointEigenSolver<Matrix> eigen(0.5 * (change + change.transpose()));
    const auto last = eigen.eigenvalues().size() - 1;
    const auto axis = -eigen.eigenvalues()[0] > eigen.eigenvalues()[last] ? Eigen::Index{0} : last;
    return {root.solve(moments_.triggered_sum / seen_.spikes - mean_),
            root.matrixU().solve(eigen.eigenvectors().col(axis))};
  }

  /// Coefficients, their drive made of mean 0 and standard deviation 1, and the likelihood with the F of that drive.
  struct State {
    Vector w;
    std::vector<float> drive, pull;  ///< pull: d log-likelihood / d drive at fixed F
    double information = 0;          ///< mean of F'^2 / F
    double log_likelihood = 0;
    double dispersion = 1;  ///< of the counts about F
  };
  State climb(const Vector& start) const;
  /// [function, pixel] of coefficients [function, element].
  std::vector<double> pixel_weights(const Vector& w) const;

 private:
  std::size_t features() const { return space_.count(); }
  std::size_t functions() const { return space_.taps().size(); }

  Moments moments() const {
    const std::size_t m = features(), squares = m * m;
    const auto groups = std::min<std::size_t>(static_cast<std::size_t>(kGroups), seen_.blocks.size());
    std::vector<std::vector<double>> all(groups), triggered(groups), sums(groups);
    for_blocks(seen_, context_, [&](std::size_t g, std::size_t i, BlockSpace& space) {
      if (all[g].empty()) all[g].assign(squares, 0), triggered[g].assign(squares, 0), sums[g].assign(2 * m, 0);
      const Block& block = movie_.blocks[seen_.blocks[i]];
      const std::size_t n = row_length(block.length);
      const float *use = movie_.use.data() + block.begin, *counts = movie_.counts.data() + block.begin;
      float* rows = space.rows.at_least(m * n);
      space_.fill(movie_, movie_.rows(seen_.blocks[i], space.movie), n, space, rows);
      for (std::size_t r = 0; r < m; ++r) kernels::multiply_row(rows + r * n, use, n, false, rows + r * n);
      kernels::row_gram({rows, m, n}, n, all[g].data());
      std::vector<std::size_t> spikes;
      for (std::size_t t = 0; t < block.length; ++t)
        if (counts[t] > 0) spikes.push_back(t);
      const std::size_t k = row_length(spikes.size());
      float* before = space.values.zeroed(std::max<std::size_t>(m * k, 1));
      for (std::size_t r = 0; r < m; ++r) {
        sums[g][r] += kernels::row_product(rows + r * n, use, n);
        sums[g][m + r] += kernels::row_product(rows + r * n, counts, n);
        for (std::size_t s = 0; s < spikes.size(); ++s)
          before[r * k + s] = std::sqrt(counts[spikes[s]]) * rows[r * n + spikes[s]];
      }
      if (k > 0) kernels::row_gram({before, m, k}, k, triggered[g].data());
    });
    const auto size = static_cast<Eigen::Index>(m);
    Moments out{Matrix::Zero(size, size), Matrix::Zero(size, size), Vector::Zero(size), Vector::Zero(size)};
    for (std::size_t g = 0; g < groups; ++g) {
      out.all += Eigen::Map<const Matrix>(all[g].data(), size, size);
      out.triggered += Eigen::Map<const Matrix>(triggered[g].data(), size, size);
      out.all_sum += Eigen::Map<const Vector>(sums[g].data(), size);
      out.triggered_sum += Eigen::Map<const Vector>(sums[g].data() + m, size);
    }
    return out;
  }

  /// Drive of coefficients, [frame], neither centred nor scaled.
  std::vector<float> drive_of(const Vector& w) const {
    const auto weights64 = pixel_weights(w);
    const std::vector<float> weights(weights64.begin(), weights64.end());
    const std::size_t pixels = movie_.pixels(), stride = movie_.stride(), functions = space_.taps().size();
    const auto channels = static_cast<std::size_t>(movie_.channels), lags = static_cast<std::size_t>(movie_.lags);
    std::vector<float> padded(movie_.padded_frames());
    for_blocks(seen_, context_, [&](std::size_t, std::size_t i, BlockSpace& space) {
      const Block& block = movie_.blocks[seen_.blocks[i]];
      const std::size_t n = row_length(block.length);
      const float* rows = movie_.rows(seen_.blocks[i], space.movie);
      float* through = space.projected.at_least(functions * channels * stride);  // [function, channel]
      std::vector<const float*> from(pixels);
      for (std::size_t c = 0; c < channels; ++c) {
        for (std::size_t p = 0; p < pixels; ++p) from[p] = rows + (c * pixels + p) * stride;
        kernels::weighted_rows(from.data(), pixels, weights.data(), functions, stride, through + c * stride,
                               channels * stride);
      }
      for (std::size_t k = 0; k < functions; ++k)
        for (std::size_t c = 0; c < channels; ++c)
          kernels::filter_row(space_.taps()[k].data() + c * lags, lags, through + (k * channels + c) * stride, n,
                              k + c > 0, padded.data() + block.begin);
    });
    std::vector<float> drive;
    drive.reserve(seen_.frames.size());
    for (const auto t : seen_.frames) drive.push_back(padded[t]);
    return drive;
  }

  /// sum_t pull[t] d drive[t] / d coefficient; `pull` [frame].
  Vector pulled(std::span<const float> pull) const {
    const std::size_t pixels = movie_.pixels(), stride = movie_.stride(), functions = space_.taps().size();
    const auto channels = static_cast<std::size_t>(movie_.channels), lags = static_cast<std::size_t>(movie_.lags);
    const std::size_t size = functions * pixels;
    std::vector<float> padded(movie_.padded_frames(), 0.0F);
    for (std::size_t i = 0; i < pull.size(); ++i) padded[seen_.frames[i]] = pull[i];
    const auto groups = std::min<std::size_t>(static_cast<std::size_t>(kGroups), seen_.blocks.size());
    std::vector<std::vector<double>> sums(groups);
    for_blocks(seen_, context_, [&](std::size_t g, std::size_t i, BlockSpace& space) {
      if (sums[g].empty()) sums[g].assign(size, 0);
      const Block& block = movie_.blocks[seen_.blocks[i]];
      const std::size_t n = row_length(block.length), with_history = row_length(n + lags - 1);
      const float* rows = movie_.rows(seen_.blocks[i], space.movie);
      // The pull filtered backwards in time, on the movie's own frames: [function][frame with history].
      float* late = space.scratch.zeroed(with_history + lags);
      std::copy_n(padded.data() + block.begin, n, late + lags - 1);
      float* back = space.values.at_least(functions * with_history);
      std::vector<double> products(size);
      for (std::size_t c = 0; c < channels; ++c) {
        for (std::size_t k = 0; k < functions; ++k) {
          std::vector<float> reversed(space_.taps()[k].begin() + static_cast<std::ptrdiff_t>(c * lags),
                                      space_.taps()[k].begin() + static_cast<std::ptrdiff_t>((c + 1) * lags));
          std::ranges::reverse(reversed);
          kernels::filter_row(reversed.data(), lags, late, with_history, false, back + k * with_history);
        }
        kernels::row_products({back, functions, with_history}, {rows + c * pixels * stride, pixels, stride},
                              with_history, sums[g].data());
      }
    });
    std::vector<double> all(size, 0.0);
    for (const auto& s : sums)
      for (std::size_t j = 0; j < size; ++j) all[j] += s[j];
    Vector out(static_cast<Eigen::Index>(features()));
    const auto elements = static_cast<Eigen::Index>(space_.elements()), size_of_map = static_cast<Eigen::Index>(pixels);
    const Eigen::Map<const Matrix> weights(space_.weights().data(), elements, size_of_map);
    for (std::size_t k = 0; k < functions; ++k)
      out.segment(static_cast<Eigen::Index>(k) * elements, elements) =
          weights * Eigen::Map<const Vector>(all.data() + k * pixels, size_of_map);
    return out;
  }

  State state_of(const Vector& w) const {
    State s;
    s.drive = drive_of(w);
    double sum = 0, squares = 0;
    for (const float v : s.drive)
      sum += static_cast<double>(v), squares += static_cast<double>(v) * static_cast<double>(v);
    const auto n = static_cast<double>(s.drive.size());
    const double mean = sum / n, spread = std::sqrt(std::max(squares / n - mean * mean, 1e-30));
    for (float& v : s.drive) v = static_cast<float>((static_cast<double>(v) - mean) / spread);
    s.w = w / spread;
    const auto order = by_drive(s.drive);
    const Curve curve = smooth_curve(s.drive, order, counts_);
    const double least = kLeastRate * seen_.spikes / n;
    s.pull.resize(s.drive.size());
    double squares_about = 0;
    for (std::size_t i = 0; i < s.drive.size(); ++i) {
      const CurvePoint f = point_of(curve, static_cast<double>(s.drive[i]));
      const double rate = std::max(f.value, least), count = static_cast<double>(counts_[i]);
      s.log_likelihood += count * std::log(rate) - rate;
      s.pull[i] = static_cast<float>((count - rate) * f.slope / rate);
      s.information += f.slope * f.slope / rate / n;
      squares_about += (count - rate) * (count - rate);
    }
    s.dispersion = squares_about / seen_.spikes;
    return s;
  }

  const Movie& movie_;
  const FramesSeen& seen_;
  const Context& context_;
  FilterSpace space_;
  std::vector<float> counts_;  ///< [frame]
  Moments moments_;
  Vector mean_;        ///< of features, over frames
  Matrix covariance_;  ///< the same
};

std::vector<double> Fit::pixel_weights(const Vector& w) const {
  const std::size_t pixels = movie_.pixels(), elements = space_.elements();
  const auto& weights = space_.weights();
  std::vector<double> out(functions() * pixels, 0.0);
  for (std::size_t k = 0; k < functions(); ++k)
    for (std::size_t e = 0; e < elements; ++e)
      for (std::size_t x = 0; x < pixels; ++x)
        out[k * pixels + x] += w[static_cast<Eigen::Index>(k * elements + e)] * weights[e * pixels + x];
  return out;
}

/// Uphill from a start. Where features are about normal, Fisher's information of the coefficients is the features'
/// covariance times the mean of F'^2 / F, but along the drive itself, whose scale is free.
Fit::State Fit::climb(const Vector& start) const {
  State at = state_of(start);
  const auto frames = static_cast<double>(counts_.size());
  for (int step = 0; step < kFilterSteps; ++step) {
    Matrix curvature = frames * at.information * covariance_;
    curvature.diagonal().array() += kFilterPrior * covariance_.diagonal().mean();
    const Vector move = curvature.llt().solve(pulled(at.pull));
    double length = 1;
    State next = state_of(at.w + move);
    while (next.log_likelihood < at.log_likelihood && length > kShortestStep) {
      length *= 0.4;
      next = state_of(at.w + length * move);
    }
    const double gain = next.log_likelihood - at.log_likelihood;
    if (gain <= 0) break;
    at = std::move(next);
    if (gain < kFilterTolerance) break;
  }
  return at;
}

/// Pixels where a filter is strongest, in the order of their numbers.
std::vector<std::uint32_t> strongest_pixels(std::span<const double> weights, std::size_t pixels) {
  const std::size_t functions = weights.size() / pixels;
  std::vector<double> power(pixels, 0.0);
  for (std::size_t i = 0; i < weights.size(); ++i) power[i % pixels] += weights[i] * weights[i];
  std::vector<std::uint32_t> order(pixels);
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, [&](auto a, auto b) { return power[a] > power[b]; });
  order.resize(std::min(pixels, std::max<std::size_t>(kFinePixels / functions, 1)));
  std::ranges::sort(order);
  return order;
}

}  // namespace

std::vector<std::uint32_t> by_drive(std::span<const float> drive) {
  std::vector<std::uint32_t> order(drive.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(
      order, [&](std::uint32_t a, std::uint32_t b) { return drive[a] < drive[b] || (drive[a] == drive[b] && a < b); });
  return order;
}

Curve smooth_curve(std::span<const float> drive, std::span<const std::uint32_t> order, std::span<const float> values) {
  const std::size_t n = order.size(), knots = std::clamp<std::size_t>(n / kFramesOfKnot, 1, kMostKnots);
  Curve curve;
  std::vector<double> raw;
  for (std::size_t k = 0; k < knots; ++k) {
    const std::size_t begin = k * n / knots, end = (k + 1) * n / knots;
    double x = 0, y = 0;
    for (std::size_t i = begin; i < end; ++i)
      x += static_cast<double>(drive[order[i]]), y += static_cast<double>(values[order[i]]);
    curve.at.push_back(x / static_cast<double>(end - begin)), raw.push_back(y / static_cast<double>(end - begin));
  }
  const double width = std::max(kCurveWidth * static_cast<double>(knots), 0.3);
  const auto reach = static_cast<std::ptrdiff_t>(std::ceil(4 * width)), last = static_cast<std::ptrdiff_t>(knots) - 1;
  for (std::ptrdiff_t k = 0; k <= last; ++k) {
    double sum = 0, weights = 0;
    for (auto j = std::max<std::ptrdiff_t>(k - reach, 0); j <= std::min(k + reach, last); ++j) {
      const double u = static_cast<double>(j - k) / width, w = std::exp(-0.5 * u * u);
      sum += w * raw[static_cast<std::size_t>(j)], weights += w;
    }
    curve.value.push_back(sum / weights);
  }
  for (std::ptrdiff_t k = 0; k <= last; ++k) {
    const auto a = static_cast<std::size_t>(std::max<std::ptrdiff_t>(k - 1, 0)),
               b = static_cast<std::size_t>(std::min(k + 1, last));
    const double dx = curve.at[b] - curve.at[a];
    curve.slope.push_back(dx > 1e-9 ? (curve.value[b] - curve.value[a]) / dx : 0);
  }
  return curve;
}

CurvePoint point_of(const Curve& curve, double drive) {
  const auto after = std::ranges::upper_bound(curve.at, drive);
  if (after == curve.at.begin()) return {curve.value.front(), curve.slope.front()};
  if (after == curve.at.end()) return {curve.value.back(), curve.slope.back()};
  const auto b = static_cast<std::size_t>(after - curve.at.begin()), a = b - 1;
  const double part = (drive - curve.at[a]) / std::max(curve.at[b] - curve.at[a], 1e-12);
  return {curve.value[a] + part * (curve.value[b] - curve.value[a]),
          curve.slope[a] + part * (curve.slope[b] - curve.slope[a])};
}

PlaceGrid filter_places(const Movie& movie) {
  const double even = std::sqrt(static_cast<double>(movie.pixels()) / kFilterPlaces);
  const double spacing = std::max(kFilterSpacing, even);
  return places_over(movie.height, movie.width, kFilterSize * spacing, spacing);
}

FilterSpace::FilterSpace(const Movie& movie, const Basis& basis, std::vector<std::uint32_t> pixels)
    : places_(filter_places(movie), movie.height, movie.width),
      pixels_(std::move(pixels)),
      weights_(places_.weights()),
      channels_(basis.channels),
      lags_(basis.lags) {
  for (const auto p : pixels_) {
    weights_.resize(weights_.size() + movie.pixels(), 0.0);
    *(weights_.end() - static_cast<std::ptrdiff_t>(movie.pixels() - p)) = 1;
  }
  for (const auto& f : basis.functions) taps_.push_back(newest_last(f, basis.channels, basis.lags));
}

void FilterSpace::fill(const Movie& movie, const float* rows, std::size_t frames, BlockSpace& space, float* to) const {
  const std::size_t stride = movie.stride();
  float* seen_by = space.projected.at_least(channels_ * places_.count() * stride);
  places_.project(movie, rows, space.scratch, seen_by);
  for (const auto& taps : taps_) {
    for (std::size_t p = 0; p < places_.count(); ++p, to += frames)
      filter_channels(taps, channels_, lags_, seen_by + p * stride, places_.count() * stride, frames, to);
    for (std::size_t i = 0; i < pixels_.size(); ++i, to += frames)
      filter_channels(taps, channels_, lags_, rows + pixels_[i] * stride, movie.pixels() * stride, frames, to);
  }
}

OneFilter fit_one_filter(const Movie& movie, const Basis& basis, const FramesSeen& seen, const Context& context) {
  const Fit coarse(movie, seen, FilterSpace(movie, basis, {}), context);
  const auto starts = coarse.starts();
  Fit::State best = coarse.climb(starts[0]), other = coarse.climb(starts[1]);
  OneFilter filter;
  filter.from_covariance = other.log_likelihood > best.log_likelihood + kBetterStart;
  if (filter.from_covariance) best = std::move(other);
  filter.pixels = strongest_pixels(coarse.pixel_weights(best.w), movie.pixels());
  // The same filter in the larger space, and on from there.
  const FilterSpace space(movie, basis, filter.pixels);
  const auto functions = static_cast<Eigen::Index>(basis.count()),
             elements = static_cast<Eigen::Index>(space.elements());
  const Eigen::Index places = best.w.size() / functions;
  Vector start = Vector::Zero(functions * elements);
  for (Eigen::Index k = 0; k < functions; ++k) start.segment(k * elements, places) = best.w.segment(k * places, places);
  const Fit fine(movie, seen, space, context);
  Fit::State end = fine.climb(start);
  const double bar = kNatsOfPixel * static_cast<double>(end.w.size() - best.w.size()) * end.dispersion;
  const bool better = end.log_likelihood - best.log_likelihood > bar;
  filter.weights = better ? fine.pixel_weights(end.w) : coarse.pixel_weights(best.w);
  if (better) best = std::move(end);
  filter.drive = std::move(best.drive), filter.log_likelihood = best.log_likelihood;
  return filter;
}

}  // namespace plexiform::reveal
