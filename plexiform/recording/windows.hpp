#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plexiform/recording/evidence.hpp"
#include "plexiform/recording/spike_triggered.hpp"

namespace plexiform {

/// Where a cell's evidence is. `significant` is corrected for the number of pixels that were looked at.
struct Located {
  Place centre;
  WindowSource source = WindowSource::average;
  double z = 0;
  bool significant = false;
  bool is_stated = false;  ///< nothing significant was found, and the centre is the stated one
  std::string error;       ///< a cell without spikes
};

/// The best place of a map inside `part`, which lies in the map's window: the centre of gravity of what stands out
/// around the peak. Significant where the peak is, of all that is looked at, with a false alarm of probability `alpha`.
Located best_place(const EvidenceMap& map, const Window& part, WindowSource source, double alpha);

/// Whether evidence lies so near the edge of `part` that its peak may be outside, where the grid continues.
bool at_edge(const Place& place, const Window& part, const FrameShape& grid);

/// find_windows before the window is cut: lags first_lag .. last_lag may look ahead of the spikes; cells whose average
/// is empty are searched by their variance only where `by_variance` says so. Throws Interrupted on a stop request.
std::vector<Located> locate(const Recording& recording, std::span<const std::int64_t> cells,
                            std::span<const Range> bins, std::int64_t search, std::int64_t first_lag,
                            std::int64_t last_lag, bool by_variance, const Context& context);

/// height x width pixels around a place (cut to the grid where it is smaller), moved inwards at the borders.
Window window_around(const Place& centre, std::int64_t height, std::int64_t width, const FrameShape& grid);

}  // namespace plexiform
