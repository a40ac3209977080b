#include "plexiform/model/movie_conv.hpp"

#include <string>

#include "plexiform/base/error.hpp"

namespace plexiform {
namespace {

/// Up to here the dense product over space (quadratic in the pixels) beats a direct convolution.
constexpr std::int64_t kDensePixels = 700;
/// Up to so many responses a frame it pays to go over space first.
constexpr std::int64_t kFewResponses = 16;

void check(bool fits, const at::Tensor& block, const at::Tensor& filters) {
  if (fits) return;
  std::string text = "movie_conv: block";
  for (const auto n : block.sizes()) text += " " + std::to_string(n);
  text += ", filters";
  for (const auto n : filters.sizes()) text += " " + std::to_string(n);
  throw InternalError(text);
}

}  // namespace

at::Tensor movie_conv_algorithms::conv3d(const at::Tensor& block, const at::Tensor& filters, std::int64_t pad) {
  const at::Tensor movie = block.transpose(0, 1).unsqueeze(0);               // [1, C, T + L - 1, H, W]
  const at::Tensor kernel = filters.flip({1}).transpose(1, 2).contiguous();  // [K, C, L, f, g], lag 0 last
  const std::int64_t padding[] = {0, pad, pad};
  return at::conv3d(movie, kernel, {}, {1, 1, 1}, padding).squeeze(0).transpose(0, 1);
}

at::Tensor movie_conv(const at::Tensor& block, const at::Tensor& filters, std::int64_t pad) {
  check(block.dim() == 4 && filters.dim() == 5 && block.size(1) == filters.size(2) &&
            block.size(0) >= filters.size(1) && block.size(2) + 2 * pad >= filters.size(3) &&
            block.size(3) + 2 * pad >= filters.size(4),
        block, filters);
  return movie_conv_algorithms::conv3d(block, filters, pad);
}

at::Tensor separable_movie_conv(const at::Tensor& block, const at::Tensor& spatial, const at::Tensor& temporal,
                                std::int64_t pad) {
  check(block.dim() == 4 && spatial.dim() == 4 && temporal.dim() == 2 && block.size(1) == spatial.size(1) &&
            spatial.size(0) == temporal.size(0) && block.size(0) >= temporal.size(1) &&
            block.size(2) + 2 * pad >= spatial.size(2) && block.size(3) + 2 * pad >= spatial.size(3),
        block, spatial);
  const auto pixels = block.size(1) * block.size(2) * block.size(3);
  const auto positions =
      (block.size(2) + 2 * pad - spatial.size(2) + 1) * (block.size(3) + 2 * pad - spatial.size(3) + 1);
  if (spatial.size(0) * positions <= kFewResponses)
    return movie_conv_algorithms::separable_space_first(block, spatial, temporal, pad);
  if (pixels <= kDensePixels) return movie_conv_algorithms::separable_time_first(block, spatial, temporal, pad);
  return movie_conv_algorithms::separable_conv2d(block, spatial, temporal, pad);
}

}  // namespace plexiform
