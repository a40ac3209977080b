// From what subunits see to the loss, and back.
#if defined(PLEXIFORM_COMPUTE_READOUT_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef PLEXIFORM_COMPUTE_READOUT_INL
#undef PLEXIFORM_COMPUTE_READOUT_INL
#else
#define PLEXIFORM_COMPUTE_READOUT_INL
#endif

#include <hwy/contrib/math/math-inl.h>

#include "plexiform/compute/lanes-inl.hpp"
#include "plexiform/compute/output_curve.hpp"

HWY_BEFORE_NAMESPACE();
namespace plexiform {
namespace HWY_NAMESPACE {

using Words = hn::Vec<hn::RebindToUnsigned<Tag>>;

/// A hash of 32 bits in which every bit of the input moves every bit of the output (multipliers found by C. Wellons'
/// search, 2018): good enough for noise that regularises.
HWY_INLINE Words hashed(Words x) {
  const hn::RebindToUnsigned<Tag> d;
  x = hn::Mul(hn::Xor(x, hn::ShiftRight<16>(x)), hn::Set(d, 0x7feb352dU));
  x = hn::Mul(hn::Xor(x, hn::ShiftRight<15>(x)), hn::Set(d, 0x846ca68bU));
  return hn::Xor(x, hn::ShiftRight<16>(x));
}

/// In [0, 1), 24 bits.
HWY_INLINE Vector uniform(Words x) {
  const hn::RebindToSigned<Tag> signed_tag;
  return hn::Mul(hn::ConvertTo(Tag(), hn::BitCast(signed_tag, hn::ShiftRight<8>(x))), broadcast(0x1p-24F));
}

struct Pair {
  Vector first, second;
};

/// Two normal numbers a lane for a counter (Box and Muller 1958).
HWY_INLINE Pair normal_pair(const Noise& noise, std::uint32_t counter, std::size_t lane0) {
  const hn::RebindToUnsigned<Tag> d;
  const Words lane = hn::Iota(d, static_cast<std::uint32_t>(lane0));
  const Words at = hn::Add(hn::Set(d, counter * static_cast<std::uint32_t>(kLanes)), lane);
  const Words a = hashed(hn::Xor(hashed(hn::Xor(at, hn::Set(d, noise.key[0]))), hn::Set(d, noise.key[1])));
  const Words b = hashed(hn::Xor(a, hn::Set(d, 0x9e3779b9U)));
  const Vector radius =
      hn::Sqrt(hn::Mul(broadcast(-2), hn::Log(Tag(), hn::Add(uniform(a), broadcast(0x1p-24F)))));  // never log 0
  const Vector angle = hn::Mul(broadcast(6.2831853F), uniform(b));
  return {hn::Mul(radius, hn::Cos(Tag(), angle)), hn::Mul(radius, hn::Sin(Tag(), angle))};
}

template <SubunitNonlinearity kind>
HWY_INLINE Vector activity(Vector x) {
  if constexpr (kind == SubunitNonlinearity::relu) return hn::Max(x, zero());
  if constexpr (kind == SubunitNonlinearity::linear) return x;
  if constexpr (kind == SubunitNonlinearity::squared) return hn::Mul(x, x);
  const Vector r = hn::Max(x, zero());
  return hn::Mul(r, r);
}

template <SubunitNonlinearity kind>
HWY_INLINE Vector slope(Vector x) {
  if constexpr (kind == SubunitNonlinearity::relu) return hn::IfThenElseZero(hn::Gt(x, zero()), broadcast(1));
  if constexpr (kind == SubunitNonlinearity::linear) return broadcast(1);
  if constexpr (kind == SubunitNonlinearity::squared) return hn::Add(x, x);
  const Vector r = hn::Max(x, zero());
  return hn::Add(r, r);
}

/// Calls body with the nonlinearity as a constant.
template <class Body>
HWY_INLINE void with_nonlinearity(SubunitNonlinearity kind, const Body& body) {
  using enum SubunitNonlinearity;
  switch (kind) {
    case relu:
      return body(std::integral_constant<SubunitNonlinearity, relu>());
    case half_squared:
      return body(std::integral_constant<SubunitNonlinearity, half_squared>());
    case squared:
      return body(std::integral_constant<SubunitNonlinearity, squared>());
    case linear:
      return body(std::integral_constant<SubunitNonlinearity, linear>());
  }
}

/// Adds bias and noise to one subunit's frames.
HWY_INLINE void shift(float bias, const Noise& noise, std::size_t subunit, std::size_t n, std::size_t lane0,
                      float* seen) {
  const Vector b = broadcast(bias), sd = broadcast(noise.sd);
  if (noise.sd == 0) {
    for (std::size_t t = 0; t < n; ++t) store(hn::Add(load(seen + t * kStrip), b), seen + t * kStrip);
    return;
  }
  const std::size_t pairs = (n + 1) / 2;
  for (std::size_t i = 0; i < pairs; ++i) {
    const Pair z = normal_pair(noise, static_cast<std::uint32_t>(subunit * pairs + i), lane0);
    float* at = seen + 2 * i * kStrip;
    store(hn::Add(load(at), hn::MulAdd(sd, z.first, b)), at);
    if (2 * i + 1 < n) store(hn::Add(load(at + kStrip), hn::MulAdd(sd, z.second, b)), at + kStrip);
  }
}

double readout_forward(const ReadoutWeights& w, std::size_t filters, std::size_t positions, const TargetsView& targets,
                       const Noise& noise, bool wanted, std::size_t lane0, StripSpace& space) {
  const std::size_t n = targets.frames;
  float* drive = space.drive.zeroed(n * kStrip);
  Vector total = zero();
  with_nonlinearity(w.subunits, [&](auto kind) HWY_ATTR {
    constexpr auto f = decltype(kind)::value;
    for (std::size_t s = 0; s < filters * positions; ++s) {
      float* seen = space.seen.data() + s * n * kStrip;
      shift(w.bias[s / positions], noise, s, n, lane0, seen);
      const Vector m = broadcast(w.map[s]);
      for (std::size_t t = 0; t < n; ++t)
        store(hn::MulAdd(m, activity<f>(load(seen + t * kStrip)), load(drive + t * kStrip)), drive + t * kStrip);
      if (w.suppression != nullptr) {
        const Vector q = broadcast(-w.suppression[s]);
        for (std::size_t t = 0; t < n; ++t)
          store(hn::MulAdd(q, activity<f>(hn::Neg(load(seen + t * kStrip))), load(drive + t * kStrip)),
                drive + t * kStrip);
      }
      if (wanted)
        for (std::size_t t = 0; t < n; ++t)
          total = hn::MulAdd(hn::Abs(activity<f>(load(seen + t * kStrip))), load(targets.weights + t * kLanes + lane0),
                             total);
    }
  });
  return static_cast<double>(tree_sum(total));
}

void readout_backward(const ReadoutWeights& w, std::size_t filters, std::size_t positions, const TargetsView& targets,
                      float l1_activity, std::size_t lane0, StripSpace& space, const ReadoutGradient& gradient) {
  const std::size_t n = targets.frames;
  const float* drive = space.drive.data();
  const Vector l1 = broadcast(l1_activity);
  with_nonlinearity(w.subunits, [&](auto kind) HWY_ATTR {
    constexpr auto f = decltype(kind)::value;
    for (std::size_t s = 0; s < filters * positions; ++s) {
      float* seen = space.seen.data() + s * n * kStrip;
      const Vector m = broadcast(w.map[s]), q = broadcast(w.suppression != nullptr ? w.suppression[s] : 0);
      Vector map_sum = zero(), bias_sum = zero(), suppression_sum = zero();
      for (std::size_t t = 0; t < n; ++t) {
        const Vector x = load(seen + t * kStrip), g = load(drive + t * kStrip);
        const Vector a = activity<f>(x);
        map_sum = hn::MulAdd(g, a, map_sum);
        Vector to_activity = hn::Mul(g, m);
        if (l1_activity != 0) {
          const Vector sign = hn::IfThenElse(hn::Lt(a, zero()), broadcast(-1), broadcast(1));
          to_activity = hn::MulAdd(hn::Mul(l1, sign), load(targets.weights + t * kLanes + lane0), to_activity);
        }
        Vector to_seen = hn::Mul(to_activity, slope<f>(x));
        if (w.suppression != nullptr) {
          suppression_sum = hn::NegMulAdd(g, activity<f>(hn::Neg(x)), suppression_sum);
          to_seen = hn::MulAdd(hn::Mul(g, q), slope<f>(hn::Neg(x)), to_seen);
        }
        bias_sum = hn::Add(bias_sum, to_seen);
        store(to_seen, seen + t * kStrip);
      }
      gradient.map[s] += tree_sum(map_sum);
      gradient.bias[s / positions] += tree_sum(bias_sum);
      if (w.suppression != nullptr) gradient.suppression[s] += tree_sum(suppression_sum);
    }
  });
}

/// exp(-|z|), of which softplus and the logistic function are made without overflow.
HWY_INLINE Vector small_exp(Vector z) {
  return hn::Exp(Tag(), hn::Neg(hn::Abs(z)));
}
HWY_INLINE Vector softplus(Vector z, Vector e) {
  return hn::Add(hn::Max(z, zero()), hn::Log1p(Tag(), e));
}
HWY_INLINE Vector logistic(Vector z, Vector e) {
  const Vector low = hn::Div(e, hn::Add(broadcast(1), e));
  return hn::IfThenElse(hn::Lt(z, zero()), low, hn::Sub(broadcast(1), low));
}

/// A rate with its logarithm; gradients of rate and logarithm to the drive.
struct Curve {
  Vector rate, log_rate, rate_slope, log_slope;
};

/// a log(1 + exp(z)), z = b (drive + c).
HWY_INLINE Curve softplus_curve(const float* p, Vector drive, Vector* z_out) {
  const Vector a = broadcast(std::exp(p[0])), b = broadcast(std::exp(p[1]));
  const Vector z = hn::Mul(b, hn::Add(drive, broadcast(p[2])));
  const Vector e = small_exp(z), value = softplus(z, e), s = logistic(z, e);
  const auto near = hn::Gt(z, broadcast(static_cast<float>(output_curve::kFarBelow)));
  const Vector half = hn::Mul(broadcast(0.5F), e);  // e = exp(z) far below
  const Vector log = hn::IfThenElse(near, hn::Log(Tag(), hn::Max(value, broadcast(1e-30F))), hn::Sub(z, half));
  const Vector ratio = hn::IfThenElse(near, hn::Div(s, hn::Max(value, broadcast(1e-30F))), hn::Sub(broadcast(1), half));
  *z_out = z;
  return {hn::Mul(a, value), hn::Add(broadcast(p[0]), log), hn::Mul(hn::Mul(a, s), b), hn::Mul(ratio, b)};
}

/// Values of the fitted curve's basis at a drive: sigmoids, and a softplus at the last knot.
HWY_INLINE Curve fitted_curve(const float* p, Vector drive, Vector* basis) {
  using output_curve::kKnots;
  constexpr auto kFirstKnot = static_cast<float>(output_curve::kFirstKnot);
  constexpr auto kKnotWidth = static_cast<float>(output_curve::kKnotWidth);
  const Vector x = hn::Add(drive, broadcast(p[0]));
  Vector rate = broadcast(static_cast<float>(output_curve::kLowestLevel) + p[1]), rising = zero();
  for (std::size_t j = 0; j < kKnots; ++j) {
    const Vector knot = broadcast(kFirstKnot + kKnotWidth * static_cast<float>(j));
    const Vector z = hn::Mul(hn::Sub(x, knot), broadcast(1 / kKnotWidth));
    const Vector e = small_exp(z), s = logistic(z, e);
    const bool last = j + 1 == kKnots;
    basis[j] = last ? hn::Mul(broadcast(kKnotWidth), softplus(z, e)) : s;
    const Vector d = last ? s : hn::Mul(hn::Mul(s, hn::Sub(broadcast(1), s)), broadcast(1 / kKnotWidth));
    rate = hn::MulAdd(broadcast(p[2 + j]), basis[j], rate);
    rising = hn::MulAdd(broadcast(p[2 + j]), d, rising);
  }
  return {rate, hn::Log(Tag(), rate), rising, hn::Div(rising, rate)};
}

void output_rate(OutputKind kind, const float* p, std::size_t frames, std::size_t lane0, const StripSpace& space,
                 float* rate, float* log_rate) {
  Vector z, basis[output_curve::kKnots];
  for (std::size_t t = 0; t < frames; ++t) {
    const Vector drive = load(space.drive.data() + t * kStrip);
    const Curve c = kind == OutputKind::softplus ? softplus_curve(p, drive, &z) : fitted_curve(p, drive, basis);
    store(c.rate, rate + t * kLanes + lane0);
    store(c.log_rate, log_rate + t * kLanes + lane0);
  }
}

void poisson(OutputKind kind, const float* p, const TargetsView& targets, float scale, std::size_t lane0,
             StripSpace& space, double* losses, float* gradient) {
  using namespace output_curve;
  const bool is_softplus = kind == OutputKind::softplus;
  const std::size_t parameters = is_softplus ? kSoftplusParameters : kFittedParameters;
  Vector sums[kFittedParameters], basis[kKnots], z = zero(), lane_losses = zero();
  for (std::size_t j = 0; j < parameters; ++j) sums[j] = zero();
  float* drive = space.drive.data();
  for (std::size_t t = 0; t < targets.frames; ++t) {
    const Vector x = load(drive + t * kStrip);
    const Vector count = load(targets.counts + t * kLanes + lane0), weight = load(targets.weights + t * kLanes + lane0);
    const Curve c = is_softplus ? softplus_curve(p, x, &z) : fitted_curve(p, x, basis);
    lane_losses = hn::MulAdd(weight, hn::NegMulAdd(count, c.log_rate, c.rate), lane_losses);
    if (gradient == nullptr) continue;
    const Vector scaled = hn::Mul(weight, broadcast(scale));
    const Vector to_drive = hn::Mul(scaled, hn::NegMulAdd(count, c.log_slope, c.rate_slope));
    store(to_drive, drive + t * kStrip);
    if (is_softplus) {
      sums[0] = hn::MulAdd(scaled, hn::Sub(c.rate, count), sums[0]);         // log a
      sums[1] = hn::MulAdd(to_drive, hn::Add(x, broadcast(p[2])), sums[1]);  // log b: dz = z
      sums[2] = hn::Add(sums[2], to_drive);
    } else {
      const Vector to_rate = hn::Mul(scaled, hn::Sub(broadcast(1), hn::Div(count, c.rate)));
      sums[0] = hn::Add(sums[0], to_drive);
      sums[1] = hn::Add(sums[1], to_rate);
      for (std::size_t j = 0; j < kKnots; ++j) sums[2 + j] = hn::MulAdd(to_rate, basis[j], sums[2 + j]);
    }
  }
  HWY_ALIGN float lanes[kStrip];
  store(lane_losses, lanes);
  for (std::size_t i = 0; i < kStrip; ++i) losses[lane0 + i] += static_cast<double>(lanes[i]);
  if (gradient != nullptr)
    for (std::size_t j = 0; j < parameters; ++j) gradient[j] += tree_sum(sums[j]);
}

}  // namespace HWY_NAMESPACE
}  // namespace plexiform
HWY_AFTER_NAMESPACE();
#endif
