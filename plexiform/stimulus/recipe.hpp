#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "plexiform/stimulus/stimulus.hpp"

namespace plexiform {

enum class NoiseValues { binary, gaussian };

/// White noise, independent in space, time and channel; endless. Value n (n = ((frame * C + c) * H + y) * W + x) is a
/// pure function of (seed, n): binary +-contrast, gaussian with standard deviation contrast.
struct WhiteNoiseRecipe {
  NoiseValues values = NoiseValues::binary;
  std::uint64_t seed = 0;
  FrameShape shape;
  double contrast = 1;
};

/// Which coordinate runs fastest in the stream of random numbers of one frame:
/// xy: value number x * H + y (y fastest); yx: y * W + x (x fastest).
enum class PixelOrder { xy, yx };

/// White noise as stimulus programs with Numerical Recipes' generators made it (Press et al., 2nd edition, chapter 7:
/// ran1, gasdev). Running blocks continue one stream; a frozen block starts its own stream anew each time.
/// Displayed order: running, frozen, running, frozen, ... beginning with a running block; without frozen frames it is
/// one endless running block. Binary is +contrast where ran1 >= 0.5, else -contrast.
struct Ran1Recipe {
  NoiseValues values = NoiseValues::binary;
  std::int64_t seed = -1;  ///< negative, as ran1 wants it
  std::int64_t height = 0;
  std::int64_t width = 0;
  PixelOrder order = PixelOrder::xy;
  double contrast = 1;
  std::int64_t running_frames = 0;  ///< length of a running block; counts only where there are frozen frames
  std::int64_t frozen_frames = 0;   ///< length of a frozen block; 0: none
  std::int64_t frozen_seed = 0;     ///< negative; 0: not known, and the frozen frames read as contrast 0
};

using StimulusRecipe = std::variant<WhiteNoiseRecipe, Ran1Recipe>;

/// Throws Error{data} where the recipe makes no sense (no pixels, seed of the wrong sign, ...). A replay runs forward
/// only: it keeps its state every millisecond of work or so, and a read starts at the last state before its block.
std::unique_ptr<Stimulus> make_stimulus(const StimulusRecipe& recipe);

/// One JSON object with every field, the form in which a recording keeps its recipe. Reading throws Error{data} where
/// it is no JSON, a field is missing, unknown (with the nearest known name) or of the wrong type, or the recipe makes
/// no sense.
std::string to_json(const StimulusRecipe& recipe);
StimulusRecipe recipe_from_json(std::string_view json);

}  // namespace plexiform
