#include "plexiform/reveal/changes.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <tuple>

#include "plexiform/reveal/gaussian.hpp"
#include "plexiform/reveal/thresholds.hpp"

namespace plexiform {
namespace {

using namespace thresholds;

Gaussian joined(const SubunitModel::Part& a, const SubunitModel::Part& b) {
  const double share = a.weight / (a.weight + b.weight), rest = 1 - share;
  const Place place{share * a.shape.x + rest * b.shape.x, share * a.shape.y + rest * b.shape.y};
  const auto ca = covariance(a.shape), cb = covariance(b.shape);
  const double dx = a.shape.x - b.shape.x, dy = a.shape.y - b.shape.y, between = share * rest;
  return gaussian_of(place, share * ca[0] + rest * cb[0] + between * dx * dx,
                     share * ca[1] + rest * cb[1] + between * dx * dy,
                     share * ca[2] + rest * cb[2] + between * dy * dy);
}

double total_weight(const SubunitModel& model) {
  double sum = 0;
  for (const auto& part : model.parts) sum += part.weight;
  return sum;
}

void add_splits(const SubunitModel& model, std::vector<Growth>& all) {
  for (std::size_t i = 0; i < model.parts.size(); ++i)
    for (int turn = 0; turn < 4; ++turn) {
      const double angle = axes(model.parts[i].shape).angle + turn * std::numbers::pi / 4;
      Growth g{with_split(model, i, angle), {}, "subunit " + std::to_string(i) + " as two"};
      g.feature = {g.model.parts[i].shape, g.model.parts.back().shape};
      all.push_back(std::move(g));
    }
}

void add_places(const SubunitModel& model, const FilteredMovie& movie, std::vector<Growth>& all) {
  const double weight = total_weight(model) / kMeanOfNew / static_cast<double>(model.parts.size());
  const auto stride = std::max<std::int64_t>(1, std::lround(kPlaceSpacing * std::exp(model.log_size)));
  for (std::int64_t y = 0; y < movie.height; y += stride)
    for (std::int64_t x = 0; x < movie.width; x += stride) {
      Gaussian shape{static_cast<double>(x), static_cast<double>(y), model.log_size, model.log_size, 0};
      double most = 0;
      for (const auto& part : model.parts) most = std::max(most, overlap(part.shape, shape));
      if (most < kFar) continue;
      if (most > kUpon) shape.log_a = shape.log_b = model.log_size - std::numbers::ln2;
      Growth g{model, {shape}, "one more at (" + std::to_string(x) + ", " + std::to_string(y) + ") of the window"};
      g.model.parts.push_back({shape, weight});
      all.push_back(std::move(g));
    }
}

}  // namespace

SubunitModel with_joined(const SubunitModel& model, std::size_t i, std::size_t j) {
  SubunitModel next = without_part(model, j);
  next.parts[i] = {joined(model.parts[i], model.parts[j]), model.parts[i].weight + model.parts[j].weight};
  return next;
}

SubunitModel with_split(const SubunitModel& model, std::size_t i, double angle) {
  SubunitModel next = model;
  const Gaussian& g = model.parts[i].shape;
  const double size = std::exp(model.log_size), reach = kSplitReach * axes(g).major;
  SubunitModel::Part half{
      gaussian_of({g.x + reach * std::cos(angle), g.y + reach * std::sin(angle)}, size * size, 0, size * size),
      model.parts[i].weight * kSplitWeight};
  next.parts[i] = half;
  half.shape.x = g.x - reach * std::cos(angle);
  half.shape.y = g.y - reach * std::sin(angle);
  next.parts.push_back(half);
  return next;
}

std::vector<double> parameter_variances(const FittedModel& fit) {
  const at::Tensor diagonal = inverse_curvature(fit).diagonal().contiguous();
  std::vector<double> variances(diagonal.data_ptr<double>(), diagonal.data_ptr<double>() + diagonal.numel());
  for (double& v : variances) v = std::max(v, 0.0);
  return variances;
}

std::vector<std::pair<std::size_t, std::size_t>> pairs_to_join(const SubunitModel& model,
                                                               std::span<const double> variances) {
  const auto variance = [&](std::int64_t parameter) { return variances[static_cast<std::size_t>(parameter)]; };
  const auto& parts = model.parts;
  std::vector<std::tuple<double, std::size_t, std::size_t>> pairs;
  for (std::size_t i = 0; i < parts.size(); ++i)
    for (std::size_t j = i + 1; j < parts.size(); ++j) {
      const Gaussian &a = parts[i].shape, &b = parts[j].shape;
      const auto of_i = ModelLayout::part(i), of_j = ModelLayout::part(j);
      const double error = std::sqrt(variance(of_i.x) + variance(of_j.x) + variance(of_i.y) + variance(of_j.y));
      if (overlap(a, b) > kJoinAbove && std::hypot(a.x - b.x, a.y - b.y) < kCertain * error)
        pairs.emplace_back(overlap(a, b), i, j);
    }
  std::sort(pairs.rbegin(), pairs.rend());
  std::vector<std::pair<std::size_t, std::size_t>> order;
  for (const auto& [o, i, j] : pairs) order.emplace_back(i, j);
  return order;
}

std::vector<std::size_t> parts_to_drop(const SubunitModel& model, std::span<const double> variances) {
  std::vector<std::pair<double, std::size_t>> least;
  for (std::size_t i = 0; i < model.parts.size(); ++i) {
    const double variance = variances[static_cast<std::size_t>(ModelLayout::part(i).weight)];
    if (const double z = model.parts[i].weight / std::sqrt(variance + 1e-300); z < kCertain) least.emplace_back(z, i);
  }
  std::sort(least.begin(), least.end());
  if (least.size() > kDrops) least.resize(kDrops);
  std::vector<std::size_t> order;
  for (const auto& [z, i] : least) order.push_back(i);
  return order;
}

std::vector<Growth> growths(const SubunitModel& model, const FilteredMovie& movie) {
  std::vector<Growth> all;
  add_splits(model, all);
  add_places(model, movie, all);
  return all;
}

std::vector<std::size_t> wanted(std::span<const double> z, double dispersion) {
  std::vector<std::size_t> order;
  for (std::size_t q = 0; q < z.size(); ++q)
    if (z[q] > kWanted * std::sqrt(dispersion)) order.push_back(q);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return z[a] > z[b]; });
  if (order.size() > kTrials) order.resize(kTrials);
  return order;
}

}  // namespace plexiform
