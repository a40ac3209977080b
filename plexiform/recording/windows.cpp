#include "plexiform/recording/windows.hpp"

#include <algorithm>
#include <cmath>

#include "plexiform/base/error.hpp"
#include "plexiform/base/wording.hpp"
#include "plexiform/recording/evidence.hpp"
#include "plexiform/recording/thresholds.hpp"

namespace plexiform {
namespace {

using namespace thresholds::recording;

constexpr std::int64_t kSumsBytes = 300 << 20;  // of sums kept at a time

/// Calls use(i, map) for each cell index i of `cells`, over as few passes as memory allows.
template <class Use>
void maps_of(const Recording& recording, std::span<const std::size_t> which, std::span<const std::int64_t> cells,
             std::span<const Window> windows, std::span<const Range> bins, std::int64_t first_lag,
             std::int64_t last_lag, TriggeredKind kind, const Context& context, const Use& use) {
  const std::int64_t features = kind == TriggeredKind::local ? static_cast<std::int64_t>(kLocalBoxes.size()) : 1;
  for (std::size_t begin = 0; begin < which.size();) {
    std::vector<TriggeredJob> jobs;
    std::int64_t bytes = 0;
    std::size_t end = begin;
    for (; end < which.size(); ++end) {
      const Window& window = windows[which[end]];
      bytes += static_cast<std::int64_t>(sizeof(float)) * features * (last_lag - first_lag + 1) * window.pixels();
      if (end > begin && bytes > kSumsBytes) break;
      jobs.push_back({cells[which[end]], window});
    }
    const TriggeredSums<float> sums = triggered_sums<float>(recording, jobs, bins, first_lag, last_lag, kind, context);
    for (std::size_t i = begin; i < end; ++i) {
      check_stop(context);
      use(which[i], evidence(sums, sums.jobs[i - begin]));
    }
    begin = end;
  }
}

}  // namespace

Located best_place(const EvidenceMap& map, const Window& part, WindowSource source, double alpha) {
  const auto at = [&](std::int64_t y, std::int64_t x) {
    return static_cast<std::size_t>((y - map.window.y) * map.window.width + x - map.window.x);
  };
  std::int64_t top = part.y;
  std::int64_t left = part.x;
  for (std::int64_t y = part.y; y < part.y + part.height; ++y)
    for (std::int64_t x = part.x; x < part.x + part.width; ++x)
      if (map.z[at(y, x)] > map.z[at(top, left)]) {
        top = y;
        left = x;
      }
  Located found;
  found.source = source;
  found.z = map.z[at(top, left)];
  found.significant = found.z > normal_quantile_above(alpha / (map.tests * static_cast<double>(part.pixels())));
  // The centre of gravity of what stands out around the peak: a cell of several subunits has no single peak.
  const double peak = map.excess[at(top, left)];
  double sum = 0;
  Place centre;
  for (std::int64_t y = std::max(part.y, top - kAround); y < std::min(part.y + part.height, top + kAround + 1); ++y)
    for (std::int64_t x = std::max(part.x, left - kAround); x < std::min(part.x + part.width, left + kAround + 1);
         ++x) {
      const double excess = map.excess[at(y, x)];
      if (excess < kNearPeak * peak || map.z[at(y, x)] < kStandsOut) continue;
      sum += excess;
      centre.x += excess * static_cast<double>(x);
      centre.y += excess * static_cast<double>(y);
    }
  found.centre =
      sum > 0 ? Place{centre.x / sum, centre.y / sum} : Place{static_cast<double>(left), static_cast<double>(top)};
  return found;
}

bool at_edge(const Place& place, const Window& part, const FrameShape& grid) {
  const auto low = [&](double p, std::int64_t begin) { return begin > 0 && p < static_cast<double>(begin) + kEdge; };
  const auto high = [&](double p, std::int64_t end, std::int64_t limit) {
    return end < limit && p > static_cast<double>(end - 1) - kEdge;
  };
  return low(place.x, part.x) || low(place.y, part.y) || high(place.x, part.x + part.width, grid.width) ||
         high(place.y, part.y + part.height, grid.height);
}

Window window_around(const Place& centre, std::int64_t height, std::int64_t width, const FrameShape& grid) {
  const std::int64_t h = std::min(height, grid.height);
  const std::int64_t w = std::min(width, grid.width);
  const auto begin = [](double at, std::int64_t size, std::int64_t limit) {
    const auto middle = static_cast<std::int64_t>(std::llround(std::clamp(at, 0.0, static_cast<double>(limit - 1))));
    return std::clamp<std::int64_t>(middle - size / 2, 0, limit - size);
  };
  return {begin(centre.y, h, grid.height), begin(centre.x, w, grid.width), h, w};
}

std::vector<Located> locate(const Recording& recording, std::span<const std::int64_t> cells,
                            std::span<const Range> bins, std::int64_t search, std::int64_t first_lag,
                            std::int64_t last_lag, bool by_variance, const Context& context) {
  const FrameShape grid = recording.stimulus->shape();
  const auto inside = [&](const Place& place) {
    return place.x > -0.5 && place.y > -0.5 && place.x < static_cast<double>(grid.width) - 0.5 &&
           place.y < static_cast<double>(grid.height) - 0.5;
  };
  std::vector<Located> found(cells.size());
  std::vector<Window> stated(cells.size());  // empty where nothing is stated
  std::vector<Window> windows(cells.size(), whole(grid));
  std::vector<std::size_t> in_stated, on_grid;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::span<const std::int32_t> counts = recording.counts.row(cells[i]);
    std::int64_t spikes = 0, bins_in_all = 0;
    for (const Range& range : bins) {
      bins_in_all += range.size();
      for (std::int64_t bin = range.begin; bin < range.end; ++bin) spikes += counts[static_cast<std::size_t>(bin)];
    }
    if (spikes == 0) {
      found[i].error = "cell " + std::to_string(cells[i]) + " has no spikes in the " + counted(bins_in_all, "bin") +
                       " that train and validate";
      continue;
    }
    const auto cell = static_cast<std::size_t>(cells[i]);
    if (!recording.centers.empty() && inside(recording.centers[cell])) {
      const std::int64_t side = std::max(search, kSearchSide) | 1;
      stated[i] = window_around(recording.centers[cell], side, side, grid);
      windows[i] = stated[i];
      in_stated.push_back(i);
    } else {
      on_grid.push_back(i);
    }
  }
  const auto accept = [&](std::size_t i, const EvidenceMap& map, const Window& part, WindowSource source,
                          double alpha) {
    const Located candidate = best_place(map, part, source, alpha);
    if (!candidate.significant || at_edge(candidate.centre, part, grid)) return false;
    found[i] = candidate;
    return true;
  };

