#include "plexiform/reveal/view.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "plexiform/recording/spike_triggered.hpp"
#include "plexiform/recording/windows.hpp"
#include "plexiform/reveal/thresholds.hpp"

namespace plexiform::reveal {
namespace {

using namespace thresholds;

/// A spike-triggered average in units of its noise, [lag, y, x].
struct Average {
  NdArray<double> z;
  std::int64_t lags() const { return z.shape[0]; }
  std::int64_t height() const { return z.shape[1]; }
  std::int64_t width() const { return z.shape[2]; }
  double at(std::int64_t lag, std::int64_t y, std::int64_t x) const {
    return z.values[static_cast<std::size_t>((lag * height() + y) * width() + x)];
  }
};

/// Its noise is the median magnitude, of pixels that vary: what a field adds to few values does not move that.
Average in_noise(const NdArray<double>& average) {
  std::vector<double> magnitudes;
  for (const double v : average.values)
    if (v != 0) magnitudes.push_back(std::abs(v));
  if (magnitudes.empty()) magnitudes.push_back(0);
  const auto middle = magnitudes.begin() + static_cast<std::ptrdiff_t>(magnitudes.size() / 2);
  std::nth_element(magnitudes.begin(), middle, magnitudes.end());
  constexpr double kMedianOfNormal = 0.6744897501960817;
  const double noise = std::max(*middle / kMedianOfNormal, 1e-300);
  Average out{NdArray<double>({average.shape[1], average.shape[2], average.shape[3]})};
  for (std::size_t i = 0; i < average.values.size(); ++i) out.z.values[i] = average.values[i] / noise;
  return out;
}

/// A sum of so many squared normal numbers as a normal one.
double normal_of(double squares, double count) {
  return (squares - count) / std::sqrt(2 * count);
}

/// Pixels that stand out over lags, pooled over 3 x 3 of them, and lags that stand out there.
struct Extent {
  Range x, y;  ///< pixels of the average
  std::int64_t last_lag = -1;
  bool any() const { return x.size() > 0; }
};

Extent extent_of(const Average& average, std::int64_t usual_lags) {
  Extent extent;
  for (std::int64_t y = 0; y < average.height(); ++y)
    for (std::int64_t x = 0; x < average.width(); ++x) {
      double squares = 0, count = 0;
      for (auto v = std::max<std::int64_t>(y - 1, 0); v <= std::min(y + 1, average.height() - 1); ++v)
        for (auto u = std::max<std::int64_t>(x - 1, 0); u <= std::min(x + 1, average.width() - 1); ++u)
          for (std::int64_t l = 0; l < usual_lags; ++l) squares += average.at(l, v, u) * average.at(l, v, u), ++count;
      if (normal_of(squares, count) < kStandsOut) continue;
      if (!extent.any()) extent.x = {x, x + 1}, extent.y = {y, y + 1};
      extent.x = {std::min(extent.x.begin, x), std::max(extent.x.end, x + 1)};
      extent.y = {std::min(extent.y.begin, y), std::max(extent.y.end, y + 1)};
    }
  for (std::int64_t l = 0; l < average.lags(); ++l) {
    double squares = 0, count = 0;
    for (auto y = extent.y.begin; y < extent.y.end; ++y)
      for (auto x = extent.x.begin; x < extent.x.end; ++x)
        squares += average.at(l, y, x) * average.at(l, y, x), ++count;
    if (count > 0 && normal_of(squares, count) > kStandsOut) extent.last_lag = l;
  }
  return extent;
}

/// Whether a range ends at a border behind which the grid goes on.
bool cut(const Range& range, std::int64_t size, std::int64_t begin, std::int64_t limit) {
  return (range.begin == 0 && begin > 0) || (range.end == size && begin + size < limit);
}

Range with_margin(const Range& range, std::int64_t begin, std::int64_t limit) {
  const auto wanted = std::max(range.size() + 2 * kMargin, kUsualSide);
  const auto middle = begin + (range.begin + range.end) / 2;
  const auto size = std::min(wanted, limit);
  const auto first = std::clamp<std::int64_t>(middle - size / 2, 0, limit - size);
  return {first, first + size};
}

}  // namespace

View choose_view(const Recording& recording, std::int64_t cell, const Place& centre, std::span<const Range> bins,
                 const Context& context) {
  const FrameShape grid = recording.stimulus->shape();
  const auto usual = std::max<std::int64_t>(std::llround(kHistorySeconds * bins_per_second(recording)), kFewestLags);
  View view{window_around(centre, kUsualSide, kUsualSide, grid), usual, false};
  const std::int64_t cells[] = {cell};
  for (auto side = 2 * kUsualSide;; side *= 2) {
    const Window looked_at = window_around(centre, side, side, grid);
    const Average average =
        in_noise(spike_triggered_average(recording, cells, bins, looked_at, 0, 2 * usual - 1, context));
    const Extent extent = extent_of(average, usual);
    if (!extent.any()) return view;
    const bool goes_on = cut(extent.x, looked_at.width, looked_at.x, grid.width) ||
                         cut(extent.y, looked_at.height, looked_at.y, grid.height);
    if (goes_on && side < kWidestLook) continue;
    const Range x = with_margin(extent.x, looked_at.x, grid.width), y = with_margin(extent.y, looked_at.y, grid.height);
    view.window = {y.begin, x.begin, y.size(), x.size()};
    const auto seen = extent.last_lag + 1;
    view.lags = std::min(std::max(usual, seen + (seen + 3) / 4), 2 * usual);
    view.field_seen = true;
    return view;
  }
}

}  // namespace plexiform::reveal
