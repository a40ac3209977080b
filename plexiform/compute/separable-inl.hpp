// Layers by definition: separable filters (space first, then time on what is left), and any others lag by lag.
#if defined(PLEXIFORM_COMPUTE_SEPARABLE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef PLEXIFORM_COMPUTE_SEPARABLE_INL
#undef PLEXIFORM_COMPUTE_SEPARABLE_INL
#else
#define PLEXIFORM_COMPUTE_SEPARABLE_INL
#endif

#include "plexiform/compute/direct-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace plexiform {
namespace HWY_NAMESPACE {

/// The frame buffer with its border at 0.
HWY_INLINE float* clean_frame(const ConvShape& s, StripSpace& space) {
  return space.frame.zeroed(s.channels * s.padded_height() * s.padded_width() * kStrip);
}

void separable_forward(const ConvShape& s, const SeparableWeights& w, const TileView& tile, std::size_t lane0,
                       StripSpace& space) {
  const FrameReader reader(tile, lane0);
  const std::size_t P = s.positions(), T = tile.frames, n = T - s.lags + 1;
  float* frame = clean_frame(s, space);
  float* plane = space.plane.at_least(P * kStrip);
  float* in_space = space.in_space.at_least(s.filters * P * T * kStrip);
  float* seen = space.seen.at_least(s.filters * P * n * kStrip);
  float* newest_last = space.series.at_least(s.lags);
  for (std::size_t t = 0; t < T; ++t) {
    reader.unpack(s, t, frame);
    for (std::size_t k = 0; k < s.filters; ++k) {
      filter_frame(s, frame, w.spatial + k * s.taps(), plane);
      float* to = in_space + (k * P * T + t) * kStrip;
      for (std::size_t p = 0; p < P; ++p) store(load(plane + p * kStrip), to + p * T * kStrip);
    }
  }
  for (std::size_t k = 0; k < s.filters; ++k) {
    for (std::size_t l = 0; l < s.lags; ++l) newest_last[s.lags - 1 - l] = w.temporal[k * s.lags + l];
    for (std::size_t p = k * P; p < (k + 1) * P; ++p)
      correlate_in_time(newest_last, s.lags, in_space + p * T * kStrip, n, seen + p * n * kStrip);
  }
}

/// Gradient to the temporal filters; in_space becomes the gradient to what it held.
HWY_INLINE void time_backward(const ConvShape& s, const SeparableWeights& w, std::size_t T, StripSpace& space,
                              float* lag_sums) {
  const std::size_t P = s.positions(), n = T - s.lags + 1, history = s.lags - 1;
  // One position's gradient between zeros, so that every frame of the movie sees `lags` frames of it.
  float* padded = space.series.zeroed((n + 2 * history) * kStrip);
  for (std::size_t k = 0; k < s.filters; ++k)
    for (std::size_t p = k * P; p < (k + 1) * P; ++p) {
      const float* gradient = space.seen.data() + p * n * kStrip;
      float* series = space.in_space.data() + p * T * kStrip;
      add_lag_gradient(gradient, n, series, s.lags, lag_sums + k * s.lags * kStrip);
      for (std::size_t t = 0; t < n; ++t) store(load(gradient + t * kStrip), padded + (history + t) * kStrip);
      correlate_in_time(w.temporal + k * s.lags, s.lags, padded, T, series);
    }
}

void separable_backward(const ConvShape& s, const SeparableWeights& w, const TileView& tile, std::size_t lane0,
                        StripSpace& space, const SeparableGradient& gradient) {
  const FrameReader reader(tile, lane0);
  const std::size_t P = s.positions(), T = tile.frames;
  float* lag_sums = space.lag_sums.zeroed(s.filters * s.lags * kStrip);
  float* tap_sums = space.tap_sums.zeroed(s.filters * s.taps() * kStrip);
  time_backward(s, w, T, space, lag_sums);
  float* frame = clean_frame(s, space);
  float* plane = space.plane.at_least(P * kStrip);
  for (std::size_t t = 0; t < T; ++t) {
    reader.unpack(s, t, frame);
    for (std::size_t k = 0; k < s.filters; ++k) {
      const float* from = space.in_space.data() + (k * P * T + t) * kStrip;
      for (std::size_t p = 0; p < P; ++p) store(load(from + p * T * kStrip), plane + p * kStrip);
      add_tap_gradient(s, frame, plane, tap_sums + k * s.taps() * kStrip);
    }
  }
  add_tree_sums(tap_sums, s.filters * s.taps(), gradient.spatial);
  for (std::size_t k = 0; k < s.filters; ++k)  // sums run from the oldest lag to the newest
    for (std::size_t l = 0; l < s.lags; ++l)
      gradient.temporal[k * s.lags + l] += tree_sum(load(lag_sums + (k * s.lags + s.lags - 1 - l) * kStrip));
}

void direct_forward(const ConvShape& s, const float* filters, const TileView& tile, std::size_t lane0,
                    StripSpace& space) {
  const FrameReader reader(tile, lane0);
  const std::size_t P = s.positions(), T = tile.frames, n = T - s.lags + 1;
  float* frame = clean_frame(s, space);
  float* plane = space.plane.at_least(P * kStrip);
  float* seen = space.seen.zeroed(s.filters * P * n * kStrip);
  for (std::size_t at = 0; at < T; ++at) {
    reader.unpack(s, at, frame);
    for (std::size_t k = 0; k < s.filters; ++k)
      for (std::size_t l = 0; l < s.lags; ++l) {
        const std::size_t t = at + l - (s.lags - 1);  // wraps where there is no such frame
        if (t >= n) continue;
        filter_frame(s, frame, filters + (k * s.lags + l) * s.taps(), plane);
        float* to = seen + (k * P * n + t) * kStrip;
        for (std::size_t p = 0; p < P; ++p)
          store(hn::Add(load(to + p * n * kStrip), load(plane + p * kStrip)), to + p * n * kStrip);
      }
  }
}

void direct_backward(const ConvShape& s, const TileView& tile, std::size_t lane0, StripSpace& space, float* gradient) {
  const FrameReader reader(tile, lane0);
  const std::size_t P = s.positions(), T = tile.frames, n = T - s.lags + 1;
  float* frame = clean_frame(s, space);
  float* plane = space.plane.at_least(P * kStrip);
  float* sums = space.tap_sums.zeroed(s.filters * s.lags * s.taps() * kStrip);
  for (std::size_t at = 0; at < T; ++at) {
    reader.unpack(s, at, frame);
    for (std::size_t k = 0; k < s.filters; ++k)
      for (std::size_t l = 0; l < s.lags; ++l) {
        const std::size_t t = at + l - (s.lags - 1);
        if (t >= n) continue;
        const float* from = space.seen.data() + (k * P * n + t) * kStrip;
        for (std::size_t p = 0; p < P; ++p) store(load(from + p * n * kStrip), plane + p * kStrip);
        add_tap_gradient(s, frame, plane, sums + (k * s.lags + l) * s.taps() * kStrip);
      }
  }
  add_tree_sums(sums, s.filters * s.lags * s.taps(), gradient);
}

}  // namespace HWY_NAMESPACE
}  // namespace plexiform
HWY_AFTER_NAMESPACE();
#endif
