#include "plexiform/flashed/compare_flashed.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <mutex>
#include <numeric>

#include "plexiform/base/error.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/base/streams.hpp"
#include "plexiform/flashed/answers.hpp"
#include "plexiform/flashed/menu.hpp"

namespace plexiform {
namespace {

constexpr double kExtents[] = {2.0 / 3, 5.0 / 6, 1, 5.0 / 4, 3.0 / 2};
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kFewestThatFit = 8, kFewestWithSpikes = 3;

/// The fold of each image: shuffled, then dealt out.
std::vector<std::int64_t> folds_of(std::int64_t images, std::int64_t folds, std::uint64_t seed) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(images));
  std::iota(order.begin(), order.end(), 0);
  const CounterRandom random(seed, streams::score::kFolds);
  for (std::size_t i = order.size(); i > 1; --i)  // Fisher and Yates
    std::swap(order[i - 1], order[static_cast<std::size_t>(random.integer(i, static_cast<std::int64_t>(i)))]);
  std::vector<std::int64_t> fold(order.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    fold[static_cast<std::size_t>(order[i])] = static_cast<std::int64_t>(i) % folds;
  return fold;
}

void require_folds(const FlashedOptions& options, std::int64_t images) {
  if (images <= kFewestThatFit)
    throw Error(ErrorKind::data, "the recording has " + std::to_string(images) + " images, expected more than " +
                                     std::to_string(kFewestThatFit) + " to fit and test models");
  if (options.folds < 2 || options.folds > images)
    throw Error(ErrorKind::usage, std::to_string(options.folds) + " folds of " + std::to_string(images) +
                                      " images, expected 2 to " + std::to_string(images) + " folds")
        .mended_by("folds", "10");
  const std::int64_t fit = images - (images + options.folds - 1) / options.folds;
  if (fit < kFewestThatFit)
    throw Error(ErrorKind::data,
                std::to_string(images) + " images in " + std::to_string(options.folds) + " folds leave " +
                    std::to_string(fit) + " to fit a model to, expected " + std::to_string(kFewestThatFit) + " or more",
                "use more images, or more folds")
        .mended_by("folds", std::to_string(images));
}

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
                                    const std::vector<std::int64_t>& fold, std::int64_t folds) {
  std::vector<double> rate(counts.size());
  for (std::int64_t k = 0; k < folds; ++k) {
    std::vector<bool> fits;
    for (const std::int64_t f : fold) fits.push_back(f != k);
    const WeighedModels models = weigh_models(menu, counts, fits);
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

FlashedSubunits described(const std::vector<MenuEntry>& menu, const std::vector<double>& counts) {
  const WeighedModels models = weigh_models(menu, counts, std::vector<bool>(counts.size(), true));
  FlashedSubunits to;
  std::map<double, double> weight_of_size;
  for (std::size_t i = 0; i < models.models.size(); ++i) {
    const MenuEntry& entry = menu[i / std::size(kScales)];
    weight_of_size[entry.size] += models.weights[i];
    to.size += models.weights[i] * entry.size;
    to.extent += models.weights[i] * entry.extent;
  }
  to.size_interval = {weighted_quantile(weight_of_size, 0.025), weighted_quantile(weight_of_size, 0.975)};
  const StaticModel& best = models.models[models.best()];
  to.off = best.scale * best.weights[0];
  to.on = best.scale * best.weights[1];
  return to;
}

/// Of each image, over the images of the other folds.
std::vector<double> means_elsewhere(const std::vector<double>& counts, const std::vector<std::int64_t>& fold) {
  std::vector<double> means;
  for (const std::int64_t own : fold) {
    double sum = 0, images = 0;
    for (std::size_t i = 0; i < counts.size(); ++i)
      if (fold[i] != own) sum += counts[i], images += 1;
    means.push_back(sum / images);
  }
  return means;
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

FlashedMedians medians_of(const FlashedComparison& comparison, std::uint64_t seed) {
  std::vector<const FlashedCell*> scored;
  for (const FlashedCell& cell : comparison.cells)
    if (cell.error.empty() && std::isfinite(cell.ahead)) scored.push_back(&cell);
  FlashedMedians to;
  to.cells = static_cast<std::int64_t>(scored.size());
  for (const FlashedCell* cell : scored) to.cells_ahead += cell->ahead > 0 ? 1 : 0;
  const auto over = [&](auto figure, double& middle, Interval& interval) {
    const auto at = [&](std::span<const std::int64_t> images) {
      std::vector<double> values;
      for (const FlashedCell* cell : scored)
        if (const double v = figure(*cell, images); std::isfinite(v)) values.push_back(v);
      return median(values);
    };
    middle = at(all_images(static_cast<std::size_t>(comparison.images)));
    interval = resampled_interval(comparison.images, seed, at);
  };
  const auto ln = [](const FlashedCell& cell, std::span<const std::int64_t> images) {
    return correlation_over(images, cell.ln, cell);
  };
  const auto subunits = [](const FlashedCell& cell, std::span<const std::int64_t> images) {
    return correlation_over(images, cell.subunits, cell);
  };
  over(ln, to.ln, to.ln_interval);
  over(subunits, to.subunits, to.subunits_interval);
  over([&](const FlashedCell& cell,
           std::span<const std::int64_t> images) { return subunits(cell, images) - ln(cell, images); },
       to.ahead, to.ahead_interval);
  return to;
}

class Comparer {
 public:
  Comparer(const Recording& recording, const FlashedOptions& options, const FlashedHooks& hooks)
      : recording_(recording), options_(options), hooks_(hooks), answers_(recording) {
    if (recording.contours.empty())
      throw Error(ErrorKind::data, "the recording has no contours of receptive fields, which place the models",
                  "import it with its contours")
          .mended_by("contours", "contours.npy");
    require_folds(options, answers_.images());
    fold_ = folds_of(answers_.images(), options.folds, options.seed);
  }

  FlashedComparison run() {
    const auto begun = std::chrono::steady_clock::now();
    result_.images = answers_.images();
    result_.trials = answers_.trials();
    result_.folds = options_.folds;
    for (const std::int64_t cell : options_.cells) {
      result_.cells.emplace_back().cell = cell;
      result_.cells.back().name = shown_name(recording_, cell);
    }
    see_images();
    parallel_each(static_cast<std::int64_t>(result_.cells.size()), options_.threads,
                  [&](std::int64_t i) { one_cell(static_cast<std::size_t>(i)); });
    result_.medians = medians_of(result_, options_.seed);
    result_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    return std::move(result_);
  }

 private:
  void see_images() {
    std::vector<Field> fields;
    std::vector<std::size_t> with_field;
    for (std::size_t i = 0; i < result_.cells.size(); ++i) {
      FlashedCell& cell = result_.cells[i];
      try {
        const Field field = field_of(recording_.contours[static_cast<std::size_t>(cell.cell)]);
        const FrameShape shape = recording_.stimulus->shape();
        if (field.major() > static_cast<double>(std::max(shape.height, shape.width)))
          throw Error(ErrorKind::data, "its contour is wider than the images");
        fields.push_back(field);
        with_field.push_back(i);
      } catch (const Error& error) {
        cell.error = error.what();
      }
    }
    pooled_.resize(result_.cells.size());
    if (fields.empty()) return;
    auto pooled = pooled_images(*recording_.stimulus, fields, {std::begin(kExtents), std::end(kExtents)},
                                options_.threads, hooks_.progress, hooks_.stop);
    for (std::size_t f = 0; f < with_field.size(); ++f) pooled_[with_field[f]] = std::move(pooled[f]);
  }

  void one_cell(std::size_t i) {
    FlashedCell& cell = result_.cells[i];
    if (!cell.error.empty()) return;
    say(cell.name);
    const NdArray<double> trials = answers_.of_cell(recording_, cell.cell);
    cell.counts = mean_of_trials(trials);
    cell.spikes = std::accumulate(trials.values.begin(), trials.values.end(), 0.0);
    if (cell.spikes == 0) {
      cell.error = "no spike in the window, nothing to predict";
      return;
    }
    const auto with_spikes = std::ranges::count_if(cell.counts, [](double count) { return count > 0; });
    if (with_spikes < kFewestWithSpikes) {
      cell.error = std::to_string(std::llround(cell.spikes)) + " spikes in the window, all of them in " +
                   std::to_string(with_spikes) + " of the images, expected " + std::to_string(kFewestWithSpikes) +
                   " images or more with spikes";
      return;
    }
    cell.baseline = means_elsewhere(cell.counts, fold_);
    if (answers_.trials() > 1) cell.reliability = reliability(trials, options_.seed);
    try {
      const auto& pooled = pooled_[i];
      const LinearInputs linear = without_subunits(pooled);
      const auto menu = menu_of(pooled);
      cell.ln.rate = cross_validated(menu_of(linear), cell.counts, fold_, options_.folds);
      cell.subunits.rate = cross_validated(menu, cell.counts, fold_, options_.folds);
      cell.model = described(menu, cell.counts);
    } catch (const Error& error) {
      cell.error = error.what();
      return;
    }
    score(cell.ln, cell, trials, options_.seed);
    score(cell.subunits, cell, trials, options_.seed);
    cell.ahead = cell.subunits.cc - cell.ln.cc;
    cell.ahead_interval = {kNan, kNan};
    if (!(cell.subunits.cc_interval.low > 0)) return;  // of two that predict nothing neither is ahead
    cell.ahead_interval = resampled_interval(result_.images, options_.seed, [&](std::span<const std::int64_t> images) {
      return correlation_over(images, cell.subunits, cell) - correlation_over(images, cell.ln, cell);
    });
  }

  void say(const std::string& what) {
    if (hooks_.stop.stop_requested()) throw Interrupted();
    if (!hooks_.progress) return;
    const std::lock_guard lock(telling_);
    hooks_.progress({what, static_cast<double>(told_++), static_cast<double>(result_.cells.size()), "cells", ""});
  }

  const Recording& recording_;
  const FlashedOptions& options_;
  const FlashedHooks& hooks_;
  Answers answers_;
  std::vector<std::int64_t> fold_;                 ///< [image]
  std::vector<std::vector<PooledImages>> pooled_;  ///< [cell], nothing where it has no field
  FlashedComparison result_;
  std::mutex telling_;
  std::size_t told_ = 0;
};

}  // namespace

FlashedComparison compare_flashed(const Recording& recording, const FlashedOptions& options,
                                  const FlashedHooks& hooks) {
  return Comparer(recording, options, hooks).run();
}

}  // namespace plexiform
