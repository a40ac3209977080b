#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "plexiform/recording/circuit.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/stimulus/recipe.hpp"

namespace plexiform {

/// A model cell to simulate: a preset and what differs from it. Unset fields are the preset's.
struct CellRecipe {
  std::string preset = "mosaic5";
  std::uint64_t seed = 0;                        ///< of the layout, the stimulus and the spikes (each its own stream)
  std::optional<std::uint64_t> stimulus_seed;    ///< another stimulus and other spikes for the same cell
  std::optional<std::int64_t> frames;
  double frame_rate = 30;
  NoiseValues noise = NoiseValues::binary;
  std::optional<SubunitNonlinearity> subunits;
  std::optional<SpikeRule> spikes;
  std::optional<double> amplitude;               ///< what a contrast of 1 is worth to the filters
  std::optional<double> threshold;               ///< of the drive
  std::optional<double> threshold_of_mean;       ///< or: in units of the drive's own mean
  std::optional<double> gain;                    ///< spikes per second per unit of drive above threshold
  std::optional<double> target_rate;             ///< or: mean spikes per frame; sets the gain
};

struct PresetInfo {
  std::string name;
  std::string description;
};

/// yan2020, mosaic5, mosaic9, linear (../docs: recipes of Yan et al. 2020 and of this project's trials).
std::vector<PresetInfo> presets();

/// One setting by name ("gain", "10"), as --set and a SPEC.toml's keys give it. Throws Error{usage} with the nearest
/// known name where the name is unknown, or where the value makes no sense.
void set_recipe_value(CellRecipe& recipe, const std::string& key, const std::string& value);

/// A SPEC.toml: flat keys, those of set_recipe_value. Throws Error{file} or Error{usage} with line and key.
CellRecipe read_recipe(const std::filesystem::path& path);

/// The circuit of a recipe. Threshold and gain given relative to the drive are fixed on frames of their own stream.
Circuit make_circuit(const CellRecipe& recipe);

/// Simulates: white noise on the preset's grid, counts, and the truth. The same bits for any number of threads.
Recording simulate(const CellRecipe& recipe, int threads = 0);

}  // namespace plexiform
