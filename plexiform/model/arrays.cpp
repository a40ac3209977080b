#include "plexiform/model/arrays.hpp"

namespace plexiform {

NdArray<float> to_array(const at::Tensor& tensor) {
  const at::Tensor values = tensor.to(at::kFloat).contiguous();
  NdArray<float> array;
  array.shape.assign(values.sizes().begin(), values.sizes().end());
  array.values.assign(values.data_ptr<float>(), values.data_ptr<float>() + values.numel());
  return array;
}

}  // namespace plexiform
