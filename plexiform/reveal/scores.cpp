#include "plexiform/reveal/scores.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "plexiform/base/random.hpp"
#include "plexiform/reveal/for_blocks.hpp"
#include "plexiform/reveal/place_rows.hpp"
#include "plexiform/reveal/thresholds.hpp"

namespace plexiform::reveal {
namespace {

constexpr std::int64_t kGroups = 16;
/// Fewer where each holds sums for many draws.
constexpr std::int64_t kDrawnGroups = 8;
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXd;

/// Products of rows (root * d log rate) with the model's own, with their surprise, and with each other.
struct Products {
  Matrix cross;  ///< [row, parameter + 1], the last the slope
  Matrix own;    ///< [row, row], or its diagonal [row, 1]
};

template <class Fill>
Products products_of(const Fitted& fit, const Seen& seen, std::size_t count, bool all_pairs, const Fill& fill,
                     const Context& context) {
  const BlockRows rows(fit.model, seen.movie, seen.covariates, true);
  const std::size_t width = rows.parameters() + 1, own = all_pairs ? count : 1;
  std::vector<std::vector<double>> cross(kGroups), self(kGroups);
  for_blocks(seen, kGroups, context, [&](std::size_t g, std::size_t b, BlockSpace& space) {
    const BlockFrames frames = rows.at(b, space);
    const std::size_t n = frames.frames;
    float* to = space.rows.at_least(count * n);
    fill(b, frames, space, to);
    if (cross[g].empty()) cross[g].assign(count * width, 0), self[g].assign(count * own, 0);
    const double weight = weight_of(seen, b);
    std::vector<double> products(count * width, 0.0);
    const Rows mine{to, count, n};
    kernels::row_products(mine, frames.slopes, n, products.data());
    for (std::size_t i = 0; i < products.size(); ++i) cross[g][i] += weight * products[i];
    if (all_pairs) {
      std::vector<double> pairs(count * count, 0.0);
      kernels::row_products(mine, mine, n, pairs.data());
      for (std::size_t i = 0; i < pairs.size(); ++i) self[g][i] += weight * pairs[i];
    } else {
      for (std::size_t i = 0; i < count; ++i) self[g][i] += weight * kernels::row_product(mine.row(i), mine.row(i), n);
    }
  });
  Products out{Matrix::Zero(static_cast<Eigen::Index>(count), static_cast<Eigen::Index>(width)),
               Matrix::Zero(static_cast<Eigen::Index>(count), static_cast<Eigen::Index>(own))};
  for (std::size_t g = 0; g < cross.size(); ++g) {
    if (cross[g].empty()) continue;
    out.cross += Eigen::Map<const Matrix>(cross[g].data(), out.cross.rows(), out.cross.cols());
    out.own += Eigen::Map<const Matrix>(self[g].data(), out.own.rows(), out.own.cols());
  }
  return out;
}

Matrix covariance_matrix(const Fitted& fit) {
  const auto inverse = covariance_of(fit);
  return Eigen::Map<const Matrix>(inverse.values.data(), inverse.shape[0], inverse.shape[1]);
}

std::vector<Score> scores_from(const Products& products, const Fitted& fit) {
  const Matrix inverse = covariance_matrix(fit);
  const Eigen::Index n = products.cross.cols() - 1;
  std::vector<Score> scores;
  for (Eigen::Index i = 0; i < products.cross.rows(); ++i) {
    const Vector c = products.cross.row(i).head(n).transpose();
    const double information = products.own(i, 0), slope = products.cross(i, n);
    const double left = std::max(information - c.dot(inverse * c), thresholds::kLeastLeft * information + 1e-12);
    scores.push_back({slope / std::sqrt(left), slope, information});
  }
  return scores;
}

}  // namespace

std::vector<Score> row_scores(const Fitted& fit, const Seen& seen, std::size_t rows, const FillRows& fill,
                              const Context& context) {
  if (rows == 0) return {};
  const auto filled = [&](std::size_t b, const BlockFrames& frames, BlockSpace& space, float* to) {
    fill(b, frames, space, to);
    float* pass = space.scratch.at_least(frames.frames);
    kernels::multiply_row(frames.root, frames.slope, frames.frames, false, pass);
    for (std::size_t i = 0; i < rows; ++i)
      kernels::multiply_row(to + i * frames.frames, pass, frames.frames, false, to + i * frames.frames);
  };
  return scores_from(products_of(fit, seen, rows, false, filled, context), fit);
}

namespace {

/// What drawn_scores adds up over blocks.
struct DrawnSums {
  std::vector<double> own;    ///< [row, parameter + 1], the last with the surprise
  std::vector<double> drawn;  ///< [row, draw]
  std::vector<double> free;   ///< [parameter + 1, draw]
  std::vector<double> self;   ///< [row]

