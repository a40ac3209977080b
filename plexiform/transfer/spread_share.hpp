#pragma once
#include <cstdint>
#include <vector>

#include "plexiform/base/ndarray.hpp"

namespace plexiform {

/// Ranges cut into pieces of up to `length` bins, and of these a share, spread evenly over them; none for a share of 0,
/// one at least for any other.
std::vector<Range> spread_share(const std::vector<Range>& ranges, double share, std::int64_t length);

}  // namespace plexiform
