#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "plexiform/base/error.hpp"
#include "plexiform/score/score.hpp"

namespace plexiform {
namespace {

double mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// Told from the values and not from their variance, which rounding can leave a little above 0.
bool constant(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [&](double v) { return v == values.front(); });
}

}  // namespace

double correlation(std::span<const double> a, std::span<const double> b) {
  if (a.size() != b.size()) {
    throw InternalError("correlation: " + std::to_string(a.size()) + " and " + std::to_string(b.size()) + " values");
  }
  if (constant(a) || constant(b)) return std::numeric_limits<double>::quiet_NaN();
  const double mean_a = mean(a), mean_b = mean(b);
  double aa = 0, bb = 0, ab = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double da = a[i] - mean_a, db = b[i] - mean_b;
    aa += da * da;
    bb += db * db;
    ab += da * db;
  }
  return std::clamp(ab / (std::sqrt(aa) * std::sqrt(bb)), -1.0, 1.0);
}

}  // namespace plexiform
