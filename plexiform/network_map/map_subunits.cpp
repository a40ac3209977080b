#include "plexiform/network_map/map_subunits.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "plexiform/network_map/candidates.hpp"

namespace plexiform {
namespace {

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
  for (const auto& c : joined_candidates(network_of(fit), settings))
    subunits.push_back(placed(c, fit.window.window, grid));
  share_weights(subunits);
  return subunits;
}

NdArray<float> linear_filter(const CellFit& fit, const FrameShape& grid) {
  const FilterParts ln = filter_parts(fit.ln, 0);
  return placed({ln.spatial, ln.temporal, 1}, fit.window.window, grid).spatial;
}

}  // namespace plexiform
