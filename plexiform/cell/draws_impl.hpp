#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "plexiform/base/random.hpp"

namespace plexiform {

/// Draws in a row, for what needs them one after the other.
class Draws {
 public:
  Draws(std::uint64_t seed, std::uint64_t stream) : random_(seed, stream) {}
  double normal() { return random_.normal(next_++); }
  double uniform(double from, double to) { return from + (to - from) * random_.uniform(next_++); }
  /// 1, varied by `share` (normal), but never near 0 or below.
  double varied(double share) { return std::max(0.2, 1 + share * normal()); }
  /// A factor between 1 / (1 + most) and 1 + most, uniform in its logarithm.
  double factor(double most) { return std::exp(uniform(-std::log1p(most), std::log1p(most))); }
  /// 0 to n - 1.
  std::int64_t integer(std::int64_t n) { return random_.integer(next_++, n); }

 private:
  CounterRandom random_;
  std::uint64_t next_ = 0;
};

}  // namespace plexiform
