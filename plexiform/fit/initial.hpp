#pragma once
#include <ATen/ATen.h>

#include <cstdint>

#include "plexiform/fit/dataset.hpp"
#include "plexiform/form/model_settings.hpp"
#include "plexiform/model/network.hpp"

namespace plexiform {

/// What the training chunks show before any fit.
struct FirstLook {
  at::Tensor average;     ///< spike-triggered average [lag, channel * height * width]
  at::Tensor temporal;    ///< [lag], unit norm: first singular vector of the average; where the average is empty, the
                          ///< leading eigenvector of the spike-triggered covariance over lags, pooled over 3 x 3 boxes
  at::Tensor spatial;     ///< [channel, height, width], peak positive (zeros where the average is empty)
  bool empty = false;     ///< the average holds no significant structure
  double mean_count = 0;  ///< spikes per bin
};

/// `empty`: the spike-triggered average is known to hold no structure (recording/spike_triggered.hpp tells).
/// Throws Error{data} if the training chunks hold no spike.
FirstLook first_look(const Dataset& data, bool empty);

/// A network to begin with: filters from the first look (a small Gaussian, or the average itself where filters are as
/// large as the window), the map from the envelope of the average; or all at random (Glorot and Bengio 2010). Starts
/// after the first vary widths and add noise. The output is set so that the mean rate is right.
Network initial_network(const Dataset& data, const FirstLook& look, const ModelSettings& model, StartFrom from,
                        std::uint64_t seed, std::int64_t start);

}  // namespace plexiform
