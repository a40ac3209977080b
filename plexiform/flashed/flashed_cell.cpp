#include "plexiform/flashed/flashed_cell.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <string>

#include "plexiform/base/error.hpp"
#include "plexiform/flashed/answers.hpp"
#include "plexiform/flashed/menu.hpp"
#include "plexiform/flashed/thresholds.hpp"

namespace plexiform {
namespace {

using namespace thresholds::flashed;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Without subunits: per extent, what the field sees as a whole.
struct LinearInputs {
  std::vector<double> extent;
  std::vector<NdArray<double>> inputs;  ///< [image, 1]
};

LinearInputs without_subunits(const std::vector<PooledImages>& pooled) {
  LinearInputs linear;
  for (const PooledImages& entry : pooled) {
    if (std::ranges::find(linear.extent, entry.extent) != linear.extent.end()) continue;
    linear.extent.push_back(entry.extent);
    NdArray<double> sees({entry.inputs.shape[0], 1});
    for (std::int64_t i = 0; i < sees.shape[0]; ++i) sees.row(i)[0] = entry.inputs.row(i)[1] - entry.inputs.row(i)[0];
    linear.inputs.push_back(std::move(sees));
  }
  return linear;
}

std::vector<MenuEntry> menu_of(const LinearInputs& linear) {
  std::vector<MenuEntry> menu;
  for (std::size_t i = 0; i < linear.extent.size(); ++i) menu.push_back({linear.extent[i], 0, &linear.inputs[i], 1});
  return menu;
}

/// Extents are as likely as each other, and sizes within each.
std::vector<MenuEntry> menu_of(const std::vector<PooledImages>& pooled) {
  std::map<double, double> sizes;
  for (const PooledImages& entry : pooled) sizes[entry.extent] += 1;
  std::vector<MenuEntry> menu;
  for (const PooledImages& entry : pooled)
    menu.push_back({entry.extent, entry.size, &entry.inputs, 1 / sizes[entry.extent]});
  return menu;
}

std::vector<double> cross_validated(const std::vector<MenuEntry>& menu, const std::vector<double>& counts,
                                    const ImageFolds& folds, const Context& context) {
  std::vector<double> rate(counts.size());
  for (std::int64_t k = 0; k < folds.number; ++k) {
    std::vector<bool> fits;
    for (const std::int64_t f : folds.of) fits.push_back(f != k);
    const WeighedModels models = weigh_models(menu, counts, fits, context);
    for (std::size_t i = 0; i < counts.size(); ++i)
      if (!fits[i]) rate[i] = models.rate(menu, static_cast<std::int64_t>(i));
  }
  return rate;
}

/// The size below which a share of the weight lies; sizes are steps.
double weighted_quantile(const std::map<double, double>& weight_of_size, double share) {
  double sum = 0;
  for (const auto& [size, weight] : weight_of_size) {
    sum += weight;
    if (sum >= share) return size;
  }
  return weight_of_size.rbegin()->first;
}

FlashedSubunits described(const std::vector<MenuEntry>& menu, const std::vector<double>& counts,
                          const Context& context) {
  const WeighedModels models = weigh_models(menu, counts, std::vector<bool>(counts.size(), true), context);
  FlashedSubunits to;
  std::map<double, double> weight_of_size;
  for (std::size_t i = 0; i < models.models.size(); ++i) {
    const MenuEntry& entry = menu[i / std::size(kScales)];
    weight_of_size[entry.size] += models.weights[i];
    to.size += models.weights[i] * entry.size;
    to.extent += models.weights[i] * entry.extent;
  }
  to.size_interval = {weighted_quantile(weight_of_size, kLowTail), weighted_quantile(weight_of_size, kHighTail)};
  const StaticModel& best = models.models[models.best()];
  to.off = best.scale * best.weights[0];
  to.on = best.scale * best.weights[1];
  return to;
}

/// Correlation over some images, see compare_flashed.
double correlation_over(std::span<const std::int64_t> images, const FlashedScore& score, const FlashedCell& cell) {
  std::vector<double> rate, counts;
  for (const std::int64_t image : images) {
    const auto i = static_cast<std::size_t>(image);
    rate.push_back(score.rate[i] - cell.baseline[i]);
    counts.push_back(cell.counts[i] - cell.baseline[i]);
  }
  return correlation(rate, counts);
}

std::vector<std::int64_t> all_images(std::size_t images) {
  std::vector<std::int64_t> all(images);
  std::iota(all.begin(), all.end(), 0);
  return all;
}

void score(FlashedScore& of, const FlashedCell& cell, const NdArray<double>& trials, std::uint64_t seed) {
  of.cc = correlation_over(all_images(cell.counts.size()), of, cell);
  of.cc_interval =
      resampled_interval(static_cast<std::int64_t>(cell.counts.size()), seed,
                         [&](std::span<const std::int64_t> images) { return correlation_over(images, of, cell); });
  if (!cell.reliability || !std::isfinite(cell.reliability->ceiling)) return;
  of.cc_normalised = of.cc / cell.reliability->ceiling;
  of.feve = explained_variance(of.rate, trials);
}

double median(std::vector<double> values) {
  if (values.empty()) return kNan;
  std::ranges::sort(values);
  const std::size_t n = values.size();
  return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/// Why there is nothing to predict, or empty.
std::string too_few_spikes(const FlashedCell& cell) {
  if (cell.spikes == 0) return "no spike in the window, nothing to predict";
  const auto with_spikes = std::ranges::count_if(cell.counts, [](double count) { return count > 0; });
  if (with_spikes >= kFewestWithSpikes) return {};
  return std::to_string(std::llround(cell.spikes)) + " spikes in the window, all of them in " +
         std::to_string(with_spikes) + " of the images, expected " + std::to_string(kFewestWithSpikes) +
         " images or more with spikes";
}

/// Rates of both models, and what the one with subunits is.
void fit_models(FlashedCell& cell, const std::vector<PooledImages>& pooled, const ImageFolds& folds,
                const Context& context) {
  const LinearInputs linear = without_subunits(pooled);
  const auto menu = menu_of(pooled);
  cell.ln.rate = cross_validated(menu_of(linear), cell.counts, folds, context);
  cell.subunits.rate = cross_validated(menu, cell.counts, folds, context);
  cell.model = described(menu, cell.counts, context);
}

void score_models(FlashedCell& cell, const NdArray<double>& trials, std::uint64_t seed) {
  score(cell.ln, cell, trials, seed);
  score(cell.subunits, cell, trials, seed);
  cell.ahead = cell.subunits.cc - cell.ln.cc;
  cell.ahead_interval = {kNan, kNan};
  if (!(cell.subunits.cc_interval.low > 0)) return;  // of two that predict nothing neither is ahead
  cell.ahead_interval = resampled_interval(
      static_cast<std::int64_t>(cell.counts.size()), seed, [&](std::span<const std::int64_t> images) {
        return correlation_over(images, cell.subunits, cell) - correlation_over(images, cell.ln, cell);
      });
}

}  // namespace

FlashedCell compare_on_cell(const NdArray<double>& trials, const std::vector<PooledImages>& pooled,
                            const ImageFolds& folds, std::uint64_t seed, const Context& context) {
  FlashedCell cell;
  cell.counts = mean_of_trials(trials);
  cell.spikes = std::accumulate(trials.values.begin(), trials.values.end(), 0.0);
  cell.error = too_few_spikes(cell);
  if (!cell.error.empty()) return cell;
  cell.baseline = means_elsewhere(cell.counts, folds);
  if (trials.shape[0] > 1) cell.reliability = reliability(trials, seed);
  try {
    fit_models(cell, pooled, folds, context);
  } catch (const Error& error) {
    cell.error = error.what();
    return cell;
  }
  score_models(cell, trials, seed);
  return cell;
}

FlashedMedians medians_of(std::span<const FlashedCell> cells, std::int64_t images, std::uint64_t seed) {
  std::vector<const FlashedCell*> scored;
  for (const FlashedCell& cell : cells)
    if (cell.error.empty() && std::isfinite(cell.ahead)) scored.push_back(&cell);
  FlashedMedians to;
  to.cells = static_cast<std::int64_t>(scored.size());
  for (const FlashedCell* cell : scored) to.cells_ahead += cell->ahead > 0 ? 1 : 0;
  const auto over = [&](auto figure, double& middle, Interval& interval) {
    const auto at = [&](std::span<const std::int64_t> some) {
      std::vector<double> values;
      for (const FlashedCell* cell : scored)
        if (const double v = figure(*cell, some); std::isfinite(v)) values.push_back(v);
      return median(values);
    };
    middle = at(all_images(static_cast<std::size_t>(images)));
    interval = resampled_interval(images, seed, at);
  };
  const auto ln = [](const FlashedCell& cell, std::span<const std::int64_t> some) {
    return correlation_over(some, cell.ln, cell);
  };
  const auto subunits = [](const FlashedCell& cell, std::span<const std::int64_t> some) {
    return correlation_over(some, cell.subunits, cell);
  };
  over(ln, to.ln, to.ln_interval);
  over(subunits, to.subunits, to.subunits_interval);
  over([&](const FlashedCell& cell,
           std::span<const std::int64_t> some) { return subunits(cell, some) - ln(cell, some); },
       to.ahead, to.ahead_interval);
  return to;
}

}  // namespace plexiform
