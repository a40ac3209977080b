#include "plexiform/reveal/certainty.hpp"

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
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXd;

Eigen::Map<const Matrix> map_of(const NdArray<double>& a) {
  return {a.values.data(), static_cast<Eigen::Index>(a.shape[0]), static_cast<Eigen::Index>(a.shape[1])};
}

NdArray<double> plain(const Matrix& m) {
  NdArray<double> out({m.rows(), m.cols()});
  std::copy_n(m.data(), m.size(), out.values.begin());
  return out;
}

/// What the priors hold back: C P C, for parameters whose truth scatters as the priors P say.
Matrix held_back(const Fitted& fit) {
  const NdArray<double> inverse = covariance_of(fit);
  const auto c = map_of(inverse);
  return c * (map_of(fit.curvature) - map_of(fit.at.information)) * c;
}

/// Every so many-th block is left out in turn, and the model fitted again from where it is: [group]. (Jackknife;
/// Quenouille 1956. Where thresholds are sharp the curvature promises more than refits keep.)
std::vector<Model> refitted_without(const Found& found, const Movie& movie, const Context& context) {
  const auto groups = std::min(kJackknifeGroups, movie.blocks.size());
  std::vector<Model> models;
  for (std::size_t g = 0; g < groups; ++g) {
    check_stop(context);
    std::vector<double> weights(movie.blocks.size(), 1.0);
    for (std::size_t b = g; b < weights.size(); b += groups) weights[b] = 0;
    FitSettings settings;
    settings.tolerance = kFineTolerance;
    settings.most_steps = kJackknifeSteps;
    models.push_back(fit_model(found.fit.model, {movie, found.covariates, weights}, settings, context).model);
  }
  return models;
}

/// Covariance of the parameters over such refits.
Matrix jackknife_covariance(const Model& model, std::span<const Model> refitted) {
  const auto n = static_cast<Eigen::Index>(parameters_of(model).size()),
             groups = static_cast<Eigen::Index>(refitted.size());
  Matrix values(groups, n);
  for (Eigen::Index g = 0; g < groups; ++g) {
    const auto of = parameters_of(refitted[static_cast<std::size_t>(g)]);
    values.row(g) = Eigen::Map<const Vector>(of.data(), n).transpose();
  }
  const Eigen::RowVectorXd mean = values.colwise().mean();
  const Matrix centred = values.rowwise() - mean;
  return centred.transpose() * centred * (static_cast<double>(groups - 1) / static_cast<double>(groups));
}

/// Moments of squared weights: centre, and the axes of a Gaussian whose square has the same spread.
void set_shape(PartSummary& to, std::span<const double> weights, const Grid& grid) {
  double sum = 0, x = 0, y = 0, xx = 0, xy = 0, yy = 0;
  std::size_t p = 0;
  for (std::int64_t row = 0; row < grid.height; ++row)
    for (std::int64_t column = 0; column < grid.width; ++column, ++p) {
      const double w = weights[p] * weights[p], u = static_cast<double>(column), v = static_cast<double>(row);
      sum += w, x += w * u, y += w * v, xx += w * u * u, xy += w * u * v, yy += w * v * v;
    }
  x /= sum, y /= sum;
  xx = 2 * (xx / sum - x * x), xy = 2 * (xy / sum - x * y), yy = 2 * (yy / sum - y * y);
  const double middle = (xx + yy) / 2, spread = std::hypot((xx - yy) / 2, xy);
  to.x = x, to.y = y, to.major = std::sqrt(std::max(middle + spread, 0.0)),
  to.minor = std::sqrt(std::max(middle - spread, 0.0));
  to.angle = std::atan2(2 * xy, xx - yy) / 2;
}

/// Values that bounds are given for, in a fixed order.
constexpr std::size_t kQuantities = 7, kLatency = 5, kWidth = 6;
double quantity(const PartSummary& s, std::size_t q) {
  const double all[kQuantities] = {s.x, s.y, s.major, s.minor, s.share, s.latency, s.width};
  return all[q];
}
Bounds& bounds_of(PartCertainty& p, std::size_t q) {
  Bounds* all[kQuantities] = {&p.x, &p.y, &p.major, &p.minor, &p.weight, &p.latency, &p.width};
  return *all[q];
}

