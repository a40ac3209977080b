#include <gtest/gtest.h>

#include "base/expect_error.hpp"
#include "base/temporary_folder.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/cell/presets.hpp"

namespace plexiform {
namespace {

using testing::expect_error;
using testing::TemporaryFolder;

TEST(RecipeValues, AreSetByName) {
  CellRecipe recipe;
  for (const auto& [key, value] : std::vector<std::pair<std::string, std::string>>{{"preset", "mosaic9"},
                                                                                   {"seed", "18446744073709551615"},
                                                                                   {"stimulus_seed", "3"},
                                                                                   {"frames", "1000"},
                                                                                   {"frame_rate", "59.94"},
                                                                                   {"noise", "gaussian"},
                                                                                   {"subunits", "half_squared"},
                                                                                   {"spikes", "at_most_one"},
                                                                                   {"amplitude", "0.5"},
                                                                                   {"threshold", "-1"},
                                                                                   {"gain", "1e1"}}) {
    set_recipe_value(recipe, key, value);
  }
  EXPECT_EQ(recipe.preset, "mosaic9");
  EXPECT_EQ(recipe.seed, 18446744073709551615u);
  EXPECT_EQ(recipe.stimulus_seed, 3u);
  EXPECT_EQ(recipe.frames, 1000);
  EXPECT_EQ(recipe.frame_rate, 59.94);
  EXPECT_EQ(recipe.noise, NoiseValues::gaussian);
  EXPECT_EQ(recipe.subunits, SubunitNonlinearity::half_squared);
  EXPECT_EQ(recipe.spikes, SpikeRule::at_most_one);
  EXPECT_EQ(recipe.amplitude, 0.5);
  EXPECT_EQ(recipe.threshold, -1);
  EXPECT_EQ(recipe.gain, 10);
  CellRecipe other;
  set_recipe_value(other, "threshold_of_mean", "0.25");
  set_recipe_value(other, "target_rate", "0.05");
  EXPECT_EQ(other.threshold_of_mean, 0.25);
  EXPECT_EQ(other.target_rate, 0.05);
  for (const auto& [key, value] : std::vector<std::pair<std::string, std::string>>{{"output", "saturating"},
                                                                                   {"output_scale", "0.5"},
                                                                                   {"fano", "3"},
                                                                                   {"sizes_vary", "0.5"},
                                                                                   {"temporal_vary", "0.25"},
                                                                                   {"surround", "0.3"}}) {
    set_recipe_value(other, key, value);
  }
  EXPECT_EQ(other.output, OutputNonlinearity::saturating);
  EXPECT_EQ(other.output_scale, 0.5);
  EXPECT_EQ(other.fano, 3);
  EXPECT_EQ(other.sizes_vary, 0.5);
  EXPECT_EQ(other.temporal_vary, 0.25);
  EXPECT_EQ(other.surround, 0.3);
}

TEST(RecipeValues, SetTraitsByName) {
  CellRecipe recipe;
  for (const auto& [key, value] : std::vector<std::pair<std::string, std::string>>{{"latency_vary", "1.5"},
                                                                                   {"other_polarity", "2"},
                                                                                   {"twins", "no"},
                                                                                   {"suppressive", "3"},
                                                                                   {"suppressive_weight", "0.3"},
                                                                                   {"suppressive_delay", "0.5"},
                                                                                   {"suppressive_size", "3"},
                                                                                   {"suppressive_polarity", "other"},
                                                                                   {"subunit_surround", "0.4"},
                                                                                   {"subunit_surround_size", "2"},
                                                                                   {"profile", "irregular"},
                                                                                   {"drift", "0.2"},
                                                                                   {"shared_noise", "0.25"},
                                                                                   {"refractory", "0.75"},
                                                                                   {"divisive_gain", "1"}}) {
    set_recipe_value(recipe, key, value);
  }
  const CellTraits& traits = recipe.traits;
  EXPECT_EQ(traits.latency_vary, 1.5);
  EXPECT_EQ(traits.other_polarity, 2);
  EXPECT_EQ(traits.twins, false);
  EXPECT_EQ(traits.suppressive, 3);
  EXPECT_EQ(traits.suppressive_weight, 0.3);
  EXPECT_EQ(traits.suppressive_delay, 0.5);
  EXPECT_EQ(traits.suppressive_size, 3);
  EXPECT_EQ(traits.suppressive_polarity, RelativePolarity::other);
  EXPECT_EQ(traits.subunit_surround, 0.4);
  EXPECT_EQ(traits.subunit_surround_size, 2);
  EXPECT_EQ(traits.profile, Profile::irregular);
  EXPECT_EQ(traits.drift, 0.2);
  EXPECT_EQ(traits.shared_noise, 0.25);
  EXPECT_EQ(traits.refractory, 0.75);
  EXPECT_EQ(traits.divisive_gain, 1);
  set_recipe_value(recipe, "twins", "yes");
  EXPECT_EQ(traits.twins, true);
}

TEST(RecipeValues, RefuseUnknownNamesAndNonsense) {
  const auto refused = [](const std::string& key, const std::string& value, const std::vector<std::string>& words) {
    CellRecipe recipe;
    recipe.gain = 1;
    expect_error(ErrorKind::usage, words, [&] { set_recipe_value(recipe, key, value); });
    EXPECT_EQ(recipe.frames, std::nullopt) << "a refused value changes nothing";
  };
  refused("frmaes", "100", {"unknown setting 'frmaes'", "did you mean 'frames'"});
  refused("", "100", {"unknown setting ''"});
  refused("frames", "1e3", {"frames is '1e3'", "a whole number"});
  refused("frames", "100x", {"frames is '100x'"});
  refused("frames", "", {"frames is ''"});
  refused("frames", "20", {"frames is 20", "more than the 20 lags"});
  refused("seed", "-1", {"seed is '-1'", "0 or more"});
  refused("gain", "fast", {"gain is 'fast'", "a number"});
  refused("gain", "nan", {"gain is nan"});
  refused("frame_rate", "1e300", {"frame_rate is 1e+300", "0.001 to 100,000 Hz"});
  refused("target_rate", "0.1", {"gain and target_rate are both set"});
  refused("noise", "pink", {"noise is 'pink'", "binary or gaussian"});
  refused("preset", "mosaic", {"unknown preset 'mosaic'", "did you mean 'mosaic5'"});
  refused("subunits", "rleu", {"'rleu'", "did you mean 'relu'"});
  refused("output", "saturated", {"'saturated'", "did you mean 'saturating'"});
  refused("fano", "0.5", {"fano is 0.5", "above 1"});
  refused("sizes_vary", "much", {"sizes_vary is 'much'", "a number"});
  refused("twins", "true", {"twins is 'true'", "yes or no"});
  refused("profile", "gausian", {"'gausian'", "did you mean 'gaussian'"});
  refused("suppressive_polarity", "on", {"unknown polarity 'on'"});
  refused("latency_vary", "3", {"latency_vary is 3", "from 0 to 2"});
  refused("spikes", "poison", {"'poison'", "did you mean 'poisson'"});
}

TEST(Spec, IsFlatToml) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "cell.toml",
                        "# a cell\npreset = \"yan2020\"\nseed = 103\nframes = 1_000\ngain = 10\nthreshold = 2.5e0\n");
  const CellRecipe recipe = read_recipe(folder / "cell.toml");
  EXPECT_EQ(recipe.preset, "yan2020");
  EXPECT_EQ(recipe.seed, 103u);
  EXPECT_EQ(recipe.frames, 1000);
  EXPECT_EQ(recipe.gain, 10);
  EXPECT_EQ(recipe.threshold, 2.5);
}

