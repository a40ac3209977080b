#pragma once
#include <cstdint>
#include <vector>

#include "plexiform/base/random.hpp"
#include "plexiform/recording/circuit.hpp"

namespace plexiform {

/// A drift whose waves have periods from `frames` to an eighth of it, with seeded sizes (k-th wave: about 1 / k) and
/// phases, and together the standard deviation `deviation` over `frames` frames (above 0). The transient begins at 5/3
/// of the deviation and decays over 2,000 frames.
GainDrift seeded_drift(double deviation, std::int64_t frames, std::uint64_t seed);

/// log_gain of Circuit's definition, frame after frame from 0 on. The circuit must outlive it.
class LogGain {
 public:
  explicit LogGain(const Circuit& circuit);
  double next();

 private:
  const Circuit& circuit_;
  CounterRandom steps_;
  double noise_ = 0;
  std::int64_t frame_ = 0;
};

/// log_gain of frames [begin, end) since the recording began; takes time in proportion to `end`.
std::vector<double> log_gain(const Circuit& circuit, std::int64_t begin, std::int64_t end);

}  // namespace plexiform
