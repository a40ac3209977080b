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

/// Centre of mass of the squared weights, [height, width] of `width` columns.
Place centre_of(std::span<const float> weights, std::int64_t width) {
  Place place;
  double mass = 0;
  for (std::size_t p = 0; p < weights.size(); ++p) {
    const double power = static_cast<double>(weights[p]) * weights[p];
    place.x += power * static_cast<double>(static_cast<std::int64_t>(p) % width);
    place.y += power * static_cast<double>(static_cast<std::int64_t>(p) / width);
    mass += power;
  }
  return {place.x / mass, place.y / mass};
}

/// Onto the recording's grid, normalised.
Subunit placed(const Candidate& c, const Window& window, const FrameShape& grid) {
  Subunit s;
  s.spatial = NdArray<float>({grid.height, grid.width});
  at::Tensor unit = c.spatial / c.spatial.norm().clamp_min(1e-12);
  const auto values = unit.accessor<double, 2>();
  for (std::int64_t y = 0; y < window.height; ++y)
    for (std::int64_t x = 0; x < window.width; ++x)
      s.spatial.values[static_cast<std::size_t>((window.y + y) * grid.width + window.x + x)] =
          static_cast<float>(values[y][x]);
  s.place = centre_of(s.spatial.values, grid.width);
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

std::vector<Subunit> map_subunits(const CellFit& fit, const FrameShape& grid, const CandidateSettings& settings) {
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

NdArray<float> linear_filter(const CellFit& fit, const FrameShape& grid) {
  const FilterParts ln = filter_parts(fit.ln, 0);
  return placed({ln.spatial, ln.temporal, 1}, fit.window.window, grid).spatial;
}

void compare_with_truth(CellSubunits& cell, const Recording& recording) {
  if (recording.truth.empty()) return;
  const Circuit& truth = recording.truth[static_cast<std::size_t>(cell.cell)];
  cell.truth = match_truth(cell.subunits, truth);
  cell.mean_match = mean_match(cell.truth, truth);
  cell.true_spatial = truth.spatial;
  for (std::int64_t i = 0; i < truth.subunits(); ++i)
    cell.true_places.push_back(centre_of(truth.spatial.row(i), truth.spatial.shape[2]));
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
      if (first.certainty) {
        NdArray<float> confidence({count});
        for (std::int64_t i = 0; i < count; ++i)
          confidence.values[static_cast<std::size_t>(i)] =
              static_cast<float>(cell.subunits[static_cast<std::size_t>(i)].certainty->confidence);
        file.write(group + "/confidence", confidence);
      }
      file.write(group + "/linear", cell.linear);
      if (!cell.true_spatial.values.empty()) file.write(group + "/truth", cell.true_spatial);
    }
    file.close();
  });
}

}  // namespace plexiform
