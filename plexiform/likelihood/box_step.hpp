#pragma once
#include <span>
#include <vector>

#include "plexiform/base/ndarray.hpp"

namespace plexiform {

/// A step, and what the quadratic that it maximises says it gains.
struct BoxStep {
  std::vector<double> step;  ///< [parameter]
  double gain = 0;           ///< nats, 0 or more
};

/// The step d within low <= d <= high that maximises the quadratic
///   gradient . d - d . (information + D) d / 2,
/// where the diagonal D is `damping` times that of the information (Levenberg and Marquardt) and a trace of it, so that
/// the maximum exists where the information says nothing about a parameter. low <= 0 <= high; low = high = 0 holds a
/// parameter. Source: a primal active-set method, Nocedal and Wright 2006, Numerical Optimization, section 16.5.
/// All values are finite but those of low and high.
BoxStep box_step(std::span<const double> gradient, const NdArray<double>& information, std::span<const double> low,
                 std::span<const double> high, double damping);

}  // namespace plexiform
