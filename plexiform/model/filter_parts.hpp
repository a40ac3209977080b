#pragma once
#include <ATen/ATen.h>

#include <cstdint>

#include "plexiform/model/network.hpp"

namespace plexiform {

/// A filter in space and in time, mean over channels; of a filter that is not separable the first singular vectors.
struct FilterParts {
  at::Tensor spatial;   ///< double [rows, columns], unit norm, peak positive
  at::Tensor temporal;  ///< double [lag], unit norm
};
FilterParts filter_parts(const Network& network, std::int64_t filter);

}  // namespace plexiform
