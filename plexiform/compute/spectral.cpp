#include "plexiform/compute/spectral.hpp"

namespace plexiform {

SpectralPlan make_spectral_plan(const ConvShape& shape, std::size_t frames) {
  return {shape, frames, make_fourier_plan(fourier_size(frames)),
          make_fourier_plan(fourier_size(shape.padded_height())),
          make_fourier_plan(fourier_size(shape.padded_width()))};
}

}  // namespace plexiform
