#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "plexiform/picture/svg.hpp"
#include "plexiform/run/transfer_json.hpp"

namespace plexiform {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

NdArray<double> reordered(const NdArray<double>& values, const std::vector<std::int64_t>& order) {
  NdArray<double> to(values.shape);
  for (std::size_t i = 0; i < order.size(); ++i)
    for (std::size_t j = 0; j < order.size(); ++j)
      to.values[i * order.size() + j] = values.row(order[i])[static_cast<std::size_t>(order[j])];
  return to;
}

/// Mean over cells at one share of those that learn so.
double mean_point(const StimulusTransfer& t, std::size_t from, std::size_t to, Tuned tuned, double share) {
  double sum = 0;
  int n = 0;
  for (const auto& cell : t.cells)
    for (const auto& curve : cell.curves) {
      if (curve.from != from || curve.to != to) continue;
      for (const auto& p : curve.points)
        if (p.tuned == tuned && p.share == share && p.error.empty()) sum += p.score.bits_per_spike, ++n;
    }
  return n > 0 ? sum / n : kNan;
}

std::string share_text(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%g %%", 100 * share);
  return text;
}

}  // namespace

std::string picture(const CellTransfer& t) {
  std::vector<std::string> names;
  for (const auto i : t.order) names.push_back(std::to_string(t.cells[static_cast<std::size_t>(i)]));
  double most = 0;
  for (const double v : t.moved.cc.values)
    if (std::isfinite(v)) most = std::max(most, v);
  return matrix_svg(reordered(t.moved.cc, t.order), names, names, {"model of cell", "tested on cell", "correlation"}, 0,
                    most > 0 ? most : 1, "Each cell's model on all cells, its window moved there");
}

std::string picture(const StimulusTransfer& t, std::size_t from, std::size_t to) {
  std::vector<double> shares;
  for (const auto& cell : t.cells)
    for (const auto& curve : cell.curves)
      for (const auto& p : curve.points)
        if (std::ranges::find(shares, p.share) == shares.end()) shares.push_back(p.share);
  std::ranges::sort(shares);
  std::vector<std::string> steps;
  std::vector<Line> lines{{"all", "#1f4e9c", {}}, {"output", "#b35806", {}}, {"from nothing", "#777777", {}}};
  constexpr Tuned kTuned[] = {Tuned::all, Tuned::output, Tuned::from_nothing};
  for (const double share : shares) {
    steps.push_back(share_text(share));
    for (std::size_t i = 0; i < 3; ++i)
      lines[i].values.push_back(share > 0 ? mean_point(t, from, to, kTuned[i], share)
                                : i < 2   ? mean_point(t, from, to, Tuned::nothing, 0)
                                          : kNan);
  }
  return step_plot_svg(lines, steps, "share of the training frames of " + t.targets[to], "bits per spike",
                       "From " + t.runs[from] + " to " + t.targets[to] + ": what learns");
}

}  // namespace plexiform
