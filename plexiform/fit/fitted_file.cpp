#include "plexiform/fit/fitted_file.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "plexiform/base/file.hpp"
#include "plexiform/base/hdf5.hpp"
#include "plexiform/fit/objective.hpp"
#include "plexiform/model/filter_parts.hpp"
#include "plexiform/model/output.hpp"

namespace plexiform {
namespace {

constexpr std::int64_t kCurvePoints = 64;
/// Of the counts that are set beside an output nonlinearity, each of as many frames.
constexpr std::size_t kBins = 20;

NdArray<float> to_array(const at::Tensor& tensor) {
  const at::Tensor values = tensor.to(at::kFloat).contiguous();
  NdArray<float> array;
  array.shape.assign(values.sizes().begin(), values.sizes().end());
  array.values.assign(values.data_ptr<float>(), values.data_ptr<float>() + values.numel());
  return array;
}

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
struct Seen {
  NdArray<float> drive, rate, error;  ///< [bin]; mean drive, mean count and its standard error
};

Seen seen(const std::vector<double>& drive, const std::vector<double>& counts) {
  std::vector<std::size_t> order(drive.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return drive[i]; });
  const std::size_t bins = std::min(kBins, drive.size());
  const std::vector<std::int64_t> shape{static_cast<std::int64_t>(bins)};
  Seen result{NdArray<float>(shape), NdArray<float>(shape), NdArray<float>(shape)};
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
    result.drive.values[b] = static_cast<float>(drives / n);
    result.rate.values[b] = static_cast<float>(sum / n);
    result.error.values[b] = static_cast<float>(std::sqrt(variance / n));
  }
  return result;
}

void write_output(Hdf5File& file, const std::string& group, const Network& network, const Dataset& data) {
  Stepper stepper(1, 0);
  const std::vector<double> drive = drives(stepper, network, data.train_tiles);
  const auto [least, most] = std::ranges::minmax(drive);
  const at::Tensor points = at::linspace(least, most, kCurvePoints, at::kFloat);
  const Seen counted = seen(drive, training_counts(data));
  file.write(group + "/drive", to_array(points));
  file.write(group + "/rate", to_array(output_rate(network.settings.output, network.output, points).value));
  file.write(group + "/seen_drive", counted.drive);
  file.write(group + "/seen_rate", counted.rate);
  file.write(group + "/seen_error", counted.error);
}

/// Filters [filter, rows, columns] and [filter, lag], and where on the grid the map lies.
void write_network(Hdf5File& file, const CellFit& fit) {
  const Network& n = fit.network;
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
  file.write("/network/spatial", to_array(at::stack(spatial)));
  file.write("/network/temporal", to_array(at::stack(temporal)));
  file.write("/network/map", to_array(n.map));
  file.set_text("/network", "subunits", to_string(n.settings.subunits));
  file.set_number("/network", "map_x", middle(fit.window.window.x, g.filter_columns));
  file.set_number("/network", "map_y", middle(fit.window.window.y, g.filter_rows));
}

void write_ln(Hdf5File& file, const CellFit& fit) {
  const FilterParts parts = filter_parts(fit.ln, 0);
  file.write("/ln/spatial", to_array(parts.spatial));
  file.write("/ln/temporal", to_array(parts.temporal));
}

}  // namespace

void write_fitted(const std::filesystem::path& folder, const FirstLook& look, const CellFit& fit, const Dataset& data) {
  const at::NoGradGuard no_gradient;
  const at::Tensor average =
      look.average.reshape({data.lags, data.input.channels, data.input.height, data.input.width}).mean(1);
  write_atomically(folder / "fitted.h5", [&](const std::filesystem::path& temporary) {
    Hdf5File file = Hdf5File::create(temporary);
    file.set_text("/", "format", "plexiform-fitted");
    file.set_number("/", "version", 1);
    file.set_number("/", "x", static_cast<double>(fit.window.window.x));
    file.set_number("/", "y", static_cast<double>(fit.window.window.y));
    file.set_text("/", "found_by", fit.window.source == WindowSource::average ? "average" : "variance");
    file.write("/average", to_array(average));
    write_network(file, fit);
    write_output(file, "/network/output", fit.network, data);
    write_ln(file, fit);
    write_output(file, "/ln/output", fit.ln, data);
    file.close();
  });
}

}  // namespace plexiform
