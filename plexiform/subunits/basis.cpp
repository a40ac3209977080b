#include "plexiform/subunits/basis.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "plexiform/base/parallel.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/subunits/block_rows.hpp"
#include "plexiform/subunits/thresholds.hpp"

namespace plexiform::reveal {
namespace {

using namespace thresholds;
using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

constexpr std::int64_t kGroups = 16;

/// Round Gaussians on a grid over the window, as rows of weights.
struct Places {
  std::vector<std::vector<std::uint32_t>> pixels;
  std::vector<std::vector<float>> weights;
  std::size_t count() const { return pixels.size(); }
};

Places places_over(const Movie& movie) {
  const Grid grid{movie.height, movie.width};
  Places places;
  std::vector<double> w(grid.pixels());
  const double log_size = std::log(kBasisSize);
  for (double y = 1; y < static_cast<double>(grid.height); y += kBasisSpacing)
    for (double x = 1; x < static_cast<double>(grid.width); x += kBasisSpacing) {
      unit_gaussian({x, y, log_size, log_size, 0}, grid, w);
      places.pixels.push_back(support_of(w));
      auto& weights = places.weights.emplace_back();
      for (const auto p : places.pixels.back()) weights.push_back(static_cast<float>(w[p]));
    }
  return places;
}

/// Counts and, after them, those of `shifts` draws shifted in time: [draw + 1][padded frame].
std::vector<std::vector<float>> shifted_counts(const Movie& movie, std::uint64_t seed) {
  std::vector<std::size_t> used;
  for (std::size_t t = 0; t < movie.use.size(); ++t)
    if (movie.use[t] > 0) used.push_back(t);
  std::vector<std::vector<float>> all(1, movie.counts);
  const auto n = static_cast<std::int64_t>(used.size());
  const std::int64_t least = std::min<std::int64_t>(kLeastShift, n / 4);
  const CounterRandom random(seed, 0);
  for (int d = 0; d < kBasisDraws; ++d) {
    const auto shift =
        least + random.integer(static_cast<std::uint64_t>(d), std::max<std::int64_t>(n - 2 * least, 1));
    std::vector<float> counts(movie.counts.size(), 0.0F);
    for (std::int64_t i = 0; i < n; ++i)
      counts[used[static_cast<std::size_t>((i + shift) % n)]] = movie.counts[used[static_cast<std::size_t>(i)]];
    all.push_back(std::move(counts));
  }
  return all;
}

/// Sums over spikes of what each place showed before them.
struct Triggered {
  double spikes = 0;
  std::vector<Vector> sums;      ///< [place][lag]
  std::vector<Matrix> products;  ///< [place][lag, lag]
};

struct Sums {
  std::vector<Triggered> draws;
  Matrix covariance;  ///< of lags, summed over places and frames
  double samples = 0;
};

Sums empty_sums(std::size_t draws, std::size_t places, Eigen::Index dims) {
  Sums s;
  s.draws.assign(draws, {0, std::vector<Vector>(places, Vector::Zero(dims)),
                         std::vector<Matrix>(places, Matrix::Zero(dims, dims))});
  s.covariance = Matrix::Zero(dims, dims);
  return s;
}

void add(Sums& to, const Sums& other) {
  for (std::size_t d = 0; d < to.draws.size(); ++d) {
    to.draws[d].spikes += other.draws[d].spikes;
    for (std::size_t p = 0; p < to.draws[d].sums.size(); ++p) {
      to.draws[d].sums[p] += other.draws[d].sums[p];
      to.draws[d].products[p] += other.draws[d].products[p];
    }
  }
  to.covariance += other.covariance, to.samples += other.samples;
}

Sums triggered_sums(const Movie& movie, const Places& places, const std::vector<std::vector<float>>& counts,
                    const Context& context) {
  const auto channels = static_cast<std::size_t>(movie.channels), lags = static_cast<std::size_t>(movie.lags);
  const auto dims = static_cast<Eigen::Index>(channels * lags);
  const auto blocks = static_cast<std::int64_t>(movie.blocks.size()), groups = std::min(kGroups, blocks);
  std::vector<Sums> sums(static_cast<std::size_t>(groups));
  parallel_for(groups, threads_of(context), [&](std::int64_t begin, std::int64_t end) {
    BlockSpace space;
    std::vector<const float*> from;
    for (auto g = begin; g < end; ++g) {
      Sums& to = sums[static_cast<std::size_t>(g)];
      to = empty_sums(counts.size(), places.count(), dims);
      for (auto b = g * blocks / groups; b < (g + 1) * blocks / groups; ++b) {
        check_stop(context);
        const Block& block = movie.blocks[static_cast<std::size_t>(b)];
        const float* rows = movie.rows(static_cast<std::size_t>(b), space.movie);
        const std::size_t stride = movie.stride();
        float* seen = space.projected.at_least(places.count() * channels * stride);
        for (std::size_t p = 0; p < places.count(); ++p)
          for (std::size_t c = 0; c < channels; ++c) {
            from.clear();
            for (const auto pixel : places.pixels[p]) from.push_back(rows + (c * movie.pixels() + pixel) * stride);
            kernels::weighted_rows(from.data(), from.size(), places.weights[p].data(), 1, stride,
                                   seen + (p * channels + c) * stride, stride);
          }
        Vector z(dims);
        const auto vector_at = [&](std::size_t p, std::size_t t) {
          for (std::size_t c = 0; c < channels; ++c)
            for (std::size_t l = 0; l < lags; ++l)
              z[static_cast<Eigen::Index>(c * lags + l)] =
                  static_cast<double>(seen[(p * channels + c) * stride + t + lags - 1 - l]);
        };
        for (std::size_t t = 0; t < block.length; ++t) {
          if (t % kCovarianceEvery == 0)
            for (std::size_t p = 0; p < places.count(); p += kCovariancePlaces) {
              vector_at(p, t);
              to.covariance.selfadjointView<Eigen::Lower>().rankUpdate(z);
              to.samples += 1;
            }
          bool any = false;
          for (const auto& c : counts) any = any || c[block.begin + t] > 0;
          if (!any) continue;
          for (std::size_t d = 0; d < counts.size(); ++d) to.draws[d].spikes += static_cast<double>(counts[d][block.begin + t]);
          for (std::size_t p = 0; p < places.count(); ++p) {
            vector_at(p, t);
            for (std::size_t d = 0; d < counts.size(); ++d) {
              const auto n = static_cast<double>(counts[d][block.begin + t]);
              if (n == 0) continue;
              to.draws[d].sums[p] += n * z;
              to.draws[d].products[p].selfadjointView<Eigen::Lower>().rankUpdate(z, n);
            }
          }
        }
      }
    }
  });
  Sums all = empty_sums(counts.size(), places.count(), dims);
  for (const auto& s : sums) add(all, s);
  return all;
}

/// What makes lags white: the inverse root of their covariance, its smallest directions left out; and the projection onto
/// those that are kept, which is the covariance of what is then white.
struct Whitening {
  Matrix by, kept;
};
Whitening whitening(const Sums& sums) {
  const Matrix covariance = sums.covariance.selfadjointView<Eigen::Lower>();
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(covariance / std::max(sums.samples, 1.0));
  const Vector values = eigen.eigenvalues();
  const double least = kLeastPower * values.maxCoeff();
  Vector inverse(values.size()), kept(values.size());
  for (Eigen::Index i = 0; i < values.size(); ++i) {
    inverse[i] = values[i] > least ? 1 / std::sqrt(values[i]) : 0;
    kept[i] = values[i] > least ? 1 : 0;
  }
  const Matrix& axes = eigen.eigenvectors();
  return {axes * inverse.asDiagonal() * axes.transpose(), axes * kept.asDiagonal() * axes.transpose()};
}

/// Averages and covariances at the strongest places, side by side, in units of their errors: [lag, ...].
Matrix strongest(const Triggered& sums, const Whitening& white) {
  const auto places = sums.sums.size();
  const Eigen::Index dims = white.by.rows();
  const double root = std::sqrt(std::max(sums.spikes, 1.0));
  std::vector<Matrix> parts;
  std::vector<double> strength;
  for (std::size_t p = 0; p < places; ++p) {
    Matrix part(dims, dims + 1);
    part.col(0) = white.by * sums.sums[p] / root;
    const Matrix products = sums.products[p].selfadjointView<Eigen::Lower>();
    Matrix covariance = white.by * products * white.by / std::max(sums.spikes, 1.0);
    covariance -= white.kept;
    covariance *= root;
    covariance.diagonal() /= std::sqrt(2.0);
    part.rightCols(dims) = covariance;
    strength.push_back(part.squaredNorm());
    parts.push_back(std::move(part));
  }
  std::vector<std::size_t> order(places);
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, [&](auto a, auto b) { return strength[a] > strength[b]; });
  const auto kept = std::min(places, kBasisPlaces);
  Matrix all(dims, static_cast<Eigen::Index>(kept) * (dims + 1));
  for (std::size_t i = 0; i < kept; ++i)
    all.middleCols(static_cast<Eigen::Index>(i) * (dims + 1), dims + 1) = parts[order[i]];
  return all;
}

struct Decomposed {
  Matrix vectors;  ///< [row, value], the largest first
  Vector values;
};

/// Left singular vectors and values of a wide matrix.
Decomposed left_singular(const Matrix& m) {
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(m * m.transpose());
  return {eigen.eigenvectors().rowwise().reverse(), eigen.eigenvalues().reverse().cwiseMax(0).cwiseSqrt()};
}

/// Columns made orthonormal, in their order; the sign of each stays.
Matrix orthonormal(Matrix m) {
  for (Eigen::Index j = 0; j < m.cols(); ++j) {
    for (Eigen::Index i = 0; i < j; ++i) m.col(j) -= m.col(i).dot(m.col(j)) * m.col(i);
    m.col(j).normalize();
  }
  return m;
}

Basis basis_of(const Matrix& functions, const Movie& movie) {
  Basis basis;
  basis.channels = static_cast<std::size_t>(movie.channels), basis.lags = static_cast<std::size_t>(movie.lags);
  for (Eigen::Index k = 0; k < functions.cols(); ++k)
    basis.functions.emplace_back(functions.col(k).data(), functions.col(k).data() + functions.rows());
  return basis;
}

std::vector<double> to_vector(const Vector& v) {
  return {v.data(), v.data() + v.size()};
}

}  // namespace

