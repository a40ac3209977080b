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