  maps_of(recording, in_stated, cells, windows, bins, first_lag, last_lag, TriggeredKind::contrast, context,
          [&](std::size_t i, const EvidenceMap& map) {
            if (accept(i, map, stated[i], WindowSource::average, kAlphaStated)) return;
            found[i] = best_place(map, stated[i], WindowSource::average, kAlphaStated);
            found[i].centre = recording.centers[static_cast<std::size_t>(cells[i])];
            found[i].significant = false;
            found[i].is_stated = true;
            on_grid.push_back(i);
          });
  std::sort(on_grid.begin(), on_grid.end());
  for (const std::size_t i : on_grid) windows[i] = whole(grid);
  std::vector<std::size_t> empty_average;
  maps_of(recording, on_grid, cells, windows, bins, first_lag, last_lag, TriggeredKind::contrast, context,
          [&](std::size_t i, const EvidenceMap& map) {
            if (accept(i, map, windows[i], WindowSource::average, kAlphaGrid)) return;
            if (stated[i].pixels() == 0) found[i] = best_place(map, windows[i], WindowSource::average, kAlphaGrid);
            empty_average.push_back(i);
          });
  if (!by_variance) return found;
  maps_of(recording, empty_average, cells, windows, bins, first_lag, last_lag, TriggeredKind::local, context,
          [&](std::size_t i, const EvidenceMap& map) {
            if (stated[i].pixels() > 0 && accept(i, map, stated[i], WindowSource::variance, kAlphaStated)) return;
            accept(i, map, windows[i], WindowSource::variance, kAlphaGrid);
          });
  return found;
}

std::vector<WindowResult> find_windows(const Recording& recording, std::span<const std::int64_t> cells,
                                       std::span<const Range> bins, std::int64_t size, std::int64_t lags,
                                       const Context& context) {
  if (size < 1) throw Error(ErrorKind::usage, "a window of " + counted(size, "pixel") + ", expected 1 or more");
  if (lags < 1) throw Error(ErrorKind::usage, counted(lags, "lag") + ", expected 1 or more");
  const FrameShape grid = recording.stimulus->shape();
  std::vector<WindowResult> results;
  for (const Located& located : locate(recording, cells, bins, size, 0, lags - 1, true, context)) {
    WindowResult result;
    result.error = located.error;
    if (located.error.empty())
      result.found = {window_around(located.centre, size, size, grid), located.centre, located.source, located.z};
    results.push_back(result);
  }
  return results;
}

}  // namespace plexiform
