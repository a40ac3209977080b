#pragma once
#include <cmath>
#include <cstdint>

namespace plexiform {

/// P(X <= k) of a binomial with n trials of probability p.
inline double binomial_cdf(std::int64_t k, std::int64_t n, double p) {
  double sum = 0;
  for (std::int64_t i = 0; i <= k; ++i) {
    const auto a = static_cast<double>(i), all = static_cast<double>(n);
    sum += std::exp(std::lgamma(all + 1) - std::lgamma(a + 1) - std::lgamma(all - a + 1) + a * std::log(p) +
                    (all - a) * std::log1p(-p));
  }
  return sum;
}

/// The most that n trials of probability p give in all but one of a thousand tests ...
inline std::int64_t most_of(std::int64_t n, double p) {
  std::int64_t k = 0;
  while (binomial_cdf(k, n, p) < 0.999) ++k;
  return k;
}
/// ... and the least.
inline std::int64_t least_of(std::int64_t n, double p) {
  return n - most_of(n, 1 - p);
}

}  // namespace plexiform
