#include "plexiform/likelihood/search.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "plexiform/base/error.hpp"
#include "plexiform/likelihood/box_step.hpp"

namespace plexiform {
namespace {

/// Shares of the damping after a step that gained and after a try that did not, and its least.
constexpr double kEased = 1.0 / 5, kTightened = 10, kLeastDamping = 1e-9;
/// Tries without a gain in a row: the last step of them is a millionth of the first one, or shorter.
constexpr int kMostFailures = 16;
/// Share of a value that its own rounding may be.
constexpr double kRounding = 1e-15;
/// A search gains at most some so many times what its next step promises (chosen on reveal's fits).
constexpr double kHopeful = 6;
/// An error gives the values of as many parameters.
constexpr std::size_t kMostListed = 6;

bool all_finite(std::span<const double> values) {
  return std::ranges::all_of(values, [](double v) { return std::isfinite(v); });
}

bool all_finite(const Expansion& at) {
  return std::isfinite(at.value) && all_finite(at.gradient) && all_finite(at.information.values);
}

std::string text(double value) {
  char out[32];
  std::snprintf(out, sizeof out, "%g", value);
  return out;
}

/// What a step may change.
struct Box {
  std::vector<double> low, high;
};

Box box_around(const ParameterLayout& layout, std::span<const double> at) {
  Box box;
  for (std::size_t i = 0; i < at.size(); ++i) {
    const ParameterLimits& limits = layout.limits(i);
    box.low.push_back(std::max(limits.least - at[i], -limits.longest_step));
    if (limits.least_kept > 0 && at[i] > 0) box.low[i] = std::max(box.low[i], (limits.least_kept - 1) * at[i]);
    box.high.push_back(std::min(limits.most - at[i], limits.longest_step));
  }
  return box;
}

/// What is left to be gained: by a step that nothing damps.
double promise_of(const ParameterLayout& layout, const Expansion& here, std::span<const double> at) {
  const Box box = box_around(layout, at);
  return box_step(here.gradient, here.information, box.low, box.high, 0).gain;
}

std::vector<double> stepped(const ParameterLayout& layout, const Expansion& here, const SearchState& state) {
  const Box box = box_around(layout, state.parameters);
  const BoxStep step = box_step(here.gradient, here.information, box.low, box.high, state.damping);
  std::vector<double> next = state.parameters;
  for (std::size_t i = 0; i < next.size(); ++i)
    // Rounding of a sum may lie beyond a bound.
    next[i] = std::clamp(next[i] + step.step[i], layout.limits(i).least, layout.limits(i).most);
  return next;
}

}  // namespace

SearchState begin_search(const ParameterLayout& layout, std::vector<double> start) {
  if (start.size() != layout.size())
    throw InternalError("a search over " + std::to_string(layout.size()) + " parameters starts with " +
                        std::to_string(start.size()));
  SearchState state;
  for (std::size_t i = 0; i < start.size(); ++i) {
    if (!std::isfinite(start[i]))
      throw Error(ErrorKind::numeric,
                  "the parameter '" + layout.name(i) + "' starts at " + text(start[i]) + ", expected a finite number");
    start[i] = std::clamp(start[i], layout.limits(i).least, layout.limits(i).most);
  }
  state.parameters = std::move(start);
  return state;
}

void require_finite(const ParameterLayout& layout, const SearchState& state, const Expansion& here) {
  const std::size_t n = layout.size();
  if (here.gradient.size() != n || here.information.values.size() != n * n)
    throw InternalError("an objective of " + std::to_string(n) + " parameters has a gradient of " +
                        std::to_string(here.gradient.size()));
  if (all_finite(here)) return;
  const std::string value = "the log-likelihood is " + text(here.value);
  for (std::size_t i = 0; i < n; ++i) {
    const auto row = here.information.row(static_cast<std::int64_t>(i));
    if (!std::isfinite(here.gradient[i]) || !std::isfinite(row[i]))
      throw Error(ErrorKind::numeric, value + " and its slope along '" + layout.name(i) + "' (at " +
                                          text(state.parameters[i]) + ") is " + text(here.gradient[i]) +
                                          ", expected finite numbers");
  }
  std::string where;
  for (std::size_t i = 0; i < std::min(n, kMostListed); ++i)
    where += (i > 0 ? ", '" : "'") + layout.name(i) + "' = " + text(state.parameters[i]);
  throw Error(ErrorKind::numeric,
              value + " at " + where + (n > kMostListed ? ", ..." : "") + ", expected a finite number");
}

bool search_ends(const ParameterLayout& layout, const MaximiseSettings& settings, const Expansion& here,
                 SearchState& state, std::vector<double>& next) {
  if (state.failures == 0) state.promise = promise_of(layout, here, state.parameters);
  if (state.promise < std::max(settings.tolerance, kRounding * std::abs(here.value)))
    state.end = SearchEnd::converged;
  else if (here.value + kHopeful * state.promise < settings.hopeless_below)
    state.end = SearchEnd::hopeless;
  else if (state.steps >= settings.most_steps)
    state.end = SearchEnd::most_steps;
  else if (state.failures >= kMostFailures)
    state.end = SearchEnd::stuck;
  if (!state.end) next = stepped(layout, here, state);
  return state.end.has_value();
}

bool takes_step(const Expansion& here, const Expansion& there, const std::vector<double>& next, SearchState& state) {
  if (!all_finite(there) || !(there.value > here.value)) {
    state.damping *= kTightened;
    ++state.failures;
    return false;
  }
  state.parameters = next;
  // Where the step before was too long, one of the same damping is not tried again at once.
  if (state.failures == 0) state.damping = std::max(state.damping * kEased, kLeastDamping);
  state.failures = 0;
  ++state.steps;
  return true;
}

}  // namespace plexiform
