#pragma once
#include <functional>
#include <span>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/base/ndarray.hpp"
#include "plexiform/likelihood/layout.hpp"

namespace plexiform {

/// What is known of a log-likelihood (and of log priors, where there are any) at one point.
struct Expansion {
  double value = 0;              ///< nats
  std::vector<double> gradient;  ///< [parameter], nats per unit of the parameter
  /// [parameter, parameter]: Fisher's expected information, and of priors minus their second derivatives. Symmetric,
  /// and without a direction of negative curvature (for Poisson rates: sum over samples of rate * d log rate d log
  /// rate^T).
  NdArray<double> information;
};

/// Nothing known yet: zeros for so many parameters, to be added to.
inline Expansion empty_expansion(std::size_t parameters) {
  const auto n = static_cast<std::int64_t>(parameters);
  return {0, std::vector<double>(parameters, 0.0), NdArray<double>({n, n})};
}

/// Something to be maximised. `at` is called with as many values as the layout has parameters, all within their bounds,
/// and may use the threads of the context, as long as its result does not depend on how many they are. Where nothing
/// finite can be said of a point, its value is not finite; a search then turns back.
///
/// Point: Expansion, or a struct derived from it where an objective knows more of a point than the search needs. The
/// search keeps that of the maximum, so that it need not be computed again.
template <class Point = Expansion>
struct Objective {
  ParameterLayout layout;
  std::function<Point(std::span<const double> parameters, const Context& context)> at;
};

}  // namespace plexiform
