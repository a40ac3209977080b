#pragma once
#include <array>
#include <cstdint>

namespace plexiform {

/// The generator ran1 of Press et al., Numerical Recipes (2nd edition, section 7.1): Park and Miller's minimal standard
/// with a Bays-Durham shuffle. The state is plain data, so it can be copied as a checkpoint. `seed` is negative.
class Ran1 {
 public:
  explicit Ran1(std::int64_t seed);
  /// Uniform in (0, 1), single precision as published.
  float next();

 private:
  std::int64_t idum_;
  std::int64_t iy_;
  std::array<std::int64_t, 32> iv_;
};

/// gasdev (section 7.2): normal deviates in pairs by the polar Box-Muller method, on top of ran1.
class Gasdev {
 public:
  explicit Gasdev(std::int64_t seed) : uniform_(seed) {}
  float next();

 private:
  Ran1 uniform_;
  bool has_spare_ = false;
  float spare_ = 0;
};

}  // namespace plexiform
