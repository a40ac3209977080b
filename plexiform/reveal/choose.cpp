#include "plexiform/reveal/choose.hpp"

#include <algorithm>

#include "plexiform/form/nonlinearity.hpp"
#include "plexiform/reveal/thresholds.hpp"

namespace plexiform {
namespace {

SelectSettings settings_for(double dispersion) {
  SelectSettings settings;
  settings.dispersion = dispersion;
  return settings;
}

/// A selection that continues another one: what that one tried comes first.
Selection continued(const std::vector<Tried>& before, Selection selection) {
  selection.tried.insert(selection.tried.begin(), before.begin(), before.end());
  return selection;
}

}  // namespace

Selection select_from_both(const SubunitModel& grown, const Network& network, const FilteredMovie& movie,
                           double dispersion, const Context& context) {
  const SelectSettings settings = settings_for(dispersion);
  Selection best = select_subunits(grown, movie, {}, settings, context);
  SubunitModel of_map = model_of_network(network);
  of_map.nonlinearity = grown.nonlinearity;
  if (of_map.parts.empty() || of_map.parts.size() > settings.most) return best;
  const FittedModel there = fit_model(of_map, movie, {}, settings.fit, context);
  const Gain gain = held_out_gain(there, best.best);
  // Neither times the dispersion nor beside the standard error, as every other choice is: where counts scatter more
  // than Poisson's, or differ from block to block, the peaks take over on less than subunits must bring elsewhere, and
  // those whose weights are certain (kCertain) are not asked again by the search that follows.
  const bool better = gain.nats > settings.least_gain;
  best.tried.push_back({"begun at the map's peaks", there.model.parts.size(), gain, better});
  if (!better) return best;
  return continued(best.tried, select_subunits(there.model, movie, {}, settings, context));
}

Selection with_best_nonlinearity(Selection selection, const FilteredMovie& movie, double dispersion,
                                 const Context& context) {
  using enum SubunitNonlinearity;
  SubunitModel model = selection.best.model;
  if (model.nonlinearity != relu && model.nonlinearity != half_squared) return selection;
  model.nonlinearity = model.nonlinearity == relu ? half_squared : relu;
  const FittedModel other = fit_model(model, movie, {}, {}, context);
  const Gain gain = held_out_gain(other, selection.best);
  const bool taken = gain.nats > std::max(gain.error, thresholds::kOtherNonlinearity * dispersion);
  selection.tried.push_back({"subunits " + to_string(model.nonlinearity), model.parts.size(), gain, taken});
  if (!taken) return selection;
  return continued(selection.tried, select_subunits(other.model, movie, {}, settings_for(dispersion), context));
}

ChosenShapes choose_shapes(const FittedModel& own, const FilteredMovie& movie, const Context& context) {
  ModelFitSettings shared;
  shared.shape_spread = thresholds::kOneShape;
  FittedModel alike = fit_model(own.model, movie, {}, shared, context);
  const Gain gain = held_out_gain(own, alike);
  const bool asked_for = gain.nats > gain.error;
  const Tried tried{"shapes of their own", alike.model.parts.size(), gain, asked_for};
  if (asked_for) return {own, true, {}, tried};
  return {std::move(alike), false, shared, tried};
}

}  // namespace plexiform
