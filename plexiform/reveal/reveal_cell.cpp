#include "plexiform/reveal/reveal_cell.hpp"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "plexiform/base/random.hpp"
#include "plexiform/base/streams.hpp"
#include "plexiform/model/torch_threads.hpp"
#include "plexiform/reveal/cell_movie.hpp"
#include "plexiform/reveal/choose.hpp"
#include "plexiform/reveal/minimal.hpp"
#include "plexiform/reveal/prune_filters.hpp"
#include "plexiform/reveal/subunits.hpp"
#include "plexiform/reveal/thresholds.hpp"
#include "plexiform/score/bits.hpp"

namespace plexiform {
namespace {

void add_remark(CellSubunits& result, const std::string& text) {
  result.remark += (result.remark.empty() ? "" : "; ") + text;
}

/// What is known before anything is asked.
CellSubunits begun(const CellFit& fit, const FrameShape& grid, const FilteredMovie& movie) {
  CellSubunits result;
  result.cell = fit.cell;
  result.linear = linear_filter(fit, grid);
  result.networks = fit.tried;
  result.map_number = joined_candidates(fit.network).size();
  result.spikes = movie.counts.sum(at::kDouble).item<double>();
  result.nonlinearity = fit.network.settings.subunits;
  return result;
}

void say_too_little(CellSubunits& result, double least) {
  result.structure = StructureTest{};
  result.structure->verdict = Verdict::too_little_data;
  result.remark = "not enough data: " + std::to_string(std::llround(result.spikes)) + " spikes; at least about " +
                  std::to_string(std::llround(least)) + " for this window";
}

void say_outside(CellSubunits& result, const SubunitModel& model, const FilteredMovie& movie, const FrameShape& grid) {
  const double outside = share_outside(model, movie.height, movie.width);
  if (outside < thresholds::kOutside) return;
  const bool whole_grid = movie.height == grid.height && movie.width == grid.width;
  add_remark(result, std::to_string(std::lround(100 * outside)) +
                         " % of the receptive field lies outside the window of " + std::to_string(movie.height) +
                         " x " + std::to_string(movie.width) + " pixels" +
                         (whole_grid ? ", which is all that was shown" : "; fit again with a larger window"));
}

/// The model as the cell's network.
CellFit minimal_fit(const CellFit& fit, const SubunitModel& model, const CellMovie& cell, const FrameShape& grid,
                    const Context& context) {
  const auto validation = validation_likelihood(model, cell.movie, context);
  CellFit minimal = fit;
  minimal.tried.clear();
  minimal.arrays.reset();  // they are of the whole network
  minimal.validation_loss = -validation.nats / std::max(validation.frames, 1.0);
  minimal.network = network_of_model(model, cell.temporal, {grid.channels, cell.movie.height, cell.movie.width},
                                     fit.network.settings.window);
  return minimal;
}

/// Likelihoods of the fitted network and of the subunits on the validation blocks; none without a spike there.
/// Neither's numbers were fitted to them, but the network stopped by them and the subunits were selected with them:
/// both are a little high.
std::optional<ValidationBits> beside_network(const CellFit& fit, const SubunitModel& model, const FilteredMovie& movie,
                                             const ModelFitSettings& settings, const Context& context) {
  const FittedModel trained = fitted_on_training(model, movie, settings, context);
  const auto [nats, frames, spikes] = validation_likelihood(trained.model, movie, context);
  if (spikes == 0) return std::nullopt;
  return ValidationBits{bits_of_likelihood(-fit.validation_loss * frames, spikes, frames),
                        bits_of_likelihood(nats, spikes, frames)};
}

/// What the steps below are asked about.
struct Cell {
  const CellFit& fit;
  FrameShape grid;
  CellMovie seen;
  Placing placing() const { return {seen.temporal, fit.window.window, grid}; }
};

/// The steps of revealing a cell, as its caller is told of them.
struct Steps {
  const Context& context;
  int all = 0;  ///< as far as is known
  int begun = 0;
};

/// Where there are subunits: they are selected, resampled, and their number made smaller.
int steps_of_subunits(const RevealSettings& settings) {
  if (settings.quick) return 1;
  return settings.pruning == Pruning::likelihood ? 3 : 2;
}

/// The stimulus is filtered, models with and without subunits are fitted, and the test of structure compares them.
Steps steps_of(const RevealSettings& settings, const Context& context) {
  const int network = settings.pruning == Pruning::autocorrelation ? 1 : 0;
  return {context, 2 + (settings.quick ? 0 : 1) + steps_of_subunits(settings) + network};
}

void begin_step(Steps& steps, const std::string& what) {
  check_stop(steps.context);
  tell(steps.context,
       {"reveal: " + what, static_cast<double>(steps.begun++), static_cast<double>(steps.all), "steps", ""});
}

/// There is structure: subunits, how sure they are, and the smallest network that does as well.
void reveal_subunits(Revealed& revealed, const Cell& cell, SubunitModel grown, const RevealSettings& settings,
                     std::uint64_t seed, Steps& steps) {
  const Context& context = steps.context;
  CellSubunits& result = revealed.subunits;
  const FilteredMovie& movie = cell.seen.movie;
  begin_step(steps, "selecting subunits");
  grown.log_power = 0;
  Selection selection = select_from_both(grown, cell.fit.network, movie, result.dispersion, context);
  selection = with_best_nonlinearity(std::move(selection), movie, result.dispersion, context);
  const ChosenShapes chosen = choose_shapes(selection.best, movie, context);
  result.nonlinearity = chosen.model.model.nonlinearity;
  result.own_shapes = chosen.own;
  result.tried = std::move(selection.tried);
  result.tried.push_back(chosen.tried);
  ModelCertainty sure;
  if (!settings.quick) {
    begin_step(steps, "resampling");
    SelectSettings select;
    select.dispersion = result.dispersion;
    sure = certainty(chosen.model, movie, select, settings.certainty, derived_seed(seed, purposes::reveal::kResamples),
                     context);
    result.number = sure.number;
    result.resampled_numbers = sure.numbers;
  }
  result.subunits = placed_subunits(chosen.model.model, sure.parts, cell.placing());
  SubunitModel smallest = chosen.model.model;
  if (!settings.quick && settings.pruning == Pruning::likelihood) {
    begin_step(steps, "looking for fewer subunits");
    Pruned pruned = prune(chosen.model, movie, chosen.settings, context);
    result.curve = std::move(pruned.curve);
    smallest = std::move(pruned.minimal.model);
  }
  result.minimal_number = smallest.parts.size();
  revealed.minimal = minimal_fit(cell.fit, smallest, cell.seen, cell.grid, context);
  result.validation_bits = beside_network(cell.fit, chosen.model.model, movie, chosen.settings, context);
  say_outside(result, chosen.model.model, movie, cell.grid);
}

/// No evidence: one linear filter, which may need several Gaussians for its shape.
void reveal_one_filter(Revealed& revealed, const Cell& cell, const SubunitModel& parts, Steps& steps) {
  const Context& context = steps.context;
  begin_step(steps, "fitting one filter");
  CellSubunits& result = revealed.subunits;
  const FilteredMovie& movie = cell.seen.movie;
  const FittedModel linear = best_linear(parts, movie, {}, context);
  result.nonlinearity = SubunitNonlinearity::linear;
  result.minimal_number = 1;
  result.subunits.push_back(placed_filter(linear.model, cell.placing()));
  revealed.minimal = minimal_fit(cell.fit, linear.model, cell.seen, cell.grid, context);
  result.validation_bits = beside_network(cell.fit, linear.model, movie, {}, context);
  if (result.validation_bits && result.validation_bits->subunits > 0)
    say_outside(result, linear.model, movie, cell.grid);
  else
    add_remark(result, "no response to this stimulus was found on the validation blocks");
}

/// In place of the smallest model of subunits: the fitted network without the filters that look like noise.
void prune_by_autocorrelation(Revealed& revealed, const CellFit& fit, const Recording& recording, const Split& split,
                              const TrainSettings& train, std::uint64_t seed, const Context& context) {
  CellSubunits& result = revealed.subunits;
  const FilterPruning pruned =
      prune_filters(fit, recording, split, train, derived_seed(seed, purposes::reveal::kPruning), context);
  const std::size_t all = pruned.morans_i.size();
  result.morans_i = pruned.morans_i;
  revealed.minimal = pruned.pruned;
  result.minimal_number = pruned.kept > 0 ? pruned.kept : all;
  result.curve = {{all, pruned.before_bits, {}}};
  if (pruned.kept > 0 && pruned.kept < all)
    result.curve.push_back({pruned.kept, pruned.after_bits, pruned.behind});
  else
    add_remark(result, std::string(pruned.kept > 0 ? "each" : "no") +
                           " filter has the spatial autocorrelation of a subunit; the minimal network is the fitted "
                           "one");
}

}  // namespace

double least_spikes(std::int64_t pixels) {
  return std::max(thresholds::kLeastSpikes, static_cast<double>(pixels));
}

Revealed reveal_cell(const CellFit& fit, const Recording& recording, const Split& split, const RevealSettings& settings,
                     std::uint64_t seed, const Context& context) {
  at::NoGradGuard no_gradient;
  const OneTorchThread one_thread;
  require_grid(fit, recording);
  require_lags(split, fit.network.settings.lags);
  const FrameShape grid = recording.stimulus->shape();
  Steps steps = steps_of(settings, context);
  begin_step(steps, "filtering the stimulus");
  const Cell cell{fit, grid, cell_movie(fit, recording, split, settings.train.block_seconds, context)};
  Revealed revealed{begun(fit, grid, cell.seen.movie), {}};
  CellSubunits& result = revealed.subunits;
  const double least = least_spikes(cell.seen.movie.pixels());
  if (!settings.quick && result.spikes < least) {
    say_too_little(result, least);
    return revealed;
  }
  const FilteredMovie part = thinned(cell.seen.movie, thresholds::kTestSpikes);
  begin_step(steps, "fitting models with and without subunits");
  const StructureFits fits = fit_both_as_dispersed(part, result.nonlinearity, context);
  result.dispersion = fits.dispersion;
  if (!settings.quick) {
    begin_step(steps, "testing for structure");
    result.structure =
        test_structure(part, fits, settings.structure, derived_seed(seed, purposes::reveal::kNull), context);
  }
  if (result.structure && result.structure->verdict == Verdict::no_evidence) {
    steps.all += 1 - steps_of_subunits(settings);
    reveal_one_filter(revealed, cell, fits.linear.model, steps);
  } else {
    reveal_subunits(revealed, cell, fits.grown.best.model, settings, seed, steps);
  }
  if (settings.pruning == Pruning::autocorrelation) {
    begin_step(steps, "pruning the network's filters");
    prune_by_autocorrelation(revealed, fit, recording, split, settings.train, seed, context);
  }
  if (!fit.ended) add_remark(result, "the fit was interrupted and can be resumed");
  return revealed;
}

}  // namespace plexiform
