// A layer of space-time filters by Fourier transforms over time, and over space or not.
#if defined(PLEXIFORM_COMPUTE_SPECTRAL_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef PLEXIFORM_COMPUTE_SPECTRAL_INL
#undef PLEXIFORM_COMPUTE_SPECTRAL_INL
#else
#define PLEXIFORM_COMPUTE_SPECTRAL_INL
#endif

#include "plexiform/compute/fourier-inl.hpp"
#include "plexiform/compute/spectral.hpp"

HWY_BEFORE_NAMESPACE();
namespace plexiform {
namespace HWY_NAMESPACE {

/// The wave that belongs to -q in each direction.
HWY_INLINE std::size_t mirrored(std::size_t i, std::size_t n) {
  return i == 0 ? 0 : n - i;
}

HWY_INLINE float* transform_scratch(const SpectralPlan& plan, StripSpace& space) {
  const std::size_t longest = std::max({plan.time.n, plan.vertical.n, plan.horizontal.n});
  return space.wave_scratch.at_least(6 * longest * kStrip);
}

/// Transforms the columns [0, plan.horizontal.n) of a plane in place.
HWY_INLINE void transform_columns(const SpectralPlan& plan, const Series& plane, float* scratch) {
  const std::size_t width = plan.horizontal.n;
  for (std::size_t x = 0; x < width; ++x) {
    Series column = plane.from(x);
    column.stride *= width;
    transform(plan.vertical, column, column, scratch);
  }
}
HWY_INLINE void transform_row(const SpectralPlan& plan, const Series& plane, std::size_t y, float* scratch) {
  const Series row = plane.from(y * plan.horizontal.n);
  transform(plan.horizontal, row, row, scratch);
}

/// Two pixels' frames as real and imaginary part -> their spectra at `wave` and `wave + 1`.
HWY_INLINE void movie_frequencies(const SpectralPlan& plan, const FrameReader& reader, std::size_t index, bool both,
                                  float* scratch, float* out) {
  const std::size_t N = plan.time.n, pixels = plan.shape.pixels(), wave = 2 * kStrip;
  const Series series = packed(scratch + 4 * N * kStrip);
  for (std::size_t t = 0; t < plan.frames; ++t)
    series.set(t, {reader.value(t * pixels + index), both ? reader.value(t * pixels + index + 1) : zero()});
  for (std::size_t t = plan.frames; t < N; ++t) series.set(t, {zero(), zero()});
  transform(plan.time, series, series, scratch);
  for (std::size_t f = 0; f < plan.kept_frequencies(); ++f) {
    const Complex a = series.get(f), b = series.get(mirrored(f, N));
    const Series to = packed(out + f * plan.waves() * wave);
    to.set(0, scaled({hn::Add(a.re, b.re), hn::Sub(a.im, b.im)}, 0.5F));
    if (both) to.set(1, scaled({hn::Add(a.im, b.im), hn::Sub(b.re, a.re)}, 0.5F));
  }
}

void movie_spectrum(const SpectralPlan& plan, const TileView& tile, std::size_t lane0, StripSpace& space, float* out) {
  const ConvShape& s = plan.shape;
  const FrameReader reader(tile, lane0);
  const std::size_t width = plan.horizontal.n, wave = 2 * kStrip, plane_size = plan.waves() * wave;
  const std::size_t channel_size = plan.kept_frequencies() * plane_size;
  float* scratch = transform_scratch(plan, space);
  std::fill_n(out, s.channels * channel_size, 0.0F);
  for (std::size_t c = 0; c < s.channels; ++c) {
    float* channel = out + c * channel_size;
    for (std::size_t y = 0; y < s.height; ++y)
      for (std::size_t x = 0; x < s.width; x += 2)
        movie_frequencies(plan, reader, (c * s.height + y) * s.width + x, x + 1 < s.width, scratch,
                          channel + ((y + s.pad) * width + x + s.pad) * wave);
    for (std::size_t f = 0; plan.over_space && f < plan.kept_frequencies(); ++f) {
      const Series plane = packed(channel + f * plane_size);
      for (std::size_t y = s.pad; y < s.pad + s.height; ++y) transform_row(plan, plane, y, scratch);
      transform_columns(plan, plane, scratch);
    }
  }
}

/// What a transform and its inverse multiply by, undone.
HWY_INLINE float inverse_scale(const SpectralPlan& plan) {
  return 1.0F / static_cast<float>(plan.time.n * (plan.over_space ? plan.waves() : 1));
}

/// Where tap (i, j) lies in a plane: the filter is turned round in space, since it is correlated there.
HWY_INLINE std::size_t wave_of_tap(const SpectralPlan& plan, std::size_t i, std::size_t j) {
  return mirrored(i, plan.vertical.n) * plan.horizontal.n + mirrored(j, plan.horizontal.n);
}

/// Index of a filter's weight in [filter, lag, channel, tap].
HWY_INLINE std::size_t weight_index(const ConvShape& s, std::size_t filter, std::size_t lag, std::size_t c,
                                    std::size_t tap) {
  return ((filter * s.lags + lag) * s.channels + c) * s.filter_rows * s.filter_columns + tap;
}

/// Lanes are pairs here: pairs first .. first + kStrip of one channel.
HWY_INLINE void filter_frequencies(const SpectralPlan& plan, const float* filters, std::size_t first, std::size_t c,
                                   float* scratch, float* taps_out) {
  const ConvShape& s = plan.shape;
  const std::size_t N = plan.time.n, taps = s.filter_rows * s.filter_columns;
  const Series series = packed(scratch + 4 * N * kStrip);
  const float scale = inverse_scale(plan);
  HWY_ALIGN float parts[2][kStrip];
  for (std::size_t tap = 0; tap < taps; ++tap) {
    for (std::size_t l = 0; l < N; ++l) {
      if (l >= s.lags) {
        series.set(l, {zero(), zero()});
        continue;
      }
      for (std::size_t i = 0; i < kStrip; ++i)
        for (std::size_t part = 0; part < 2; ++part) {
          const std::size_t k = 2 * (first + i) + part;
          parts[part][i] = k < s.filters ? scale * filters[weight_index(s, k, l, c, tap)] : 0;
        }
      series.set(l, {load(parts[0]), load(parts[1])});
    }
    Series to = packed(taps_out + tap * 2 * kStrip);
    to.stride *= taps;
    transform(plan.time, series, to, scratch);
  }
}

/// One frequency of kStrip filters, [tap], over space: to `plane`, all waves.
HWY_INLINE void taps_to_waves(const SpectralPlan& plan, const Series& taps, const Series& plane, float* scratch) {
  const ConvShape& s = plan.shape;
  std::fill_n(plane.re, plan.waves() * 2 * kStrip, 0.0F);
  for (std::size_t i = 0; i < s.filter_rows; ++i) {
    for (std::size_t j = 0; j < s.filter_columns; ++j)
      plane.set(wave_of_tap(plan, i, j), taps.get(i * s.filter_columns + j));
    transform_row(plan, plane, mirrored(i, plan.vertical.n), scratch);
  }
  transform_columns(plan, plane, scratch);
}

void filter_spectra(const SpectralPlan& plan, const float* filters, std::size_t group, StripSpace& space, float* out) {
  const ConvShape& s = plan.shape;
  const std::size_t N = plan.time.n, Q = plan.filter_waves(), taps = s.filter_rows * s.filter_columns;
  constexpr std::size_t wave = 2 * kStrip;
  const std::size_t first = group * kStrip;
  float* scratch = transform_scratch(plan, space);
  float* frequencies = space.spectra.at_least((N * taps + plan.waves()) * wave);
  const Series plane = packed(frequencies + N * taps * wave);
  HWY_ALIGN float lanes[2][kStrip];
  for (std::size_t c = 0; c < s.channels; ++c) {
    filter_frequencies(plan, filters, first, c, scratch, frequencies);
    for (std::size_t f = 0; f < N; ++f) {
      Series from = packed(frequencies + f * taps * wave);
      if (plan.over_space) {
        taps_to_waves(plan, from, plane, scratch);
        from = plane;
      }
      for (std::size_t q = 0; q < Q; ++q) {
        const Complex v = from.get(q);
        store(v.re, lanes[0]);
        store(v.im, lanes[1]);
        for (std::size_t i = 0; i < kStrip && first + i < plan.pairs(); ++i) {
          float* to = out + ((((first + i) * s.channels + c) * N + f) * Q + q) * 2;
          to[0] = lanes[0][i];
          to[1] = lanes[1][i];
        }
      }
    }
  }
}

/// The movie's spectrum at any frequency: those above half mirror the kept ones.
class MovieWaves {
 public:
  HWY_INLINE MovieWaves(const SpectralPlan& plan, const float* spectrum, std::size_t channel, std::size_t f)
      : height_(plan.vertical.n), width_(plan.horizontal.n), mirror_(f >= plan.kept_frequencies()) {
    const std::size_t kept = mirror_ ? plan.time.n - f : f;
    plane_ = spectrum + (channel * plan.kept_frequencies() + kept) * plan.waves() * 2 * kStrip;
  }
  /// body(wave, value) for all waves in order.
  template <class Body>
  HWY_INLINE void for_each(const Body& body) const {
    for (std::size_t y = 0; y < height_; ++y) {
      const float* row = plane_ + (mirror_ ? mirrored(y, height_) : y) * width_ * 2 * kStrip;
      for (std::size_t x = 0; x < width_; ++x) {
        const float* at = row + (mirror_ ? mirrored(x, width_) : x) * 2 * kStrip;
        const Vector im = load(at + kStrip);
        body(y * width_ + x, Complex{load(at), mirror_ ? hn::Neg(im) : im});
      }
    }
  }

