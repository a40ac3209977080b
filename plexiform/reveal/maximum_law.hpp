#pragma once
#include <span>

namespace plexiform::reveal {

/// Law of the greatest |z| of many features: as if `features` independent normal ones of standard deviation `scale`,
///   P(max < z) = (1 - 2 Q(z / scale))^features,  Q the normal tail
/// (Sidak 1967, with the number of features, many of which are alike, left free). Its tail is that of a normal
/// variable; a Gumbel law, its limit, has a far heavier one where only hundreds of features are.
struct MaximumLaw {
  double features = 1, scale = 1;

  /// P(max >= z).
  double tail(double z) const;
  /// The z with P(max >= z) = p.
  double quantile(double p) const;
};

/// The law of most likelihood for some maxima, two or more, all above 0.
MaximumLaw fit_maximum_law(std::span<const double> maxima);

}  // namespace plexiform::reveal
