#pragma once
#include <ATen/ATen.h>

#include <cstdint>

namespace plexiform {

/// Convolution of a movie with space-time filters, without cutting the movie into windows:
///   out[t, k, y, x] = sum_{l, c, i, j} filters[k, l, c, i, j] * block[t + L - 1 - l, c, y + i - pad, x + j - pad]
/// block: [T + L - 1, C, H, W]; filters: [K, L, C, f, g] -> [T, K, H + 2 pad - f + 1, W + 2 pad - g + 1]; outside of
/// the block's pixels the contrast is 0. Differentiable in both. In single precision the kernels of the room compute
/// do the work, on at::get_num_threads() threads (algorithm.hpp says which); other types go through ATen's conv3d.
/// Throws InternalError if the shapes do not fit.
at::Tensor movie_conv(const at::Tensor& block, const at::Tensor& filters, std::int64_t pad);

/// The same for filters[k, l] = temporal[k, l] * spatial[k]; spatial: [K, C, f, g], temporal: [K, L].
at::Tensor separable_movie_conv(const at::Tensor& block, const at::Tensor& spatial, const at::Tensor& temporal,
                                std::int64_t pad);

/// Seven loops in double: the definition that the tests and the reader use. Not differentiable.
at::Tensor movie_conv_reference(const at::Tensor& block, const at::Tensor& filters, std::int64_t pad);

}  // namespace plexiform
