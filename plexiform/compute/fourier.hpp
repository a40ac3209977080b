#pragma once
#include <cstddef>
#include <vector>

namespace plexiform {

/// The smallest m >= n whose prime factors are 2, 3 and 5.
std::size_t fourier_size(std::size_t n);

/// Complex discrete Fourier transforms of one length: factors and twiddles for Stockham's self-sorting form (Van Loan,
/// Computational Frameworks for the FFT, 1992, section 1.7). A stage of radix r turns x[q + s (p + m j)] into
/// y[q + s (r p + i)] = exp(-2 pi i p i / (r m)) sum_j x[..j] exp(-2 pi i i j / r), with m = n / (s r).
struct FourierPlan {
  struct Stage {
    std::size_t radix = 1, m = 1, s = 1;
    std::vector<float> twiddles;  ///< [p, i = 1 .. radix - 1, (cosine, sine)]
  };
  std::size_t n = 1;
  std::vector<Stage> stages;
};
/// Throws InternalError if n has other prime factors.
FourierPlan make_fourier_plan(std::size_t n);

}  // namespace plexiform
