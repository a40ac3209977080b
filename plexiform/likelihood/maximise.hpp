#pragma once
#include <utility>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/likelihood/objective.hpp"
#include "plexiform/likelihood/search.hpp"

namespace plexiform {

template <class Point = Expansion>
struct Maximum {
  std::vector<double> parameters;
  Point point;  ///< the objective there
  SearchEnd end = SearchEnd::converged;
  double promise = 0;   ///< nats that the next step would promise
  int steps = 0;        ///< taken
  int evaluations = 0;  ///< of the objective
  bool converged() const { return end == SearchEnd::converged; }
};

/// The maximum that is reached from `start` by Fisher scoring: steps by gradient and information, within the layout's
/// limits, damped where they do not gain (Levenberg 1944, Marquardt 1963; McCullagh and Nelder 1989 for the scoring).
/// The same steps on any number of threads.
/// Throws Error{numeric} if the objective is not finite at the start, and names the parameter; Interrupted.
///
/// For reveal's fit of subunits, which is to move here: its layout has "log softness", "offset", "log power" (longest
/// step 0 where it is fixed), "log size" and, for each subunit, "weight of subunit 2" (least kept 0.1), "x ...", "y
/// ...", "log a ...", "log b ..." and "shear ...", handles kept in a struct for each subunit. Its Point derives from
/// Expansion and keeps likelihood and gradient of each block of time, from which held-out gains follow. Priors that tie
/// parameters together (shapes to the mean size) are added by the objective itself; `hopeless_below` is its early end.
template <class Point>
Maximum<Point> maximise(const Objective<Point>& objective, std::vector<double> start, const MaximiseSettings& settings,
                        const Context& context) {
  SearchState state = begin_search(objective.layout, std::move(start));
  Point here = objective.at(state.parameters, context);
  int evaluations = 1;
  require_finite(objective.layout, state, here);
  for (std::vector<double> next; !search_ends(objective.layout, settings, here, state, next); ++evaluations) {
    check_stop(context);
    Point there = objective.at(next, context);
    if (takes_step(here, there, next, state)) here = std::move(there);
  }
  return {std::move(state.parameters), std::move(here), *state.end, state.promise, state.steps, evaluations};
}

}  // namespace plexiform
