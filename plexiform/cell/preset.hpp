#pragma once
#include <cstdint>
#include <string>

#include "plexiform/cell/layouts.hpp"
#include "plexiform/cell/presets.hpp"

namespace plexiform {

/// What a preset fixes. NaN in `threshold` or `gain`: the one relative to the drive holds in its place.
struct Preset {
  const char* name;
  const char* description;
  Layout (*layout)(std::uint64_t seed, double sizes_vary);
  std::int64_t frames;
  SubunitNonlinearity subunits;
  SpikeRule spikes;
  double amplitude;
  double filter_norm;  ///< L2 norm that the recipe's spatial filters have; a Circuit's have 1 and carry it as amplitude
  double threshold, threshold_of_mean;
  double gain, target_rate;
  OutputNonlinearity output = OutputNonlinearity::rectified;
  double fano = 2;           ///< where counts are negative binomial
  double surround = 0;       ///< as CellRecipe's
  bool sizes_differ = true;  ///< whether sizes_vary means anything to the layout
};

inline constexpr std::int64_t kPresetLags = 20;

/// Throws Error{usage} with the nearest known name.
const Preset& preset_of(const std::string& name);

/// Throws Error{usage} if a value of the recipe makes no sense, with what was found and what was expected.
void check_recipe(const CellRecipe& recipe);

}  // namespace plexiform
