#include "plexiform/reveal/fit.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <string>

#include "plexiform/likelihood/priors.hpp"
#include "plexiform/reveal/block_rows.hpp"
#include "plexiform/reveal/for_blocks.hpp"
#include "plexiform/reveal/thresholds.hpp"

namespace plexiform::reveal {
namespace {

using namespace thresholds;
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Blocks that are summed together: threads take groups, and groups are added in order.
constexpr std::int64_t kGroups = 32;

/// Log priors of a model at `values`, added to what is known.
void add_priors(Expansion& to, const Model& model, const ModelLayout& layout, std::span<const double> values,
                double mean_count) {
  const auto add = [&](std::size_t i, double mean, double spread) {
    add_normal_prior(to, Parameter{i}, values[i], {mean, spread});
  };
  add(layout.softness, usual_log_softness(mean_count), kSoftnessSpread);
  if (layout.power) add(*layout.power, 0, kPowerSpread);
  if (layout.expansion) add(*layout.expansion, 0, kExpansionSpread);
  if (layout.surround) {
    add(*layout.surround, 0, kSurroundSpread);
    add(*layout.surround + 1, kLogSurroundRatio, kSurroundRatioSpread);
  }
  for (std::size_t j = 0; j < model.gains.size(); ++j) add(layout.gains + j, 0, kGainSpread);
  for (std::size_t i = 0; i < model.parts.size(); ++i) {
    const Part& part = model.parts[i];
    const bool excites = part.sign > 0;
    const double size = model.log_size + (excites ? 0 : kSuppressiveLarger);
    const double spread = excites ? kSizeSpread : kSuppressiveSizeSpread;
    const auto at = layout.parts[i].shape;
    add(at + 2, size, spread), add(at + 3, size, spread);
    add(at + 4, 0, (excites ? kSizeSpread : kSuppressiveSizeSpread) * std::exp(size));
    for (std::size_t j = 0; j < part.shape.inner.size(); ++j) {
      const auto inner = at + kOfGaussian + j * kOfInner;
      add(inner, 0, kInnerWeightSpread);
      const double reach = kInnerReach * std::exp(model.log_size);
      add(inner + 1, part.shape.centre.x, reach), add(inner + 2, part.shape.centre.y, reach);
      add(inner + 3, model.log_size - kInnerSmaller, kInnerSizeSpread);
    }
  }
}

/// Limits of the parameters of a fit that begins at `model`.
ParameterLayout search_layout(const Model& model, const Movie& movie) {
  ParameterLayout layout;
  const auto height = static_cast<double>(movie.height), width = static_cast<double>(movie.width);
  const double largest = std::log(std::max(height, width) / 2);
  layout.add("log softness", {std::log(std::max(movie.mean_count(), 1e-9)) - kSharpest, 5, 1, 0});
  layout.add("offset");
  if (model.log_power.free) layout.add("log power", {kLeastLogPower, kMostLogPower, 0.3, 0});
  if (model.log_expansion.free) layout.add("log expansion", {kLeastLogPower, kMostLogPower, 0.3, 0});
  if (model.surround) {
    layout.add("surround", {-kMostSurround, kMostSurround, 0.3, 0});
    layout.add("log surround ratio", {kLeastLogRatio, kMostLogRatio, 0.3, 0});
  }
  for (std::size_t j = 0; j < model.gains.size(); ++j) layout.add("gain " + std::to_string(j), {-5, 5, 1, 0});
  for (std::size_t i = 0; i < model.parts.size(); ++i) {
    const Part& part = model.parts[i];
    const std::string of = " of subunit " + std::to_string(i);
    const double longest = kLongestMixStep * std::max(part.weight(), kLeastMix * movie.mean_count());
    for (std::size_t k = 0; k < part.mix.size(); ++k)
      layout.add("mix " + std::to_string(k) + of, {-1e9, 1e9, longest, 0});
    layout.add("x" + of, {-0.5, width - 0.5, 1, 0}), layout.add("y" + of, {-0.5, height - 0.5, 1, 0});
    layout.add("log a" + of, {kLeastLogSize, largest, 0.5, 0}),
        layout.add("log b" + of, {kLeastLogSize, largest, 0.5, 0});
    layout.add("shear" + of, {-width, width, 1, 0});
    for (std::size_t j = 0; j < part.shape.inner.size(); ++j) {
      const std::string inner = " of inner " + std::to_string(j) + of;
      layout.add("weight" + inner, {-kMostInner, kMostInner, 0.5, 0});
      layout.add("x" + inner, {-0.5, width - 0.5, 1, 0}), layout.add("y" + inner, {-0.5, height - 0.5, 1, 0});
      layout.add("log size" + inner, {kLeastLogSize, std::min(kMostInnerLogSize, largest), 0.5, 0});
    }
  }
  return layout;
}

struct Point : Expansion {
  Evaluation evaluation;
};

Eigen::Map<const Matrix> map_of(const NdArray<double>& a) {
  return {a.values.data(), static_cast<Eigen::Index>(a.shape[0]), static_cast<Eigen::Index>(a.shape[1])};
}

Matrix lifted(const NdArray<double>& curvature) {
  Matrix m = map_of(curvature);
  m.diagonal() += m.diagonal().cwiseMax(1e-9) * 1e-8 + Eigen::VectorXd::Constant(m.rows(), 1e-9);
  return m;
}

/// Likelihood of each block by the model fitted without it, to first order of its leaving.
std::vector<double> held_out_of(const Evaluation& at, const NdArray<double>& curvature) {
  const Eigen::Map<const Matrix> gradients = map_of(at.block_gradient);
  const Matrix moved = lifted(curvature).ldlt().solve(gradients.transpose());
  std::vector<double> held_out = at.block;
  for (std::size_t b = 0; b < held_out.size(); ++b) {
    const auto i = static_cast<Eigen::Index>(b);
    held_out[b] -= gradients.row(i).dot(moved.col(i));
  }
  return held_out;
}

/// Sums over a group of blocks.
struct GroupSum {
  std::vector<double> information;  ///< [parameter, parameter], the lower half; empty without a block
  double squares = 0, expected = 0;
};

void add_surprise(GroupSum& to, const BlockFrames& frames, double weight) {
  to.squares += weight * kernels::row_product(frames.surprise, frames.surprise, frames.frames);
  to.expected += weight * kernels::row_product(frames.root, frames.root, frames.frames);
}

/// Adds a block's information; `gradient` [parameter] becomes its own.
void add_slopes(GroupSum& to, const BlockFrames& frames, double weight, std::span<double> gradient) {
  const std::size_t n = gradient.size(), all = n + 1;
  std::vector<double> products(all * all, 0.0);
  kernels::row_gram(frames.slopes, frames.frames, products.data());
  std::copy_n(products.begin() + static_cast<std::ptrdiff_t>(n * all), n, gradient.begin());
  to.information.resize(n * n, 0);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j <= i; ++j) to.information[i * n + j] += weight * products[i * all + j];
}

void add_group(Evaluation& to, const GroupSum& group) {
  to.squared_surprise += group.squares, to.expected += group.expected;
  for (std::size_t i = 0; i < group.information.size(); ++i) to.information.values[i] += group.information[i];
}

/// Makes a matrix of which the lower half is known symmetric.
void mirror(NdArray<double>& m) {
  const auto n = static_cast<std::size_t>(m.shape[0]);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = i + 1; j < n; ++j) m.values[i * n + j] = m.values[j * n + i];
}

