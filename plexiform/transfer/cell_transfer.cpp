#include "plexiform/transfer/cell_transfer.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>

#include "plexiform/base/error.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/evaluate/score_cell.hpp"
#include "plexiform/model/torch_threads.hpp"
#include "plexiform/transfer/cluster_order.hpp"
#include "plexiform/transfer/cross_cells.hpp"

namespace plexiform {
namespace {

void require_sense(std::span<const CellFit> fits, const Recording& recording, const CellTransferSettings& settings) {
  if (!(settings.refit >= 0 && settings.refit <= 1))
    throw Error(ErrorKind::usage, "refit is " + std::to_string(settings.refit) + ", expected a share from 0 to 1")
        .mended_by("refit", "0.1");
  if (fits.size() < 2)
    throw Error(ErrorKind::data,
                "there are " + std::to_string(fits.size()) + " cells with a fitted network, expected two or more",
                "a transfer between cells needs several: fit more of them")
        .mended_by("cells");
  const CellFit& first = fits.front();
  for (const auto& fit : fits) {
    require_grid(fit, recording);
    if (fit.model.index() != first.model.index())
      throw Error(ErrorKind::data, "some models are networks, others lists of subunits",
                  "transfer a run, or its minimal networks");
    if (std::holds_alternative<Network>(fit.model) && lags_of(fit.model) != lags_of(first.model))
      throw Error(ErrorKind::data,
                  "the network of cell " + std::to_string(first.cell) + " looks back " +
                      std::to_string(lags_of(first.model)) + " frames, that of cell " + std::to_string(fit.cell) + " " +
                      std::to_string(lags_of(fit.model)) + ", so they cannot share test frames",
                  "fit all with the same lags");
  }
}

/// How well a model does on its own cell and, on average, on the others.
TransferFigures figures_of(const CrossMatrix& moved, std::size_t model) {
  double others = 0, n = 0;
  const auto row = moved.bits.row(static_cast<std::int64_t>(model));
  for (std::size_t cell = 0; cell < row.size(); ++cell)
    if (cell != model && std::isfinite(row[cell])) others += row[cell], n += 1;
  return {row[model], others / n, {}};
}

/// The window of a list of subunits as it lies about the window of another cell: moved by what their middles are
/// apart, in whole pixels, and back onto the grid.
Window moved_window(const Window& own, const Window& other, const FrameShape& grid) {
  const auto moved = [](std::int64_t at, std::int64_t size, std::int64_t to, std::int64_t to_size, std::int64_t limit) {
    return std::clamp<std::int64_t>(at + (2 * to + to_size - 2 * at - size) / 2, 0, limit - size);
  };
  return {moved(own.y, own.height, other.y, other.height, grid.height),
          moved(own.x, own.width, other.x, other.width, grid.width), own.height, own.width};
}

/// What all pairs of a transfer share.
struct Crossed {
  std::span<const CellFit> fits;
  const Recording& recording;
  const CellFrames& frames;
  std::uint64_t seed = 0;
};

/// What a model makes of the frames about another cell.
Drives drives_of(const Crossed& all, std::size_t model, std::size_t cell, const Context& context) {
  const CellFit& fit = all.fits[model];
  if (const auto* subunits = std::get_if<SubunitModel>(&fit.model)) {
    const Window window = moved_window(subunits->window, window_of(all.fits[cell]), all.recording.stimulus->shape());
    return drives_at(*subunits, *all.recording.stimulus, all.frames, cell == model ? subunits->window : window,
                     context);
  }
  Stepper stepper(1, 0);
  return drives_at(network_of(fit), all.frames, cell, stepper);
}

/// A model on all cells: its row of both matrices.
void cross_model(std::size_t model, const Crossed& all, const std::vector<OwnRates>& own, CellTransfer& to,
                 const Context& context, const TransferHooks& hooks) {
  const auto& [fits, recording, frames, seed] = all;
  const CellModel& of = fits[model].model;
  const Context one = part_of(context, 1, threads_of(context));
  const Drives in_place = drives_of(all, model, model, one);
  for (std::size_t cell = 0; cell < fits.size(); ++cell) {
    check_stop(context);
    if (cell == model) {
      const CrossPair pair = own_pair(own[cell], frames, cell);
      set_pair(to.in_place, model, cell, pair);
      set_pair(to.moved, model, cell, pair);
    } else {
      set_pair(to.in_place, model, cell, cross_pair(of, in_place, own[cell], frames, cell, seed));
      const Drives moved = drives_of(all, model, cell, one);
      set_pair(to.moved, model, cell, cross_pair(of, moved, own[cell], frames, cell, seed));
    }
    if (hooks.moved) hooks.moved(model, static_cast<double>(cell + 1) / static_cast<double>(fits.size()));
  }
}

}  // namespace

CellTransfer transfer_between_cells(std::span<const CellFit> fits, const Recording& recording, const Split& split,
                                    const CellTransferSettings& settings, std::uint64_t seed, const Context& context,
                                    const TransferHooks& hooks) {
  require_sense(fits, recording, settings);
  const auto begun = std::chrono::steady_clock::now();
  const at::NoGradGuard no_gradient;
  const OneTorchThread one_thread;
  tell(context, {"reading the stimulus", 0, 0, {}, {}});
  const CellFrames frames = read_cell_frames(fits, recording, split, settings.refit, context);
  const auto n = static_cast<std::int64_t>(fits.size());
  const auto each_model = [&](const auto& what) {  // threads take whole models
    parallel_each(n, threads_of(context), [&](std::int64_t i) { what(static_cast<std::size_t>(i)); });
  };
  std::vector<OwnRates> own(fits.size());
  const Crossed all{fits, recording, frames, seed};
  const Context one = part_of(context, 1, threads_of(context));
  each_model([&](std::size_t i) { own[i] = own_rates(fits[i].model, drives_of(all, i, i, one), frames, i); });
  CellTransfer result;
  for (const auto& fit : fits) {
    result.cells.push_back(fit.cell);
    result.names.push_back(shown_name(recording, fit.cell));
  }
  result.spikes = frames.spikes;
  result.refit = settings.refit;
  result.refit_frames = frames.refit_frames;
  result.in_place = result.moved = unknown_matrix(n);
  each_model([&](std::size_t model) {
    if (hooks.begun) hooks.begun(model);
    cross_model(model, all, own, result, context, hooks);
    if (hooks.done) hooks.done(model, figures_of(result.moved, model));
  });
  correct_for_others(result.in_place);
  correct_for_others(result.moved);
  for (std::size_t cell = 0; cell < fits.size(); ++cell) result.others.push_back(best_other(result.moved, cell));
  result.order = cluster_order(likeness(result.moved.cc));
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  return result;
}

}  // namespace plexiform