BasisFound first_basis(const Movie& movie, std::size_t most, std::uint64_t seed, const Context& context) {
  const Places places = places_over(movie);
  const Sums sums = triggered_sums(movie, places, shifted_counts(movie, seed), context);
  const Whitening white = whitening(sums);
  const Decomposed found = left_singular(strongest(sums.draws[0], white));
  double null = 0;
  for (std::size_t d = 1; d < sums.draws.size(); ++d)
    null = std::max(null, left_singular(strongest(sums.draws[d], white)).values[0]);
  BasisFound out;
  out.values = to_vector(found.values), out.edge = kBasisEdge * null;
  std::size_t count = 0;
  while (count < most && out.values[count] > out.edge) ++count;
  count = std::max<std::size_t>(count, 1);
  Matrix functions = orthonormal(white.by * found.vectors.leftCols(static_cast<Eigen::Index>(count)));
  // The polarity of what drives the cell most.
  double strongest_average = 0;
  for (const auto& sum : sums.draws[0].sums) {
    const double along = functions.col(0).dot(sum);
    if (std::abs(along) > std::abs(strongest_average)) strongest_average = along;
  }
  if (strongest_average < 0) functions.col(0) *= -1;
  out.basis = basis_of(functions, movie);
  return out;
}

std::vector<double> average_map(const Movie& movie, const Basis& basis, const Context& context) {
  const std::size_t pixels = movie.pixels(), channels = basis.channels;
  const auto taps = newest_last(basis.functions[0], channels, basis.lags);
  std::vector<std::vector<double>> sums(movie.blocks.size());
  parallel_for(static_cast<std::int64_t>(movie.blocks.size()), threads_of(context),
               [&](std::int64_t begin, std::int64_t end) {
                 BlockSpace space;
                 for (auto b = begin; b < end; ++b) {
                   check_stop(context);
                   const Block& block = movie.blocks[static_cast<std::size_t>(b)];
                   const float* rows = movie.rows(static_cast<std::size_t>(b), space.movie);
                   const std::size_t n = row_length(block.length);
                   float* filtered = space.scratch.at_least(n);
                   for (std::size_t p = 0; p < pixels; ++p) {
                     filter_channels(taps, channels, basis.lags, rows + p * movie.stride(), pixels * movie.stride(), n,
                                     filtered);
                     sums[static_cast<std::size_t>(b)].push_back(
                         kernels::row_product(filtered, movie.counts.data() + block.begin, n));
                   }
                 }
               });
  std::vector<double> map(pixels, 0.0);
  for (const auto& s : sums)
    for (std::size_t p = 0; p < pixels; ++p) map[p] += s[p];
  for (double& v : map) v /= std::sqrt(std::max(movie.spikes(), 1.0));
  return map;
}

