#include "plexiform/base/nearest.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace plexiform {
namespace {

std::size_t edit_distance(const std::string& a, const std::string& b) {
  // Rows of the usual table for the prefixes of a; a swap looks two rows back.
  std::vector<std::size_t> two_back(b.size() + 1), back(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(two_back, back);
    std::swap(back, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t exchanged = back[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({back[j] + 1, row[j - 1] + 1, exchanged});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], two_back[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::optional<std::string> nearest(const std::string& word, std::span<const std::string> known) {
  constexpr std::size_t kLongestName = 200;  // the table is quadratic, and no name of ours is as long
  if (word.size() > kLongestName) return std::nullopt;
  std::size_t least = word.size() / 3 + 2;
  std::optional<std::string> found;
  for (const auto& name : known) {
    const std::size_t distance = edit_distance(word, name);
    if (distance >= least || distance >= name.size()) continue;
    least = distance;
    found = name;
  }
  return found;
}

}  // namespace plexiform
