#include "plexiform/compute/spectral.hpp"

namespace plexiform {

SpectralPlan make_spectral_plan(const ConvShape& shape, std::size_t frames, bool over_space) {
  SpectralPlan plan;
  plan.shape = shape;
  plan.frames = frames;
  plan.over_space = over_space;
  plan.time = make_fourier_plan(fourier_size(frames));
  const std::size_t height = shape.padded_height(), width = shape.padded_width();
  plan.vertical = over_space ? make_fourier_plan(fourier_size(height)) : FourierPlan{height, {}};
  plan.horizontal = over_space ? make_fourier_plan(fourier_size(width)) : FourierPlan{width, {}};
  return plan;
}

}  // namespace plexiform
