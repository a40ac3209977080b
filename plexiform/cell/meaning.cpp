#include "plexiform/base/error.hpp"
#include "plexiform/cell/preset.hpp"

namespace plexiform {
namespace {

void require(bool meant, const std::string& key, const std::string& found, const std::string& expected) {
  if (meant) return;
  throw Error(ErrorKind::usage, key + " is set, but " + found + ", expected " + expected, "omit " + key);
}

/// The kinds of the mosaics: what is drawn for a preset of Gaussians.
void require_shapes(const CellRecipe& recipe, const Preset& preset, const CellTraits& all) {
  const std::string fixed = std::string("the preset is ") + preset.name + ", whose sizes are fixed";
  require(recipe.sizes_vary == 0 || preset.sizes_differ, "sizes_vary", fixed, "a mosaic, such as mosaic5 or mosaic9");
  require(!recipe.traits.subunit_surround_size || all.subunit_surround.value_or(0) > 0, "subunit_surround_size",
          "subunit_surround is 0", "a subunit_surround above 0");
}

void require_polarity(const CellTraits& set, const CellTraits& all, SubunitNonlinearity subunits) {
  const bool twins = all.twins.value_or(false);
  require(!set.other_polarity || *set.other_polarity == 0 || subunits != SubunitNonlinearity::squared, "other_polarity",
          "subunits is squared, which has no polarity", "relu, half_squared or linear");
  require(!set.other_polarity || *set.other_polarity == 0 || !twins, "other_polarity",
          "each subunit has a twin of the other polarity", "twins=no");
  if (twins && subunits == SubunitNonlinearity::linear)
    throw Error(ErrorKind::usage, "subunits is linear, but twins of opposite polarity would cancel",
                "choose relu, half_squared or squared, or twins=no");
}

void require_suppression(const CellTraits& set, const CellTraits& all) {
  const bool some = all.suppressive.value_or(0) > 0;
  const auto one = [&](bool is_set, const std::string& key) {
    require(!is_set || some, key, "there is no suppressive subunit", "suppressive=1 or more");
  };
  one(set.suppressive_weight.has_value(), "suppressive_weight");
  one(set.suppressive_delay.has_value(), "suppressive_delay");
  one(set.suppressive_size.has_value(), "suppressive_size");
  one(set.suppressive_polarity.has_value(), "suppressive_polarity");
}

}  // namespace

void require_meaning(const CellRecipe& recipe, const Preset& preset) {
  const auto spikes = recipe.spikes.value_or(preset.spikes);
  const auto output = recipe.output.value_or(preset.output);
  require(!recipe.fano || spikes == SpikeRule::negative_binomial, "fano", "spikes is " + to_string(spikes),
          to_string(SpikeRule::negative_binomial));
  require(!recipe.output_scale || output != OutputNonlinearity::rectified, "output_scale",
          "output is " + to_string(output), "saturating or exponential");
  const CellTraits all = traits_of(recipe, preset);
  require_shapes(recipe, preset, all);
  require_polarity(recipe.traits, all, recipe.subunits.value_or(preset.subunits));
  require_suppression(recipe.traits, all);
}

}  // namespace plexiform
