#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "plexiform/cell/presets.hpp"
#include "plexiform/evaluate/score_cell.hpp"
#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/model/network.hpp"
#include "plexiform/recording/split.hpp"
#include "plexiform/reveal/reveal_cell.hpp"
#include "plexiform/transfer/fitted_models.hpp"
#include "stimulus/kept_stimulus.hpp"

namespace plexiform::testing {

/// Three cells that see one stimulus, fitted fast and not well, each kind of stimulus once for all tests.
inline const FittedModels& small_models(Shown shown) {
  static std::map<Shown, FittedModels> all;
  if (const auto found = all.find(shown); found != all.end()) return found->second;
  CellRecipe recipe;
  recipe.seed = 111;
  recipe.cells = 3;
  recipe.frames = 8000;
  recipe.show.kind = shown;
  if (shown != Shown::white) recipe.show.contrast = 0.5;
  FittedModels& models = all[shown];
  models.name = "fit of " + to_string(shown);
  models.recording_name = to_string(shown);
  models.recording = simulate(recipe);
  // Leaves take long to draw, and each score reads the frames that follow the recording.
  models.recording.stimulus =
      std::make_shared<KeptStimulus>(models.recording.stimulus, models.recording.bins() + kFreshFrames);
  models.settings.train.passes = 6;
  models.settings.train.starts = 1;
  models.split.lags = models.settings.model.lags;
  const Split split = make_split(models.recording, models.split);
  for (std::int64_t cell = 0; cell < 3; ++cell)
    models.fits.push_back(fit_cell(models.recording, cell, split, models.settings, models.seed, {.threads = 2}));
  return models;
}

/// The same cells as lists of subunits.
inline const FittedModels& small_subunits(Shown shown) {
  static std::map<Shown, FittedModels> all;
  if (const auto found = all.find(shown); found != all.end()) return found->second;
  FittedModels& models = all[shown];
  models = small_models(shown);
  RevealSettings quick;
  quick.quick = true;
  const Split split = make_split(models.recording, models.split);
  for (CellFit& fit : models.fits)
    fit.model =
        reveal_cell(models.recording, fit.cell, fit.window.centre, split, quick, 1, {.threads = 2}).minimal.value();
  return models;
}

/// A network that was not fitted: its filters are 0, its output is a log(1 + exp(b (drive + c))).
inline Network with_output(double log_a, double log_b, double c, const ModelSettings& settings = {}) {
  Network network = make_network(settings, {1, 16, 16});
  network.output = at::tensor({static_cast<float>(log_a), static_cast<float>(log_b), static_cast<float>(c)});
  return network;
}

/// Models of cells 0, 1, ... that were not fitted.
inline FittedModels blank_models(const std::string& name, Recording recording, std::int64_t cells) {
  FittedModels models{.name = "fit of " + name, .recording_name = name, .recording = std::move(recording)};
  for (std::int64_t cell = 0; cell < cells; ++cell) {
    CellFit& fit = models.fits.emplace_back();
    fit.cell = cell;
    fit.window.window = whole(models.recording.stimulus->shape());
    fit.model = fit.ln = with_output(0, 0, 0);
  }
  return models;
}

}  // namespace plexiform::testing
