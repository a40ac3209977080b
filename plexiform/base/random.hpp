#pragma once
#include <array>
#include <cstdint>

namespace plexiform {

/// Random numbers by counter (Philox4x32-10; Salmon et al. 2011, SC'11): draw `index` of stream `stream` under `seed`
/// is a pure function of the three, so results depend neither on the order of calls nor on threads.
class CounterRandom {
 public:
  CounterRandom(std::uint64_t seed, std::uint64_t stream) : seed_(seed), stream_(stream) {}

  /// Four independent 32-bit words at `index`.
  std::array<std::uint32_t, 4> words(std::uint64_t index) const;
  /// Uniform in [0, 1), 53 bits.
  double uniform(std::uint64_t index) const;
  /// Standard normal (Box-Muller on two uniforms of the same index).
  double normal(std::uint64_t index) const;
  /// Poisson with the given mean >= 0, by inversion of one uniform; exact to double rounding for means up to 500,
  /// throws Error{numeric} above or where the mean is not finite.
  std::int64_t poisson(std::uint64_t index, double mean) const;
  /// Uniform integer in [0, n), n >= 1.
  std::int64_t integer(std::uint64_t index, std::int64_t n) const;

 private:
  std::uint64_t seed_;
  std::uint64_t stream_;
};

}  // namespace plexiform
