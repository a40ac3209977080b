#include "plexiform/recording/spike_triggered.hpp"

#include <algorithm>

#include "plexiform/base/error.hpp"
#include "plexiform/recording/triggered_sums.hpp"

namespace plexiform {

NdArray<double> spike_triggered_average(const Recording& recording, std::span<const std::int64_t> cells,
                                        std::span<const Range> bins, const Window& window, std::int64_t first_lag,
                                        std::int64_t last_lag, const Context& context) {
  std::vector<TriggeredJob> jobs;
  for (const std::int64_t cell : cells) jobs.push_back({cell, window});
  const TriggeredSums<double> sums =
      triggered_sums<double>(recording, jobs, bins, first_lag, last_lag, TriggeredKind::contrast, context);
  NdArray<double> average({static_cast<std::int64_t>(cells.size()), sums.lags, window.height, window.width});
  for (std::size_t i = 0; i < sums.jobs.size(); ++i) {
    const TriggeredSum<double>& job = sums.jobs[i];
    if (job.spikes == 0) continue;
    std::transform(job.sums.begin(), job.sums.end(), average.row(static_cast<std::int64_t>(i)).begin(),
                   [&](double sum) { return sum / job.spikes; });
  }
  return average;
}

}  // namespace plexiform