  DrawnSums(std::size_t rows, std::size_t width, std::size_t draws)
      : own(rows * width), drawn(rows * draws), free(width * draws), self(rows) {}
  void add(const DrawnSums& other) {
    const auto plus = [](std::vector<double>& to, const std::vector<double>& from) {
      for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
    };
    plus(own, other.own), plus(drawn, other.drawn), plus(free, other.free), plus(self, other.self);
  }
};

/// Surprises of drawn counts over the root of the rate, [draw, frame].
void draw_surprises(const Movie& movie, const Block& block, const BlockFrames& frames, double dispersion,
                    std::size_t draws, std::uint64_t seed, float* to) {
  const float* use = movie.use.data() + block.begin;
  const std::uint64_t first = static_cast<std::uint64_t>(block.first_bin);
  for (std::size_t d = 0; d < draws; ++d) {
    const CounterRandom random(seed, d);
    float* row = to + d * frames.frames;
    std::fill_n(row, frames.frames, 0.0F);
    for (std::size_t t = 0; t < block.length; ++t) {
      if (use[t] == 0 || !(frames.root[t] > 0)) continue;
      const auto rate = static_cast<double>(frames.rate[t]);
      const double count = dispersion * static_cast<double>(random.poisson(first + t, rate / dispersion));
      row[t] = static_cast<float>((count - rate) / static_cast<double>(frames.root[t]));
    }
  }
}

/// The scores of sums, parameters taken out by the fit's covariance.
DrawnScores scores_of_sums(const DrawnSums& sums, const Fitted& fit, double dispersion, double least_left,
                           std::size_t draws) {
  const Matrix inverse = covariance_matrix(fit);
  const auto rows = static_cast<Eigen::Index>(sums.self.size()), n = inverse.rows(),
             of = static_cast<Eigen::Index>(draws);
  const Eigen::Map<const Matrix> own(sums.own.data(), rows, n + 1), drawn(sums.drawn.data(), rows, of),
      free(sums.free.data(), n + 1, of);
  const Matrix cross = own.leftCols(n), taken = cross * inverse;
  const Matrix left_of_drawn = drawn - taken * free.topRows(n);
  DrawnScores out{dispersion, {}, NdArray<double>({rows, of})};
  for (Eigen::Index i = 0; i < rows; ++i) {
    const double information = sums.self[static_cast<std::size_t>(i)], slope = own(i, n);
    const double left = std::max(information - taken.row(i).dot(cross.row(i)), least_left * information + 1e-12);
    const double error = std::sqrt(dispersion * left);
    out.seen.push_back({slope / error, slope, information});
    const auto to = out.drawn.row(i);
    for (Eigen::Index d = 0; d < of; ++d) to[static_cast<std::size_t>(d)] = left_of_drawn(i, d) / error;
  }
  return out;
}

}  // namespace

DrawnScores drawn_scores(const Fitted& fit, const Movie& movie, const Covariates& covariates, std::size_t rows,
                         const FillRows& fill, double least_left, std::size_t draws, std::uint64_t seed,
                         const Context& context) {
  const BlockRows model(fit.model, movie, covariates, true);
  const std::size_t width = model.parameters() + 1;
  const double dispersion = std::max(fit.dispersion, thresholds::kLeastDrawnDispersion);
  const auto silent = static_cast<float>(thresholds::kSilent * movie.mean_count());
  std::vector<DrawnSums> sums(kDrawnGroups, DrawnSums(rows, width, draws));
  for_blocks({movie, covariates, {}}, kDrawnGroups, context, [&](std::size_t g, std::size_t b, BlockSpace& space) {
    const BlockFrames frames = model.at(b, space);
    const std::size_t n = frames.frames;
    float* features = space.rows.at_least((rows + draws) * n);
    float* surprises = features + rows * n;
    fill(b, frames, space, features);
    draw_surprises(movie, movie.blocks[b], frames, dispersion, draws, seed, surprises);
    float* pass = space.scratch.at_least(n);
    for (std::size_t t = 0; t < n; ++t)
      pass[t] = frames.root[t] * frames.slope[t] * frames.rate[t] / (frames.rate[t] + silent);
    const Rows all{features, rows, n}, drawn{surprises, draws, n};
    DrawnSums& sum = sums[g];
    for (std::size_t i = 0; i < rows; ++i) {
      kernels::multiply_row(features + i * n, pass, n, false, features + i * n);
      sum.self[i] += kernels::row_product(all.row(i), all.row(i), n);
    }
    kernels::row_products(all, frames.slopes, n, sum.own.data());
    kernels::row_products(all, drawn, n, sum.drawn.data());
    kernels::row_products(frames.slopes, drawn, n, sum.free.data());
  });
  for (std::size_t g = 1; g < sums.size(); ++g) sums[0].add(sums[g]);
  return scores_of_sums(sums[0], fit, dispersion, least_left, draws);
}

std::vector<Score> feature_scores(const Fitted& fit, const Seen& seen, std::span<const Feature> features,
                                  const Context& context) {
  const Movie& movie = seen.movie;
  const Basis& basis = fit.model.basis;
  const Grid grid{movie.height, movie.width};
  std::vector<std::vector<PixelWeights>> columns;
  std::vector<std::vector<float>> taps;
  for (const auto& feature : features) {
    auto& of = columns.emplace_back();
    for (const auto& g : feature.gaussians) of.push_back(pixel_weights(g, grid));
    taps.push_back(newest_last(basis.mixed(feature.mix), basis.channels, basis.lags));
  }
  const auto unit = static_cast<float>(fit.model.unit), power = static_cast<float>(std::exp(fit.model.log_power.value));
  return row_scores(
      fit, seen, features.size(),
      [&](std::size_t, const BlockFrames& frames, BlockSpace& space, float* rows) {
        const std::size_t n = frames.frames, stride = movie.stride();
        float* seen_by = space.projected.at_least(basis.channels * stride);
        float* z = space.scratch.at_least(3 * n);
        for (std::size_t i = 0; i < features.size(); ++i) {
          float* row = rows + i * n;
          std::fill_n(row, n, 0.0F);
          for (const auto& column : columns[i]) {
            see_through(column, movie, frames.movie, seen_by, space.from);
            filter_channels(taps[i], basis.channels, basis.lags, seen_by, stride, n, z);
            kernels::rectified_power(z, unit, power, features[i].even, n, z + n, z + 2 * n);
            for (std::size_t t = 0; t < n; ++t) row[t] += z[n + t];
          }
        }
      },
      context);
}

double joint_score(const Fitted& fit, const Seen& seen, const Covariates& rows, const Context& context) {
  const auto fill = [&](std::size_t b, const BlockFrames& frames, BlockSpace&, float* to) {
    for (std::size_t i = 0; i < rows.rows.size(); ++i)
      kernels::multiply_row(frames.root, rows.rows[i].data() + seen.movie.blocks[b].begin, frames.frames, false,
                            to + i * frames.frames);
  };
  const Products products = products_of(fit, seen, rows.rows.size(), true, fill, context);
  const Eigen::Index n = products.cross.cols() - 1;
  const Matrix cross = products.cross.leftCols(n);
  Matrix left = products.own - cross * covariance_matrix(fit) * cross.transpose();
  left.diagonal() += Vector::Constant(left.rows(), 1e-9);
  const Vector slope = products.cross.col(n);
  return slope.dot(left.ldlt().solve(slope)) / std::max(fit.dispersion, 1.0);
}

std::vector<std::vector<double>> directions(std::size_t functions) {
  std::vector<std::vector<double>> all;
  for (std::size_t i = 0; i < functions; ++i) {
    auto& axis = all.emplace_back(functions, 0.0);
    axis[i] = 1;
  }
  for (std::size_t i = 0; i < functions; ++i)
    for (std::size_t j = i + 1; j < functions; ++j)
      for (const double sign : {1.0, -1.0}) {
        auto& diagonal = all.emplace_back(functions, 0.0);
        diagonal[i] = std::sqrt(0.5), diagonal[j] = sign * std::sqrt(0.5);
      }
  return all;
}

namespace {

/// A grid of places, and which of them are looked at.
struct WantedPlaces {
  PlaceRows places;
  std::vector<std::size_t> wanted;  ///< places, in order
};

/// All that does not change from block to block while places are screened.
struct Plan {
  std::vector<WantedPlaces> grids;
  std::vector<Gaussian> gaussians;            ///< that are wanted, those of the first grid first
  std::vector<std::vector<double>> mixes;     ///< [direction][function]
  std::vector<std::vector<float>> rounded;    ///< the same
  std::vector<std::vector<float>> functions;  ///< [function][channel * lag], newest last
  float power = 1;