/// Standard errors of all quantities, [part][quantity]: their scatter over the refits, and what the priors hold back,
/// by differences along the parameters.
std::vector<std::vector<double>> quantity_errors(const Model& model, const Grid& grid, std::span<const Model> refitted,
                                                 const Matrix& held) {
  const ModelLayout layout(model);
  const auto values = parameters_of(model);
  const std::size_t parts = model.parts.size();
  std::vector<Matrix> slopes(parts, Matrix::Zero(kQuantities, static_cast<Eigen::Index>(layout.count)));
  for (std::size_t i = 0; i < layout.count; ++i) {
    if (i >= layout.gains && i < layout.gains + model.gains.size()) continue;
    const auto at = static_cast<Eigen::Index>(i);
    const double step = std::max(kErrorStep * std::sqrt(std::max(held(at, at), 0.0)), kLeastErrorStep);
    auto up = values, down = values;
    up[i] += step, down[i] -= step;
    const auto above = summaries_of(with_parameters(model, up), grid),
               below = summaries_of(with_parameters(model, down), grid);
    for (std::size_t p = 0; p < parts; ++p)
      for (std::size_t q = 0; q < kQuantities; ++q)
        slopes[p](static_cast<Eigen::Index>(q), at) = (quantity(above[p], q) - quantity(below[p], q)) / (2 * step);
  }
  std::vector<std::vector<PartSummary>> summaries;
  for (const auto& m : refitted) summaries.push_back(summaries_of(m, grid));
  const double groups = static_cast<double>(refitted.size());
  std::vector<std::vector<double>> errors(parts);
  for (std::size_t p = 0; p < parts; ++p) {
    const Vector priors = (slopes[p] * held * slopes[p].transpose()).diagonal();
    for (std::size_t q = 0; q < kQuantities; ++q) {
      double sum = 0, squares = 0;
      for (const auto& s : summaries) sum += quantity(s[p], q), squares += quantity(s[p], q) * quantity(s[p], q);
      const double scatter = (squares - sum * sum / groups) * (groups - 1) / groups;
      errors[p].push_back(std::sqrt(std::max(scatter, 0.0) + std::max(priors[static_cast<Eigen::Index>(q)], 0.0)));
    }
  }
  return errors;
}

/// What the counts tell of temporal filters outside of the basis, [part]: information on a number that is added to the
/// part's filter, of norm 1, at one lag. Stimuli that are white in time: the same at every lag.
std::vector<double> information_on_filters(const Found& found, const Movie& movie, const Context& context) {
  const Model& model = found.fit.model;
  const BlockRows rows(model, movie, found.covariates, true);
  const std::size_t lag = model.basis.lags / 4;
  std::vector<std::vector<double>> sums(movie.blocks.size(), std::vector<double>(model.parts.size()));
  for_blocks({movie, found.covariates, {}}, static_cast<std::int64_t>(sums.size()), context,
             [&](std::size_t, std::size_t b, BlockSpace& space) {
               const BlockFrames frames = rows.at(b, space);
               const std::size_t n = frames.frames;
               for (std::size_t i = 0; i < model.parts.size(); ++i) {
                 rows.project(i, frames, space);
                 float* seen = space.scratch.at_least(n);
                 kernels::multiply_row(space.projected.data() + model.basis.lags - 1 - lag, frames.bend.row(i), n,
                                       false, seen);
                 kernels::multiply_row(seen, frames.root, n, false, seen);
                 kernels::multiply_row(seen, frames.slope, n, false, seen);
                 const double weight = model.parts[i].weight();
                 sums[b][i] = weight * weight * kernels::row_product(seen, seen, n);
               }
             });
  std::vector<double> all(model.parts.size());
  for (const auto& sum : sums)
    for (std::size_t i = 0; i < all.size(); ++i) all[i] += sum[i];
  // One function is shared by all; where there are several, each subunit may have more of its own that was not seen.
  if (model.basis.count() == 1) std::ranges::fill(all, std::accumulate(all.begin(), all.end(), 0.0));
  return all;
}

