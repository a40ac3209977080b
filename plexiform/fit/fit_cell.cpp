#include "plexiform/fit/fit_cell.hpp"

#include <cmath>
#include <cstdio>
#include <string>

#include "plexiform/base/error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/base/streams.hpp"
#include "plexiform/base/wording.hpp"
#include "plexiform/fit/fitted_arrays.hpp"
#include "plexiform/fit/initial.hpp"
#include "plexiform/fit/objective.hpp"
#include "plexiform/fit/trainings.hpp"
#include "plexiform/model/torch_threads.hpp"

namespace plexiform {
namespace {

void require_lags_of(const CellData& data, const Settings& settings) {
  if (data.data.lags != settings.model.lags)
    throw Error(ErrorKind::usage,
                "the data of the cell were made with " + std::to_string(data.data.lags) + " lags, the settings have " +
                    std::to_string(settings.model.lags),
                "make the data with the settings of the fit")
        .mended_by("lags", std::to_string(data.data.lags));
}

FirstLook look_at(const CellData& data) {
  return first_look(data.data, data.window.source == WindowSource::variance);
}

/// Where the fit is at the end of a pass.
Progress progress_of(const Dataset& data, double share, double validation_loss) {
  const double bits = validation_bits(data, validation_loss);
  char figures[64] = "";
  if (std::isfinite(bits)) std::snprintf(figures, sizeof figures, "validation %.2f bits per spike", bits);
  return {"fit", share, 1, "cells", figures};
}

/// The best of the fits as they stand.
CellFit fit_so_far(const CellData& of, const CellTrainings& all) {
  const std::size_t kept = best_of(all.networks(), of.data);
  const Training& network = all.networks()[kept];
  const Training& ln = all.ln()[best_of(all.ln(), of.data)];
  CellFit fit;
  fit.cell = of.cell;
  fit.window = of.window;
  fit.model = network.state.best;
  fit.ln = ln.state.best;
  fit.validation_loss = network.state.best_loss;
  fit.ln_validation_loss = ln.state.best_loss;
  fit.ln_strength = ln.settings.train.smooth_filter;
  for (const auto& training : all.fits) fit.ended = fit.ended && training.state.ended;
  fit.tried = tried_networks(all.networks(), kept);
  return fit;
}

}  // namespace

void require_grid(const CellFit& fit, const Recording& recording) {
  const auto grid = recording.stimulus->shape();
  if (channels_of(fit.model) != grid.channels)
    throw Error(ErrorKind::data, "the model sees " + counted(channels_of(fit.model), "channel") +
                                     ", the stimulus has " + std::to_string(grid.channels));
  for (const Window& w : {fit.window.window, window_of(fit)})
    if (w.y < 0 || w.x < 0 || w.y + w.height > grid.height || w.x + w.width > grid.width)
      throw Error(ErrorKind::data,
                  "the model's window (rows " + std::to_string(w.y) + " to " + std::to_string(w.y + w.height - 1) +
                      ", columns " + std::to_string(w.x) + " to " + std::to_string(w.x + w.width - 1) +
                      ") lies outside the stimulus of " + std::to_string(grid.height) + " x " +
                      std::to_string(grid.width) + " pixels",
                  "take a recording with the grid of the one that it was fitted to");
  if (fit.cell < 0 || fit.cell >= recording.cells())
    throw Error(ErrorKind::data, "the recording has no such cell, it has 0 to " + std::to_string(recording.cells() - 1))
        .of_cell(fit.cell);
}

CellFit fit_cell(const CellData& data, const Settings& settings, std::uint64_t seed, const Context& context,
                 const FitHooks& hooks) {
  check_settings(settings);
  require_lags_of(data, settings);
  const OneTorchThread one_thread;
  const std::uint64_t own_seed = cell_seed(seed, data.cell);
  const FirstLook look = look_at(data);
  CellTrainings all = cell_trainings(data.data, look, settings, own_seed);
  if (hooks.resume) hooks.resume(all.fits);
  TrainHooks passes;
  passes.stop = context.stop;
  passes.passed = [&](double share, double validation_loss) {
    if (hooks.passed) hooks.passed(share, validation_loss);
    if (context.progress) tell(context, progress_of(data.data, share, validation_loss));
  };
  passes.checkpoint_every = hooks.checkpoint_every;
  if (hooks.checkpoint)
    passes.checkpoint = [&](std::span<const Training> fits) { hooks.checkpoint(fit_so_far(data, all), fits); };
  train(all.fits, data.data, derived_seed(own_seed, purposes::fit::kOrder), threads_of(context), passes);
  CellFit fit = fit_so_far(data, all);
  fit.arrays = fitted_arrays(look, fit, data.data);
  return fit;
}

CellFit fit_cell(const Recording& recording, std::int64_t cell, const Split& split, const Settings& settings,
                 std::uint64_t seed, const Context& context) {
  check_settings(settings);
  try {
    return fit_cell(cell_data(recording, cell, split, settings, context), settings, seed, context);
  } catch (const Error& error) {
    throw is_of_values(error.kind()) ? error.of_cell(cell) : error;
  }
}

LnFit fit_ln(const CellData& data, const Settings& settings, std::uint64_t seed, const Context& context) {
  check_settings(settings);
  require_lags_of(data, settings);
  const OneTorchThread one_thread;
  const std::uint64_t own_seed = cell_seed(seed, data.cell);
  const Training best = best_fit(ln_trainings(data.data, look_at(data), settings, own_seed), data.data,
                                 derived_seed(own_seed, purposes::fit::kOrder), context);
  return {best.state.best, best.state.best_loss, best.settings.train.smooth_filter};
}

}  // namespace plexiform
