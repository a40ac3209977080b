#pragma once
#include <ATen/ATen.h>

#include "plexiform/base/ndarray.hpp"

namespace plexiform {

/// A tensor as a plain array of the same shape, in single precision.
NdArray<float> to_array(const at::Tensor& tensor);

}  // namespace plexiform
