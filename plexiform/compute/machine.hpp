#pragma once
#include "plexiform/compute/algorithm.hpp"

namespace plexiform {

/// What the machine can do at most, measured.
struct MachinePeak {
  double operations = 0;  ///< single-precision operations a second (a multiply-add is two), all threads
  double bandwidth = 0;   ///< bytes a second read from memory, all threads
};
/// Takes half a second; the best of several rounds.
MachinePeak measure_machine(int threads);

/// Single-precision operations of a training step's convolution on a tile with lanes of lane_frames frames: forward and
/// gradient to the filters. Fourier transforms count 5 n log2 n (as FFTW's authors do).
double step_operations(const ConvShape& shape, Algorithm algorithm, std::size_t lane_frames);

}  // namespace plexiform