TEST(Spec, TellsFileLineAndKey) {
  const TemporaryFolder folder;
  const auto refused = [&](ErrorKind kind, const std::string& text, const std::vector<std::string>& words) {
    write_text_atomically(folder / "cell.toml", text);
    expect_error(kind, words, [&] { read_recipe(folder / "cell.toml"); });
  };
  refused(ErrorKind::damaged, "seed = 1\nframes = = 3\n", {"cell.toml: line 2", "is not TOML"});
  refused(ErrorKind::usage, "seed = 1\nfrmaes = 100\n", {"cell.toml: line 2", "'frmaes'", "did you mean 'frames'"});
  refused(ErrorKind::usage, "seed = 1\n\nframes = 10.5\n", {"cell.toml: line 3", "frames is '10.5'"});
  refused(ErrorKind::usage, "seed = true\n", {"cell.toml: line 1", "seed is", "a number or a text"});
  refused(ErrorKind::usage, "gain = inf\n", {"cell.toml: line 1", "gain is inf"});
  refused(ErrorKind::usage, "[gain]\nx = 1\n", {"cell.toml: line 1", "gain is"});
  expect_error(ErrorKind::missing, {"none.toml"}, [&] { read_recipe(folder / "none.toml"); });
}

}  // namespace
}  // namespace plexiform
