#include "plexiform/reveal/select_subunits.hpp"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <string>

#include "plexiform/model/torch_threads.hpp"
#include "plexiform/reveal/changes.hpp"
#include "plexiform/reveal/thresholds.hpp"

namespace plexiform {
namespace {

using namespace thresholds;

/// What all steps of a selection see and none changes.
struct Seen {
  const FilteredMovie& movie;
  std::span<const double> weights;
  const SelectSettings& settings;
  const Context& context;
};

/// A model on the way; where there is one already, its fit ends early if it will clearly be worse.
FittedModel fitted(const SubunitModel& model, const FittedModel* best, const Seen& seen, Pass pass) {
  check_stop(seen.context);
  ModelFitSettings settings = seen.settings.fit;
  settings.tolerance *= pass == Pass::rough ? kRough : 1;
  if (best != nullptr) settings.hopeless_below = best->objective - kHopeless;
  return fit_model(softened(model, seen.movie), seen.movie, seen.weights, settings, seen.context);
}

/// Fits a smaller model and takes it if what it lacks does not pay.
bool try_smaller(Selection& selection, const SubunitModel& model, const std::string& change, const Seen& seen,
                 Pass pass) {
  const FittedModel smaller = fitted(model, &selection.best, seen, pass);
  const Gain gain = held_out_gain(selection.best, smaller, seen.weights);
  const bool taken = !pays(gain, seen.settings, pass);
  selection.tried.push_back({change, model.parts.size(), gain, taken});
  if (taken) selection.best = smaller;
  return taken;
}

/// Fits a larger model and takes it if it pays.
bool try_larger(Selection& selection, const SubunitModel& model, const std::string& change, const Seen& seen,
                Pass pass) {
  const FittedModel larger = fitted(model, &selection.best, seen, pass);
  const Gain gain = held_out_gain(larger, selection.best, seen.weights);
  const bool taken = pays(gain, seen.settings, pass);
  selection.tried.push_back({change, model.parts.size(), gain, taken});
  if (taken) selection.best = larger;
  return taken;
}

/// One part fewer, where that does not cost: two that overlap as one, or one omitted.
bool shrink_once(Selection& selection, const Seen& seen, Pass pass) {
  const SubunitModel model = selection.best.model;
  if (model.parts.size() < 2) return false;
  const auto variances = parameter_variances(selection.best);
  for (const auto& [i, j] : pairs_to_join(model, variances))
    if (try_smaller(selection, with_joined(model, i, j),
                    "subunits " + std::to_string(i) + " and " + std::to_string(j) + " as one", seen, pass))
      return true;
  for (const auto i : parts_to_drop(model, variances))
    if (try_smaller(selection, without_part(model, i), "without subunit " + std::to_string(i), seen, pass)) return true;
  return false;
}

/// One part more, where that pays: what the score test wants, the most wanted first.
bool grow_once(Selection& selection, const Seen& seen, Pass pass) {
  if (selection.best.model.parts.size() >= seen.settings.most) return false;
  const auto all = growths(selection.best.model, seen.movie);
  std::vector<Feature> features;
  for (const auto& g : all) features.push_back(g.feature);
  const auto z =
      feature_scores(selection.best.model, seen.movie, seen.weights, selection.best.curvature, features, seen.context);
  for (const auto q : wanted(z, seen.settings.dispersion))
    if (try_larger(selection, all[q].model, all[q].change + " (z " + std::to_string(z[q]) + ")", seen, pass))
      return true;
  return false;
}

/// A first pass only grows.
void search(Selection& selection, const Seen& seen, Pass pass) {
  const auto shrink = [&] {
    while (pass == Pass::to_the_end && shrink_once(selection, seen, pass)) {
    }
  };
  shrink();
  for (int round = 0; round < kRounds && grow_once(selection, seen, pass); ++round) shrink();
}

}  // namespace

bool pays(const Gain& gain, const SelectSettings& settings, Pass pass) {
  const double least =
      settings.least_gain * settings.dispersion + (pass == Pass::rough ? kRough * settings.fit.tolerance : 0);
  return gain.nats > std::max(least, settings.errors * gain.error);
}

Selection select_subunits(const SubunitModel& start, const FilteredMovie& movie, std::span<const double> weights,
                          const SelectSettings& settings, const Context& context) {
  at::NoGradGuard no_gradient;
  const OneTorchThread one_thread;
  const Seen seen{movie, weights, settings, context};
  Selection selection;
  selection.best = fitted(start, nullptr, seen, Pass::rough);
  search(selection, seen, Pass::rough);
  if (!settings.to_the_end) return selection;
  selection.best = fitted(selection.best.model, &selection.best, seen, Pass::to_the_end);
  search(selection, seen, Pass::to_the_end);
  return selection;
}

}  // namespace plexiform
