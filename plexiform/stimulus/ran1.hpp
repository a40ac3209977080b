#pragma once
#include <array>
#include <cstdint>

namespace plexiform {

/// The generator ran1 of Press et al., Numerical Recipes in C (2nd edition, section 7.1): Park and Miller's minimal
/// standard with a Bays-Durham shuffle. The state is plain data, so it can be copied as a checkpoint.
class Ran1 {
 public:
  static constexpr std::int64_t kModulus = 2147483647;  // IM, 2^31 - 1

  /// `seed` is negative, as ran1 wants it, and above -kModulus; throws Error{data} otherwise.
  explicit Ran1(std::int64_t seed);

  /// The integer behind the next value, in 1 .. kModulus - 1.
  std::uint32_t next_integer();
  /// Uniform in (0, 1), single precision as published.
  float next() { return uniform(next_integer()); }
  void discard(std::int64_t values);

  /// What ran1 makes of its integer: 1 / IM times it, rounded to single precision, never above RNMX.
  static constexpr float uniform(std::uint32_t integer);
  /// ran1 >= 0.5 exactly where its integer is no less than this (somewhat below half of IM, by the rounding).
  static constexpr std::uint32_t kHalf = 1073741792;

 private:
  static constexpr int kTable = 32;       // NTAB
  static constexpr int kTableShift = 26;  // NDIV = 1 + (IM - 1) / NTAB is 2^26

  static std::uint32_t minimal_standard(std::uint32_t x);

  std::uint32_t idum_ = 0;
  std::uint32_t iy_ = 0;
  std::array<std::uint32_t, kTable> iv_{};
};

/// gasdev (section 7.2): normal deviates in pairs by the polar Box-Muller method, on top of ran1. Single precision
/// where the published code has `float`, double where it has a constant such as 2.0 or a call such as log.
class Gasdev {
 public:
  explicit Gasdev(std::int64_t seed) : uniform_(seed) {}
  float next();
  void discard(std::int64_t values);

 private:
  struct Point {
    float v1, v2, square;
  };
  Point point_in_circle();

  Ran1 uniform_;
  bool has_spare_ = false;
  float spare_ = 0;
};

constexpr float Ran1::uniform(std::uint32_t integer) {
  constexpr double kScale = 1.0 / static_cast<double>(kModulus);  // AM
  constexpr double kLargest = 1.0 - 1.2e-7;                       // RNMX
  const auto value = static_cast<float>(kScale * integer);
  return value > kLargest ? static_cast<float>(kLargest) : value;
}
static_assert(Ran1::uniform(Ran1::kHalf) >= 0.5f && Ran1::uniform(Ran1::kHalf - 1) < 0.5f);

/// x times 16807 modulo 2^31 - 1. The published code does it in 32 bits by Schrage's method, with a division; in 64
/// bits 2^31 = 1 (mod 2^31 - 1) lets the upper bits be added to the lower ones. The result is the same number.
inline std::uint32_t Ran1::minimal_standard(std::uint32_t x) {
  constexpr std::uint64_t kMultiplier = 16807;  // IA
  const std::uint64_t product = kMultiplier * x;
  const std::uint64_t folded = (product & kModulus) + (product >> 31);  // below 2 * kModulus
  const std::uint64_t reduced = folded - kModulus;
  return static_cast<std::uint32_t>(folded >= kModulus ? reduced : folded);
}

inline std::uint32_t Ran1::next_integer() {
  idum_ = minimal_standard(idum_);
  std::uint32_t& slot = iv_[iy_ >> kTableShift];
  iy_ = slot;
  slot = idum_;
  return iy_;
}

}  // namespace plexiform
