#include "plexiform/likelihood/softplus_model.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "plexiform/base/error.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/base/softplus.hpp"
#include "plexiform/likelihood/poisson.hpp"

namespace plexiform {
namespace {

using Vector = Eigen::VectorXd;
using Matrix = Eigen::MatrixXd;
using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Samples whose slopes are held at a time, and groups of them that threads take; groups are added in order.
constexpr std::int64_t kChunk = 512, kGroups = 32;
/// The longest step of the logarithm of the softness: a factor of e.
constexpr double kSoftnessStep = 1;

/// The drive at which softplus has a value.
double inverse_softplus(double value) {
  return value > 30 ? value : std::log(std::expm1(value));
}

/// What some samples say; the parameters are in the order of the layout.
struct Sum {
  double value = 0;
  Vector gradient;
  Matrix information;  ///< the lower triangle
};

/// Parameters as the samples need them.
struct At {
  double log_softness, softness, offset;
  Eigen::Map<const Vector> weight;
};

/// Adds samples [begin, end). `slopes`: room for [sample, parameter].
void add_chunk(Sum& sum, const SoftplusObjective& of, const SoftplusData& data, const At& at, Range samples,
               Matrix& slopes) {
  const auto inputs = static_cast<Eigen::Index>(data.inputs.shape[1]), n = static_cast<Eigen::Index>(samples.size());
  const Eigen::Map<const Rows> x(data.inputs.values.data() + samples.begin * inputs, n, inputs);
  const Vector drive = (x * at.weight).array() + at.offset;
  Vector surprise(n), root(n);
  auto d = slopes.topRows(n);
  const auto log_softness = static_cast<Eigen::Index>(of.log_softness.index),
             offset = static_cast<Eigen::Index>(of.offset.index), weight = static_cast<Eigen::Index>(of.weight.first);
  for (Eigen::Index t = 0; t < n; ++t) {
    const double z = drive[t] / at.softness, count = data.counts[static_cast<std::size_t>(samples.begin + t)];
    const Softplus s = softplus(z);
    const double rate = at.softness * s.value;
    sum.value += poisson_log_likelihood(count, rate, at.log_softness + s.log);
    surprise[t] = count - rate;
    root[t] = std::sqrt(rate);
    d(t, log_softness) = 1 - z * s.log_slope;
    d(t, offset) = s.log_slope / at.softness;
  }
  // d log rate over each parameter: times the surprise it is the gradient, its squares times the rate the information.
  d.middleCols(weight, inputs) = d.col(offset).asDiagonal() * x;
  sum.gradient.noalias() += d.transpose() * surprise;
  d = root.asDiagonal() * d;
  sum.information.selfadjointView<Eigen::Lower>().rankUpdate(d.transpose());
}

Expansion expand(const SoftplusObjective& of, const SoftplusData& data, std::span<const double> parameters,
                 int threads) {
  const auto n = static_cast<Eigen::Index>(parameters.size());
  const double log_softness = of.log_softness.of(parameters);
  const At at{log_softness,
              std::exp(log_softness),
              of.offset.of(parameters),
              {of.weight.of(parameters).data(), static_cast<Eigen::Index>(of.weight.count)}};
  const std::int64_t samples = data.inputs.shape[0], chunks = (samples + kChunk - 1) / kChunk,
                     groups = std::min(kGroups, chunks);
  std::vector<Sum> sums(static_cast<std::size_t>(groups), {0, Vector::Zero(n), Matrix::Zero(n, n)});
  parallel_for(groups, threads, [&](std::int64_t begin, std::int64_t end) {
    Matrix slopes(kChunk, n);
    for (auto g = begin; g < end; ++g)
      for (auto c = g * chunks / groups; c < (g + 1) * chunks / groups; ++c)
        add_chunk(sums[static_cast<std::size_t>(g)], of, data, at, {c * kChunk, std::min((c + 1) * kChunk, samples)},
                  slopes);
  });
  Expansion whole = empty_expansion(parameters.size());
  Eigen::Map<Vector> gradient(whole.gradient.data(), n);
  Eigen::Map<Matrix> information(whole.information.values.data(), n, n);
  for (const Sum& sum : sums) {
    whole.value += sum.value;
    gradient += sum.gradient;
    information += Matrix(sum.information.selfadjointView<Eigen::Lower>());
  }
  return whole;
}

ParameterLimits softness_limits(const SoftplusSettings& settings) {
  ParameterLimits limits;
  limits.longest_step = settings.softness_prior ? kSoftnessStep : 0;
  if (!settings.softness_prior) return limits;
  limits.least = settings.softness_prior->mean - settings.softness_range;
  limits.most = settings.softness_prior->mean + settings.softness_range;
  return limits;
}

}  // namespace

SoftplusObjective softplus_objective(const SoftplusData& data, const SoftplusSettings& settings) {
  const NdArray<double>& inputs = data.inputs;
  if (inputs.shape.size() != 2 || inputs.shape[0] != static_cast<std::int64_t>(data.counts.size()) ||
      (!settings.free_sign.empty() && static_cast<std::int64_t>(settings.free_sign.size()) != inputs.shape[1]))
    throw InternalError("softplus_objective: the lengths of inputs, counts and signs differ");
  std::vector<ParameterLimits> weights(static_cast<std::size_t>(inputs.shape[1]), kNonNegative);
  for (std::size_t k = 0; k < settings.free_sign.size(); ++k)
    if (settings.free_sign[k]) weights[k] = {};
  SoftplusObjective of;
  of.log_softness = of.objective.layout.add("log softness", softness_limits(settings));
  of.offset = of.objective.layout.add("offset");
  of.weight = of.objective.layout.add_block("weight", weights);
  const SoftplusObjective handles{{}, of.log_softness, of.offset, of.weight};
  of.objective.at = [handles, data, prior = settings.softness_prior](std::span<const double> parameters,
                                                                     const Context& context) {
    Expansion here = expand(handles, data, parameters, threads_of(context));
    if (prior) add_normal_prior(here, handles.log_softness, handles.log_softness.of(parameters), *prior);
    return here;
  };
  return of;
}

SoftplusFit fit_softplus(const SoftplusData& data, const SoftplusSettings& settings, const MaximiseSettings& search,
                         const Context& context) {
  const SoftplusObjective of = softplus_objective(data, settings);
  const double spikes = std::accumulate(data.counts.begin(), data.counts.end(), 0.0);
  if (!std::isfinite(spikes))
    throw Error(ErrorKind::numeric, "the counts that a model is fitted to are not all finite numbers");
  if (!(spikes > 0)) throw Error(ErrorKind::data, "no spike in the samples that a model is fitted to");
  const double softness = std::exp(settings.log_softness);
  std::vector<double> start(of.objective.layout.size(), 0.0);
  of.log_softness.of(start) = settings.log_softness;
  of.offset.of(start) = softness * inverse_softplus(spikes / static_cast<double>(data.counts.size()) / softness);
  const Maximum<> best = maximise(of.objective, std::move(start), search, context);
  const auto weight = of.weight.of(best.parameters);
  return {{of.log_softness.of(best.parameters), of.offset.of(best.parameters), {weight.begin(), weight.end()}},
          best.end,
          best.steps};
}

double mean_log_likelihood(const SoftplusModel& model, const SoftplusData& data) {
  if (data.counts.empty()) return std::numeric_limits<double>::quiet_NaN();
  const double softness = std::exp(model.log_softness);
  double sum = 0;
  for (std::size_t t = 0; t < data.counts.size(); ++t) {
    const auto input = data.inputs.row(static_cast<std::int64_t>(t));
    const Softplus s =
        softplus(std::inner_product(input.begin(), input.end(), model.weight.begin(), model.offset) / softness);
    sum += poisson_log_likelihood(data.counts[t], softness * s.value, model.log_softness + s.log);
  }
  return sum / static_cast<double>(data.counts.size());
}

}  // namespace plexiform
