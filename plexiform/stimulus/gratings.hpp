#pragma once
#include <memory>

#include "plexiform/stimulus/recipe.hpp"

namespace plexiform {

/// The stimulus of a recipe that make_stimulus has checked.
std::unique_ptr<Stimulus> grating_stimulus(const GratingRecipe& recipe);

}  // namespace plexiform
