#include "plexiform/network_map/reveal_fit.hpp"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <string>
#include <utility>

#include "plexiform/base/random.hpp"
#include "plexiform/base/streams.hpp"
#include "plexiform/model/torch_threads.hpp"
#include "plexiform/network_map/candidates.hpp"
#include "plexiform/network_map/map_subunits.hpp"
#include "plexiform/network_map/prune_filters.hpp"
#include "plexiform/score/bits.hpp"

namespace plexiform {
namespace {

void add_remark(CellSubunits& result, const std::string& text) {
  result.remark += (result.remark.empty() ? "" : "; ") + text;
}

/// Frames and spikes of the validation blocks.
struct Seen {
  double frames = 0, spikes = 0;
};
Seen seen_in_validation(const Recording& recording, std::int64_t cell, const Split& split) {
  Seen seen;
  const auto row = recording.counts.row(cell);
  for (const Range& range : split.validation())
    for (auto bin = range.begin; bin < range.end; ++bin)
      ++seen.frames, seen.spikes += row[static_cast<std::size_t>(bin)];
  return seen;
}

/// What the network says beside the subunits.
void set_network(CellSubunits& result, const CellFit& fit, const Recording& recording, const Split& split) {
  result.linear = linear_filter(fit, recording.stimulus->shape());
  result.networks = fit.tried;
  result.map_number = joined_candidates(network_of(fit)).size();
  if (!result.validation_bits) return;
  const Seen seen = seen_in_validation(recording, fit.cell, split);
  result.validation_bits->network = bits_of_likelihood(-fit.validation_loss * seen.frames, seen.spikes, seen.frames);
}

/// The subunits as the cell's model.
CellFit minimal_fit(const CellFit& fit, SubunitModel model) {
  CellFit minimal = fit;
  minimal.tried.clear();
  minimal.arrays.reset();  // they are of the whole network
  minimal.model = std::move(model);
  return minimal;
}

/// In place of the subunits: the fitted network without the filters that look like noise.
void prune_by_autocorrelation(RevealedFit& revealed, const CellFit& fit, const Recording& recording, const Split& split,
                              const TrainSettings& train, std::uint64_t seed, const Context& context) {
  CellSubunits& result = revealed.subunits;
  tell(context, {"reveal: pruning the network's filters", 0, 0, "steps", ""});
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

RevealedFit reveal_fit(const CellFit& fit, const Recording& recording, const Split& split,
                       const RevealFitSettings& settings, std::uint64_t seed, const Context& context) {
  at::NoGradGuard no_gradient;
  const OneTorchThread one_thread;
  network_of(fit);  // refuses a list of subunits before anything is done
  require_grid(fit, recording);
  require_lags(split, lags_of(fit.model));
  Revealed found = reveal_cell(recording, fit.cell, fit.window.centre, split, settings.reveal, seed, context);
  RevealedFit revealed{std::move(found.subunits), {}};
  set_network(revealed.subunits, fit, recording, split);
  if (found.minimal) revealed.minimal = minimal_fit(fit, *std::move(found.minimal));
  const bool said = !revealed.subunits.structure || revealed.subunits.structure->verdict != Verdict::too_little_data;
  if (settings.pruning == Pruning::autocorrelation && said)
    prune_by_autocorrelation(revealed, fit, recording, split, settings.train, seed, context);
  if (!fit.ended) add_remark(revealed.subunits, "the fit was interrupted and can be resumed");
  return revealed;
}

}  // namespace plexiform
