#pragma once
#include <cstdint>

#include "plexiform/base/random.hpp"
#include "plexiform/recording/circuit.hpp"

namespace plexiform {

/// Spikes of one frame: draw `index` of `random` by the circuit's spike rule, at a rate in spikes per frame.
/// Throws Error{numeric} if the rate of a Poisson or negative binomial count is above 500, negative or not finite.
std::int64_t draw_count(const Circuit& circuit, const CounterRandom& random, std::uint64_t index, double rate);

}  // namespace plexiform
