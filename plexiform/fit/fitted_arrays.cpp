#include "plexiform/fit/fitted_arrays.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "plexiform/fit/objective.hpp"
#include "plexiform/model/arrays.hpp"
#include "plexiform/model/filter_parts.hpp"
#include "plexiform/model/output.hpp"

namespace plexiform {
namespace {

constexpr std::int64_t kCurvePoints = 64;
/// Of the counts that are set beside an output nonlinearity, each of as many frames.
constexpr std::size_t kBins = 20;

/// Counts of the training frames, in the order of drives().
std::vector<double> training_counts(const Dataset& data) {
  std::vector<double> counts;
  for (const Chunk& chunk : data.train) {
    const auto begin = data.counts.begin() + chunk.first_bin;
    counts.insert(counts.end(), begin, begin + chunk.length);
  }
  return counts;
}

/// What was counted where the drive was so: frames in the order of their drive, cut into bins.
OutputCurve seen(const std::vector<double>& drive, const std::vector<double>& counts) {
  std::vector<std::size_t> order(drive.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return drive[i]; });
  const std::size_t bins = std::min(kBins, drive.size());
  const std::vector<std::int64_t> shape{static_cast<std::int64_t>(bins)};
  OutputCurve result;
  result.seen_drive = result.seen_rate = result.seen_error = NdArray<float>(shape);
  for (std::size_t b = 0; b < bins; ++b) {
    const std::size_t begin = b * order.size() / bins, end = (b + 1) * order.size() / bins;
    double drives = 0, sum = 0, squares = 0;
    for (std::size_t i = begin; i < end; ++i) {
      drives += drive[order[i]];
      sum += counts[order[i]];
      squares += counts[order[i]] * counts[order[i]];
    }
    const auto n = static_cast<double>(end - begin);
    const double variance = std::max(squares / n - sum / n * sum / n, 0.0);
    result.seen_drive.values[b] = static_cast<float>(drives / n);
    result.seen_rate.values[b] = static_cast<float>(sum / n);
    result.seen_error.values[b] = static_cast<float>(std::sqrt(variance / n));
  }
  return result;
}

OutputCurve output_curve(const Network& network, const Dataset& data) {
  Stepper stepper(1, 0);
  const std::vector<double> drive = drives(stepper, network, data.train_tiles);
  OutputCurve curve = seen(drive, training_counts(data));
  const auto [least, most] = std::ranges::minmax(drive);
  const at::Tensor points = at::linspace(least, most, kCurvePoints, at::kFloat);
  curve.drive = to_array(points);
  curve.rate = to_array(output_rate(network.settings.output, network.output, points).value);
  return curve;
}

/// Filters [filter, row, column] and [filter, lag], and where on the grid the map lies.
void set_network(FittedArrays& arrays, const Network& n, const Window& window) {
  std::vector<at::Tensor> spatial, temporal;
  for (std::int64_t k = 0; k < n.settings.filters; ++k) {
    const FilterParts parts = filter_parts(n, k);
    spatial.push_back(parts.spatial);
    temporal.push_back(parts.temporal);
  }
  const auto g = map_geometry(n.settings, n.input);
  const auto middle = [&](std::int64_t first, std::int64_t side) {
    return static_cast<double>(first - g.pad) + static_cast<double>(side - 1) / 2;
  };
  arrays.spatial = to_array(at::stack(spatial));
  arrays.temporal = to_array(at::stack(temporal));
  arrays.map = to_array(n.map);
  arrays.subunits = to_string(n.settings.subunits);
  arrays.map_x = middle(window.x, g.filter_columns);
  arrays.map_y = middle(window.y, g.filter_rows);
}

}  // namespace

FittedArrays fitted_arrays(const FirstLook& look, const CellFit& fit, const Dataset& data) {
  const at::NoGradGuard no_gradient;
  FittedArrays arrays;
  arrays.x = fit.window.window.x;
  arrays.y = fit.window.window.y;
  arrays.found_by = fit.window.source == WindowSource::average ? "average" : "variance";
  arrays.average =
      to_array(look.average.reshape({data.lags, data.input.channels, data.input.height, data.input.width}).mean(1));
  set_network(arrays, network_of(fit), fit.window.window);
  arrays.output = output_curve(network_of(fit), data);
  const FilterParts ln = filter_parts(fit.ln, 0);
  arrays.ln_spatial = to_array(ln.spatial);
  arrays.ln_temporal = to_array(ln.temporal);
  arrays.ln_output = output_curve(fit.ln, data);
  return arrays;
}

}  // namespace plexiform