  std::size_t sums_of_place() const { return mixes.size() * 4; }
  std::size_t sums() const { return gaussians.size() * sums_of_place(); }
};

Plan plan_of(const Model& model, const Movie& movie, std::span<const PlaceGrid> grids,
             const std::function<bool(const Gaussian&)>& wanted) {
  Plan plan;
  plan.power = static_cast<float>(std::exp(model.log_power.value));
  plan.mixes = directions(model.basis.count());
  for (const auto& mix : plan.mixes) plan.rounded.emplace_back(mix.begin(), mix.end());
  for (const auto& f : model.basis.functions)
    plan.functions.push_back(newest_last(f, model.basis.channels, model.basis.lags));
  for (const auto& grid : grids) {
    WantedPlaces w{PlaceRows(grid, movie.height, movie.width), {}};
    for (std::size_t x = 0; x < grid.x.size(); ++x)
      for (std::size_t y = 0; y < grid.y.size(); ++y) {
        const Gaussian g{grid.x[x], grid.y[y], std::log(grid.size), std::log(grid.size), 0};
        if (wanted(g)) w.wanted.push_back(x * grid.y.size() + y), plan.gaussians.push_back(g);
      }
    plan.grids.push_back(std::move(w));
  }
  return plan;
}

/// Adds a block's slopes and information of all features: sums [place][direction][both_polarities' four].
void add_block(const Plan& plan, const Movie& movie, const BlockFrames& frames, double weight, BlockSpace& space,
               std::span<double> sums) {
  const std::size_t n = frames.frames, stride = movie.stride(), count = plan.functions.size();
  const auto channels = static_cast<std::size_t>(movie.channels), lags = static_cast<std::size_t>(movie.lags);
  float* first = space.slopes.at_least((2 + count) * n);
  float *second = first + n, *rows = first + 2 * n;
  const auto of_block = static_cast<float>(weight);
  for (std::size_t t = 0; t < n; ++t) {
    first[t] = of_block * frames.slope[t] * frames.surprise[t];
    second[t] = of_block * frames.slope[t] * frames.root[t] * frames.slope[t] * frames.root[t];
  }
  std::vector<const float*> filtered;
  for (std::size_t k = 0; k < count; ++k) filtered.push_back(rows + k * n);
  double* to = sums.data();
  for (const auto& grid : plan.grids) {
    float* seen = space.values.at_least(channels * grid.places.count() * stride);
    grid.places.project(movie, frames.movie, space.projected, seen);
    for (const auto place : grid.wanted) {
      for (std::size_t k = 0; k < count; ++k)
        filter_channels(plan.functions[k], channels, lags, seen + place * stride, grid.places.count() * stride, n,
                        rows + k * n);
      for (const auto& mix : plan.rounded) {
        kernels::both_polarities(filtered.data(), mix.data(), count, first, second, plan.power, n, to);
        to += 4;
      }
    }
  }
}

/// Each polarity of each direction at each place, and both together, from their sums.
std::vector<Screened> screened(const Plan& plan, std::span<const double> sums) {
  std::vector<Screened> all;
  const auto add = [&](std::size_t place, std::size_t d, double polarity, bool even, double slope, double information) {
    auto mix = plan.mixes[d];
    for (double& q : mix) q *= polarity;
    all.push_back({plan.gaussians[place], std::move(mix), even, slope / std::sqrt(std::max(information, 1e-12))});
  };
  for (std::size_t place = 0; place < plan.gaussians.size(); ++place)
    for (std::size_t d = 0; d < plan.mixes.size(); ++d) {
      const double* s = &sums[place * plan.sums_of_place() + 4 * d];
      add(place, d, 1, false, s[0], s[1]), add(place, d, -1, false, s[2], s[3]);
      add(place, d, 1, true, s[0] + s[2], s[1] + s[3]);
    }
  return all;
}

}  // namespace

Screening screen(const Fitted& fit, const Seen& seen, std::span<const PlaceGrid> grids,
                 const std::function<bool(const Gaussian&)>& wanted, bool suppression, std::size_t most,
                 const Context& context) {
  const BlockRows model(fit.model, seen.movie, seen.covariates, false);
  const Plan plan = plan_of(fit.model, seen.movie, grids, wanted);
  std::vector<std::vector<double>> groups(kGroups);
  for_blocks(seen, kGroups, context, [&](std::size_t g, std::size_t b, BlockSpace& space) {
    groups[g].resize(plan.sums(), 0);
    add_block(plan, seen.movie, model.at(b, space), weight_of(seen, b), space, groups[g]);
  });
  std::vector<double> sums(plan.sums(), 0.0);
  for (const auto& group : groups)
    for (std::size_t i = 0; i < group.size(); ++i) sums[i] += group[i];
  Screening out{screened(plan, sums), 0};
  out.looked_at = out.best.size();
  if (!suppression) std::erase_if(out.best, [](const Screened& s) { return s.z < 0; });
  std::ranges::stable_sort(out.best, std::ranges::greater(), [](const Screened& s) { return std::abs(s.z); });
  if (out.best.size() > most) out.best.resize(most);
  return out;
}

}  // namespace plexiform::reveal
