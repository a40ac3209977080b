#include "plexiform/subunits/one_filter.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "plexiform/base/parallel.hpp"
#include "plexiform/subunits/block_rows.hpp"
#include "plexiform/subunits/thresholds.hpp"

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
  Matrix all, triggered;        ///< [feature, feature], sums of products; lower half
  Vector all_sum, triggered_sum;  ///< [feature]
};

class Fit {
 public:
  Fit(const Movie& movie, const Basis& basis, const FramesSeen& seen, const Context& context)
      : movie_(movie), basis_(basis), seen_(seen), context_(context),
        places_(filter_places(movie), movie.height, movie.width), place_weights_(places_.weights()) {
    counts_.reserve(seen.frames.size());
    for (const auto t : seen.frames) counts_.push_back(movie.counts[t]);
    for (const auto& f : basis.functions) taps_.push_back(newest_last(f, basis.channels, basis.lags));
    const Moments m = moments();
    const auto frames = static_cast<double>(seen.frames.size());
    const Vector mean = m.all_sum / frames;
    covariance_ = Matrix(m.all.selfadjointView<Eigen::Lower>()) / frames - mean * mean.transpose();
    covariance_.diagonal().array() += kFilterRidge * covariance_.diagonal().mean();
    llt_.compute(covariance_);
    const Vector average = m.triggered_sum / seen.spikes - mean;
    from_average_ = llt_.solve(average);
    // Variance along axes, in units of that of all frames.
    Matrix change = Matrix(m.triggered.selfadjointView<Eigen::Lower>()) / seen.spikes;
    change -= mean * mean.transpose() + covariance_;
    llt_.matrixL().solveInPlace(change);
    change.transposeInPlace();
    llt_.matrixL().solveInPlace(change);
    const Eigen::SelfAdjointEigenSolver<Matrix> eigen(0.5 * (change + change.transpose()));
    const auto last = eigen.eigenvalues().size() - 1;
    const auto axis = -eigen.eigenvalues()[0] > eigen.eigenvalues()[last] ? Eigen::Index{0} : last;
    from_covariance_ = llt_.matrixU().solve(eigen.eigenvectors().col(axis));
  }

  OneFilter best() const {
    OneFilter a = climb(from_average_), b = climb(from_covariance_);
    b.from_covariance = true;
    return b.log_likelihood > a.log_likelihood + kBetterStart ? b : a;
  }

 private:
  std::size_t features() const { return places_.count() * basis_.count(); }

