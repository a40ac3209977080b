#pragma once
#include <cstdint>
#include <vector>

namespace plexiform {

/// Which module each item goes to in each of several repetitions, [repetition][item]; -1: to none that counts.
using Affiliations = std::vector<std::vector<std::int32_t>>;

/// How stable a clustering is over repetitions: the correlation between the items' consensus distances (1 - share of
/// the repetitions in which both go to the same module) and the heights at which average linkage joins them. 1: each
/// repetition gives the same clusters. Items that go to no module are apart from all others. NaN where all distances
/// are equal. Costs items^2 in time and memory (4 bytes each). Throws InternalError without two items or if
/// repetitions differ in length. Source: Brunet et al. 2004, PNAS 101:4164.
double cophenetic_correlation(const Affiliations& affiliations);

}  // namespace plexiform