 private:
  const float* plane_;
  std::size_t height_, width_;
  bool mirror_;
};

/// One frequency of a pair's responses, [position], by waves.
HWY_INLINE void respond_by_waves(const SpectralPlan& plan, const float* spectrum, const float* filters,
                                 std::size_t pair, std::size_t f, const Series& plane, const Series& to,
                                 float* scratch) {
  const ConvShape& s = plan.shape;
  for (std::size_t c = 0; c < s.channels; ++c) {
    const float* w = filters + ((pair * s.channels + c) * plan.time.n + f) * plan.waves() * 2;
    MovieWaves(plan, spectrum, c, f).for_each([&](std::size_t q, Complex x) HWY_ATTR {
      const Complex product = turned(x, w + 2 * q);
      plane.set(q, c == 0 ? product : plane.get(q) + product);
    });
  }
  transform_columns(plan, plane.swapped(), scratch);
  for (std::size_t y = 0; y < s.rows(); ++y) {
    transform_row(plan, plane.swapped(), y, scratch);
    for (std::size_t x = 0; x < s.columns(); ++x) to.set(y * s.columns() + x, plane.get(y * plan.horizontal.n + x));
  }
}

/// The movie at one frequency where pixels stand for themselves: the kept frequency, and the sign of its imaginary
/// part.
struct MoviePixels {
  const float* plane;
  bool mirror;

