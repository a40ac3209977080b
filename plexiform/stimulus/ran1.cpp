#include "plexiform/stimulus/ran1.hpp"

#include <cmath>
#include <string>

#include "plexiform/base/error.hpp"

namespace plexiform {
Ran1::Ran1(std::int64_t seed) {
  if (seed >= 0 || seed <= -kModulus) {
    throw Error(ErrorKind::data, "ran1's seed is " + std::to_string(seed) + ", expected a negative number above " +
                                     std::to_string(-kModulus));
  }
  idum_ = static_cast<std::uint32_t>(-seed);
  constexpr int kWarmUp = 8;
  for (int i = 0; i < kWarmUp; ++i) idum_ = minimal_standard(idum_);
  for (int i = kTable - 1; i >= 0; --i) {
    idum_ = minimal_standard(idum_);
    iv_[static_cast<std::size_t>(i)] = idum_;
  }
  iy_ = iv_[0];
}

void Ran1::discard(std::int64_t values) {
  Ran1 state = *this;  // a local copy stays in registers
  for (std::int64_t i = 0; i < values; ++i) state.next_integer();
  *this = state;
}

Gasdev::Point Gasdev::point_in_circle() {
  // A product of two floats is exact in double, so each step rounds once, as in single precision, and no compiler can
  // fuse the product with the sum.
  const auto product = [](float a) { return static_cast<float>(double{a} * double{a}); };
  for (;;) {
    const auto v1 = static_cast<float>(2.0 * uniform_.next() - 1.0);
    const auto v2 = static_cast<float>(2.0 * uniform_.next() - 1.0);
    const float square = product(v1) + product(v2);
    if (square < 1.0f && square != 0.0f) return {v1, v2, square};
  }
}

float Gasdev::next() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const Point point = point_in_circle();
  const auto factor = static_cast<float>(std::sqrt(-2.0 * std::log(double{point.square}) / double{point.square}));
  spare_ = point.v1 * factor;
  has_spare_ = true;
  return point.v2 * factor;
}

void Gasdev::discard(std::int64_t values) {
  if (values > 0 && has_spare_) {
    has_spare_ = false;
    --values;
  }
  for (; values >= 2; values -= 2) point_in_circle();  // a pair that is not wanted needs no logarithm
  if (values == 1) next();
}

}  // namespace plexiform
