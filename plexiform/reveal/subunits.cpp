#include "plexiform/reveal/subunits.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "plexiform/reveal/candidates.hpp"

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
  for (const auto& c : joined_candidates(fit.network, settings)) subunits.push_back(placed(c, fit.window.window, grid));
  share_weights(subunits);
  return subunits;
}

NdArray<float> linear_filter(const CellFit& fit, const FrameShape& grid) {
  const FilterParts ln = filter_parts(fit.ln, 0);
  return placed({ln.spatial, ln.temporal, 1}, fit.window.window, grid).spatial;
}

Subunit placed_subunit(std::span<const double> weights, const Gaussian& shape, double weight, const Placing& placing) {
  const Window& window = placing.window;
  const FrameShape& grid = placing.grid;
  double norm = 0;
  for (const double v : weights) norm += v * v;
  Subunit s;
  s.spatial = NdArray<float>({grid.height, grid.width});
  for (std::int64_t y = 0; y < window.height; ++y)
    for (std::int64_t x = 0; x < window.width; ++x)
      s.spatial.values[static_cast<std::size_t>((window.y + y) * grid.width + window.x + x)] =
          static_cast<float>(weights[static_cast<std::size_t>(y * window.width + x)] / std::sqrt(norm));
  s.temporal.assign(placing.temporal.begin(), placing.temporal.end());
  s.weight = weight;
  s.place = {shape.x + static_cast<double>(window.x), shape.y + static_cast<double>(window.y)};
  s.size = axes(shape);
  return s;
}

std::vector<Subunit> placed_subunits(const SubunitModel& model, std::span<const PartCertainty> sure,
                                     const Placing& placing) {
  const Window& window = placing.window;
  const auto x = static_cast<double>(window.x), y = static_cast<double>(window.y);
  double sum = 0;
  for (const auto& part : model.parts) sum += part.weight;
  std::vector<double> weights(static_cast<std::size_t>(window.pixels()));
  std::vector<Subunit> subunits;
  for (std::size_t i = 0; i < model.parts.size(); ++i) {
    gaussian_weights(model.parts[i].shape, window.height, window.width, weights);
    Subunit s = placed_subunit(weights, model.parts[i].shape, model.parts[i].weight / sum, placing);
    if (!sure.empty()) {
      s.certainty = sure[i];
      s.certainty->x = {sure[i].x.low + x, sure[i].x.high + x};
      s.certainty->y = {sure[i].y.low + y, sure[i].y.high + y};
    }
    subunits.push_back(std::move(s));
  }
  std::stable_sort(subunits.begin(), subunits.end(),
                   [](const Subunit& a, const Subunit& b) { return a.weight > b.weight; });
  return subunits;
}

Subunit placed_filter(const SubunitModel& model, const Placing& placing) {
  const Window& window = placing.window;
  std::vector<double> weights(static_cast<std::size_t>(window.pixels()));
  const at::Tensor whole = at::zeros({window.pixels()}, at::kDouble);
  for (const auto& part : model.parts) {
    gaussian_weights(part.shape, window.height, window.width, weights);
    whole.add_(at::tensor(weights), part.weight);
  }
  const std::span values(whole.data_ptr<double>(), static_cast<std::size_t>(whole.numel()));
  const Gaussian shape = model.parts.size() == 1 ? model.parts[0].shape : moments(values, window.height, window.width);
  return placed_subunit(values, shape, 1, placing);
}

double share_outside(const SubunitModel& model, std::int64_t height, std::int64_t width) {
  const auto margin = std::max(height, width), tall = height + 2 * margin, wide = width + 2 * margin;
  std::vector<double> weights(static_cast<std::size_t>(tall * wide));
  double inside = 0, sum = 0;
  for (const auto& part : model.parts) {
    Gaussian g = part.shape;
    g.x += static_cast<double>(margin);
    g.y += static_cast<double>(margin);
    gaussian_weights(g, tall, wide, weights);
    for (std::int64_t y = 0; y < tall; ++y)
      for (std::int64_t x = 0; x < wide; ++x) {
        const double weight = weights[static_cast<std::size_t>(y * wide + x)];
        const double power = part.weight * weight * weight;
        sum += power;
        if (y >= margin && y < margin + height && x >= margin && x < margin + width) inside += power;
      }
  }
  return 1 - inside / sum;
}

}  // namespace plexiform
