#include <algorithm>

#include "plexiform/model/movie_conv.hpp"

namespace plexiform::movie_conv_algorithms {
namespace {

/// Frames of one banded product: short enough that the band (chunk + L - 1 of chunk columns) is not mostly zeros.
std::int64_t chunk_frames(std::int64_t lags) {
  return std::clamp<std::int64_t>(2 * lags, 16, 64);
}

/// [K, chunk, chunk + L - 1]: row r holds the temporal filter so that it meets frames r .. r + L - 1, lag 0 last.
at::Tensor banded(const at::Tensor& temporal, std::int64_t chunk) {
  const auto K = temporal.size(0), L = temporal.size(1), width = chunk + L - 1;
  // Rows of length width + 1 with the filter at their start are, read with rows of length width, shifted by one each.
  const at::Tensor rows =
      at::constant_pad_nd(temporal.flip({1}).unsqueeze(1).expand({K, chunk, L}), {0, width + 1 - L});
  return rows.reshape({K, chunk * (width + 1)}).narrow(1, 0, chunk * width).reshape({K, chunk, width});
}

/// Filters each column of values [frames, columns] over time; T = frames - L + 1. temporal: [K, L] -> [K, T, columns].
/// With columns_of_filter, filter k sees only its own share of the columns: values [frames, K, columns].
at::Tensor over_time(const at::Tensor& values, const at::Tensor& temporal) {
  const auto K = temporal.size(0), L = temporal.size(1);
  const bool per_filter = values.dim() == 3;
  const auto columns = values.size(-1), frames = values.size(0), T = frames - L + 1;
  const auto chunk = std::min(chunk_frames(L), T), whole = T / chunk, rest = T - whole * chunk;

  const auto piece = [&](std::int64_t first, std::int64_t count, std::int64_t length) {
    // [count, (K,) length + L - 1, columns], overlapping views of the movie: nothing is copied.
    const at::Tensor part = values.narrow(0, first, count * length + L - 1).unfold(0, length + L - 1, length);
    const at::Tensor band = banded(temporal, length);
    at::Tensor out;
    if (per_filter)  // part [count, K, columns, length + L - 1]
      out = at::matmul(band.unsqueeze(0), part.transpose(2, 3)).transpose(0, 1);
    else  // part [count, columns, length + L - 1]
      out = at::matmul(band.unsqueeze(1), part.transpose(1, 2).unsqueeze(0));
    return out.reshape({K, count * length, columns});
  };
  at::Tensor out = piece(0, whole, chunk);
  if (rest > 0) out = at::cat({out, piece(whole * chunk, 1, rest)}, 1);
  return out;
}

/// For each position and pixel the index of the filter's weight between them, or that of an extra weight 0:
/// [positions, H * W], into the f * g + 1 weights of one filter and channel.
at::Tensor toeplitz_index(std::int64_t H, std::int64_t W, std::int64_t f, std::int64_t g, std::int64_t pad) {
  const auto rows = H + 2 * pad - f + 1, columns = W + 2 * pad - g + 1;
  at::Tensor index = at::full({rows * columns, H * W}, f * g, at::kLong);
  auto at_index = index.accessor<std::int64_t, 2>();
  for (std::int64_t y = 0; y < rows; ++y)
    for (std::int64_t x = 0; x < columns; ++x)
      for (std::int64_t i = std::max<std::int64_t>(0, pad - y); i < std::min(f, H + pad - y); ++i)
        for (std::int64_t j = std::max<std::int64_t>(0, pad - x); j < std::min(g, W + pad - x); ++j)
          at_index[y * columns + x][(y + i - pad) * W + x + j - pad] = i * g + j;
  return index;
}

/// [K, C * H * W, positions]: the matrix that takes a frame's pixels to the filter's response at each position.
at::Tensor toeplitz(const at::Tensor& spatial, std::int64_t H, std::int64_t W, std::int64_t pad) {
  const auto K = spatial.size(0), C = spatial.size(1), f = spatial.size(2), g = spatial.size(3);
  const at::Tensor index = toeplitz_index(H, W, f, g, pad);
  const at::Tensor weights = at::constant_pad_nd(spatial.reshape({K * C, f * g}), {0, 1});
  const at::Tensor dense = at::index_select(weights, 1, index.reshape({-1}));
  const auto positions = index.size(0);
  return dense.reshape({K, C, positions, H * W}).permute({0, 1, 3, 2}).reshape({K, C * H * W, positions});
}

struct Sizes {
  std::int64_t T, K, C, H, W, rows, columns;
};

Sizes sizes(const at::Tensor& block, const at::Tensor& spatial, const at::Tensor& temporal, std::int64_t pad) {
  return {block.size(0) - temporal.size(1) + 1,
          spatial.size(0),
          block.size(1),
          block.size(2),
          block.size(3),
          block.size(2) + 2 * pad - spatial.size(2) + 1,
          block.size(3) + 2 * pad - spatial.size(3) + 1};
}

}  // namespace

at::Tensor separable_time_first(const at::Tensor& block, const at::Tensor& spatial, const at::Tensor& temporal,
                                std::int64_t pad) {
  const auto n = sizes(block, spatial, temporal, pad);
  const at::Tensor filtered = over_time(block.reshape({block.size(0), n.C * n.H * n.W}), temporal);  // [K, T, C H W]
  const at::Tensor out = at::bmm(filtered, toeplitz(spatial, n.H, n.W, pad));  // [K, T, positions]
  return out.transpose(0, 1).reshape({n.T, n.K, n.rows, n.columns});
}

at::Tensor separable_space_first(const at::Tensor& block, const at::Tensor& spatial, const at::Tensor& temporal,
                                 std::int64_t pad) {
  const auto n = sizes(block, spatial, temporal, pad);
  const at::Tensor matrix = toeplitz(spatial, n.H, n.W, pad).permute({1, 0, 2}).reshape({n.C * n.H * n.W, -1});
  const at::Tensor seen = at::mm(block.reshape({block.size(0), n.C * n.H * n.W}), matrix);
  const at::Tensor out = over_time(seen.reshape({block.size(0), n.K, n.rows * n.columns}), temporal);
  return out.transpose(0, 1).reshape({n.T, n.K, n.rows, n.columns});
}

at::Tensor separable_conv2d(const at::Tensor& block, const at::Tensor& spatial, const at::Tensor& temporal,
                            std::int64_t pad) {
  const auto n = sizes(block, spatial, temporal, pad);
  const at::Tensor seen = at::conv2d(block, spatial, {}, 1, pad);  // [T + L - 1, K, rows, columns]
  const at::Tensor out = over_time(seen.reshape({block.size(0), n.K, n.rows * n.columns}), temporal);
  return out.transpose(0, 1).reshape({n.T, n.K, n.rows, n.columns});
}

}  // namespace plexiform::movie_conv_algorithms
