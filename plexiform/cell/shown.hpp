#pragma once
#include <memory>
#include <optional>
#include <string>

#include "plexiform/cell/presets.hpp"
#include "plexiform/stimulus/recipe.hpp"

namespace plexiform {

/// What a model cell is shown.
struct ShownMovie {
  std::shared_ptr<const Stimulus> stimulus;
  std::optional<StimulusRecipe> recipe;  ///< none for images, whose frames are kept
};

/// The movie of a recipe on a grid; `frames` counts for images, which come to an end. Reads the images.
/// Throws Error{usage} if a setting means nothing to the stimulus, and as image_file.hpp and
/// image_movie.hpp.
ShownMovie shown_movie(const ShowRecipe& show, NoiseValues noise, double frame_rate, const FrameShape& shape,
                       std::int64_t frames, std::uint64_t seed);

/// Throws Error{usage} if a value makes no sense, or means nothing to the kind of stimulus.
void check_show(const ShowRecipe& show);

}  // namespace plexiform
