#include "plexiform/transfer/spread_share.hpp"

#include <algorithm>
#include <cmath>

namespace plexiform {

std::vector<Range> spread_share(const std::vector<Range>& ranges, double share, std::int64_t length) {
  std::vector<Range> pieces;
  for (const Range& range : ranges)
    for (std::int64_t begin = range.begin; begin < range.end; begin += length)
      pieces.push_back({begin, std::min(begin + length, range.end)});
  const auto number = static_cast<double>(pieces.size());
  const double wanted = share > 0 ? std::max(share, 1 / number) : 0;
  std::vector<Range> chosen;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    // One more whenever the share of the pieces so far passes a whole number; half a step early, so that they lie in
    // the middle of what they stand for.
    const auto passed = [&](std::size_t n) { return std::floor(static_cast<double>(n) * wanted + 0.5 - 1e-9); };
    if (wanted >= 1 || passed(i + 1) > passed(i)) chosen.push_back(pieces[i]);
  }
  return chosen;
}

}  // namespace plexiform
