#include "plexiform/classical/consensus.hpp"

#include <cmath>
#include <limits>

#include "plexiform/base/error.hpp"

namespace plexiform {
namespace {

/// Average linkage by chains of nearest neighbours; a cluster lives at the index of one of its items, and `size` is 0
/// where there is none any more.
class AverageLinkage {
 public:
  AverageLinkage(std::vector<float> distances, std::size_t items)
      : distances_(std::move(distances)), sizes_(items, 1), items_(items) {}

  /// Sum over all pairs of items of the squared height at which they are joined.
  double squared_heights() {
    double sum = 0;
    std::vector<std::size_t> chain;
    std::size_t first = 0;
    for (std::size_t left = items_; left > 1;) {
      if (chain.empty()) {
        while (sizes_[first] == 0) ++first;
        chain.push_back(first);
      }
      const std::size_t last = chain.back(), before = chain.size() > 1 ? chain[chain.size() - 2] : items_;
      const std::size_t next = nearest(last, before);
      if (next != before) {
        chain.push_back(next);
        continue;
      }
      const double height = distance(last, before);
      sum += static_cast<double>(sizes_[last]) * static_cast<double>(sizes_[before]) * height * height;
      chain.resize(chain.size() - 2);
      join(last, before);
      --left;
    }
    return sum;
  }

 private:
  float& distance(std::size_t a, std::size_t b) { return distances_[a * items_ + b]; }

  /// The nearest other cluster; `preferred` where it is as near as any.
  std::size_t nearest(std::size_t a, std::size_t preferred) {
    std::size_t best = preferred;
    float least = preferred < items_ ? distance(a, preferred) : std::numeric_limits<float>::infinity();
    for (std::size_t b = 0; b < items_; ++b)
      if (b != a && sizes_[b] > 0 && distance(a, b) < least) {
        least = distance(a, b);
        best = b;
      }
    return best;
  }

  /// Cluster b goes into a.
  void join(std::size_t a, std::size_t b) {
    const auto na = static_cast<float>(sizes_[a]), nb = static_cast<float>(sizes_[b]);
    for (std::size_t c = 0; c < items_; ++c) {
      if (c == a || c == b || sizes_[c] == 0) continue;
      const float mean = (na * distance(a, c) + nb * distance(b, c)) / (na + nb);
      distance(a, c) = mean;
      distance(c, a) = mean;
    }
    sizes_[a] += sizes_[b];
    sizes_[b] = 0;
  }

  std::vector<float> distances_;  // [item, item]
  std::vector<std::size_t> sizes_;
  std::size_t items_;
};

std::vector<float> consensus_distances(const Affiliations& affiliations, std::size_t items) {
  std::vector<float> distances(items * items, 0.0F);
  const auto repetitions = static_cast<float>(affiliations.size());
  for (std::size_t i = 0; i < items; ++i)
    for (std::size_t j = i + 1; j < items; ++j) {
      int together = 0;
      for (const auto& a : affiliations) together += a[i] >= 0 && a[i] == a[j];
      const float distance = 1 - static_cast<float>(together) / repetitions;
      distances[i * items + j] = distance;
      distances[j * items + i] = distance;
    }
  return distances;
}

}  // namespace

double cophenetic_correlation(const Affiliations& affiliations) {
  const std::size_t items = affiliations.empty() ? 0 : affiliations[0].size();
  if (items < 2) throw InternalError("cophenetic_correlation: fewer than two items");
  for (const auto& a : affiliations)
    if (a.size() != items) throw InternalError("cophenetic_correlation: repetitions of different length");
  std::vector<float> distances = consensus_distances(affiliations, items);
  double sum = 0, squares = 0;
  for (const float d : distances) {
    sum += static_cast<double>(d) / 2;
    squares += static_cast<double>(d) * static_cast<double>(d) / 2;
  }
  // Average linkage joins two clusters at the mean distance of their pairs, so that over the pairs the heights h have
  // the sum of the distances d, and sum h d = sum h^2: their correlation is a ratio of standard deviations.
  const double pairs = static_cast<double>(items) * static_cast<double>(items - 1) / 2;
  const double heights = AverageLinkage(std::move(distances), items).squared_heights();
  const double all = squares - sum * sum / pairs, joined = heights - sum * sum / pairs;
  if (!(all > 1e-9 * squares) || !(joined > 0)) return std::numeric_limits<double>::quiet_NaN();
  return std::sqrt(joined / all);
}

}  // namespace plexiform