  Moments moments() const {
    const std::size_t m = features(), squares = m * m;
    const auto groups = std::min<std::size_t>(static_cast<std::size_t>(kGroups), seen_.blocks.size());
    std::vector<std::vector<double>> all(groups), triggered(groups), sums(groups);
    for_blocks(seen_, context_, [&](std::size_t g, std::size_t i, BlockSpace& space) {
      if (all[g].empty()) all[g].assign(squares, 0), triggered[g].assign(squares, 0), sums[g].assign(2 * m, 0);
      const Block& block = movie_.blocks[seen_.blocks[i]];
      const std::size_t n = row_length(block.length);
      const float *use = movie_.use.data() + block.begin, *counts = movie_.counts.data() + block.begin;
      float* rows = linear_rows(i, space);
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

  /// [function, place][frame] of a block.
  float* linear_rows(std::size_t i, BlockSpace& space) const {
    const std::size_t b = seen_.blocks[i], n = row_length(movie_.blocks[b].length), stride = movie_.stride();
    float* seen_by = space.projected.at_least(basis_.channels * places_.count() * stride);
    places_.project(movie_, movie_.rows(b, space.movie), space.scratch, seen_by);
    float* rows = space.rows.at_least(features() * n);
    for (std::size_t k = 0; k < basis_.count(); ++k)
      for (std::size_t p = 0; p < places_.count(); ++p)
        filter_channels(taps_[k], basis_.channels, basis_.lags, seen_by + p * stride, places_.count() * stride, n,
                        rows + (k * places_.count() + p) * n);
    return rows;
  }

  /// [function, pixel] of coefficients [function, place].
  std::vector<double> pixel_weights(const Vector& w) const {
    const std::size_t pixels = movie_.pixels(), places = places_.count();
    std::vector<double> out(basis_.count() * pixels, 0.0);
    for (std::size_t k = 0; k < basis_.count(); ++k)
      for (std::size_t p = 0; p < places; ++p)
        for (std::size_t x = 0; x < pixels; ++x)
          out[k * pixels + x] +=
              w[static_cast<Eigen::Index>(k * places + p)] * place_weights_[p * pixels + x];
    return out;
  }

  /// Drive of coefficients, [frame], neither centred nor scaled.
  std::vector<float> drive_of(const Vector& w) const {
    const auto weights64 = pixel_weights(w);
    const std::vector<float> weights(weights64.begin(), weights64.end());
    const std::size_t pixels = movie_.pixels(), stride = movie_.stride(), functions = basis_.count();
    std::vector<float> padded(movie_.padded_frames());
    for_blocks(seen_, context_, [&](std::size_t, std::size_t i, BlockSpace& space) {
      const Block& block = movie_.blocks[seen_.blocks[i]];
      const std::size_t n = row_length(block.length);
      const float* rows = movie_.rows(seen_.blocks[i], space.movie);
      float* through = space.projected.at_least(functions * basis_.channels * stride);  // [function, channel]
      std::vector<const float*> from(pixels);
      for (std::size_t c = 0; c < basis_.channels; ++c) {
        for (std::size_t p = 0; p < pixels; ++p) from[p] = rows + (c * pixels + p) * stride;
        kernels::weighted_rows(from.data(), pixels, weights.data(), functions, stride, through + c * stride,
                               basis_.channels * stride);
      }
      for (std::size_t k = 0; k < functions; ++k)
        for (std::size_t c = 0; c < basis_.channels; ++c)
          kernels::filter_row(taps_[k].data() + c * basis_.lags, basis_.lags,
                              through + (k * basis_.channels + c) * stride, n, k + c > 0, padded.data() + block.begin);
    });
    std::vector<float> drive;
    drive.reserve(seen_.frames.size());
    for (const auto t : seen_.frames) drive.push_back(padded[t]);
    return drive;
  }

  /// sum_t pull[t] d drive[t] / d coefficient; `pull` [frame].
  Vector pulled(std::span<const float> pull) const {
    const std::size_t pixels = movie_.pixels(), stride = movie_.stride(), functions = basis_.count();
    const std::size_t lags = basis_.lags, size = functions * pixels;
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
      for (std::size_t c = 0; c < basis_.channels; ++c) {
        for (std::size_t k = 0; k < functions; ++k) {
          std::vector<float> reversed(taps_[k].begin() + static_cast<std::ptrdiff_t>(c * lags),
                                      taps_[k].begin() + static_cast<std::ptrdiff_t>((c + 1) * lags));
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
    const Matrix by_place = Eigen::Map<const Matrix>(place_weights_.data(), static_cast<Eigen::Index>(places_.count()),
                                                     static_cast<Eigen::Index>(pixels));
    const auto places = static_cast<Eigen::Index>(places_.count());
    for (std::size_t k = 0; k < functions; ++k)
      out.segment(static_cast<Eigen::Index>(k) * places, places) =
          by_place * Eigen::Map<const Vector>(all.data() + k * pixels, static_cast<Eigen::Index>(pixels));
    return out;
  }

  /// Coefficients, their drive made of mean 0 and standard deviation 1, and the likelihood with the F of that drive.
  struct State {
    Vector w;
    std::vector<float> drive, pull;  ///< pull: d log-likelihood / d drive at fixed F
    double information = 0;          ///< mean of F'^2 / F
    double log_likelihood = 0;
  };
  State state_of(const Vector& w) const {
    State s;
    s.drive = drive_of(w);
    double sum = 0, squares = 0;
    for (const float v : s.drive) sum += static_cast<double>(v), squares += static_cast<double>(v) * static_cast<double>(v);
    const auto n = static_cast<double>(s.drive.size());
    const double mean = sum / n, spread = std::sqrt(std::max(squares / n - mean * mean, 1e-30));
    for (float& v : s.drive) v = static_cast<float>((static_cast<double>(v) - mean) / spread);
    s.w = w / spread;
    const auto order = by_drive(s.drive);
    const Curve curve = smooth_curve(s.drive, order, counts_);
    const double least = kLeastRate * seen_.spikes / n;
    s.pull.resize(s.drive.size());
    for (std::size_t i = 0; i < s.drive.size(); ++i) {
      const CurvePoint f = point_of(curve, static_cast<double>(s.drive[i]));
      const double rate = std::max(f.value, least), count = static_cast<double>(counts_[i]);
      s.log_likelihood += count * std::log(rate) - rate;
      s.pull[i] = static_cast<float>((count - rate) * f.slope / rate);
      s.information += f.slope * f.slope / rate / n;
    }
    return s;
  }

  /// Uphill from a start. Where features are about normal, Fisher's information of the coefficients is the features'
  /// covariance times the mean of F'^2 / F, but along the drive itself, whose scale is free.
  OneFilter climb(const Vector& start) const {
    State at = state_of(start);
    const auto frames = static_cast<double>(counts_.size());
    for (int step = 0; step < kFilterSteps; ++step) {
      const Matrix curvature =
          frames * at.information * covariance_ +
          kFilterPrior * Matrix::Identity(covariance_.rows(), covariance_.cols()) * covariance_.diagonal().mean();
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
    return {pixel_weights(at.w), std::move(at.drive), at.log_likelihood, false};
  }

  const Movie& movie_;
  const Basis& basis_;
  const FramesSeen& seen_;
  const Context& context_;
  PlaceRows places_;
  std::vector<double> place_weights_;
  std::vector<std::vector<float>> taps_;
  std::vector<float> counts_;  ///< [frame]
  Matrix covariance_;          ///< of features, over frames
  Eigen::LLT<Matrix> llt_;
  Vector from_average_, from_covariance_;
};

}  // namespace

std::vector<std::uint32_t> by_drive(std::span<const float> drive) {
  std::vector<std::uint32_t> order(drive.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
    return drive[a] < drive[b] || (drive[a] == drive[b] && a < b);
  });
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

OneFilter fit_one_filter(const Movie& movie, const Basis& basis, const FramesSeen& seen, const Context& context) {
  return Fit(movie, basis, seen, context).best();
}

}  // namespace plexiform::reveal
