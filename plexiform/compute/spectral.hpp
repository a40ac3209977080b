#pragma once
#include <cstddef>

#include "plexiform/compute/fourier.hpp"
#include "plexiform/compute/shape.hpp"

namespace plexiform {

/// How a layer works on Fourier transforms over time, and over space where that pays. The movie is real and filters
/// come in pairs, one as the real and one as the imaginary part of a complex filter: their responses come out the same
/// way, and no transform is wasted on what symmetry would give.
struct SpectralPlan {
  ConvShape shape;
  std::size_t frames = 0;                  ///< of a tile, with history
  bool over_space = true;                  ///< else pixels stand for themselves, and taps are added up by definition
  FourierPlan time, vertical, horizontal;  ///< at least as long as the padded movie, so that nothing wraps around

  std::size_t frequencies() const { return time.n; }
  std::size_t kept_frequencies() const { return time.n / 2 + 1; }  ///< of the real movie; the others mirror them
  /// Numbers of a frame's transform: waves, or padded pixels.
  std::size_t waves() const { return vertical.n * horizontal.n; }
  /// Numbers of a filter's transform at one frequency: waves, or taps.
  std::size_t filter_waves() const { return over_space ? waves() : shape.filter_rows * shape.filter_columns; }
  std::size_t pairs() const { return (shape.filters + 1) / 2; }
  /// Floats of a strip's movie spectrum [channel, kept frequency, wave, (real, imaginary), lane] per lane.
  std::size_t spectrum_size() const { return shape.channels * kept_frequencies() * waves() * 2; }
  /// Floats of the filters' spectra [pair, channel, frequency, wave, (real, imaginary)].
  std::size_t filter_spectrum_size() const { return pairs() * shape.channels * frequencies() * filter_waves() * 2; }
};
SpectralPlan make_spectral_plan(const ConvShape& shape, std::size_t frames, bool over_space);

}  // namespace plexiform
