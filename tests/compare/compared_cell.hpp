#pragma once
#include "plexiform/cell/presets.hpp"
#include "plexiform/compare/compare_cell.hpp"
#include "plexiform/form/model_settings.hpp"
#include "plexiform/recording/split.hpp"

namespace plexiform {

/// A short recording of a model cell and a hasty fit of it: what a comparison begins with.
struct HastyFit {
  Recording recording;
  Settings settings;
  Split split;
  ScoredFrames frames;
  CellFit fit;
  ComparisonSettings comparison;
};

inline Settings hasty_settings() {
  Settings settings;
  settings.train.passes = 3;
  settings.train.starts = 1;
  return settings;
}

inline Recording model_cell(std::int64_t frames, std::uint64_t seed = 103) {
  CellRecipe recipe;
  recipe.preset = "mosaic5";
  recipe.seed = seed;
  recipe.frames = frames;
  return simulate(recipe);
}

inline Split split_of(const Recording& recording, const Settings& settings) {
  SplitSettings how;
  how.lags = settings.model.lags;
  return make_split(recording, how);
}

inline HastyFit hasty_fit(std::int64_t frames, std::vector<std::string> methods) {
  const Recording recording = model_cell(frames);
  const Settings settings = hasty_settings();
  const Split split = split_of(recording, settings);
  ComparisonSettings comparison;
  comparison.reveal.train = settings.train;
  comparison.methods = std::move(methods);
  return {recording, settings, split, unseen_frames(recording, 0, split), fit_cell(recording, 0, split, settings, 5),
          comparison};
}

}  // namespace plexiform