double mean_log_size(const Model& model) {
  double sum = 0, count = 0;
  for (const auto& part : model.parts)
    if (part.sign > 0) sum += (part.shape.centre.log_a + part.shape.centre.log_b) / 2, ++count;
  return count > 0 ? std::clamp(sum / count, kLeastMeanLogSize, kMostMeanLogSize) : model.log_size;
}

}  // namespace

double Evaluation::dispersion() const {
  return squared_surprise / std::max(expected, 1e-300);
}

Evaluation evaluate(const Model& model, const Seen& seen, bool derivatives, const Context& context) {
  const BlockRows rows(model, seen.movie, seen.covariates, derivatives);
  const std::size_t blocks = seen.movie.blocks.size();
  const std::int64_t n = derivatives ? static_cast<std::int64_t>(rows.parameters()) : 0;
  Evaluation out;
  out.block.assign(blocks, 0);
  out.block_gradient = NdArray<double>({static_cast<std::int64_t>(blocks), n});
  out.information = NdArray<double>({n, n});
  std::vector<GroupSum> groups(static_cast<std::size_t>(kGroups));
  for_blocks(seen, kGroups, context, [&](std::size_t g, std::size_t b, BlockSpace& space) {
    const BlockFrames frames = rows.at(b, space);
    out.block[b] = frames.log_likelihood;
    add_surprise(groups[g], frames, weight_of(seen, b));
    if (derivatives)
      add_slopes(groups[g], frames, weight_of(seen, b), out.block_gradient.row(static_cast<std::int64_t>(b)));
  });
  for (const auto& group : groups) add_group(out, group);
  mirror(out.information);
  for (std::size_t b = 0; b < blocks; ++b) out.total += weight_of(seen, b) * out.block[b];
  return out;
}

