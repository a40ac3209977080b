#pragma once
#include <limits>
#include <optional>
#include <vector>

#include "plexiform/likelihood/layout.hpp"
#include "plexiform/likelihood/objective.hpp"

namespace plexiform {

// The steps that maximise() is made of: when a search ends, what it tries next, what it takes.

struct MaximiseSettings {
  /// Nats. The search ends where the next step, not damped, promises less than this by gradient and information; it is
  /// then at a maximum to that. No double shows a promise below 1e-15 of the value: that ends it too.
  double tolerance = 1e-4;
  int most_steps = 200;
  /// Nats. The search ends where it will clearly stay below that: where six times the promise does not reach it.
  double hopeless_below = -std::numeric_limits<double>::infinity();
};

enum class SearchEnd {
  converged,   ///< the next step promises less than the tolerance
  stuck,       ///< no step gains, however short, though more is promised: a kink, or a slope that is wrong
  hopeless,    ///< below MaximiseSettings::hopeless_below
  most_steps,  ///< as many as there may be
};

/// What a search knows between two evaluations.
struct SearchState {
  std::vector<double> parameters;
  double damping = 1e-3;         ///< of the next step, times the diagonal of the information
  double promise = 0;            ///< nats, of the step that is not damped
  int steps = 0;                 ///< taken
  int failures = 0;              ///< tries since the last step
  std::optional<SearchEnd> end;  ///< nothing while it runs
};

/// A search that begins at `start`, or, where that is out of bounds, at the bound.
/// Throws Error{numeric} if a value of `start` is not finite, InternalError if it has another length than the layout.
SearchState begin_search(const ParameterLayout& layout, std::vector<double> start);
/// Throws Error{numeric} that names the parameter, if value, gradient or information of a start are not finite.
void require_finite(const ParameterLayout& layout, const SearchState& state, const Expansion& here);
/// Whether the search is at its end; if not, `next` holds the parameters to be tried.
bool search_ends(const ParameterLayout& layout, const MaximiseSettings& settings, const Expansion& here,
                 SearchState& state, std::vector<double>& next);
/// Whether what was tried is better, and so where the search is now.
bool takes_step(const Expansion& here, const Expansion& there, const std::vector<double>& next, SearchState& state);

}  // namespace plexiform
