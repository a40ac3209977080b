#include "plexiform/reveal/basis.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "plexiform/base/random.hpp"
#include "plexiform/base/streams.hpp"
#include "plexiform/reveal/block_rows.hpp"
#include "plexiform/reveal/for_blocks.hpp"
#include "plexiform/reveal/thresholds.hpp"

namespace plexiform::reveal {
namespace {

using namespace thresholds;
using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

constexpr std::int64_t kGroups = 16;

/// Round Gaussians on a grid over the window.
std::vector<PixelWeights> places_over(const Movie& movie) {
  const Grid grid{movie.height, movie.width};
  const double log_size = std::log(kBasisSize);
  std::vector<PixelWeights> places;
  for (double y = 1; y < static_cast<double>(grid.height); y += kBasisSpacing)
    for (double x = 1; x < static_cast<double>(grid.width); x += kBasisSpacing)
      places.push_back(pixel_weights(Gaussian{x, y, log_size, log_size, 0}, grid));
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
  const CounterRandom random(derived_seed(seed, purposes::reveal::kShifts), 0);
  for (int d = 0; d < kBasisDraws; ++d) {
    const auto shift = least + random.integer(static_cast<std::uint64_t>(d), std::max<std::int64_t>(n - 2 * least, 1));
    std::vector<float> counts(movie.counts.size(), 0.0F);
    for (std::int64_t i = 0; i < n; ++i)
      counts[used[static_cast<std::size_t>((i + shift) % n)]] = movie.counts[used[static_cast<std::size_t>(i)]];
    all.push_back(std::move(counts));
  }
  return all;
}

/// Sums over frames of what each place showed before them: [place][(lag + 1) x (lag + 1)], the lower half; the last row
/// holds the sums of the vectors themselves, and last of all the number of frames.
using Triggered = std::vector<std::vector<double>>;

struct Sums {
  std::vector<Triggered> draws;  ///< over spikes
  Triggered all;                 ///< over frames, of some of them and some places
};

Sums empty_sums(std::size_t draws, std::size_t places, std::size_t rows) {
  const Triggered none(places, std::vector<double>(rows * rows, 0.0));
  return {std::vector<Triggered>(draws, none), none};
}

void add(Triggered& to, const Triggered& other) {
  for (std::size_t p = 0; p < to.size(); ++p)
    for (std::size_t i = 0; i < to[p].size(); ++i) to[p][i] += other[p][i];
}

/// Frames of a block that count, and the roots of how much.
struct Chosen {
  std::vector<std::size_t> frames;
  std::vector<float> roots;  ///< and zeros up to a whole register
};

Chosen chosen_frames(const Block& block, const float* counts) {
  Chosen out;
  for (std::size_t t = 0; t < block.length; ++t)
    if (counts[t] > 0) out.frames.push_back(t), out.roots.push_back(std::sqrt(counts[t]));
  out.roots.resize(row_length(out.frames.size()), 0.0F);
  return out;
}

/// Adds the products of what a place showed before the chosen frames. `seen`: [channel][frame with history].
void add_products(const Chosen& chosen, const float* seen, std::size_t stride, std::size_t channels, std::size_t lags,
                  Buffer& space, std::vector<double>& to) {
  if (chosen.frames.empty()) return;
  const std::size_t n = chosen.roots.size(), rows = channels * lags + 1;
  float* gathered = space.zeroed(rows * n);
  for (std::size_t c = 0; c < channels; ++c)
    for (std::size_t l = 0; l < lags; ++l) {
      const float* from = seen + c * stride + lags - 1 - l;
      float* row = gathered + (c * lags + l) * n;
      for (std::size_t i = 0; i < chosen.frames.size(); ++i) row[i] = chosen.roots[i] * from[chosen.frames[i]];
    }
  std::copy_n(chosen.roots.begin(), n, gathered + (rows - 1) * n);
  kernels::row_gram({gathered, rows, n}, n, to.data());
}

/// Adds what all places showed in a block before its spikes, and, at some places, before some of its frames.
void add_block(const Movie& movie, std::size_t b, std::span<const PixelWeights> places,
               std::span<const std::vector<float>> counts, BlockSpace& space, Sums& to) {
  const auto channels = static_cast<std::size_t>(movie.channels), lags = static_cast<std::size_t>(movie.lags);
  const Block& block = movie.blocks[b];
  const float* pixels = movie.rows(b, space.movie);
  std::vector<Chosen> chosen;
  for (const auto& c : counts) chosen.push_back(chosen_frames(block, c.data() + block.begin));
  std::vector<float> every(block.length, 0.0F);
  for (std::size_t t = 0; t < block.length; t += kCovarianceEvery) every[t] = 1;
  const Chosen some = chosen_frames(block, every.data());
  float* seen = space.projected.at_least(channels * movie.stride());
  for (std::size_t p = 0; p < places.size(); ++p) {
    see_through(places[p], movie, pixels, seen, space.from);
    for (std::size_t d = 0; d < chosen.size(); ++d)
      add_products(chosen[d], seen, movie.stride(), channels, lags, space.rows, to.draws[d][p]);
    if (p % kCovariancePlaces == 0) add_products(some, seen, movie.stride(), channels, lags, space.rows, to.all[p]);
  }
}

Sums triggered_sums(const Movie& movie, std::span<const PixelWeights> places,
                    std::span<const std::vector<float>> counts, const Context& context) {
  const auto rows = static_cast<std::size_t>(movie.channels * movie.lags) + 1;
  const Sums none = empty_sums(counts.size(), places.size(), rows);
  std::vector<Sums> groups(static_cast<std::size_t>(kGroups), none);
  for_blocks({movie, {}, {}}, kGroups, context, [&](std::size_t g, std::size_t b, BlockSpace& space) {
    add_block(movie, b, places, counts, space, groups[g]);
  });
  Sums all = none;
  for (const auto& group : groups) {
    for (std::size_t d = 0; d < all.draws.size(); ++d) add(all.draws[d], group.draws[d]);
    add(all.all, group.all);
  }
  return all;
}

/// What the products of a place say: number of frames, summed vectors, summed products.
struct Moments {
  double count = 0;
  Vector sum;
  Matrix products;
};
Moments moments_of(const std::vector<double>& triggered, Eigen::Index dims) {
  const Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>> m(triggered.data(),
                                                                                                   dims + 1, dims + 1);
  return {m(dims, dims), m.row(dims).head(dims).transpose(),
          Matrix(m.topLeftCorner(dims, dims)).selfadjointView<Eigen::Lower>()};
}

/// What makes lags white: the inverse root of their covariance, its smallest directions left out; and the projection
/// onto those that are kept, which is the covariance of what is then white.
struct Whitening {
  Matrix by, kept;
};
Whitening whitening(const Sums& sums, Eigen::Index dims) {
  Matrix covariance = Matrix::Zero(dims, dims);
  double count = 0;
  for (const auto& place : sums.all) {
    const Moments m = moments_of(place, dims);
    covariance += m.products, count += m.count;
  }
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(covariance / std::max(count, 1.0));
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
  const auto places = sums.size();
  const Eigen::Index dims = white.by.rows();
  std::vector<Matrix> parts;
  std::vector<double> strength;
  for (const auto& sum : sums) {
    const Moments m = moments_of(sum, dims);
    const double spikes = std::max(m.count, 1.0), root = std::sqrt(spikes);
    Matrix part(dims, dims + 1);
    part.col(0) = white.by * m.sum / root;
    Matrix covariance = (white.by * m.products * white.by / spikes - white.kept) * root;
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

/// How many of the values, the largest first, are above the edge: one at least, `most` at most.
std::size_t above(const std::vector<double>& values, double edge, std::size_t most) {
  std::size_t count = 0;
  while (count < std::min(most, values.size()) && values[count] > edge) ++count;
  return std::max<std::size_t>(count, 1);
}

std::vector<double> to_vector(const Vector& v) {
  return {v.data(), v.data() + v.size()};
}

}  // namespace

BasisFound first_basis(const Movie& movie, std::size_t most, std::uint64_t seed, const Context& context) {
  const Sums sums = triggered_sums(movie, places_over(movie), shifted_counts(movie, seed), context);
  const auto dims = static_cast<Eigen::Index>(movie.channels * movie.lags);
  const Whitening white = whitening(sums, dims);
  const Decomposed found = left_singular(strongest(sums.draws[0], white));
  double null = 0;
  for (std::size_t d = 1; d < sums.draws.size(); ++d)
    null = std::max(null, left_singular(strongest(sums.draws[d], white)).values[0]);
  BasisFound out;
  out.values = to_vector(found.values), out.edge = kBasisEdge * null;
  out.responds = !out.values.empty() && out.values.front() > kClearFunction * out.edge;
  const std::size_t count = above(out.values, out.edge, most);
  Matrix functions = orthonormal(white.by * found.vectors.leftCols(static_cast<Eigen::Index>(count)));
  // The polarity of what drives the cell most.
  double strongest_average = 0;
  for (const auto& sum : sums.draws[0]) {
    const double along = functions.col(0).dot(moments_of(sum, dims).sum);
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
  const auto each = static_cast<std::int64_t>(sums.size());
  for_blocks({movie, {}, {}}, each, context, [&](std::size_t, std::size_t b, BlockSpace& space) {
    const Block& block = movie.blocks[b];
    const float* rows = movie.rows(b, space.movie);
    const std::size_t n = row_length(block.length);
    float* filtered = space.scratch.at_least(n);
    for (std::size_t p = 0; p < pixels; ++p) {
      filter_channels(taps, channels, basis.lags, rows + p * movie.stride(), pixels * movie.stride(), n, filtered);
      sums[b].push_back(kernels::row_product(filtered, movie.counts.data() + block.begin, n));
    }
  });
  std::vector<double> map(pixels, 0.0);
  for (const auto& s : sums)
    for (std::size_t p = 0; p < pixels; ++p) map[p] += s[p];
  for (double& v : map) v /= std::sqrt(std::max(movie.spikes(), 1.0));
  return map;
}

namespace {

/// What is known where each part's mixture is replaced by a whole filter, and all other parameters stay.
struct Freed {
  std::vector<std::size_t> kept;  ///< the others, in the order of the model's layout
  Matrix information;             ///< of [part, channel, lag] and, after them, the others
  Vector gradient;
};

std::vector<std::size_t> without_mixtures(const Model& model) {
  const ModelLayout layout(model);
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < layout.gains + model.gains.size(); ++i) kept.push_back(i);
  for (const auto& part : layout.parts)
    for (auto i = part.shape; i < part.end; ++i) kept.push_back(i);
  return kept;
}

/// Slopes of a block's log rate to each part's whole filter, times the root of the rate: to [part, channel,
/// lag][frame].
void filter_slopes(const BlockRows& rows, const BlockFrames& frames, const Model& model, const Movie& movie,
                   BlockSpace& space, float* to) {
  const std::size_t n = frames.frames, lags = model.basis.lags;
  float* pass = space.scratch.at_least(n);
  for (std::size_t i = 0; i < model.parts.size(); ++i) {
    rows.project(i, frames, space);
    const auto sign = static_cast<float>(model.parts[i].sign);
    for (std::size_t t = 0; t < n; ++t) pass[t] = sign * frames.bend.row(i)[t] * frames.root[t] * frames.slope[t];
    for (std::size_t c = 0; c < model.basis.channels; ++c)
      for (std::size_t l = 0; l < lags; ++l, to += n)
        kernels::multiply_row(space.projected.data() + c * movie.stride() + lags - 1 - l, pass, n, false, to);
  }
}

/// Sums of products of all slopes and, last, the surprise: [row, row], the lower half.
std::vector<double> joint_products(const Model& model, const Seen& seen, std::span<const std::size_t> kept,
                                   const Context& context) {
  const BlockRows rows(model, seen.movie, seen.covariates, true);
  const std::size_t filters = model.parts.size() * model.basis.channels * model.basis.lags,
                    all = filters + kept.size() + 1;
  std::vector<std::vector<double>> groups(static_cast<std::size_t>(kGroups), std::vector<double>(all * all, 0.0));
  for_blocks({seen.movie, seen.covariates, {}}, kGroups, context, [&](std::size_t g, std::size_t b, BlockSpace& space) {
    const BlockFrames frames = rows.at(b, space);
    const std::size_t n = frames.frames;
    float* to = space.rows.at_least(all * n);
    filter_slopes(rows, frames, model, seen.movie, space, to);
    for (std::size_t j = 0; j < kept.size(); ++j) std::copy_n(frames.slopes.row(kept[j]), n, to + (filters + j) * n);
    std::copy_n(frames.slopes.row(rows.parameters()), n, to + (all - 1) * n);
    kernels::row_gram({to, all, n}, n, groups[g].data());
  });
  std::vector<double> sum(all * all, 0.0);
  for (const auto& group : groups)
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += group[i];
  return sum;
}

/// What the priors say of the parameters that are kept.
void add_priors(Freed& freed, const Fitted& fit) {
  const auto n = static_cast<std::size_t>(fit.curvature.shape[0]);
  const Eigen::Index filters = freed.gradient.size() - static_cast<Eigen::Index>(freed.kept.size());
  for (std::size_t a = 0; a < freed.kept.size(); ++a) {
    const auto i = filters + static_cast<Eigen::Index>(a);
    const std::size_t parameter = freed.kept[a];
    double likelihood = 0;
    for (std::size_t b = 0; b < fit.at.block.size(); ++b) likelihood += fit.at.block_gradient.values[b * n + parameter];
    const std::size_t at = n * parameter + parameter;
    freed.information(i, i) += fit.curvature.values[at] - fit.at.information.values[at];
    freed.gradient[i] += fit.gradient[parameter] - likelihood;
  }
}

Freed freed_filters(const Fitted& fit, const Seen& seen, const Context& context) {
  Freed freed{without_mixtures(fit.model), {}, {}};
  const auto products = joint_products(fit.model, seen, freed.kept, context);
  const auto all = static_cast<Eigen::Index>(std::lround(std::sqrt(static_cast<double>(products.size()))));
  using ByRow = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Map<const ByRow> sums(products.data(), all, all);
  freed.information = Matrix(sums.topLeftCorner(all - 1, all - 1)).selfadjointView<Eigen::Lower>();
  freed.gradient = sums.row(all - 1).head(all - 1).transpose();
  add_priors(freed, fit);
  return freed;
}

/// Each part's filter after one Newton step, and the same in units of its error: [channel * lag, part].
struct Filters {
  Matrix found, scaled;
};

Filters stepped_filters(const Model& model, Freed freed) {
  Matrix& information = freed.information;
  information.diagonal() += information.diagonal() * kBasisRidge + Vector::Constant(information.rows(), 1e-9);
  const Eigen::LDLT<Matrix> solver(information);
  const Vector step = solver.solve(freed.gradient);
  const Matrix covariance = solver.solve(Matrix::Identity(information.rows(), information.cols()));
  const auto taps = static_cast<Eigen::Index>(model.basis.channels * model.basis.lags),
             parts = static_cast<Eigen::Index>(model.parts.size());
  Filters out{Matrix(taps, parts), Matrix(taps, parts)};
  for (Eigen::Index i = 0; i < parts; ++i) {
    const auto mixed = model.basis.mixed(model.parts[static_cast<std::size_t>(i)].mix);
    out.found.col(i) = Eigen::Map<const Vector>(mixed.data(), taps) + step.segment(i * taps, taps);
    const double error = std::sqrt(covariance.diagonal().segment(i * taps, taps).mean());
    out.scaled.col(i) = out.found.col(i) / std::max(error, 1e-300);
  }
  return out;
}

}  // namespace

BasisRefit refitted_basis(const Fitted& fit, const Seen& seen, std::size_t most, const Context& context) {
  const Model& model = fit.model;
  const Filters filters = stepped_filters(model, freed_filters(fit, seen, context));
  const Decomposed decomposed = left_singular(filters.scaled);
  const auto taps = static_cast<double>(filters.found.rows()), parts = static_cast<double>(filters.found.cols());
  BasisRefit out;
  out.values = to_vector(decomposed.values);
  out.edge = kRefitEdge * (std::sqrt(parts) + std::sqrt(taps)) * std::sqrt(std::max(fit.dispersion, 1.0));
  const std::size_t count = above(out.values, out.edge, std::min(most, model.parts.size()));
  Matrix functions = decomposed.vectors.leftCols(static_cast<Eigen::Index>(count));
  const Eigen::Map<const Vector> before(model.basis.functions[0].data(), functions.rows());
  if (functions.col(0).dot(before) < 0) functions.col(0) *= -1;
  out.model = model;
  out.model.basis = basis_of(functions, seen.movie);
  for (std::size_t i = 0; i < model.parts.size(); ++i)
    out.model.parts[i].mix = to_vector(functions.transpose() * filters.found.col(static_cast<Eigen::Index>(i)));
  return out;
}

}  // namespace plexiform::reveal
