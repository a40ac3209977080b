#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/recording/circuit.hpp"
#include "plexiform/stimulus/stimulus.hpp"

namespace plexiform {

/// The drive (before threshold and gain) of a circuit on displayed frames [begin, end), begin >= lags - 1. Channels are
/// averaged. The same bits for any number of threads and any block.
/// Throws Error{data} if the circuit and the stimulus have different grids, InternalError if begin < lags - 1,
/// Interrupted on a stop request.
std::vector<double> circuit_drive(const Circuit& circuit, const Stimulus& stimulus, std::int64_t begin,
                                  std::int64_t end, const Context& context = {});

/// The rate at a gain of 1, g(drive - threshold) of Circuit's definition.
double output_of(const Circuit& circuit, double drive);

/// The rate at a gain of 1 that belongs to drive[first] and what follows; the frames before `first` count in the
/// divisor, those before drive[0] as the pool's mean.
std::vector<double> rate_of_drive(const Circuit& circuit, std::span<const double> drive, std::size_t first = 0);

/// The true rate, spikes per frame: what the stimulus makes of it, without drift, noise and the history of spikes.
/// Throws as circuit_drive.
std::vector<double> circuit_rate(const Circuit& circuit, const Stimulus& stimulus, std::int64_t begin, std::int64_t end,
                                 const Context& context = {});

}  // namespace plexiform
