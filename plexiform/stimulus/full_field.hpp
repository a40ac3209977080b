#pragma once
#include <memory>

#include "plexiform/stimulus/recipe.hpp"

namespace plexiform {

/// The stimulus of a recipe that make_stimulus has checked.
std::unique_ptr<Stimulus> flicker_stimulus(const FlickerRecipe& recipe);
std::unique_ptr<Stimulus> chirp_stimulus(const ChirpRecipe& recipe);

}  // namespace plexiform
