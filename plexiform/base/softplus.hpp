#pragma once
#include <cmath>

namespace plexiform {

/// log(1 + exp(x)), its logarithm, and the derivative of that logarithm; none underflows.
struct Softplus {
  double value, log, log_slope;
};

inline Softplus softplus(double x) {
  const double value = x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
  constexpr double kFarBelow = -30;  // here it is exp(x) to double precision
  if (x < kFarBelow) return {value, x, 1};
  return {value, std::log(value), 1 / ((1 + std::exp(-x)) * value)};
}

}  // namespace plexiform
