// What every kernel needs: vectors of lanes, sums over lanes, frames of a tile. Compiled once a target
// (kernels.cpp).
#if defined(PLEXIFORM_COMPUTE_LANES_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef PLEXIFORM_COMPUTE_LANES_INL
#undef PLEXIFORM_COMPUTE_LANES_INL
#else
#define PLEXIFORM_COMPUTE_LANES_INL
#endif

#include <hwy/highway.h>

#include "plexiform/compute/kernels.hpp"

HWY_BEFORE_NAMESPACE();
namespace plexiform {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// A strip of a tile: the lanes of one register. Eight where the machine has them: two strips serve two threads, and on
/// the machines measured registers of sixteen gain nothing.
using Tag = hn::CappedTag<float, 8>;
using Vector = hn::Vec<Tag>;
inline constexpr std::size_t kStrip = hn::MaxLanes(Tag());

HWY_INLINE Vector load(const float* p) {
  return hn::LoadU(Tag(), p);
}
HWY_INLINE void store(Vector v, float* p) {
  hn::StoreU(v, Tag(), p);
}
HWY_INLINE Vector broadcast(float x) {
  return hn::Set(Tag(), x);
}
HWY_INLINE Vector zero() {
  return hn::Zero(Tag());
}

/// Sum over the lanes of a strip as a tree over neighbours, so that the sum over all lanes of a tile is the same
/// however wide a strip is.
HWY_INLINE float tree_sum(Vector v) {
  HWY_ALIGN float x[kStrip];
  store(v, x);
  for (std::size_t step = 1; step < kStrip; step *= 2)
    for (std::size_t i = 0; i < kStrip; i += 2 * step) x[i] += x[i + step];
  return x[0];
}

/// to[i] += tree_sum of the i-th vector from `from` on, many at a time: neighbours of kStrip vectors are added until
/// lane i of what is left holds the sum of vector i.
HWY_INLINE void add_tree_sums(const float* from, std::size_t vectors, float* to) {
  std::size_t i = 0;
#if HWY_TARGET != HWY_SCALAR  // where a vector is one lane there is nothing to add
  for (; i + kStrip <= vectors; i += kStrip) {
    Vector v[kStrip];
    for (std::size_t j = 0; j < kStrip; ++j) v[j] = load(from + (i + j) * kStrip);
#pragma GCC unroll 4
    for (std::size_t left = kStrip / 2; left > 0; left /= 2)
#pragma GCC unroll 8
      for (std::size_t j = 0; j < left; ++j)
        v[j] = hn::Add(hn::ConcatEven(Tag(), v[2 * j + 1], v[2 * j]), hn::ConcatOdd(Tag(), v[2 * j + 1], v[2 * j]));
    store(hn::Add(load(to + i), v[0]), to + i);
  }
#endif
  for (; i < vectors; ++i) to[i] += tree_sum(load(from + i * kStrip));
}

/// Lanes [lane0, lane0 + kStrip) of one value of a tile's frame.
class FrameReader {
 public:
  FrameReader(const TileView& tile, std::size_t lane0)
      : tile_(tile), lane0_(lane0), high_(broadcast(tile.scale)), low_(broadcast(-tile.scale)) {}

  HWY_INLINE Vector value(std::size_t index) const {
    if (tile_.bits == nullptr) return hn::Mul(high_, load(tile_.values + index * kLanes + lane0_));
    const auto word = static_cast<std::uint16_t>(tile_.bits[index] >> lane0_);
    std::uint8_t bytes[8] = {static_cast<std::uint8_t>(word & ((1U << kStrip) - 1U))};  // LoadMaskBits reads up to 8
    return hn::IfThenElse(hn::LoadMaskBits(Tag(), bytes), high_, low_);
  }

  /// One frame into [channel, padded height, padded width, lane]; the border stays as it is.
  HWY_INLINE void unpack(const ConvShape& s, std::size_t frame, float* to) const {
    std::size_t index = frame * s.pixels();
    for (std::size_t c = 0; c < s.channels; ++c)
      for (std::size_t y = 0; y < s.height; ++y) {
        float* row = to + ((c * s.padded_height() + y + s.pad) * s.padded_width() + s.pad) * kStrip;
        for (std::size_t x = 0; x < s.width; ++x) store(value(index++), row + x * kStrip);
      }
  }

 private:
  const TileView& tile_;
  std::size_t lane0_;
  Vector high_, low_;
};

/// Calls body(begin, std::integral_constant<size>) on pieces of [0, n) of nearly equal sizes up to 8, so that the
/// kernels' inner loops have a fixed length.
template <class Body>
HWY_INLINE void in_pieces(std::size_t n, const Body& body) {
  const std::size_t pieces = (n + 7) / 8;
  for (std::size_t i = 0; i < pieces; ++i) {
    const std::size_t begin = i * n / pieces;
    switch ((i + 1) * n / pieces - begin) {
      case 1:
        body(begin, std::integral_constant<int, 1>());
        break;
      case 2:
        body(begin, std::integral_constant<int, 2>());
        break;
      case 3:
        body(begin, std::integral_constant<int, 3>());
        break;
      case 4:
        body(begin, std::integral_constant<int, 4>());
        break;
      case 5:
        body(begin, std::integral_constant<int, 5>());
        break;
      case 6:
        body(begin, std::integral_constant<int, 6>());
        break;
      case 7:
        body(begin, std::integral_constant<int, 7>());
        break;
      default:
        body(begin, std::integral_constant<int, 8>());
        break;
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace plexiform
HWY_AFTER_NAMESPACE();
#endif
