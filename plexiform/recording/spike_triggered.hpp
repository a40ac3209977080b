#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "plexiform/base/ndarray.hpp"
#include "plexiform/recording/recording.hpp"

namespace plexiform {

/// Spike-triggered average of several cells over the given bins: [cell, lag, height, width] of `window`,
///   sta[l] = sum_t counts[t] (stimulus[t - l] - mean stimulus) / sum_t counts[t],
/// lags first_lag .. last_lag inclusive; negative lags look ahead of the spike. Bins whose frames for these lags are not
/// all known are left out. Contrast units; channels are averaged. Streams over the stimulus.
/// Source: Chichilnisky 2001, Network 12:199.
NdArray<double> spike_triggered_average(const Recording& recording, std::span<const std::int64_t> cells,
                                        std::span<const Range> bins, const Window& window, std::int64_t first_lag,
                                        std::int64_t last_lag);

/// How a window was found.
enum class WindowSource { average, variance };

struct CellWindow {
  Window window;
  Place centre;          ///< where the evidence is, in pixels of the stimulus
  WindowSource source = WindowSource::average;
  double z = 0;          ///< the peak in standard errors of its kind
};

/// A window of size x size pixels around each cell, moved inwards at the borders; the whole grid where it is no larger
/// than `size`. The centre is the peak of the spike-triggered average (its energy over lags, 3 x 3 pixels pooled); where
/// that is not significant, of the excess spike-triggered covariance between lags and with the neighbouring pixels, which
/// sees cells whose average is empty (subunits that square). A stated centre is tried first and is left for the peak on
/// the whole grid where it holds no significant structure. Uses `bins` only (training and validation).
/// A cell without spikes gets an Error{data} in its place.
struct WindowResult {
  CellWindow found;
  std::string error;  ///< why there is no window, or empty
};
std::vector<WindowResult> find_windows(const Recording& recording, std::span<const std::int64_t> cells,
                                       std::span<const Range> bins, std::int64_t size, std::int64_t lags);

}  // namespace plexiform
