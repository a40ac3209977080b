#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "plexiform/base/error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/base/streams.hpp"
#include "plexiform/score/bits.hpp"
#include "plexiform/score/score.hpp"

namespace plexiform {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::span<const double> part(std::span<const double> values, const Range& block) {
  if (block.begin < 0 || block.end < block.begin || block.end > static_cast<std::int64_t>(values.size())) {
    throw InternalError("a bootstrap block " + std::to_string(block.begin) + " to " + std::to_string(block.end) +
                        " of " + std::to_string(values.size()) + " frames");
  }
  return values.subspan(static_cast<std::size_t>(block.begin), static_cast<std::size_t>(block.size()));
}

/// The sums over frames that Pearson's correlation is made of; those of several blocks add up.
struct CorrelationSums {
  double n = 0, a = 0, b = 0, aa = 0, bb = 0, ab = 0;

  CorrelationSums& operator+=(const CorrelationSums& o) {
    n += o.n, a += o.a, b += o.b, aa += o.aa, bb += o.bb, ab += o.ab;
    return *this;
  }
  double correlation() const {
    const double var_a = aa - a * a / n, var_b = bb - b * b / n;
    // Values shifted near 0 leave a constant no more than rounding, far below this share of its squares.
    if (!(var_a > 1e-12 * aa) || !(var_b > 1e-12 * bb)) return kNan;
    return std::clamp((ab - a * b / n) / std::sqrt(var_a * var_b), -1.0, 1.0);
  }
};

/// `shift_*`: about the mean of all values, so that the differences of large sums stay exact enough.
CorrelationSums correlation_sums(std::span<const double> a, std::span<const double> b, double shift_a, double shift_b) {
  CorrelationSums sums;
  sums.n = static_cast<double>(a.size());
  for (std::size_t t = 0; t < a.size(); ++t) {
    const double da = a[t] - shift_a, db = b[t] - shift_b;
    sums += {0, da, db, da * da, db * db, da * db};
  }
  return sums;
}

double mean(std::span<const double> values) {
  return values.empty() ? 0 : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// Between the two nearest ranks.
double quantile(const std::vector<double>& sorted, double share) {
  const double rank = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(rank);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (rank - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

/// Draws blocks with replacement, adds up their sums, and takes the score of each draw.
template <class Sums, class Score>
Interval bootstrap(const std::vector<Sums>& of_block, std::uint64_t seed, int draws, Score score) {
  const auto of_draw = [&](std::span<const std::int64_t> blocks) {
    Sums sums;
    for (const std::int64_t block : blocks) sums += of_block[static_cast<std::size_t>(block)];
    return score(sums);
  };
  return resampled_interval(static_cast<std::int64_t>(of_block.size()), seed, of_draw, draws);
}

std::vector<BitsSums> bits_of_blocks(std::span<const double> rate, std::span<const double> counts,
                                     std::span<const Range> blocks) {
  require_rates(rate, counts);
  std::vector<BitsSums> sums;
  for (const Range& block : blocks) sums.push_back(bits_sums(part(rate, block), part(counts, block)));
  return sums;
}

/// Two models on the same blocks.
struct PairedSums {
  BitsSums one, other;
  PairedSums& operator+=(const PairedSums& o) {
    one += o.one;
    other += o.other;
    return *this;
  }
};

}  // namespace

Interval resampled_interval(std::int64_t items, std::uint64_t seed,
                            const std::function<double(std::span<const std::int64_t>)>& score, int draws) {
  std::vector<double> scores;
  std::vector<std::int64_t> drawn(static_cast<std::size_t>(items));
  const CounterRandom random(seed, streams::score::kBootstrap);
  std::uint64_t next = 0;
  for (int draw = 0; draw < draws && items >= 2; ++draw) {
    for (auto& item : drawn) item = random.integer(next++, items);
    if (const double value = score(drawn); std::isfinite(value)) scores.push_back(value);
  }
  if (scores.empty()) return {kNan, kNan};
  std::sort(scores.begin(), scores.end());
  return {quantile(scores, thresholds::score::kLowTail), quantile(scores, thresholds::score::kHighTail)};
}

Interval correlation_interval(std::span<const double> rate, std::span<const double> counts,
                              std::span<const Range> blocks, std::uint64_t seed, int draws) {
  if (rate.size() != counts.size()) throw InternalError("correlation_interval: the lengths differ");
  std::vector<CorrelationSums> sums;
  for (const Range& block : blocks) {
    sums.push_back(correlation_sums(part(rate, block), part(counts, block), mean(rate), mean(counts)));
  }
  return bootstrap(sums, seed, draws, [](const CorrelationSums& s) { return s.correlation(); });
}

Interval bits_interval(std::span<const double> rate, std::span<const double> counts, std::span<const Range> blocks,
                       std::uint64_t seed, int draws) {
  return bootstrap(bits_of_blocks(rate, counts, blocks), seed, draws,
                   [](const BitsSums& s) { return s.bits_per_spike(); });
}

Interval bits_difference_interval(std::span<const double> rate, std::span<const double> other,
                                  std::span<const double> counts, std::span<const Range> blocks, std::uint64_t seed,
                                  int draws) {
  const auto one = bits_of_blocks(rate, counts, blocks), two = bits_of_blocks(other, counts, blocks);
  std::vector<PairedSums> pairs;
  for (std::size_t i = 0; i < one.size(); ++i) pairs.push_back({one[i], two[i]});
  return bootstrap(pairs, seed, draws,
                   [](const PairedSums& s) { return s.one.bits_per_spike() - s.other.bits_per_spike(); });
}

PairedDifference paired_difference(std::span<const double> of, std::span<const double> over,
                                   std::span<const double> weights) {
  if (of.size() != over.size() || (!weights.empty() && weights.size() != of.size()))
    throw InternalError("paired_difference: the lengths differ");
  double sum = 0, squares = 0, n = 0;
  for (std::size_t b = 0; b < of.size(); ++b) {
    const double weight = weights.empty() ? 1 : weights[b];
    const double difference = of[b] - over[b];
    sum += weight * difference;
    squares += weight * difference * difference;
    n += weight;
  }
  return {sum, std::sqrt(std::max(squares - sum * sum / n, 0.0) * n / std::max(n - 1, 1.0))};
}

std::vector<Range> blocks_of(std::int64_t n, std::int64_t length) {
  if (n < 0 || length < 1) {
    throw InternalError("blocks_of: " + std::to_string(n) + " frames in blocks of " + std::to_string(length));
  }
  std::vector<Range> blocks;
  const std::int64_t number = std::max<std::int64_t>(1, n / length);
  for (std::int64_t i = 0; i < number; ++i) blocks.push_back({i * length, (i + 1) * length});
  blocks.back().end = n;
  return blocks;
}

}  // namespace plexiform
