#include "plexiform/reveal/maximum_law.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace plexiform::reveal {
namespace {

/// 2 Q(x), x >= 0.
double two_tails(double x) {
  return std::erfc(x / std::numbers::sqrt2);
}

struct Profile {
  double features, log_likelihood;  ///< mean over maxima
};

/// The best number of features at a scale: 1 over the mean of -log(1 - 2 Q).
Profile at_scale(std::span<const double> maxima, double scale) {
  const auto n = static_cast<double>(maxima.size());
  double below = 0, density = 0;
  for (const double z : maxima) {
    const double x = std::max(z, 1e-9) / scale, log_below = std::log1p(-std::min(two_tails(x), 1 - 1e-12));
    below -= log_below / n;
    density += (-0.5 * x * x - log_below - std::log(scale)) / n;
  }
  const double features = 1 / std::max(below, 1e-300);
  return {features, std::log(features) - features * below + density};
}

}  // namespace

double MaximumLaw::tail(double z) const {
  if (z <= 0) return 1;
  return -std::expm1(features * std::log1p(-std::min(two_tails(z / scale), 1 - 1e-16)));
}

double MaximumLaw::quantile(double p) const {
  double low = 0, high = 40 * scale;
  for (int halving = 0; halving < 60; ++halving) {
    const double middle = (low + high) / 2;
    (tail(middle) > p ? low : high) = middle;
  }
  return high;
}

MaximumLaw fit_maximum_law(std::span<const double> maxima) {
  // Golden section over the logarithm of the scale (Kiefer 1953).
  constexpr double kGolden = std::numbers::phi - 1;
  double low = std::log(0.3), high = std::log(4.0);
  const auto at = [&](double log_scale) { return at_scale(maxima, std::exp(log_scale)).log_likelihood; };
  double a = high - kGolden * (high - low), b = low + kGolden * (high - low), fa = at(a), fb = at(b);
  for (int step = 0; step < 40; ++step) {
    if (fa > fb) {
      high = b, b = a, fb = fa, a = high - kGolden * (high - low), fa = at(a);
    } else {
      low = a, a = b, fa = fb, b = low + kGolden * (high - low), fb = at(b);
    }
  }
  const double scale = std::exp((low + high) / 2);
  return {at_scale(maxima, scale).features, scale};
}

}  // namespace plexiform::reveal