BasisRefit refitted_basis(const Fitted& fit, const Seen& seen, std::size_t most, const Context& context) {
  const Model& model = fit.model;
  const Movie& movie = seen.movie;
  const BlockRows rows(model, movie, seen.covariates, true);
  const ModelLayout layout(model);
  const std::size_t lags = model.basis.lags, channels = model.basis.channels, taps = lags * channels;
  const std::size_t parts = model.parts.size(), filters = parts * taps;
  std::vector<std::size_t> kept;  // parameters that are not mixtures
  for (std::size_t i = 0; i < layout.gains + model.gains.size(); ++i) kept.push_back(i);
  for (const auto& part : layout.parts)
    for (auto i = part.shape; i < part.end; ++i) kept.push_back(i);
  const std::size_t all = filters + kept.size() + 1;
  const auto blocks = static_cast<std::int64_t>(movie.blocks.size()), groups = std::min(kGroups, blocks);
  std::vector<std::vector<double>> sums(static_cast<std::size_t>(groups));
  parallel_for(groups, threads_of(context), [&](std::int64_t begin, std::int64_t end) {
    BlockSpace space;
    Buffer joint;
    for (auto g = begin; g < end; ++g) {
      auto& sum = sums[static_cast<std::size_t>(g)];
      sum.assign(all * all, 0);
      for (auto b = g * blocks / groups; b < (g + 1) * blocks / groups; ++b) {
        check_stop(context);
        const BlockFrames frames = rows.at(static_cast<std::size_t>(b), space);
        const std::size_t n = frames.frames;
        float* to = joint.at_least(all * n);
        float* pass = space.scratch.at_least(n);
        for (std::size_t i = 0; i < parts; ++i) {
          rows.project(i, frames, space);
          const auto sign = static_cast<float>(model.parts[i].sign);
          for (std::size_t t = 0; t < n; ++t)
            pass[t] = sign * frames.bend.row(i)[t] * frames.root[t] * frames.slope[t];
          for (std::size_t c = 0; c < channels; ++c)
            for (std::size_t l = 0; l < lags; ++l)
              kernels::multiply_row(space.projected.data() + c * movie.stride() + lags - 1 - l, pass, n, false,
                                    to + (i * taps + c * lags + l) * n);
        }
        for (std::size_t j = 0; j < kept.size(); ++j)
          std::copy_n(frames.slopes.row(kept[j]), n, to + (filters + j) * n);
        std::copy_n(frames.slopes.row(layout.count), n, to + (all - 1) * n);
        kernels::row_gram({to, all, n}, n, sum.data());
      }
    }
  });
  Matrix information = Matrix::Zero(static_cast<Eigen::Index>(all - 1), static_cast<Eigen::Index>(all - 1));
  Vector gradient = Vector::Zero(static_cast<Eigen::Index>(all - 1));
  for (const auto& sum : sums)
    for (std::size_t i = 0; i < all; ++i)
      for (std::size_t j = 0; j <= i && j < all - 1; ++j) {
        const auto r = static_cast<Eigen::Index>(i), c = static_cast<Eigen::Index>(j);
        if (i == all - 1)
          gradient[c] += sum[i * all + j];
        else
          information(r, c) += sum[i * all + j];
      }
  information = Matrix(information.selfadjointView<Eigen::Lower>());
  // What the priors say of the parameters that are kept.
  const auto n_all = static_cast<std::int64_t>(layout.count);
  for (std::size_t a = 0; a < kept.size(); ++a) {
    const auto i = static_cast<Eigen::Index>(filters + a);
    double likelihood_gradient = 0;
    for (std::int64_t b = 0; b < blocks; ++b)
      likelihood_gradient += fit.at.block_gradient.values[static_cast<std::size_t>(b * n_all) + kept[a]];
    const auto at = static_cast<std::size_t>(n_all) * kept[a] + kept[a];
    information(i, i) += fit.curvature.values[at] - fit.at.information.values[at];
    gradient[i] += fit.gradient[kept[a]] - likelihood_gradient;
  }
  information.diagonal() += information.diagonal() * kBasisRidge + Vector::Constant(information.rows(), 1e-9);
  const Eigen::LDLT<Matrix> solver(information);
  const Vector step = solver.solve(gradient);
  const Matrix covariance = solver.solve(Matrix::Identity(information.rows(), information.cols()));
  Matrix found(static_cast<Eigen::Index>(taps), static_cast<Eigen::Index>(parts)), scaled = found;
  for (std::size_t i = 0; i < parts; ++i) {
    const auto column = static_cast<Eigen::Index>(i), first = static_cast<Eigen::Index>(i * taps);
    const auto mixed = model.basis.mixed(model.parts[i].mix);
    for (std::size_t l = 0; l < taps; ++l)
      found(static_cast<Eigen::Index>(l), column) = mixed[l] + step[first + static_cast<Eigen::Index>(l)];
    const double error = std::sqrt(covariance.diagonal().segment(first, static_cast<Eigen::Index>(taps)).mean());
    scaled.col(column) = found.col(column) / std::max(error, 1e-300);
  }
  const Decomposed decomposed = left_singular(scaled);
  BasisRefit out;
  out.values = to_vector(decomposed.values);
  out.edge = kRefitEdge * (std::sqrt(static_cast<double>(parts)) + std::sqrt(static_cast<double>(taps))) *
             std::sqrt(std::max(fit.dispersion, 1.0));
  std::size_t count = 0;
  while (count < std::min(most, parts) && out.values[count] > out.edge) ++count;
  count = std::max<std::size_t>(count, 1);
  Matrix functions = decomposed.vectors.leftCols(static_cast<Eigen::Index>(count));
  const Eigen::Map<const Vector> before(model.basis.functions[0].data(), static_cast<Eigen::Index>(taps));
  if (functions.col(0).dot(before) < 0) functions.col(0) *= -1;
  out.model = model;
  out.model.basis = basis_of(functions, movie);
  for (std::size_t i = 0; i < parts; ++i)
    out.model.parts[i].mix = to_vector(functions.transpose() * found.col(static_cast<Eigen::Index>(i)));
  return out;
}

}  // namespace plexiform::reveal
