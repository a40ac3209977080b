#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/recording/thresholds.hpp"

namespace plexiform {

/// What is averaged over spikes.
///
/// contrast: the contrast itself, one feature.
///
/// local: |sum of the contrast over a small box of pixels and frames|, a feature for each of kLocalBoxes. Its average
/// over spikes is a projection of the spike-triggered covariance, and shows subunits that square.
enum class TriggeredKind { contrast, local };

using thresholds::recording::kLocalBoxes;
using thresholds::recording::LocalBox;

/// Frames before its own that a feature needs.
constexpr std::int64_t feature_reach(TriggeredKind kind, std::size_t feature) {
  return kind == TriggeredKind::contrast ? 0 : kLocalBoxes[feature].frames - 1;
}

/// A cell and the pixels that are asked for.
struct TriggeredJob {
  std::int64_t cell = 0;
  Window window;
};

/// The sums of one job, and what their variance would be if the cell did not see these pixels.
template <class A>
struct TriggeredSum {
  std::int64_t cell = 0;
  Window window;
  /// [feature, lag, y, x], sum_t counts[t] (feature[t - lag] - mean); 0 where a box reaches beyond the last lag.
  std::vector<A> sums;
  double spikes = 0;  ///< sum_t counts[t]
  double spread = 0;  ///< sum_t (counts[t] - mean count)^2: variance of a sum where the feature has variance 1
  /// [distance], correlation of the counts with themselves so many frames later: what sums at two lags share.
  std::vector<double> correlation;
};

template <class A>
struct TriggeredSums {
  TriggeredKind kind = TriggeredKind::contrast;
  std::int64_t features = 1;
  std::int64_t lags = 0;
  std::int64_t first_lag = 0;
  std::vector<TriggeredSum<A>> jobs;
  Window bounds;                 ///< rectangle around all windows
  std::vector<double> variance;  ///< [feature, y, x] of `bounds`, over the frames; 0 where a feature never changes

  double variance_at(std::int64_t feature, std::int64_t y, std::int64_t x) const {
    return variance[static_cast<std::size_t>((feature * bounds.height + y - bounds.y) * bounds.width + x - bounds.x)];
  }
};

/// Streams once over the stimulus. `bins` whose frames at lags first_lag .. last_lag are not all known are left out.
/// The mean of a feature is that of its pixel over all frames read; channels are averaged. A: float or double. The same
/// bits on any number of threads. Throws Interrupted on a stop request.
template <class A>
TriggeredSums<A> triggered_sums(const Recording& recording, std::span<const TriggeredJob> jobs,
                                std::span<const Range> bins, std::int64_t first_lag, std::int64_t last_lag,
                                TriggeredKind kind, const Context& context = {});

}  // namespace plexiform