/// Variances of latency and width that an error of the functions outside of the basis makes, of so much variance at
/// each lag of a filter of norm 1.
TimeCourse course_variances(std::span<const double> filter, std::size_t lags, double variance) {
  const TimeCourse course = time_course(filter, lags);
  double sum = 0, latency = 0, width = 0;
  for (const double h : filter) sum += h * h;
  for (std::size_t i = 0; i < filter.size(); ++i) {
    const double off = static_cast<double>(i % lags) - course.latency;
    const double of_latency = 2 * filter[i] * off / sum;
    const double of_width =
        filter[i] * (off * off - course.width * course.width) / (sum * std::max(course.width, 1e-9));
    latency += of_latency * of_latency, width += of_width * of_width;
  }
  return {variance * sum * latency, variance * sum * width};
}

/// Correlation with the true shape to expect: its unit weights move by so much in their errors.
double expected_match(const Model& model, std::size_t part, const ModelLayout& layout, const Grid& grid,
                      const Matrix& covariance) {
  const auto rows = shape_rows(model.parts[part].shape, model.shared_surround(), grid);
  const auto pixels = static_cast<Eigen::Index>(grid.pixels());
  const auto own = static_cast<Eigen::Index>(parameter_count(model.parts[part].shape));
  const Eigen::Map<const Matrix> slopes(rows.data() + pixels, own, pixels);
  const auto at = static_cast<Eigen::Index>(layout.parts[part].shape);
  const Matrix of_shape = covariance.block(at, at, own, own);
  return 1 - (slopes * slopes.transpose()).cwiseProduct(of_shape).sum() / 2;
}

/// Held-out losses of each block [block] without a part.
std::vector<double> losses_without(const Found& found, const Movie& movie, std::size_t part, const Context& context) {
  FitSettings settings;
  settings.tolerance = kFineTolerance;
  settings.most_steps = kMostSteps;
  const Seen seen{movie, found.covariates, {}};
  const Fitted without = fit_model(without_part(found.fit.model, part), seen, settings, context);
  std::vector<double> losses;
  for (std::size_t b = 0; b < without.held_out.size(); ++b)
    losses.push_back(found.fit.held_out[b] - without.held_out[b]);
  return losses;
}

/// Blocks of resample `index`: a share of them, each once.
std::vector<std::size_t> drawn_blocks(std::size_t blocks, std::uint64_t seed, int index) {
  const CounterRandom random(derived_seed(seed, purposes::reveal::kResamples), static_cast<std::uint64_t>(index));
  std::vector<std::size_t> order(blocks);
  std::iota(order.begin(), order.end(), 0);
  const auto kept = static_cast<std::size_t>(kResampleShare * static_cast<double>(blocks));
  for (std::size_t i = 0; i < kept; ++i) {
    const auto j = i + static_cast<std::size_t>(random.integer(i, static_cast<std::int64_t>(blocks - i)));
    std::swap(order[i], order[j]);
  }
  order.resize(kept);
  return order;
}

}  // namespace

TimeCourse time_course(std::span<const double> filter, std::size_t lags) {
  double sum = 0, first = 0, second = 0;
  for (std::size_t i = 0; i < filter.size(); ++i) {
    const double e = filter[i] * filter[i], lag = static_cast<double>(i % lags);
    sum += e, first += e * lag, second += e * lag * lag;
  }
  if (!(sum > 0)) return {};
  first /= sum, second /= sum;
  return {first, std::sqrt(std::max(second - first * first, 0.0))};
}