std::vector<float> model_rates(const Model& model, const Seen& seen, const Context& context) {
  const BlockRows rows(model, seen.movie, seen.covariates, false);
  std::vector<float> rates(seen.movie.padded_frames());
  for_blocks({seen.movie, seen.covariates, {}}, kGroups, context, [&](std::size_t, std::size_t b, BlockSpace& space) {
    const BlockFrames frames = rows.at(b, space);
    std::copy_n(frames.rate, frames.frames, rates.begin() + static_cast<std::ptrdiff_t>(seen.movie.blocks[b].begin));
  });
  return rates;
}

namespace {

/// Likelihood and priors of a model whose parameters are `values`.
Point point_at(const Model& model, std::span<const double> values, const Seen& seen, double mean_count,
               const Context& context) {
  const ModelLayout layout(model);
  Point point;
  point.evaluation = evaluate(model, seen, true, context);
  point.value = point.evaluation.total;
  point.information = point.evaluation.information;
  point.gradient.assign(layout.count, 0);
  for (std::size_t b = 0; b < point.evaluation.block.size(); ++b) {
    const auto row = point.evaluation.block_gradient.row(static_cast<std::int64_t>(b));
    const double weight = weight_of(seen, b);
    for (std::size_t i = 0; i < layout.count; ++i) point.gradient[i] += weight * row[i];
  }
  add_priors(point, model, layout, values, mean_count);
  return point;
}

}  // namespace

Fitted fit_model(Model model, const Seen& seen, const FitSettings& settings, const Context& context) {
  model.log_size = mean_log_size(model);
  const double mean_count = std::max(seen.movie.mean_count(), 1e-9);
  Objective<Point> objective;
  objective.layout = search_layout(model, seen.movie);
  objective.at = [&](std::span<const double> values, const Context& inner) {
    return point_at(with_parameters(model, values), values, seen, mean_count, inner);
  };
  MaximiseSettings search;
  search.tolerance = settings.tolerance;
  search.most_steps = settings.most_steps;
  search.hopeless_below = settings.hopeless_below;
  Maximum<Point> found = maximise(objective, parameters_of(model), search, context);
  Fitted fit;
  fit.model = with_parameters(model, found.parameters);
  fit.at = std::move(found.point.evaluation);
  fit.objective = found.point.value;
  fit.gradient = std::move(found.point.gradient);
  fit.curvature = std::move(found.point.information);
  fit.held_out = held_out_of(fit.at, fit.curvature);
  fit.dispersion = fit.at.dispersion();
  return fit;
}

HeldOutGain held_out_gain(const Fitted& a, const Fitted& b) {
  const auto n = static_cast<double>(a.held_out.size());
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < a.held_out.size(); ++i) {
    const double d = a.held_out[i] - b.held_out[i];
    sum += d, squares += d * d;
  }
  return {sum, std::sqrt(std::max(squares - sum * sum / n, 0.0) * n / std::max(n - 1, 1.0))};
}

double mixture_z(const Part& part, const ModelLayout::PartLayout& at, const NdArray<double>& covariance) {
  const auto k = static_cast<Eigen::Index>(part.mix.size()), first = static_cast<Eigen::Index>(at.mix);
  const Matrix c = map_of(covariance).block(first, first, k, k) + Matrix::Identity(k, k) * 1e-15;
  const Eigen::Map<const Eigen::VectorXd> q(part.mix.data(), k);
  return std::sqrt(std::max(q.dot(c.ldlt().solve(q)), 0.0));
}

NdArray<double> covariance_of(const Fitted& fit) {
  const Matrix m = lifted(fit.curvature);
  const Matrix inverse = m.ldlt().solve(Matrix::Identity(m.rows(), m.cols()));
  NdArray<double> out({m.rows(), m.cols()});
  std::copy_n(inverse.data(), inverse.size(), out.values.begin());
  return out;
}

}  // namespace plexiform::reveal
