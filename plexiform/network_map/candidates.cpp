#include "plexiform/network_map/candidates.hpp"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace plexiform {
namespace {

at::Tensor smoothed(const at::Tensor& map, double sd) {
  if (sd <= 0) return map;
  const auto reach = static_cast<std::int64_t>(std::ceil(3 * sd));
  const at::Tensor axis = (-(at::arange(-reach, reach + 1, at::kDouble) / sd).square() / 2).exp();
  const at::Tensor kernel = (at::outer(axis, axis) / axis.sum().square()).unsqueeze(0).unsqueeze(0);
  return at::conv2d(map.unsqueeze(0).unsqueeze(0), kernel, {}, 1, reach)[0][0];
}

/// The index of the greatest neighbour (or itself) of each position.
std::int64_t uphill(const at::TensorAccessor<double, 2>& map, std::int64_t y, std::int64_t x) {
  std::int64_t best_y = y, best_x = x;
  for (std::int64_t i = std::max<std::int64_t>(0, y - 1); i <= std::min(map.size(0) - 1, y + 1); ++i)
    for (std::int64_t j = std::max<std::int64_t>(0, x - 1); j <= std::min(map.size(1) - 1, x + 1); ++j)
      if (map[i][j] > map[best_y][best_x]) best_y = i, best_x = j;
  return best_y * map.size(1) + best_x;
}

/// For each position the peak that steepest ascent leads to, [rows * columns].
std::vector<std::int64_t> basins(const at::Tensor& map) {
  const auto values = map.accessor<double, 2>();
  const auto columns = map.size(1);
  std::vector<std::int64_t> peak(static_cast<std::size_t>(map.numel()));
  for (std::int64_t p = 0; p < map.numel(); ++p) {
    std::int64_t at = p;
    for (auto next = uphill(values, at / columns, at % columns); next != at;
         next = uphill(values, at / columns, at % columns))
      at = next;
    peak[static_cast<std::size_t>(p)] = at;
  }
  return peak;
}

/// Adds map-weighted copies of a filter, per basin.
std::vector<Candidate> candidates_of_filter(const Network& n, std::int64_t k, const CandidateSettings& settings) {
  const auto g = map_geometry(n.settings, n.input);
  const FilterParts parts = filter_parts(n, k);
  const at::Tensor map = n.map[k].to(at::kDouble).clamp_min(0).contiguous();
  const auto basin = basins(smoothed(map, settings.smoothing).contiguous());
  const auto weights = map.accessor<double, 2>();
  std::map<std::int64_t, Candidate> found;
  const auto height = n.input.height + 2 * g.pad, width = n.input.width + 2 * g.pad;
  for (std::int64_t p = 0; p < map.numel(); ++p) {
    const auto y = p / g.columns, x = p % g.columns;
    if (weights[y][x] <= 0) continue;
    Candidate& c = found[basin[static_cast<std::size_t>(p)]];
    if (!c.spatial.defined()) c = {at::zeros({height, width}, at::kDouble), parts.temporal, 0};
    c.spatial.narrow(0, y, g.filter_rows).narrow(1, x, g.filter_columns).add_(parts.spatial, weights[y][x]);
    c.weight += weights[y][x];
  }
  std::vector<Candidate> list;
  for (auto& [peak, c] : found) {
    c.spatial = c.spatial.narrow(0, g.pad, n.input.height).narrow(1, g.pad, n.input.width).contiguous();
    list.push_back(c);
  }
  return list;
}

double tensor_correlation(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor x = a.flatten() - a.mean(), y = b.flatten() - b.mean();
  const double norm = x.norm().item<double>() * y.norm().item<double>();
  return norm > 0 ? x.dot(y).item<double>() / norm : 0;
}

bool same_time(const Candidate& a, const Candidate& b) {
  return a.temporal.dot(b.temporal).item<double>() > thresholds::kSameTime;
}

void absorb(std::vector<Candidate>& list, std::size_t into, std::size_t from) {
  list[into].spatial = list[into].spatial + list[from].spatial;
  list[into].weight += list[from].weight;
  list.erase(list.begin() + static_cast<std::ptrdiff_t>(from));
}

/// Joins the most similar pair that `are_one` accepts, until there is none.
template <class AreOne>
void join_pairs(std::vector<Candidate>& list, double above, const AreOne& are_one) {
  for (;;) {
    double best = above;
    std::size_t into = 0, from = 0;
    for (std::size_t i = 0; i < list.size(); ++i)
      for (std::size_t j = i + 1; j < list.size(); ++j) {
        const double similar = tensor_correlation(list[i].spatial, list[j].spatial);
        if (similar >= best && same_time(list[i], list[j]) && are_one(list[i], list[j]))
          best = similar, into = i, from = j;
      }
    if (from == 0) return;
    absorb(list, into, from);
  }
}

/// Several filters of one network can see the same subunit, and a subunit can be split into two peaks of the map.
void join_same(std::vector<Candidate>& list, const CandidateSettings& settings) {
  join_pairs(list, settings.same_above, [](const Candidate&, const Candidate&) { return true; });
  join_pairs(list, settings.halves_above, [&](const Candidate& a, const Candidate& b) {
    double largest = 0;
    for (const auto& c : list) largest = std::max(largest, c.weight);
    return list.size() > 2 && a.weight + b.weight <= largest;
  });
}

void keep_large(std::vector<Candidate>& list, double least_share) {
  double sum = 0;
  for (const auto& c : list) sum += c.weight;
  std::erase_if(list, [&](const Candidate& c) { return c.weight < least_share * sum; });
}

void heaviest_first(std::vector<Candidate>& list) {
  std::sort(list.begin(), list.end(), [](const Candidate& a, const Candidate& b) { return a.weight > b.weight; });
}

}  // namespace

std::vector<Candidate> candidates(const Network& fitted, const CandidateSettings& settings) {
  at::NoGradGuard no_gradient;
  Network network = clone(fitted);
  normalise_filters(network);  // so that the map alone carries the weights
  std::vector<Candidate> all;
  for (std::int64_t k = 0; k < network.settings.filters; ++k)
    for (auto& c : candidates_of_filter(network, k, settings)) all.push_back(std::move(c));
  keep_large(all, settings.least_share / static_cast<double>(network.settings.filters));
  heaviest_first(all);
  return all;
}

std::vector<Candidate> joined_candidates(const Network& network, const CandidateSettings& settings) {
  at::NoGradGuard no_gradient;
  auto all = candidates(network, settings);
  join_same(all, settings);
  keep_large(all, settings.least_share);
  heaviest_first(all);
  return all;
}

}  // namespace plexiform
