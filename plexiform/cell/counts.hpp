#pragma once
#include <cstdint>
#include <optional>

#include "plexiform/base/random.hpp"
#include "plexiform/recording/circuit.hpp"

namespace plexiform {

/// Spikes of one frame: draw `index` of `random` by the circuit's spike rule, at a rate in spikes per frame.
/// Throws Error{numeric} if the rate of a Poisson or negative binomial count is above 500, negative or not finite.
std::int64_t draw_count(const Circuit& circuit, const CounterRandom& random, std::uint64_t index, double rate);

/// What a cell's spikes do to its rate in the frames after them (the factor r of Circuit's definition), frame by frame.
class SpikeHistory {
 public:
  explicit SpikeHistory(const Circuit& circuit) : share_(circuit.refractory), frames_(circuit.refractory_frames) {}
  /// Of the rate of the next frame; exactly 1 without refractoriness.
  double factor() const;
  /// The spikes of that frame.
  void add(std::int64_t count);

 private:
  double share_, frames_;
  std::optional<std::int64_t> since_;  ///< frames from the last one with a spike to the next one
};

}  // namespace plexiform
