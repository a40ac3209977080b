#include "plexiform/reveal/subunits.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "plexiform/base/file.hpp"
#include "plexiform/base/hdf5.hpp"
#include "plexiform/reveal/candidates.hpp"
#include "plexiform/score/score.hpp"

namespace plexiform {
namespace {

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
  std::vector<Subunit> subunits;
  for (const auto& c : joined_candidates(fit.network, settings)) subunits.push_back(placed(c, fit.window.window, grid));
  share_weights(subunits);
  return subunits;
}

std::vector<TruthMatch> match_truth(const std::vector<Subunit>& subunits, const Circuit& truth) {
  const auto driving = driving_subunits(truth);
  NdArray<double> similarity({static_cast<std::int64_t>(subunits.size()), static_cast<std::int64_t>(driving.size())});
  const auto as_double = [](std::span<const float> values) {
    return std::vector<double>(values.begin(), values.end());
  };
  for (std::size_t i = 0; i < subunits.size(); ++i)
    for (std::size_t j = 0; j < driving.size(); ++j)
      similarity.row(static_cast<std::int64_t>(i))[j] =
          correlation(as_double(subunits[i].spatial.values), as_double(truth.spatial.row(driving[j])));
  const auto partner = assign(similarity);
  std::vector<TruthMatch> matches(subunits.size());
  for (std::size_t i = 0; i < subunits.size(); ++i)
    if (partner[i] >= 0)
      matches[i] = {driving[static_cast<std::size_t>(partner[i])],
                    similarity.row(static_cast<std::int64_t>(i))[static_cast<std::size_t>(partner[i])]};
  return matches;
}

double mean_match(const std::vector<TruthMatch>& matches, const Circuit& truth) {
  double sum = 0;
  for (const auto& match : matches)
    if (match.index >= 0) sum += match.correlation;
  return sum / static_cast<double>(driving_subunits(truth).size());
}

CellSubunits reveal_cell(const CellFit& fit, const Recording& recording, const RevealSettings& settings) {
  const FrameShape grid = recording.stimulus->shape();
  CellSubunits result;
  result.cell = fit.cell;
  result.subunits = reveal_subunits(fit, grid, settings);
  const FilterParts ln = filter_parts(fit.ln, 0);
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
