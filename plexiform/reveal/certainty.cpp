#include "plexiform/reveal/certainty.hpp"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <tuple>

#include "plexiform/base/error.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/model/torch_threads.hpp"
#include "plexiform/result/confidence.hpp"

namespace plexiform {
namespace {

using namespace thresholds;

constexpr double kNormal90 = 1.6449;  ///< standard errors on each side of a 90 % interval

/// Covariance of all parameters: H^-1 (sum_b g_b g_b^T) H^-1, double [parameter, parameter].
at::Tensor sandwich(const FittedModel& fit) {
  const at::Tensor inverse = inverse_curvature(fit);
  const at::Tensor& g = fit.at.block_gradient;
  const double blocks = static_cast<double>(g.size(0));
  const at::Tensor meat = at::mm(g.t(), g) * (blocks / std::max(blocks - 1, 1.0));
  return at::mm(at::mm(inverse, meat), inverse).contiguous();
}

Interval around(double middle, double error) {
  return {middle - kNormal90 * error, middle + kNormal90 * error};
}

/// sqrt(j^T C j) for the derivative j of a quantity with respect to a part's parameters.
double error_of(const at::Tensor& covariance, const at::Tensor& derivative) {
  return std::sqrt(std::max(derivative.dot(at::mv(covariance, derivative)).item<double>(), 0.0));
}

/// Derivative of a function of a Gaussian, double [kGaussianParameters], by differences.
template <class Of>
at::Tensor derivative(const Gaussian& g, const Of& of) {
  constexpr double kStep = 1e-5;
  at::Tensor d = at::empty({kGaussianParameters}, at::kDouble);
  const std::array<double Gaussian::*, kGaussianParameters> fields{&Gaussian::x, &Gaussian::y, &Gaussian::log_a,
                                                                   &Gaussian::log_b, &Gaussian::shear};
  for (std::size_t j = 0; j < fields.size(); ++j) {
    Gaussian up = g, down = g;
    up.*fields[j] += kStep;
    down.*fields[j] -= kStep;
    d.data_ptr<double>()[j] = (of(up) - of(down)) / (2 * kStep);
  }
  return d;
}

/// 1 - E|change of the unit-norm weights|^2 / 2.
double expected_match(const Gaussian& g, const at::Tensor& covariance, const FilteredMovie& movie) {
  const auto pixels = movie.pixels();
  std::vector<double> weights(static_cast<std::size_t>(pixels));
  at::Tensor slopes = at::empty({kGaussianParameters, pixels}, at::kDouble);
  gaussian_weights(g, movie.height, movie.width, weights,
                   {slopes.data_ptr<double>(), static_cast<std::size_t>(slopes.numel())});
  return 1 - (at::mm(slopes, slopes.t()) * covariance).sum().item<double>() / 2;
}

/// Share of a weight in the sum, and its error from the covariance of all weights.
Interval share_interval(const FittedModel& fit, const at::Tensor& covariance, std::size_t part) {
  double sum = 0;
  for (const auto& p : fit.model.parts) sum += p.weight;
  at::Tensor d = at::zeros({covariance.size(0)}, at::kDouble);
  const double share = fit.model.parts[part].weight / sum;
  for (std::size_t i = 0; i < fit.model.parts.size(); ++i)
    d.data_ptr<double>()[ModelLayout::part(i).weight] = ((i == part ? 1 : 0) - share) / sum;
  const Interval interval = around(share, error_of(covariance, d));
  return {std::max(interval.low, 0.0), std::min(interval.high, 1.0)};
}

PartCertainty part_certainty(const FittedModel& fit, const at::Tensor& covariance, std::size_t part,
                             const FilteredMovie& movie) {
  const auto& p = fit.model.parts[part];
  const Gaussian& g = p.shape;
  const auto at = ModelLayout::part(part);
  const auto variance = [&](std::int64_t i) { return std::max(covariance[i][i].item<double>(), 0.0); };
  const at::Tensor shape = covariance.narrow(0, at.x, kGaussianParameters).narrow(1, at.x, kGaussianParameters);
  PartCertainty c;
  c.x = around(g.x, std::sqrt(variance(at.x)));
  c.y = around(g.y, std::sqrt(variance(at.y)));
  const auto major = [](const Gaussian& h) { return axes(h).major; };
  const auto minor = [](const Gaussian& h) { return axes(h).minor; };
  c.major = around(axes(g).major, error_of(shape, derivative(g, major)));
  c.minor = around(axes(g).minor, error_of(shape, derivative(g, minor)));
  c.weight = share_interval(fit, covariance, part);
  c.z = p.weight / std::sqrt(variance(at.weight) + 1e-300);
  c.match = expected_match(g, shape, movie);
  c.stretch = axes(g).major / std::exp(fit.model.log_size);
  return c;
}

double drawn_share(const FilteredMovie& movie, const CertaintySettings& settings) {
  return std::min(settings.share, settings.most_spikes / movie.counts.sum(at::kDouble).item<double>());
}

/// A share of the blocks, drawn without replacement: 1 for those drawn. Blocks drawn twice would look like news to a
/// selection by likelihood, and it would find too much in them.
std::vector<double> drawn_blocks(const FilteredMovie& movie, const CertaintySettings& settings,
                                 const CounterRandom& random) {
  const auto blocks = static_cast<std::int64_t>(movie.blocks.size());
  const auto draws =
      std::max<std::int64_t>(1, std::llround(drawn_share(movie, settings) * static_cast<double>(blocks)));
  std::vector<std::size_t> order(movie.blocks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<double> weights(movie.blocks.size(), 0);
  for (std::int64_t i = 0; i < draws; ++i) {
    const auto other = i + random.integer(static_cast<std::uint64_t>(i), blocks - i);
    std::swap(order[static_cast<std::size_t>(i)], order[static_cast<std::size_t>(other)]);
    weights[order[static_cast<std::size_t>(i)]] = 1;
  }
  return weights;
}

/// Squared distances of a part's place from where resamples found it.
struct Wander {
  double x = 0, y = 0;
  int times = 0;

  void add(const Gaussian& g, const Gaussian& other) {
    x += (other.x - g.x) * (other.x - g.x);
    y += (other.y - g.y) * (other.y - g.y);
    ++times;
  }
};

Interval middle_90(std::vector<int> numbers) {
  std::sort(numbers.begin(), numbers.end());
  const auto n = static_cast<double>(numbers.size());
  const auto at = [&](double q) {
    return static_cast<double>(numbers[static_cast<std::size_t>(std::clamp(q * n, 0.0, n - 1))]);
  };
  return {at(0.05), at(0.95)};
}

/// The selection made again on resamples, one model each.
std::vector<SubunitModel> resampled_models(SubunitNonlinearity nonlinearity, const FilteredMovie& movie,
                                           const SelectSettings& select, const CertaintySettings& settings,
                                           std::uint64_t seed, const Context& context) {
  std::vector<SubunitModel> models(static_cast<std::size_t>(settings.resamples));
  SelectSettings quick = select;
  quick.to_the_end = false;
  const Context part = part_of(context, 1, std::min(threads_of(context), settings.resamples));
  parallel_for(settings.resamples, threads_of(context), [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i) {
      const auto weights = drawn_blocks(movie, settings, CounterRandom(seed, static_cast<std::uint64_t>(i)));
      const auto start = model_of_average(movie, weights, nonlinearity);
      const auto found = select_subunits(start, movie, weights, quick, part).best.model;
      models[static_cast<std::size_t>(i)] = fit_model(found, movie, weights, select.fit, part).model;
    }
  });
  return models;
}

/// Adds to each part how often it came back, and widens its places by how far.
void add_returns(std::vector<PartCertainty>& parts, const SubunitModel& model, std::span<const SubunitModel> again,
                 double share) {
  std::vector<Wander> wander(parts.size());
  for (const auto& other : again) {
    const auto partner = partners(model, other);
    for (std::size_t i = 0; i < partner.size(); ++i) {
      if (partner[i] < 0) continue;
      parts[i].returned += 1.0 / static_cast<double>(again.size());
      wander[i].add(model.parts[i].shape, other.parts[static_cast<std::size_t>(partner[i])].shape);
    }
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    parts[i].x = widened(parts[i].x, wander[i].x, wander[i].times, share);
    parts[i].y = widened(parts[i].y, wander[i].y, wander[i].times, share);
  }
}

}  // namespace

std::vector<int> partners(const SubunitModel& model, const SubunitModel& other) {
  std::vector<std::tuple<double, std::size_t, std::size_t>> pairs;
  for (std::size_t i = 0; i < model.parts.size(); ++i)
    for (std::size_t j = 0; j < other.parts.size(); ++j)
      if (const double o = overlap(model.parts[i].shape, other.parts[j].shape); o >= kSame) pairs.emplace_back(o, i, j);
  std::sort(pairs.rbegin(), pairs.rend());
  std::vector<int> partner(model.parts.size(), -1);
  std::vector<bool> taken(other.parts.size());
  for (const auto& [o, i, j] : pairs)
    if (partner[i] < 0 && !taken[j]) {
      partner[i] = static_cast<int>(j);
      taken[j] = true;
    }
  return partner;
}

Interval widened(const Interval& interval, double squares, int times, double share) {
  if (times < kLeastReturns || share >= 1) return interval;
  const double middle = (interval.low + interval.high) / 2, half = (interval.high - interval.low) / 2;
  const double other = kNormal90 * std::sqrt(squares / times * share / (1 - share));
  return {middle - std::max(half, other), middle + std::max(half, other)};
}

ModelCertainty certainty(const FittedModel& fit, const FilteredMovie& movie, const SelectSettings& select,
                         const CertaintySettings& settings, std::uint64_t seed, const Context& context) {
  at::NoGradGuard no_gradient;
  const OneTorchThread one_thread;
  const at::Tensor covariance = sandwich(fit);
  ModelCertainty result;
  for (std::size_t i = 0; i < fit.model.parts.size(); ++i)
    result.parts.push_back(part_certainty(fit, covariance, i, movie));
  const auto again = resampled_models(fit.model.nonlinearity, movie, select, settings, seed, context);
  add_returns(result.parts, fit.model, again, drawn_share(movie, settings));
  for (const auto& other : again) result.numbers.push_back(static_cast<int>(other.parts.size()));
  const auto own = static_cast<double>(fit.model.parts.size());
  result.number = result.numbers.empty() ? Interval{own, own} : middle_90(result.numbers);
  result.number = {std::min(result.number.low, own), std::max(result.number.high, own)};
  for (auto& part : result.parts) part.confidence = confidence(part);
  return result;
}

double confidence(const PartCertainty& part) {
  const ConfidenceFeatures f = confidence_features(part);
  const double logit = kConfidenceBias + kPerReturn * f.returned + kPerLogMiss * f.log_miss + kPerStretch * f.stretched;
  return 1 / (1 + std::exp(-logit));
}

}  // namespace plexiform
