#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "plexiform/cell/layouts.hpp"
#include "plexiform/score/score.hpp"

namespace plexiform::testing {

/// The correlation of a spatial filter with the elliptic Gaussian that resembles it most: a search from its moments
/// that changes one of five parameters at a time, by steps that shrink.
inline double best_gaussian(std::span<const float> filter, std::int64_t side) {
  double sum = 0, x = 0, y = 0;
  for (std::size_t i = 0; i < filter.size(); ++i) {
    const double square = double{filter[i]} * filter[i];
    sum += square;
    x += square * static_cast<double>(static_cast<std::int64_t>(i) % side);
    y += square * static_cast<double>(static_cast<std::int64_t>(i) / side);
  }
  const std::vector<double> target(filter.begin(), filter.end());
  const auto correlates = [&](const std::array<double, 5>& p) {
    const auto drawn = drawn_on_grid({p[0], p[1], std::exp(p[2]), std::exp(p[3]), p[4]}, side);
    return correlation(target, std::vector<double>(drawn.begin(), drawn.end()));
  };
  double best = 0;
  for (const double angle : {0.0, 0.8, 1.6, 2.4}) {
    std::array<double, 5> at{x / sum, y / sum, 0.5, 0.2, angle};
    double here = correlates(at);
    for (double step = 0.3; step > 1e-3;) {
      bool better = false;
      for (std::size_t i = 0; i < at.size(); ++i)
        for (const double change : {step, -step}) {
          std::array<double, 5> tried = at;
          tried[i] += change;
          const double there = correlates(tried);
          if (there > here) here = there, at = tried, better = true;
        }
      if (!better) step /= 2;
    }
    best = std::max(best, here);
  }
  return best;
}

}  // namespace plexiform::testing
