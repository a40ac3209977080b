#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/base/ndarray.hpp"
#include "plexiform/recording/recording.hpp"

namespace plexiform {

/// Spike-triggered average of several cells over the given bins: [cell, lag, height, width] of `window`,
///   sta[l] = sum_t counts[t] (stimulus[t - l] - mean stimulus) / sum_t counts[t],
/// lags first_lag .. last_lag inclusive (last_lag >= 0); negative lags look ahead of the spike. Bins whose frames for
/// these lags are not all known are left out. The mean is that of each pixel over all frames read. Contrast units;
/// channels are averaged; 0 for a cell without spikes. Streams once over the stimulus. The same bits on any number of
/// threads. Throws Interrupted on a stop request.
/// Source: Chichilnisky 2001, Network 12:199.
NdArray<double> spike_triggered_average(const Recording& recording, std::span<const std::int64_t> cells,
                                        std::span<const Range> bins, const Window& window, std::int64_t first_lag,
                                        std::int64_t last_lag, const Context& context = {});

/// How a window was found.
enum class WindowSource { average, variance };

struct CellWindow {
  Window window;
  Place centre;  ///< where the evidence is, in pixels of the stimulus
  WindowSource source = WindowSource::average;
  double z = 0;  ///< the peak in standard errors of its kind
};

/// A window of size x size pixels around each cell, moved inwards at the borders; cut to the grid where that is
/// smaller.
///
/// The evidence at a pixel is the energy of the spike-triggered average over lags, pooled over 3 x 3 pixels, in
/// standard errors. Where it is nowhere significant, it is the average over spikes of |contrast summed over a small box
/// of pixels and frames| (WindowSource::variance), which sees cells whose average is empty because their subunits
/// square. The centre is the centre of gravity of what stands out around the peak. Both assume a stimulus that is
/// white.
///
/// A stated centre is tried first: 21 x 21 pixels around it (or size x size, if that is more). Where they hold nothing
/// significant the whole grid is searched; where that holds nothing either the stated centre is kept, or the highest
/// point, and `z` is small (below about 5). `bins` are those that may be looked at (training and validation).
/// A cell without spikes in them has `error` in the place of a window. The same bits on any number of threads. Throws
/// Interrupted on a stop request.
struct WindowResult {
  CellWindow found;
  std::string error;  ///< why there is no window, or empty
};
std::vector<WindowResult> find_windows(const Recording& recording, std::span<const std::int64_t> cells,
                                       std::span<const Range> bins, std::int64_t size, std::int64_t lags,
                                       const Context& context = {});

}  // namespace plexiform
