#pragma once
#include <cstdint>
#include <vector>

#include "plexiform/base/ndarray.hpp"

namespace plexiform {

/// An order in which what is alike lies side by side: average linkage (Sokal and Michener 1958) on similarity [n, n],
/// symmetric, and of each pair of clusters that join the ends that are most alike are put together. NaN is no
/// similarity at all.
std::vector<std::int64_t> cluster_order(const NdArray<double>& similarity);

}  // namespace plexiform
