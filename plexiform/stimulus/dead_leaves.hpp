#pragma once
#include <memory>

#include "plexiform/stimulus/recipe.hpp"

namespace plexiform {

/// The stimulus of a recipe that make_stimulus has checked.
std::unique_ptr<Stimulus> dead_leaves_stimulus(const DeadLeavesRecipe& recipe);

}  // namespace plexiform
