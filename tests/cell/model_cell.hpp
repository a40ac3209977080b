#pragma once
#include <cstdint>

#include "plexiform/cell/presets.hpp"

namespace plexiform::testing {

/// A recording of one model cell of five subunits, on a layout that documents do not report.
inline Recording model_cell(std::int64_t frames) {
  CellRecipe recipe;
  recipe.seed = 112;
  recipe.frames = frames;
  return simulate(recipe);
}

}  // namespace plexiform::testing