  HWY_INLINE MoviePixels(const SpectralPlan& plan, const float* spectrum, std::size_t channel, std::size_t f)
      : mirror(f >= plan.kept_frequencies()) {
    const std::size_t kept = mirror ? plan.time.n - f : f;
    plane = spectrum + (channel * plan.kept_frequencies() + kept) * plan.waves() * 2 * kStrip;
  }
};

/// The four products of two complex numbers, summed apart so that enough additions are under way.
struct Products {
  Vector re_re, im_im, re_im, im_re;  ///< x.re w.re, x.im w.im, x.re w.im, x.im w.re

  HWY_INLINE void add(Complex x, Complex w) {
    re_re = hn::MulAdd(x.re, w.re, re_re);
    im_im = hn::MulAdd(x.im, w.im, im_im);
    re_im = hn::MulAdd(x.re, w.im, re_im);
    im_re = hn::MulAdd(x.im, w.re, im_re);
  }
  /// x w, or its form with x conjugate.
  HWY_INLINE Complex product(bool x_conjugate) const {
    return x_conjugate ? Complex{hn::Add(re_re, im_im), hn::Sub(re_im, im_re)}
                       : Complex{hn::Sub(re_re, im_im), hn::Add(re_im, im_re)};
  }
};

HWY_INLINE Products no_products() {
  return {zero(), zero(), zero(), zero()};
}

/// R positions of a row at one frequency.
template <int R>
HWY_INLINE void respond_at(const SpectralPlan& plan, const float* spectrum, const float* filters, std::size_t pair,
                           std::size_t f, std::size_t y, std::size_t x, const Series& to) {
  const ConvShape& s = plan.shape;
  const std::size_t taps = s.filter_rows * s.filter_columns;
  Products sums[R];
  for (int r = 0; r < R; ++r) sums[r] = no_products();
  bool mirror = false;
  for (std::size_t c = 0; c < s.channels; ++c) {
    const MoviePixels movie(plan, spectrum, c, f);
    mirror = movie.mirror;
    const float* w = filters + ((pair * s.channels + c) * plan.time.n + f) * taps * 2;
    for (std::size_t i = 0; i < s.filter_rows; ++i) {
      const float* row = movie.plane + ((y + i) * plan.horizontal.n + x) * 2 * kStrip;
      for (std::size_t j = 0; j < s.filter_columns; ++j, w += 2) {
        const Complex weight{broadcast(w[0]), broadcast(w[1])};
#pragma GCC unroll 4
        for (int r = 0; r < R; ++r) {
          const float* at = row + (j + static_cast<std::size_t>(r)) * 2 * kStrip;
          sums[r].add({load(at), load(at + kStrip)}, weight);
        }
      }
    }
  }
  for (int r = 0; r < R; ++r) to.set(y * s.columns() + x + static_cast<std::size_t>(r), sums[r].product(mirror));
}

/// One frequency of a pair's responses, [position], tap by tap.
HWY_INLINE void respond_by_taps(const SpectralPlan& plan, const float* spectrum, const float* filters, std::size_t pair,
                                std::size_t f, const Series& to) {
  const ConvShape& s = plan.shape;
  for (std::size_t y = 0; y < s.rows(); ++y) {
    std::size_t x = 0;
    for (; x + 2 <= s.columns(); x += 2) respond_at<2>(plan, spectrum, filters, pair, f, y, x, to);
    for (; x < s.columns(); ++x) respond_at<1>(plan, spectrum, filters, pair, f, y, x, to);
  }
}

void spectral_forward(const SpectralPlan& plan, const float* spectrum, const float* filters, StripSpace& space) {
  const ConvShape& s = plan.shape;
  const std::size_t N = plan.time.n, P = s.positions(), n = plan.frames - s.lags + 1;
  constexpr std::size_t wave = 2 * kStrip;
  float* scratch = transform_scratch(plan, space);
  float* responses = space.spectra.at_least((N * P + plan.waves()) * wave);
  const Series plane = packed(responses + N * P * wave), series = packed(scratch + 4 * N * kStrip);
  float* seen = space.seen.at_least(s.filters * P * n * kStrip);
  for (std::size_t pair = 0; pair < plan.pairs(); ++pair) {
    for (std::size_t f = 0; f < N; ++f) {
      const Series to = packed(responses + f * P * wave);
      if (plan.over_space)
        respond_by_waves(plan, spectrum, filters, pair, f, plane, to, scratch);
      else
        respond_by_taps(plan, spectrum, filters, pair, f, to);
    }
    for (std::size_t p = 0; p < P; ++p) {
      Series from = packed(responses + p * wave);
      from.stride *= P;
      transform(plan.time, from.swapped(), series.swapped(), scratch);
      for (std::size_t part = 0; part < 2 && 2 * pair + part < s.filters; ++part) {
        const float* values = part == 0 ? series.re : series.im;
        float* to = seen + ((2 * pair + part) * P + p) * n * kStrip;
        for (std::size_t t = 0; t < n; ++t) store(load(values + (t + s.lags - 1) * series.stride), to + t * kStrip);
      }
    }
  }
}

/// One frequency of a pair's gradient, [position] -> sums over waves.
HWY_INLINE void gradient_by_waves(const SpectralPlan& plan, const float* spectrum, std::size_t pair, std::size_t f,
                                  const Series& from, const Series& plane, float* scratch, float* sums) {
  const ConvShape& s = plan.shape;
  const std::size_t Q = plan.waves();
  const Series products = plane.from(Q);
  std::fill_n(plane.re, Q * 2 * kStrip, 0.0F);
  for (std::size_t y = 0; y < s.rows(); ++y) {
    for (std::size_t x = 0; x < s.columns(); ++x) plane.set(y * plan.horizontal.n + x, from.get(y * s.columns() + x));
    transform_row(plan, plane, y, scratch);
  }
  transform_columns(plan, plane, scratch);
  for (std::size_t c = 0; c < s.channels; ++c) {
    MovieWaves(plan, spectrum, c, f).for_each([&](std::size_t q, Complex x) HWY_ATTR {
      const Complex g = plane.get(q);  // g times the conjugate of x
      products.set(q, {hn::MulAdd(g.re, x.re, hn::Mul(g.im, x.im)), hn::NegMulAdd(g.re, x.im, hn::Mul(g.im, x.re))});
    });
    add_tree_sums(products.re, 2 * Q, sums + ((pair * s.channels + c) * plan.time.n + f) * Q * 2);
  }
}

/// The same, tap by tap.
HWY_INLINE void gradient_by_taps(const SpectralPlan& plan, const float* spectrum, std::size_t pair, std::size_t f,
                                 const Series& from, const Series& products, float* sums) {
  const ConvShape& s = plan.shape;
  const std::size_t taps = s.filter_rows * s.filter_columns;
  for (std::size_t c = 0; c < s.channels; ++c) {
    const MoviePixels movie(plan, spectrum, c, f);
    for (std::size_t i = 0; i < s.filter_rows; ++i)
      for (std::size_t j = 0; j < s.filter_columns; ++j) {
        Products sum = no_products();
        for (std::size_t y = 0; y < s.rows(); ++y) {
          const float* row = movie.plane + ((y + i) * plan.horizontal.n + j) * 2 * kStrip;
          for (std::size_t x = 0; x < s.columns(); ++x)
            sum.add({load(row + x * 2 * kStrip), load(row + x * 2 * kStrip + kStrip)}, from.get(y * s.columns() + x));
        }
        products.set(i * s.filter_columns + j, sum.product(!movie.mirror));  // by the conjugate of the movie
      }
    add_tree_sums(products.re, 2 * taps, sums + ((pair * s.channels + c) * plan.time.n + f) * taps * 2);
  }
}

void spectral_backward(const SpectralPlan& plan, const float* spectrum, StripSpace& space, float* sums) {
  const ConvShape& s = plan.shape;
  const std::size_t N = plan.time.n, P = s.positions(), n = plan.frames - s.lags + 1;
  constexpr std::size_t wave = 2 * kStrip;
  float* scratch = transform_scratch(plan, space);
  float* gradients = space.spectra.at_least((N * P + 2 * plan.waves()) * wave);
  const Series plane = packed(gradients + N * P * wave), series = packed(scratch + 4 * N * kStrip);
  for (std::size_t pair = 0; pair < plan.pairs(); ++pair) {
    for (std::size_t p = 0; p < P; ++p) {
      const float* re = space.seen.data() + (2 * pair * P + p) * n * kStrip;
      const float* im = 2 * pair + 1 < s.filters ? re + P * n * kStrip : nullptr;
      for (std::size_t t = 0; t < N; ++t) {
        const std::size_t at = t - (s.lags - 1);  // wraps where there is no such frame
        series.set(t, at < n ? Complex{load(re + at * kStrip), im != nullptr ? load(im + at * kStrip) : zero()}
                             : Complex{zero(), zero()});
      }
      Series to = packed(gradients + p * wave);
      to.stride *= P;
      transform(plan.time, series, to, scratch);
    }
    for (std::size_t f = 0; f < N; ++f) {
      const Series from = packed(gradients + f * P * wave);
      if (plan.over_space)
        gradient_by_waves(plan, spectrum, pair, f, from, plane, scratch, sums);
      else
        gradient_by_taps(plan, spectrum, pair, f, from, plane, sums);
    }
  }
}

/// One frequency of kStrip filters' gradients over space: waves in `plane` to taps.
HWY_INLINE void waves_to_taps(const SpectralPlan& plan, const Series& plane, const Series& to, float* scratch) {
  const ConvShape& s = plan.shape;
  transform_columns(plan, plane.swapped(), scratch);
  for (std::size_t i = 0; i < s.filter_rows; ++i) {
    transform_row(plan, plane.swapped(), mirrored(i, plan.vertical.n), scratch);
    for (std::size_t j = 0; j < s.filter_columns; ++j)
      to.set(i * s.filter_columns + j, plane.get(wave_of_tap(plan, i, j)));
  }
}

void filter_gradient(const SpectralPlan& plan, const float* sums, std::size_t group, StripSpace& space,
                     float* gradient) {
  const ConvShape& s = plan.shape;
  const std::size_t N = plan.time.n, Q = plan.filter_waves(), taps = s.filter_rows * s.filter_columns;
  constexpr std::size_t wave = 2 * kStrip;
  const std::size_t first = group * kStrip;
  float* scratch = transform_scratch(plan, space);
  float* frequencies = space.spectra.at_least((N * taps + plan.waves()) * wave);
  const Series plane = packed(frequencies + N * taps * wave), series = packed(scratch + 4 * N * kStrip);
  const float scale = inverse_scale(plan);
  HWY_ALIGN float lanes[2][kStrip] = {};
  for (std::size_t c = 0; c < s.channels; ++c) {
    for (std::size_t f = 0; f < N; ++f) {
      const Series to = packed(frequencies + f * taps * wave), gathered = plan.over_space ? plane : to;
      for (std::size_t q = 0; q < Q; ++q) {
        for (std::size_t i = 0; i < kStrip && first + i < plan.pairs(); ++i) {
          const float* from = sums + ((((first + i) * s.channels + c) * N + f) * Q + q) * 2;
          lanes[0][i] = from[0];
          lanes[1][i] = from[1];
        }
        gathered.set(q, {load(lanes[0]), load(lanes[1])});
      }
      if (plan.over_space) waves_to_taps(plan, plane, to, scratch);
    }
    for (std::size_t tap = 0; tap < taps; ++tap) {
      Series from = packed(frequencies + tap * wave);
      from.stride *= taps;
      transform(plan.time, from.swapped(), series.swapped(), scratch);
      for (std::size_t l = 0; l < s.lags; ++l) {
        const Complex v = series.get(l);
        store(v.re, lanes[0]);
        store(v.im, lanes[1]);
        for (std::size_t i = 0; i < kStrip; ++i)
          for (std::size_t part = 0; part < 2; ++part) {
            const std::size_t k = 2 * (first + i) + part;
            if (k < s.filters) gradient[weight_index(s, k, l, c, tap)] += scale * lanes[part][i];
          }
      }
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace plexiform
HWY_AFTER_NAMESPACE();
#endif
