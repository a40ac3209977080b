#pragma once
#include <ATen/ATen.h>

#include <cstdint>

namespace plexiform {

/// Convolution of a movie with space-time filters, without cutting the movie into windows:
///   out[t, k, y, x] = sum_{l, c, i, j} filters[k, l, c, i, j] * block[t + L - 1 - l, c, y + i - pad, x + j - pad]
/// block: [T + L - 1, C, H, W]; filters: [K, L, C, f, g] -> [T, K, H + 2 pad - f + 1, W + 2 pad - g + 1]; outside of
/// the block's pixels the contrast is 0. Differentiable in both. Throws InternalError where the shapes do not fit.
at::Tensor movie_conv(const at::Tensor& block, const at::Tensor& filters, std::int64_t pad);

/// The same for filters[k, l] = temporal[k, l] * spatial[k]; spatial: [K, C, f, g], temporal: [K, L].
at::Tensor separable_movie_conv(const at::Tensor& block, const at::Tensor& spatial, const at::Tensor& temporal,
                                std::int64_t pad);

/// Seven loops in double: the definition that the tests and the reader use. Not differentiable.
at::Tensor movie_conv_reference(const at::Tensor& block, const at::Tensor& filters, std::int64_t pad);

namespace movie_conv_algorithms {

/// ATen's conv3d over [1, C, T + L - 1, H, W].
at::Tensor conv3d(const at::Tensor& block, const at::Tensor& filters, std::int64_t pad);

/// Separable, for windows up to a few hundred pixels: time first as banded products (chunks of frames times a small
/// Toeplitz matrix of the temporal filter), then space as one dense product with the filter's Toeplitz matrix
/// [positions, pixels]. More operations than a direct convolution, all of them in GEMM. T K H W (4 L + 2 H' W') flops.
at::Tensor separable_time_first(const at::Tensor& block, const at::Tensor& spatial, const at::Tensor& temporal,
                                std::int64_t pad);

/// Separable, for few positions (LN: one): space first, then time on what is left.
at::Tensor separable_space_first(const at::Tensor& block, const at::Tensor& spatial, const at::Tensor& temporal,
                                 std::int64_t pad);

/// Separable, for large windows: ATen's conv2d, then time.
at::Tensor separable_conv2d(const at::Tensor& block, const at::Tensor& spatial, const at::Tensor& temporal,
                            std::int64_t pad);

}  // namespace movie_conv_algorithms
}  // namespace plexiform
