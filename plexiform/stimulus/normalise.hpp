#pragma once
#include <span>

#include "plexiform/stimulus/recipe.hpp"

namespace plexiform {

/// Luminance to contrast, in place (see Normalisation). `mean`: luminance of the whole set, above 0.
void normalise(std::span<float> image, Normalisation how, double mean, double contrast);

}  // namespace plexiform
