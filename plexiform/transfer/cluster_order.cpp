#include "plexiform/transfer/cluster_order.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "plexiform/base/error.hpp"

namespace plexiform {
namespace {

using Cluster = std::vector<std::int64_t>;

class Likeness {
 public:
  explicit Likeness(const NdArray<double>& similarity) : of_(similarity) {}

  double pair(std::int64_t a, std::int64_t b) const {
    const double value = of_.row(a)[static_cast<std::size_t>(b)];
    return std::isnan(value) ? -std::numeric_limits<double>::max() / 1e100 : value;
  }
  double mean(const Cluster& a, const Cluster& b) const {
    double sum = 0;
    for (const auto i : a)
      for (const auto j : b) sum += pair(i, j);
    return sum / static_cast<double>(a.size() * b.size());
  }

 private:
  const NdArray<double>& of_;
};

/// Turned so that the ends that are most alike meet.
Cluster joined(Cluster a, Cluster b, const Likeness& likeness) {
  const auto meeting = [&](bool turn_a, bool turn_b) {
    return likeness.pair(turn_a ? a.front() : a.back(), turn_b ? b.back() : b.front());
  };
  bool turn_a = false, turn_b = false;
  for (const auto& [x, y] : {std::pair{false, true}, std::pair{true, false}, std::pair{true, true}})
    if (meeting(x, y) > meeting(turn_a, turn_b)) turn_a = x, turn_b = y;
  if (turn_a) std::ranges::reverse(a);
  if (turn_b) std::ranges::reverse(b);
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

std::vector<std::int64_t> cluster_order(const NdArray<double>& similarity) {
  if (similarity.shape.size() != 2 || similarity.shape[0] != similarity.shape[1])
    throw InternalError("cluster_order: the similarity matrix is not square");
  const Likeness likeness(similarity);
  std::vector<Cluster> clusters;
  for (std::int64_t i = 0; i < similarity.shape[0]; ++i) clusters.push_back({i});
  while (clusters.size() > 1) {
    std::size_t first = 0, second = 1;
    double highest = -std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < clusters.size(); ++i)
      for (std::size_t j = i + 1; j < clusters.size(); ++j)
        if (const double value = likeness.mean(clusters[i], clusters[j]); value > highest)
          highest = value, first = i, second = j;
    clusters[first] = joined(std::move(clusters[first]), std::move(clusters[second]), likeness);
    clusters.erase(clusters.begin() + static_cast<std::ptrdiff_t>(second));
  }
  return clusters.empty() ? Cluster{} : clusters.front();
}

}  // namespace plexiform
