#include "plexiform/network_map/cell_movie.hpp"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

#include "plexiform/model/torch_threads.hpp"
#include "plexiform/network_map/candidates.hpp"
#include "plexiform/network_map/thresholds.hpp"

namespace plexiform {
namespace {

std::vector<double> temporal_filter_of(const Network& network) {
  const auto peaks = joined_candidates(network);
  const at::Tensor time = (peaks.empty() ? filter_parts(network, 0).temporal : peaks.front().temporal).contiguous();
  return {time.const_data_ptr<double>(), time.const_data_ptr<double>() + time.numel()};
}

std::int64_t block_length(const Recording& recording, const Split& split, double block_seconds, std::int64_t lags) {
  using namespace thresholds;
  const auto frames = total(split.train()) + total(split.validation());
  const auto usual = std::max<std::int64_t>(kLongBlock, std::llround(block_seconds * bins_per_second(recording)));
  return std::max(kBlockFilters * lags, std::min(usual, frames / kLeastBlocks));
}

/// A filter of centre and surround can have its peak in the surround: then the temporal filter's sign is the
/// surround's, and what drives the cell would be negative everywhere.
void turn_towards_spikes(CellMovie& cell) {
  const at::Tensor average = at::mv(cell.movie.values.t(), cell.movie.counts);
  if (-average.min().item<float>() <= average.max().item<float>()) return;
  cell.movie.values.neg_();
  for (double& t : cell.temporal) t = -t;
}

}  // namespace

CellMovie cell_movie(const CellFit& fit, const Recording& recording, const Split& split, double block_seconds,
                     const Context& context) {
  at::NoGradGuard no_gradient;
  const OneTorchThread one_thread;
  CellMovie cell;
  cell.temporal = temporal_filter_of(network_of(fit));
  const auto longest = block_length(recording, split, block_seconds, static_cast<std::int64_t>(cell.temporal.size()));
  cell.movie = filter_movie(recording, fit.cell, fit.window.window, cell.temporal, split, longest, context);
  if (network_of(fit).settings.subunits != SubunitNonlinearity::squared) turn_towards_spikes(cell);
  return cell;
}

}  // namespace plexiform
