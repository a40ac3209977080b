#include "plexiform/reveal/subunits.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/hdf5.hpp"
#include "plexiform/score/score.hpp"

namespace plexiform {
namespace {

/// A filter of the network as space times time, channels averaged.
struct Parts {
  at::Tensor spatial;   ///< [rows, columns], unit norm, peak positive
  at::Tensor temporal;  ///< [lag], unit norm
};

Parts parts_of_filter(const Network& n, std::int64_t k) {
  at::Tensor spatial, temporal;
  if (n.settings.separable) {
    spatial = n.spatial[k].mean(0).to(at::kDouble);
    temporal = n.temporal[k].to(at::kDouble);
  } else {
    const at::Tensor filter = n.filter[k].mean(1).to(at::kDouble);  // [lag, rows, columns]
    const auto [u, s, v] = at::linalg_svd(filter.flatten(1), false);
    spatial = v[0].reshape({filter.size(1), filter.size(2)});
    temporal = u.select(1, 0);
  }
  const double peak = spatial.flatten()[spatial.abs().argmax()].item<double>();
  const double sign = peak < 0 ? -1 : 1;
  return {sign * spatial / spatial.norm().clamp_min(1e-12), sign * temporal / temporal.norm().clamp_min(1e-12)};
}

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

/// A subunit in the making: on the window, with padding around so that filters may stand over the border.
struct Candidate {
  at::Tensor spatial;   ///< [height, width] of the window, not normalised
  at::Tensor temporal;  ///< [lag], unit norm
  double weight = 0;    ///< sum of the map
};

/// Adds map-weighted copies of a filter, per basin.
std::vector<Candidate> candidates_of_filter(const Network& n, std::int64_t k, const RevealSettings& settings) {
  const auto g = map_geometry(n.settings, n.input);
  const Parts parts = parts_of_filter(n, k);
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
  return a.temporal.dot(b.temporal).item<double>() > 0.5;
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
void join_same(std::vector<Candidate>& list, const RevealSettings& settings) {
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

/// Onto the recording's grid, normalised.
Subunit placed(const Candidate& c, const Window& window, const FrameShape& grid) {
  Subunit s;
  s.spatial = NdArray<float>({grid.height, grid.width});
  at::Tensor unit = c.spatial / c.spatial.norm().clamp_min(1e-12);
  const auto values = unit.accessor<double, 2>();
  double mass = 0;
  for (std::int64_t y = 0; y < window.height; ++y)
    for (std::int64_t x = 0; x < window.width; ++x) {
      const auto row = window.y + y, column = window.x + x;
      const double value = values[y][x], power = value * value;
      s.spatial.values[static_cast<std::size_t>(row * grid.width + column)] = static_cast<float>(value);
      s.place.x += power * static_cast<double>(column);
      s.place.y += power * static_cast<double>(row);
      mass += power;
    }
  s.place = {s.place.x / mass, s.place.y / mass};
  for (std::int64_t l = 0; l < c.temporal.size(0); ++l) s.temporal.push_back(c.temporal[l].item<float>());
  s.weight = c.weight;
  return s;
}

void share_weights(std::vector<Subunit>& subunits) {
  double sum = 0;
  for (const auto& s : subunits) sum += s.weight;
  for (auto& s : subunits) s.weight /= sum;
}

}  // namespace

std::vector<Subunit> reveal_subunits(const CellFit& fit, const FrameShape& grid, const RevealSettings& settings) {
  at::NoGradGuard no_gradient;
  Network network = clone(fit.network);
  normalise_filters(network);  // so that the map alone carries the weights
  std::vector<Candidate> all;
  for (std::int64_t k = 0; k < network.settings.filters; ++k)
    for (auto& c : candidates_of_filter(network, k, settings)) all.push_back(std::move(c));
  keep_large(all, settings.least_share / static_cast<double>(fit.network.settings.filters));
  join_same(all, settings);
  keep_large(all, settings.least_share);
  std::sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) { return a.weight > b.weight; });
  std::vector<Subunit> subunits;
  for (const auto& c : all) subunits.push_back(placed(c, fit.window.window, grid));
  share_weights(subunits);
  return subunits;
}

std::vector<TruthMatch> match_truth(const std::vector<Subunit>& subunits, const Circuit& truth) {
  NdArray<double> similarity({static_cast<std::int64_t>(subunits.size()), truth.subunits()});
  const auto as_double = [](std::span<const float> values) {
    return std::vector<double>(values.begin(), values.end());
  };
  for (std::size_t i = 0; i < subunits.size(); ++i)
    for (std::int64_t j = 0; j < truth.subunits(); ++j)
      similarity.row(static_cast<std::int64_t>(i))[static_cast<std::size_t>(j)] =
          correlation(as_double(subunits[i].spatial.values), as_double(truth.spatial.row(j)));
  const auto partner = assign(similarity);
  std::vector<TruthMatch> matches(subunits.size());
  for (std::size_t i = 0; i < subunits.size(); ++i)
    if (partner[i] >= 0)
      matches[i] = {partner[i], similarity.row(static_cast<std::int64_t>(i))[static_cast<std::size_t>(partner[i])]};
  return matches;
}

double mean_match(const std::vector<TruthMatch>& matches, const Circuit& truth) {
  double sum = 0;
  for (const auto& match : matches)
    if (match.index >= 0) sum += match.correlation;
  return sum / static_cast<double>(truth.subunits());
}

CellSubunits reveal_cell(const CellFit& fit, const Recording& recording, const RevealSettings& settings) {
  const FrameShape grid = recording.stimulus->shape();
  CellSubunits result;
  result.cell = fit.cell;
  result.subunits = reveal_subunits(fit, grid, settings);
  const Parts ln = parts_of_filter(fit.ln, 0);
  result.linear = placed({ln.spatial, ln.temporal, 1}, fit.window.window, grid).spatial;
  if (!recording.truth.empty()) {
    const Circuit& truth = recording.truth[static_cast<std::size_t>(fit.cell)];
    result.truth = match_truth(result.subunits, truth);
    result.mean_match = mean_match(result.truth, truth);
    result.true_spatial = truth.spatial;
  }
  return result;
}

void write_reveal(const std::filesystem::path& path, const std::vector<CellSubunits>& cells) {
  write_atomically(path, [&](const std::filesystem::path& temporary) {
    Hdf5File file = Hdf5File::create(temporary);
    file.set_text("/", "format", "plexiform-reveal");
    file.set_number("/", "version", 1);
    for (const auto& cell : cells) {
      if (!cell.error.empty() || cell.subunits.empty()) continue;
      const auto count = static_cast<std::int64_t>(cell.subunits.size());
      const auto& first = cell.subunits.front();
      NdArray<float> spatial({count, first.spatial.shape[0], first.spatial.shape[1]});
      NdArray<float> temporal({count, static_cast<std::int64_t>(first.temporal.size())}), weight({count});
      for (std::int64_t i = 0; i < count; ++i) {
        const auto& s = cell.subunits[static_cast<std::size_t>(i)];
        std::copy(s.spatial.values.begin(), s.spatial.values.end(), spatial.row(i).begin());
        std::copy(s.temporal.begin(), s.temporal.end(), temporal.row(i).begin());
        weight.values[static_cast<std::size_t>(i)] = static_cast<float>(s.weight);
      }
      const std::string group = "/cell_" + std::to_string(cell.cell);
      file.write(group + "/spatial", spatial);
      file.write(group + "/temporal", temporal);
      file.write(group + "/weight", weight);
      file.write(group + "/linear", cell.linear);
      if (!cell.true_spatial.values.empty()) file.write(group + "/truth", cell.true_spatial);
    }
    file.close();
  });
}

}  // namespace plexiform
