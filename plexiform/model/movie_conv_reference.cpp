#include "plexiform/model/movie_conv.hpp"

namespace plexiform {

at::Tensor movie_conv_reference(const at::Tensor& block, const at::Tensor& filters, std::int64_t pad) {
  const at::Tensor movie = block.detach().to(at::kDouble).contiguous();
  const at::Tensor filter = filters.detach().to(at::kDouble).contiguous();
  const auto K = filter.size(0), L = filter.size(1), C = filter.size(2), f = filter.size(3), g = filter.size(4);
  const auto T = movie.size(0) - L + 1, H = movie.size(2), W = movie.size(3);
  at::Tensor out = at::zeros({T, K, H + 2 * pad - f + 1, W + 2 * pad - g + 1}, at::kDouble);
  const auto b = movie.accessor<double, 4>();
  const auto w = filter.accessor<double, 5>();
  auto o = out.accessor<double, 4>();
  for (std::int64_t t = 0; t < T; ++t)
    for (std::int64_t k = 0; k < K; ++k)
      for (std::int64_t y = 0; y < out.size(2); ++y)
        for (std::int64_t x = 0; x < out.size(3); ++x)
          for (std::int64_t l = 0; l < L; ++l)
            for (std::int64_t c = 0; c < C; ++c)
              for (std::int64_t i = 0; i < f; ++i)
                for (std::int64_t j = 0; j < g; ++j) {
                  const auto row = y + i - pad, column = x + j - pad;
                  if (row < 0 || row >= H || column < 0 || column >= W) continue;
                  o[t][k][y][x] += w[k][l][c][i][j] * b[t + L - 1 - l][c][row][column];
                }
  return out;
}

}  // namespace plexiform
