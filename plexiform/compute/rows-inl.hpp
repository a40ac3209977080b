// Rows of frames: weighted sums, filters in time, products, and what is computed of each frame.
#if defined(PLEXIFORM_COMPUTE_ROWS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef PLEXIFORM_COMPUTE_ROWS_INL
#undef PLEXIFORM_COMPUTE_ROWS_INL
#else
#define PLEXIFORM_COMPUTE_ROWS_INL
#endif

#include <hwy/contrib/math/math-inl.h>

#include "plexiform/compute/lanes-inl.hpp"
#include "plexiform/compute/rows.hpp"

HWY_BEFORE_NAMESPACE();
namespace plexiform {
namespace HWY_NAMESPACE {

void sign_rows(const std::uint16_t* bits, std::size_t words, float scale, float* to) {
  const Vector high = broadcast(scale), low = broadcast(-scale);
  for (std::size_t i = 0; i < words; ++i)
    for (std::size_t lane = 0; lane < kRowLanes; lane += kStrip) {
      const auto part = static_cast<std::uint16_t>(bits[i] >> lane);
      std::uint8_t bytes[8] = {static_cast<std::uint8_t>(part & ((1U << kStrip) - 1U))};  // LoadMaskBits reads up to 8
      store(hn::IfThenElse(hn::LoadMaskBits(Tag(), bytes), high, low), to + i * kRowLanes + lane);
    }
}

/// So many sums at once over two registers of frames: with six all of them, the two frames and a weight stay in
/// sixteen registers.
template <int kRows>
HWY_INLINE void weighted_rows_at(const float* const* from, std::size_t columns, const float* weights, std::size_t t,
                                 float* to, std::size_t stride) {
  Vector low[kRows], high[kRows];
#pragma GCC unroll 6
  for (int i = 0; i < kRows; ++i) low[i] = zero(), high[i] = zero();
  for (std::size_t p = 0; p < columns; ++p) {
    const Vector a = load(from[p] + t), b = load(from[p] + t + kStrip);
#pragma GCC unroll 6
    for (int i = 0; i < kRows; ++i) {
      const Vector w = broadcast(weights[static_cast<std::size_t>(i) * columns + p]);
      low[i] = hn::MulAdd(w, a, low[i]), high[i] = hn::MulAdd(w, b, high[i]);
    }
  }
#pragma GCC unroll 6
  for (int i = 0; i < kRows; ++i) {
    store(low[i], to + static_cast<std::size_t>(i) * stride + t);
    store(high[i], to + static_cast<std::size_t>(i) * stride + t + kStrip);
  }
}

void weighted_rows(const float* const* from, std::size_t columns, const float* weights, std::size_t rows,
                   std::size_t frames, float* to, std::size_t stride) {
  for (std::size_t i = 0; i < rows; i += 6) {
    const float* w = weights + i * columns;
    float* out = to + i * stride;
    const auto all = [&](auto count) HWY_ATTR {
      for (std::size_t t = 0; t < frames; t += 2 * kStrip)
        weighted_rows_at<decltype(count)::value>(from, columns, w, t, out, stride);
    };
    switch (rows - i) {
      case 1:
        all(std::integral_constant<int, 1>());
        break;
      case 2:
        all(std::integral_constant<int, 2>());
        break;
      case 3:
        all(std::integral_constant<int, 3>());
        break;
      case 4:
        all(std::integral_constant<int, 4>());
        break;
      case 5:
        all(std::integral_constant<int, 5>());
        break;
      default:
        all(std::integral_constant<int, 6>());
        break;
    }
  }
}

void filter_row(const float* newest_last, std::size_t lags, const float* from, std::size_t frames, bool add,
                float* to) {
  for (std::size_t t = 0; t < frames; t += 2 * kStrip) {
    Vector low = add ? load(to + t) : zero(), high = add ? load(to + t + kStrip) : zero();
    for (std::size_t l = 0; l < lags; ++l) {
      const Vector w = broadcast(newest_last[l]);
      low = hn::MulAdd(w, load(from + t + l), low), high = hn::MulAdd(w, load(from + t + l + kStrip), high);
    }
    store(low, to + t), store(high, to + t + kStrip);
  }
}

void multiply_row(const float* a, const float* b, std::size_t frames, bool add, float* to) {
  for (std::size_t t = 0; t < frames; t += kStrip)
    store(hn::MulAdd(load(a + t), load(b + t), add ? load(to + t) : zero()), to + t);
}

double row_product(const float* a, const float* b, std::size_t frames) {
  Vector sum = zero();
  for (std::size_t t = 0; t < frames; t += kStrip) sum = hn::MulAdd(load(a + t), load(b + t), sum);
  return static_cast<double>(tree_sum(sum));
}

/// Sums over frames of up to 4 x 3 products.
template <int kA, int kB>
HWY_INLINE void products_at(const float* a, std::size_t a_stride, const float* b, std::size_t b_stride,
                            std::size_t frames, double* to, std::size_t to_stride) {
  Vector sums[kA][kB];
  for (int i = 0; i < kA; ++i)
    for (int j = 0; j < kB; ++j) sums[i][j] = zero();
  for (std::size_t t = 0; t < frames; t += kStrip) {
    Vector y[kB];
#pragma GCC unroll 3
    for (int j = 0; j < kB; ++j) y[j] = load(b + static_cast<std::size_t>(j) * b_stride + t);
#pragma GCC unroll 4
    for (int i = 0; i < kA; ++i) {
      const Vector x = load(a + static_cast<std::size_t>(i) * a_stride + t);
#pragma GCC unroll 3
      for (int j = 0; j < kB; ++j) sums[i][j] = hn::MulAdd(x, y[j], sums[i][j]);
    }
  }
  for (int i = 0; i < kA; ++i)
    for (int j = 0; j < kB; ++j)
      to[static_cast<std::size_t>(i) * to_stride + static_cast<std::size_t>(j)] +=
          static_cast<double>(tree_sum(sums[i][j]));
}

template <int kA>
HWY_INLINE void products_of(const float* a, std::size_t a_stride, const Rows& b, std::size_t columns,
                            std::size_t frames, double* to) {
  std::size_t j = 0;
  for (; j + 3 <= columns; j += 3) products_at<kA, 3>(a, a_stride, b.row(j), b.stride, frames, to + j, b.count);
  if (columns - j == 2) products_at<kA, 2>(a, a_stride, b.row(j), b.stride, frames, to + j, b.count);
  if (columns - j == 1) products_at<kA, 1>(a, a_stride, b.row(j), b.stride, frames, to + j, b.count);
}

/// Rows i to i + 4 of a with the first `columns(i)` of b.
template <class Columns>
HWY_INLINE void products_with(const Rows& a, const Rows& b, const Columns& columns, std::size_t frames, double* to) {
  std::size_t i = 0;
  for (; i + 4 <= a.count; i += 4) products_of<4>(a.row(i), a.stride, b, columns(i + 4), frames, to + i * b.count);
  for (; i < a.count; ++i) products_of<1>(a.row(i), a.stride, b, columns(i + 1), frames, to + i * b.count);
}

void row_products(const Rows& a, const Rows& b, std::size_t frames, double* to) {
  products_with(
      a, b, [&](std::size_t) { return b.count; }, frames, to);
}

void row_gram(const Rows& rows, std::size_t frames, double* to) {
  products_with(
      rows, rows, [](std::size_t last) { return last; }, frames, to);
}

/// x to the power, x >= 0; 0 where x is.
HWY_INLINE Vector power_of(Vector x, float power) {
  const auto positive = hn::Gt(x, zero());
  const Vector safe = hn::IfThenElse(positive, x, broadcast(1));
  return hn::IfThenElseZero(positive, hn::Exp(Tag(), hn::Mul(broadcast(power), hn::Log(Tag(), safe))));
}

void rectified_power(const float* z, float scale, float power, bool even, std::size_t frames, float* value,
                     float* slope) {
  const Vector by = broadcast(scale), up = broadcast(1 / scale), one = broadcast(1);
  for (std::size_t t = 0; t < frames; t += kStrip) {
    const Vector x = load(z + t);
    const Vector r = hn::Mul(even ? hn::Abs(x) : hn::Max(x, zero()), up);
    Vector f = r, s = hn::IfThenElseZero(hn::Gt(r, zero()), one);
    if (power == 2) {
      s = hn::Add(r, r), f = hn::Mul(r, r);
    } else if (power != 1) {
      const Vector less = power_of(r, power - 1);
      s = hn::Mul(broadcast(power), less), f = hn::Mul(less, r);
    }
    store(hn::Mul(f, by), value + t);
    store(even ? hn::CopySign(s, x) : s, slope + t);
  }
}

void rate_rows(const RateRows& rows, float softness, float expansion, std::size_t frames) {
  const Tag d;
  const Vector up = broadcast(1 / softness), log_softness = broadcast(std::log(softness)), one = broadcast(1);
  const Vector far_below = broadcast(-15);  // there the softplus is the exponential in single precision
  for (std::size_t t = 0; t < frames; t += kStrip) {
    const Vector x = hn::Mul(load(rows.drive + t), up);
    const Vector away = hn::Exp(d, hn::Neg(hn::Abs(x)));
    const Vector value = hn::Add(hn::Max(x, zero()), hn::Log1p(d, away));
    const auto low = hn::Lt(x, far_below);
    const Vector bend = hn::IfThenElse(low, x, hn::Log(d, hn::Max(value, broadcast(1e-30F))));
    const Vector sigmoid = hn::Div(hn::IfThenElse(hn::Gt(x, zero()), one, away), hn::Add(one, away));
    const Vector slope = hn::IfThenElse(low, one, hn::Div(sigmoid, hn::Max(value, broadcast(1e-30F))));
    Vector log_rate = hn::MulAdd(broadcast(expansion), bend, log_softness);
    if (rows.log_gain != nullptr) log_rate = hn::Add(log_rate, load(rows.log_gain + t));
    store(log_rate, rows.log_rate + t);
    store(hn::Exp(d, hn::Max(log_rate, broadcast(-80))), rows.rate + t);
    store(hn::Mul(slope, broadcast(expansion / softness)), rows.slope + t);
    store(bend, rows.log_bend + t);
  }
}

template <int kHalves>
HWY_INLINE Vector halves_power(Vector r) {
  if constexpr (kHalves == 2) return r;
  if constexpr (kHalves == 3) return hn::Mul(r, hn::Sqrt(r));
  if constexpr (kHalves == 4) return hn::Mul(r, r);
  return hn::Mul(hn::Mul(r, r), r);
}

template <int kHalves>
HWY_INLINE void both_polarities_at(const float* const* rows, const float* mix, std::size_t count, const float* first,
                                   const float* second, std::size_t frames, double sums[4]) {
  Vector up1 = zero(), up2 = zero(), down1 = zero(), down2 = zero();
  for (std::size_t t = 0; t < frames; t += kStrip) {
    Vector f = hn::Mul(broadcast(mix[0]), load(rows[0] + t));
    for (std::size_t k = 1; k < count; ++k) f = hn::MulAdd(broadcast(mix[k]), load(rows[k] + t), f);
    const Vector a = load(first + t), b = load(second + t);
    const Vector up = halves_power<kHalves>(hn::Max(f, zero()));
    const Vector down = halves_power<kHalves>(hn::Max(hn::Neg(f), zero()));
    up1 = hn::MulAdd(a, up, up1), up2 = hn::MulAdd(hn::Mul(b, up), up, up2);
    down1 = hn::MulAdd(a, down, down1), down2 = hn::MulAdd(hn::Mul(b, down), down, down2);
  }
  sums[0] += static_cast<double>(tree_sum(up1)), sums[1] += static_cast<double>(tree_sum(up2));
  sums[2] += static_cast<double>(tree_sum(down1)), sums[3] += static_cast<double>(tree_sum(down2));
}

void both_polarities(const float* const* rows, const float* mix, std::size_t count, const float* first,
                     const float* second, float power, std::size_t frames, double sums[4]) {
  if (power < 1.25F) return both_polarities_at<2>(rows, mix, count, first, second, frames, sums);
  if (power < 1.75F) return both_polarities_at<3>(rows, mix, count, first, second, frames, sums);
  if (power < 2.5F) return both_polarities_at<4>(rows, mix, count, first, second, frames, sums);
  return both_polarities_at<6>(rows, mix, count, first, second, frames, sums);
}

}  // namespace HWY_NAMESPACE
}  // namespace plexiform
HWY_AFTER_NAMESPACE();
#endif
