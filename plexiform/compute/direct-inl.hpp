// Convolution in space and in time by its definition, a register of lanes at a time.
#if defined(PLEXIFORM_COMPUTE_DIRECT_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef PLEXIFORM_COMPUTE_DIRECT_INL
#undef PLEXIFORM_COMPUTE_DIRECT_INL
#else
#define PLEXIFORM_COMPUTE_DIRECT_INL
#endif

#include "plexiform/compute/lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace plexiform {
namespace HWY_NAMESPACE {

/// R positions of a row; S sums for each, so that enough additions are under way at once.
template <int R>
HWY_INLINE void positions_of_row(const ConvShape& s, const float* frame, const float* weights, float* out) {
  constexpr int S = R >= 6 ? 1 : R >= 3 ? 2 : 4;
  const std::size_t row = s.padded_width() * kStrip, plane = s.padded_height() * row;
  Vector sums[R * S];
  for (int i = 0; i < R * S; ++i) sums[i] = zero();
  const float* w = weights;
  for (std::size_t c = 0; c < s.channels; ++c)
    for (std::size_t i = 0; i < s.filter_rows; ++i, w += s.filter_columns) {
      const float* line = frame + c * plane + i * row;
      std::size_t j = 0;
      for (; j + S <= s.filter_columns; j += S) {
#pragma GCC unroll 8
        for (int k = 0; k < S; ++k) {
          const Vector weight = broadcast(w[j + static_cast<std::size_t>(k)]);
          const float* at = line + (j + static_cast<std::size_t>(k)) * kStrip;
#pragma GCC unroll 8
          for (int r = 0; r < R; ++r)
            sums[k * R + r] = hn::MulAdd(load(at + static_cast<std::size_t>(r) * kStrip), weight, sums[k * R + r]);
        }
      }
      for (; j < s.filter_columns; ++j) {
        const Vector weight = broadcast(w[j]);
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r)
          sums[r] = hn::MulAdd(load(line + (j + static_cast<std::size_t>(r)) * kStrip), weight, sums[r]);
      }
    }
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) {
    Vector sum = sums[r];
    for (int k = 1; k < S; ++k) sum = hn::Add(sum, sums[k * R + r]);
    store(sum, out + static_cast<std::size_t>(r) * kStrip);
  }
}

/// out[position, lane] = sum over taps of weights[tap] frame[position + tap]; frame as FrameReader::unpack leaves it.
HWY_INLINE void filter_frame(const ConvShape& s, const float* frame, const float* weights, float* out) {
  for (std::size_t y = 0; y < s.rows(); ++y) {
    const float* at = frame + y * s.padded_width() * kStrip;
    float* to = out + y * s.columns() * kStrip;
    in_pieces(s.columns(), [&](std::size_t x, auto size) HWY_ATTR {
      positions_of_row<decltype(size)::value>(s, at + x * kStrip, weights, to + x * kStrip);
    });
  }
}

/// B neighbouring taps of a filter's row: sums over all positions.
template <int B>
HWY_INLINE void taps_of_row(const ConvShape& s, const float* frame, const float* gradient, float* sums) {
  constexpr int U = B <= 6 ? 2 : 1;
  Vector held[U * B];
  for (int b = 0; b < B; ++b) held[b] = load(sums + static_cast<std::size_t>(b) * kStrip);
  for (int b = B; b < U * B; ++b) held[b] = zero();
  for (std::size_t y = 0; y < s.rows(); ++y) {
    const float* at = frame + y * s.padded_width() * kStrip;
    const float* from = gradient + y * s.columns() * kStrip;
    std::size_t x = 0;
    for (; x + U <= s.columns(); x += U) {
#pragma GCC unroll 2
      for (int u = 0; u < U; ++u) {
        const Vector g = load(from + (x + static_cast<std::size_t>(u)) * kStrip);
#pragma GCC unroll 8
        for (int b = 0; b < B; ++b)
          held[u * B + b] = hn::MulAdd(g, load(at + (x + static_cast<std::size_t>(u + b)) * kStrip), held[u * B + b]);
      }
    }
    for (; x < s.columns(); ++x) {
      const Vector g = load(from + x * kStrip);
#pragma GCC unroll 8
      for (int b = 0; b < B; ++b)
        held[b] = hn::MulAdd(g, load(at + (x + static_cast<std::size_t>(b)) * kStrip), held[b]);
    }
  }
  for (int b = 0; b < B; ++b) {
    Vector sum = held[b];
    for (int u = 1; u < U; ++u) sum = hn::Add(sum, held[u * B + b]);
    store(sum, sums + static_cast<std::size_t>(b) * kStrip);
  }
}

/// sums[tap, lane] += sum over positions of gradient[position, lane] frame[position + tap, lane].
HWY_INLINE void add_tap_gradient(const ConvShape& s, const float* frame, const float* gradient, float* sums) {
  for (std::size_t c = 0; c < s.channels; ++c)
    for (std::size_t i = 0; i < s.filter_rows; ++i) {
      const float* at = frame + (c * s.padded_height() + i) * s.padded_width() * kStrip;
      float* to = sums + (c * s.filter_rows + i) * s.filter_columns * kStrip;
      in_pieces(s.filter_columns, [&](std::size_t j, auto size) HWY_ATTR {
        taps_of_row<decltype(size)::value>(s, at + j * kStrip, gradient, to + j * kStrip);
      });
    }
}

/// out[t] = sum_m taps[m] in[t + m] for t < n; `in` holds n + taps - 1 frames of lanes.
HWY_INLINE void correlate_in_time(const float* taps, std::size_t lags, const float* in, std::size_t n, float* out) {
  in_pieces(n, [&](std::size_t t, auto size) HWY_ATTR {
    constexpr int B = decltype(size)::value;
    Vector sums[B];
    for (int b = 0; b < B; ++b) sums[b] = zero();
    const float* from = in + t * kStrip;
    for (std::size_t m = 0; m < lags; ++m) {
      const Vector weight = broadcast(taps[m]);
#pragma GCC unroll 8
      for (int b = 0; b < B; ++b)
        sums[b] = hn::MulAdd(load(from + (m + static_cast<std::size_t>(b)) * kStrip), weight, sums[b]);
    }
    for (int b = 0; b < B; ++b) store(sums[b], out + (t + static_cast<std::size_t>(b)) * kStrip);
  });
}

/// sums[m, lane] += sum_t gradient[t, lane] in[t + m, lane].
HWY_INLINE void add_lag_gradient(const float* gradient, std::size_t n, const float* in, std::size_t lags, float* sums) {
  in_pieces(lags, [&](std::size_t m, auto size) HWY_ATTR {
    constexpr int B = decltype(size)::value;
    Vector held[B];
    for (int b = 0; b < B; ++b) held[b] = load(sums + (m + static_cast<std::size_t>(b)) * kStrip);
    for (std::size_t t = 0; t < n; ++t) {
      const Vector g = load(gradient + t * kStrip);
      const float* from = in + (t + m) * kStrip;
#pragma GCC unroll 8
      for (int b = 0; b < B; ++b) held[b] = hn::MulAdd(g, load(from + static_cast<std::size_t>(b) * kStrip), held[b]);
    }
    for (int b = 0; b < B; ++b) store(held[b], sums + (m + static_cast<std::size_t>(b)) * kStrip);
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace plexiform
HWY_AFTER_NAMESPACE();
#endif
