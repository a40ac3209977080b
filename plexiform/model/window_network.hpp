#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

#include "plexiform/model/network.hpp"

namespace plexiform {

/// Subunits that each see the whole window, with one temporal filter, x_t being the frame that it gives:
///   rate_t = s log(1 + exp((offset + sum_k weight_k f(spatial_k . x_t + bias_k)) / s)),   spikes per frame.
struct WindowFilters {
  at::Tensor spatial;            ///< double [filter, height * width], of channels averaged
  std::vector<double> temporal;  ///< [lag]
  std::vector<double> weight;    ///< [filter]
  std::vector<double> bias;      ///< [filter], or empty for 0
  SubunitNonlinearity nonlinearity = SubunitNonlinearity::relu;
  MapKind map = MapKind::nonnegative;
  double log_softness = 0;  ///< log s
  double offset = 0;
};

/// The same as a network: a filter as large as the window, in one position, for each of them.
Network window_network(const WindowFilters& filters, const FrameShape& input, std::int64_t window);

}  // namespace plexiform
