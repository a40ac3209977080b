#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "plexiform/base/error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/base/streams.hpp"
#include "plexiform/score/score.hpp"

namespace plexiform {
namespace {

/// Sum of the given trials, [time]; a sum correlates as the mean does.
std::vector<double> sum_of(const NdArray<double>& trials, std::span<const std::int64_t> which) {
  std::vector<double> sum(static_cast<std::size_t>(trials.shape[1]));
  for (const std::int64_t i : which) {
    const auto trial = trials.row(i);
    for (std::size_t t = 0; t < sum.size(); ++t) sum[t] += trial[t];
  }
  return sum;
}

/// Fisher and Yates.
void shuffle(std::vector<std::int64_t>& order, const CounterRandom& random, std::uint64_t& next) {
  for (std::size_t i = order.size(); i > 1; --i) {
    std::swap(order[i - 1], order[static_cast<std::size_t>(random.integer(next++, static_cast<std::int64_t>(i)))]);
  }
}

double mean_split_half(const NdArray<double>& trials, std::uint64_t seed, int halves) {
  const CounterRandom random(seed, streams::score::kHalves);
  std::uint64_t next = 0;
  std::vector<std::int64_t> order(static_cast<std::size_t>(trials.shape[0]));
  std::iota(order.begin(), order.end(), 0);
  const std::size_t half = order.size() / 2;
  double sum = 0;
  int defined = 0;
  for (int i = 0; i < halves; ++i) {
    shuffle(order, random, next);
    const std::span<const std::int64_t> all(order);
    const double r = correlation(sum_of(trials, all.first(half)), sum_of(trials, all.subspan(half, half)));
    if (std::isnan(r)) continue;
    sum += r;
    ++defined;
  }
  return defined > 0 ? sum / defined : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

Reliability reliability(const NdArray<double>& trials, std::uint64_t seed, int halves) {
  if (trials.shape.size() != 2) throw InternalError("reliability: the trials are not a matrix");
  const std::int64_t n = trials.shape[0];
  if (n < 2) {
    throw Error(ErrorKind::data,
                "the reliability of " + std::to_string(n) + " trials was asked for, expected 2 or more");
  }
  const double r = mean_split_half(trials, seed, halves);
  const double m = static_cast<double>(n) / static_cast<double>(n / 2);
  const double of_mean = m * r / (1 + (m - 1) * r);
  return {r, of_mean, std::sqrt(of_mean)};
}

}  // namespace plexiform
