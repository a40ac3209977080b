#pragma once
#include <array>
#include <cstdint>

namespace plexiform {

/// Random numbers by counter (Philox4x32-10; Salmon et al. 2011, SC'11): draw `index` of stream `stream` under `seed`
/// is a pure function of the three, so results depend neither on the order of calls nor on threads.
class CounterRandom {
 public:
  CounterRandom(std::uint64_t seed, std::uint64_t stream) : seed_(seed), stream_(stream) {}

  /// Four independent 32-bit words at `index`. All other draws at the same index are made of these words.
  std::array<std::uint32_t, 4> words(std::uint64_t index) const;
  /// Uniform in [0, 1), 53 bits.
  double uniform(std::uint64_t index) const;
  /// Standard normal (Box-Muller on two uniforms of the same index).
  double normal(std::uint64_t index) const;
  /// Poisson with the given mean >= 0, by inversion of one uniform; exact to double rounding for means up to 500,
  /// throws Error{numeric} above or if the mean is negative or not finite.
  std::int64_t poisson(std::uint64_t index, double mean) const;
  /// Uniform integer in [0, n), n >= 1 (to within n / 2^64). Throws InternalError if n < 1.
  std::int64_t integer(std::uint64_t index, std::int64_t n) const;

 private:
  std::uint64_t seed_;
  std::uint64_t stream_;
};

/// A seed of its own for a purpose, so that the parts of one piece of work (its stimulus, its spikes, its second start)
/// share one seed of the user's and yet draw independently.
std::uint64_t derived_seed(std::uint64_t seed, std::uint64_t purpose);

}  // namespace plexiform