std::vector<PartSummary> summaries_of(const Model& model, const Grid& grid) {
  std::vector<PartSummary> all;
  double sum[2] = {0, 0};
  const double power = std::exp(model.log_power.value);
  for (const auto& part : model.parts) {
    PartSummary s;
    set_shape(s, shape_weights(part.shape, model.shared_surround(), grid), grid);
    const TimeCourse course = time_course(model.basis.mixed(part.mix), model.basis.lags);
    s.latency = course.latency, s.width = course.width;
    // The mean of f(z) over a stimulus that gives each z the same distribution, but for its scale.
    s.share = std::pow(part.weight(), power) * (part.even() ? 2 : 1);
    sum[part.sign > 0 ? 0 : 1] += s.share;
    all.push_back(s);
  }
  for (std::size_t i = 0; i < all.size(); ++i) all[i].share /= std::max(sum[model.parts[i].sign > 0 ? 0 : 1], 1e-300);
  return all;
}

Certainty certainty_of(const Found& found, const Movie& movie, std::uint64_t seed, const Context& context) {
  const Model& model = found.fit.model;
  const ModelLayout layout(model);
  const Grid grid{movie.height, movie.width};
  const auto refitted = refitted_without(found, movie, context);
  const Matrix held = held_back(found.fit), covariance = jackknife_covariance(model, refitted) + held;
  const auto summaries = summaries_of(model, grid);
  auto errors = quantity_errors(model, grid, refitted, held);
  const auto information = information_on_filters(found, movie, context);
  for (std::size_t i = 0; i < model.parts.size(); ++i) {
    const auto more = course_variances(model.basis.mixed(model.parts[i].mix), model.basis.lags,
                                       found.fit.dispersion / std::max(information[i], 1e-300));
    errors[i][kLatency] = std::hypot(errors[i][kLatency], std::sqrt(more.latency));
    errors[i][kWidth] = std::hypot(errors[i][kWidth], std::sqrt(more.width));
  }
  const std::size_t parts = model.parts.size();
  std::vector<std::vector<double>> weights;
  for (const auto& part : model.parts) weights.push_back(shape_weights(part.shape, model.shared_surround(), grid));
  Certainty out;
  out.parts.resize(parts);
  std::vector<std::vector<double>> losses(parts);
  for (std::size_t i = 0; i < parts; ++i) {
    check_stop(context);
    losses[i] = losses_without(found, movie, i, context);
    PartCertainty& part = out.parts[i];
    for (std::size_t q = 0; q < kQuantities; ++q) {
      const double wider = q == kLatency || q == kWidth ? kWiderInTime : kWiderInSpace;
      const double value = quantity(summaries[i], q), half = wider * kNormal90 * errors[i][q];
      bounds_of(part, q) = {value - half, value, value + half};
    }
    part.z = mixture_z(model.parts[i], layout.parts[i], plain(covariance));
    part.match = expected_match(model, i, layout, grid, covariance);
    part.stretch = summaries[i].major / std::exp(model.log_size);
    for (std::size_t j = 0; j < parts; ++j)
      if (j != i && model.parts[j].sign == model.parts[i].sign)
        part.neighbour = std::max(part.neighbour, overlap(weights[i], weights[j]));
    const double n = static_cast<double>(losses[i].size());
    double sum = 0, squares = 0;
    for (const double d : losses[i]) sum += d, squares += d * d;
    part.gain = {sum, std::sqrt(std::max(squares - sum * sum / n, 0.0) * n / std::max(n - 1, 1.0))};
  }
  const double bar = bar_of_a_subunit(model, movie, found.fit.dispersion);
  std::vector<int> returned(parts, 0);
  for (int r = 0; r < kResamples; ++r) {
    const auto blocks = drawn_blocks(movie.blocks.size(), seed, r);
    int numbers[2] = {0, 0};
    for (std::size_t i = 0; i < parts; ++i) {
      double sum = 0;
      for (const auto b : blocks) sum += losses[i][b];
      if (sum <= bar) continue;
      ++returned[i];
      ++numbers[model.parts[i].sign > 0 ? 0 : 1];
    }
    out.excitatory.push_back(numbers[0]), out.suppressive.push_back(numbers[1]);
  }
  for (std::size_t i = 0; i < parts; ++i) out.parts[i].returned = static_cast<double>(returned[i]) / kResamples;
  return out;
}

}  // namespace plexiform::reveal
