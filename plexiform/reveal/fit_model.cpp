#include "plexiform/reveal/fit_model.hpp"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "plexiform/base/error.hpp"
#include "plexiform/likelihood/priors.hpp"
#include "plexiform/model/torch_threads.hpp"
#include "plexiform/score/score.hpp"

namespace plexiform {
namespace {

double square(double value) {
  return value * value;
}

/// Log prior of softness, power and sizes; its gradient and minus its second derivatives (Gauss-Newton's, never
/// negative) are added to `gradient` and `curvature`.
double log_prior(const SubunitModel& model, double mean_count, const ModelFitSettings& settings, at::Tensor& gradient,
                 at::Tensor& curvature) {
  using Layout = ModelLayout;
  constexpr double kLocked = 1e12;  // precision of a power that stays as it is
  const bool power_is_free = settings.power_spread > 0;
  const double precision = 1 / square(settings.shape_spread), size = std::exp(model.log_size);
  const double soft_precision = 1 / square(thresholds::kSoftnessSpread);
  const double power_precision = power_is_free ? 1 / square(settings.power_spread) : kLocked;
  const double off_soft = model.log_softness - usual_log_softness(mean_count);
  auto slope = gradient.accessor<double, 1>();
  auto bend = curvature.accessor<double, 2>();
  double sum = -soft_precision * off_soft * off_soft / 2;
  slope[Layout::log_softness] -= soft_precision * off_soft;
  bend[Layout::log_softness][Layout::log_softness] += soft_precision;
  bend[Layout::log_power][Layout::log_power] += power_precision;
  if (power_is_free) sum -= power_precision * model.log_power * model.log_power / 2;
  double& power_slope = slope[Layout::log_power];
  power_slope = power_is_free ? power_slope - power_precision * model.log_power : 0;
  for (std::size_t i = 0; i < model.parts.size(); ++i) {
    const Gaussian& g = model.parts[i].shape;
    const double off_a = g.log_a - model.log_size, off_b = g.log_b - model.log_size, slant = g.shear / size;
    sum -= precision * (off_a * off_a + off_b * off_b + slant * slant) / 2;
    const auto [weight, x, y, a, b, shear] = Layout::part(i);
    const auto mean = Layout::log_size;
    slope[a] -= precision * off_a, slope[b] -= precision * off_b;
    slope[mean] += precision * (off_a + off_b + slant * slant);
    slope[shear] -= precision * slant / size;
    bend[a][a] += precision, bend[b][b] += precision, bend[mean][mean] += precision * (2 + slant * slant);
    bend[a][mean] -= precision, bend[mean][a] -= precision, bend[b][mean] -= precision, bend[mean][b] -= precision;
    bend[shear][shear] += precision / (size * size);
    bend[shear][mean] -= precision * slant / size, bend[mean][shear] -= precision * slant / size;
  }
  return sum;
}

/// A model `step` away. Weights shrink to a tenth at most, sizes and places change by less than a pixel or so, and
/// nothing leaves the window: a step beyond is cut, and damping finds a shorter one if it was bad.
SubunitModel moved(const SubunitModel& model, const at::Tensor& step, const FilteredMovie& movie) {
  using Layout = ModelLayout;
  constexpr double kLeastLog = -1.2, kMostChange = 0.5, kLeastSoftness = -9, kMostPower = 1.4;
  const double most_log = std::log(static_cast<double>(std::max(movie.height, movie.width)) / 2);
  const auto d = step.accessor<double, 1>();
  const auto limited = [&](double change) { return std::clamp(change, -kMostChange, kMostChange); };
  const auto by_a_pixel = [](double change) { return std::clamp(change, -1.0, 1.0); };
  SubunitModel next = model;
  next.log_softness = std::max(next.log_softness + std::clamp(d[Layout::log_softness], -1.0, 1.0), kLeastSoftness);
  next.offset += d[Layout::offset];
  next.log_power = std::clamp(next.log_power + limited(d[Layout::log_power]), -kMostPower, kMostPower);
  next.log_size = std::clamp(next.log_size + limited(d[Layout::log_size]), kLeastLog, most_log);
  for (std::size_t i = 0; i < next.parts.size(); ++i) {
    auto& part = next.parts[i];
    Gaussian& g = part.shape;
    const auto at = Layout::part(i);
    part.weight = std::max(part.weight + d[at.weight], part.weight / 10);
    g.x = std::clamp(g.x + by_a_pixel(d[at.x]), -0.5, static_cast<double>(movie.width) - 0.5);
    g.y = std::clamp(g.y + by_a_pixel(d[at.y]), -0.5, static_cast<double>(movie.height) - 0.5);
    g.log_a = std::clamp(g.log_a + limited(d[at.log_a]), kLeastLog, most_log);
    g.log_b = std::clamp(g.log_b + limited(d[at.log_b]), kLeastLog, most_log);
    g.shear += d[at.shear];
  }
  return next;
}

at::Tensor weighted_gradient(const Evaluation& at_point, std::span<const double> weights) {
  if (weights.empty()) return at_point.block_gradient.sum(0);
  const at::Tensor w =
      at::from_blob(const_cast<double*>(weights.data()), {static_cast<std::int64_t>(weights.size())}, at::kDouble);
  return at::mv(at_point.block_gradient.t(), w);
}

/// A model with its likelihood, prior and curvature, and the gradient of both. Nearly all steps are taken, so each
/// point is evaluated with its derivatives at once.
std::pair<FittedModel, at::Tensor> point_at(SubunitModel model, const FilteredMovie& movie,
                                            std::span<const double> weights, double mean_count,
                                            const ModelFitSettings& settings, const Context& context) {
  FittedModel point{std::move(model), {}, {}, 0, {}};
  point.at = evaluate(point.model, movie, weights, true, context);
  at::Tensor gradient = weighted_gradient(point.at, weights);
  point.curvature = point.at.information.clone();
  point.objective = point.at.total + log_prior(point.model, mean_count, settings, gradient, point.curvature);
  return {std::move(point), gradient};
}

std::vector<double> held_out_blocks(const FittedModel& fit, std::span<const double> weights) {
  const at::Tensor influence = solved(fit.curvature, fit.at.block_gradient.t().contiguous());  // [parameter, block]
  const at::Tensor loss = (influence.t() * fit.at.block_gradient).sum(1).contiguous();
  std::vector<double> held_out(fit.at.block.size());
  for (std::size_t b = 0; b < held_out.size(); ++b)
    held_out[b] = fit.at.block[b] - (weights.empty() ? 1 : weights[b]) * loss.data_ptr<double>()[b];
  return held_out;
}

}  // namespace

at::Tensor inverse_curvature(const FittedModel& fit) {
  const at::Tensor ridge = fit.curvature.diagonal().clamp_min(1e-9) * 1e-9;
  return at::linalg_inv(fit.curvature + at::diag(ridge)).contiguous();
}

FittedModel fit_model(SubunitModel start, const FilteredMovie& movie, std::span<const double> weights,
                      const ModelFitSettings& settings, const Context& context) {
  at::NoGradGuard no_gradient;
  const OneTorchThread one_thread;
  const double mean = mean_count(movie);
  auto [fit, gradient] = point_at(std::move(start), movie, weights, mean, settings, context);
  if (!std::isfinite(fit.objective))
    throw Error(ErrorKind::numeric,
                "the likelihood of a model with " + std::to_string(fit.model.parts.size()) + " subunits is not finite");
  double damping = 0.01;
  constexpr int kTries = 8;
  constexpr double kAsPromised = 0.25, kMostOfPromise = 6;  // a step's gain over what the quadratic model promises
  bool small_before = false;
  for (int step = 0, tries = 0; step < settings.steps && tries < kTries;) {
    const at::Tensor move = solved(fit.curvature, gradient, damping);
    const double promise = move.dot(gradient).item<double>() / 2;
    if (promise < settings.tolerance || fit.objective + kMostOfPromise * promise < settings.hopeless_below) break;
    auto [next, slope] = point_at(moved(fit.model, move, movie), movie, weights, mean, settings, context);
    const bool better = next.objective > fit.objective;
    damping = better ? std::max(damping / 5, 1e-4) : damping * 5;
    tries = better ? 0 : tries + 1;
    if (!better) continue;
    const double gain = next.objective - fit.objective;
    fit = std::move(next);
    gradient = slope;
    ++step;
    // A step that brings little and had promised much went too far; the next one may well not.
    const bool small = gain < settings.tolerance;
    if (small && (gain > kAsPromised * promise || small_before)) break;
    small_before = small;
  }
  fit.held_out = held_out_blocks(fit, weights);
  return std::move(fit);
}

Gain held_out_gain(const FittedModel& of, const FittedModel& over, std::span<const double> weights) {
  const PairedDifference difference = paired_difference(of.held_out, over.held_out, weights);
  return {difference.sum, difference.error};
}

}  // namespace plexiform
