#pragma once
#include "plexiform/cell/presets.hpp"
#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/fit/initial.hpp"
#include "plexiform/fit/trainings.hpp"
#include "plexiform/recording/spike_triggered.hpp"
#include "plexiform/recording/split.hpp"

namespace plexiform {

/// A short recording of a model cell, and all that a fit of it needs.
struct SmallFit {
  Recording recording;
  Settings settings;
  Split split;
  Dataset data;
  FirstLook look;
};

inline SmallFit small_fit(const std::string& preset, std::int64_t frames, const Settings& settings,
                          std::optional<SubunitNonlinearity> subunits = std::nullopt, std::uint64_t seed = 111) {
  CellRecipe recipe;
  recipe.preset = preset;
  recipe.seed = seed;
  recipe.frames = frames;
  recipe.subunits = subunits;
  const Recording recording = simulate(recipe);
  SplitSettings how;
  how.test.frames = 0;
  how.lags = settings.model.lags;
  const Split split = make_split(recording, how);
  const Window window = whole(recording.stimulus->shape());
  const std::int64_t cell = 0;
  Dataset data =
      std::move(make_datasets(recording, std::span(&cell, 1), std::span(&window, 1), split, settings, {})[0]);
  const auto found = find_windows(recording, std::span(&cell, 1), split.train(), 16, settings.model.lags);
  FirstLook look = first_look(data, found[0].found.source == WindowSource::variance);
  return {recording, settings, split, std::move(data), std::move(look)};
}

}  // namespace plexiform
