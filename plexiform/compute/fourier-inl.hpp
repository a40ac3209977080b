// Fourier transforms of lanes: every lane is a series of its own, so nothing moves between lanes.
#if defined(PLEXIFORM_COMPUTE_FOURIER_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef PLEXIFORM_COMPUTE_FOURIER_INL
#undef PLEXIFORM_COMPUTE_FOURIER_INL
#else
#define PLEXIFORM_COMPUTE_FOURIER_INL
#endif

#include "plexiform/compute/fourier.hpp"
#include "plexiform/compute/lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace plexiform {
namespace HWY_NAMESPACE {

struct Complex {
  Vector re, im;
};
HWY_INLINE Complex operator+(Complex a, Complex b) {
  return {hn::Add(a.re, b.re), hn::Add(a.im, b.im)};
}
HWY_INLINE Complex operator-(Complex a, Complex b) {
  return {hn::Sub(a.re, b.re), hn::Sub(a.im, b.im)};
}
HWY_INLINE Complex times_minus_i(Complex a) {
  return {a.im, hn::Neg(a.re)};
}
HWY_INLINE Complex scaled(Complex a, float c) {
  return {hn::Mul(a.re, broadcast(c)), hn::Mul(a.im, broadcast(c))};
}
HWY_INLINE Complex plus_scaled(Complex a, Complex b, float c) {
  return {hn::MulAdd(b.re, broadcast(c), a.re), hn::MulAdd(b.im, broadcast(c), a.im)};
}
HWY_INLINE Complex turned(Complex a, const float* cosine_sine) {
  const Vector c = broadcast(cosine_sine[0]), s = broadcast(cosine_sine[1]);
  return {hn::NegMulAdd(a.im, s, hn::Mul(a.re, c)), hn::MulAdd(a.re, s, hn::Mul(a.im, c))};
}

/// Complex vectors in memory: element i has its parts at re + i stride and im + i stride. The inverse transform is the
/// forward one with the parts swapped.
struct Series {
  float* re;
  float* im;
  std::size_t stride;  ///< in floats

  HWY_INLINE Complex get(std::size_t i) const { return {load(re + i * stride), load(im + i * stride)}; }
  HWY_INLINE void set(std::size_t i, Complex v) const {
    store(v.re, re + i * stride);
    store(v.im, im + i * stride);
  }
  HWY_INLINE Series swapped() const { return {im, re, stride}; }
  HWY_INLINE Series from(std::size_t i) const { return {re + i * stride, im + i * stride, stride}; }
};
/// One element after the other, real part first.
HWY_INLINE Series packed(float* at, std::size_t stride = 2 * kStrip) {
  return {at, at + kStrip, stride};
}

template <int R>
HWY_INLINE void butterfly(Complex* x);
template <>
HWY_INLINE void butterfly<2>(Complex* x) {
  const Complex a = x[0];
  x[0] = a + x[1];
  x[1] = a - x[1];
}
template <>
HWY_INLINE void butterfly<3>(Complex* x) {
  constexpr float kSine = 0.86602540378F;  // of 2 pi / 3
  const Complex sum = x[1] + x[2], turn = times_minus_i(scaled(x[1] - x[2], kSine));
  const Complex middle = plus_scaled(x[0], sum, -0.5F);
  x[0] = x[0] + sum;
  x[1] = middle + turn;
  x[2] = middle - turn;
}
template <>
HWY_INLINE void butterfly<4>(Complex* x) {
  const Complex a = x[0] + x[2], b = x[0] - x[2], c = x[1] + x[3], d = times_minus_i(x[1] - x[3]);
  x[0] = a + c;
  x[1] = b + d;
  x[2] = a - c;
  x[3] = b - d;
}
template <>
HWY_INLINE void butterfly<5>(Complex* x) {
  constexpr float c1 = 0.30901699437F, c2 = -0.80901699437F;  // cosines of 2 pi / 5 and 4 pi / 5
  constexpr float s1 = 0.95105651629F, s2 = 0.58778525229F;   // sines
  const Complex a = x[1] + x[4], b = x[2] + x[3], d = x[1] - x[4], e = x[2] - x[3];
  const Complex p = plus_scaled(plus_scaled(x[0], a, c1), b, c2), q = plus_scaled(plus_scaled(x[0], a, c2), b, c1);
  const Complex u = times_minus_i(plus_scaled(scaled(d, s1), e, s2));
  const Complex v = times_minus_i(plus_scaled(scaled(d, s2), e, -s1));
  x[0] = x[0] + a + b;
  x[1] = p + u;
  x[2] = q + v;
  x[3] = q - v;
  x[4] = p - u;
}

template <int R>
HWY_INLINE void stage_of(const FourierPlan::Stage& stage, const Series& from, const Series& to) {
  const std::size_t s = stage.s, m = stage.m;
  const float* twiddle = stage.twiddles.data();
  for (std::size_t p = 0; p < m; ++p, twiddle += 2 * (R - 1))
    for (std::size_t q = 0; q < s; ++q) {
      Complex x[R];
#pragma GCC unroll 5
      for (std::size_t j = 0; j < R; ++j) x[j] = from.get(q + s * (p + m * j));
      butterfly<R>(x);
      to.set(q + s * R * p, x[0]);
#pragma GCC unroll 5
      for (std::size_t i = 1; i < R; ++i)
        to.set(q + s * (R * p + i), p == 0 ? x[i] : turned(x[i], twiddle + 2 * (i - 1)));
    }
}

HWY_INLINE void run_stage(const FourierPlan::Stage& stage, const Series& from, const Series& to) {
  switch (stage.radix) {
    case 2:
      return stage_of<2>(stage, from, to);
    case 3:
      return stage_of<3>(stage, from, to);
    case 4:
      return stage_of<4>(stage, from, to);
    default:
      return stage_of<5>(stage, from, to);
  }
}

/// to = transform of from; the two may be the same. scratch: 4 n kStrip floats.
HWY_INLINE void transform(const FourierPlan& plan, const Series& from, const Series& to, float* scratch) {
  const std::size_t stages = plan.stages.size();
  if (stages == 0) {
    to.set(0, from.get(0));
    return;
  }
  const Series halves[2] = {packed(scratch), packed(scratch + 2 * plan.n * kStrip)};
  // A single stage reads all that it writes over only where it holds one butterfly, which is then the case.
  for (std::size_t i = 0; i < stages; ++i)
    run_stage(plan.stages[i], i == 0 ? from : halves[(i + 1) % 2], i + 1 == stages ? to : halves[i % 2]);
}

}  // namespace HWY_NAMESPACE
}  // namespace plexiform
HWY_AFTER_NAMESPACE();
#endif
