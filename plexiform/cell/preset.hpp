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
  double temporal_vary = 0;  ///< as CellRecipe's
  /// 0: the layout is drawn by the cell's seed, as that of mosaic5. Others each have a number, and layouts of their
  /// own.
  std::uint64_t kind = 0;
  CellTraits traits = {};
  /// Where above 0: suppressive_weight is uniform between that of `traits` and this, by the seed.
  double most_suppressive_weight = 0;
};

inline constexpr std::int64_t kPresetLags = 20;

/// Throws Error{usage} with the nearest known name.
const Preset& preset_of(const std::string& name);

/// Throws Error{usage} if a value of the recipe makes no sense, with what was found and what was expected.
void check_recipe(const CellRecipe& recipe);

/// The recipe's traits, and the preset's where the recipe has none.
CellTraits traits_of(const CellRecipe& recipe, const Preset& preset);

/// Throws Error{usage} if something is set that means nothing to the rest of the recipe.
void require_meaning(const CellRecipe& recipe, const Preset& preset);

/// The circuit of a recipe but for what is fixed on the drive: threshold, gain, output_scale and pool_mean.
Circuit parts_of(const CellRecipe& recipe, const Preset& preset);

}  // namespace plexiform
