#pragma once
#include <cstdint>

#include "plexiform/subunits/search.hpp"

namespace plexiform::reveal {

/// What a search has found.
struct Found {
  Fitted fit;
  Covariates covariates;        ///< those that the model has gains for
  std::vector<Change> tried;
  double average_z = 0;         ///< strongest pixel of the spike-triggered average, in its errors
};

/// The subunits of a cell: a start from averages and covariances, growth, the power of the subunits, covariates, a finer
/// growth, temporal functions of the subunits' own, shapes. The same bits on any number of threads. Throws Interrupted on
/// a stop request, Error{numeric} if a likelihood is not finite.
Found find_subunits(const Movie& movie, const SearchSettings& settings, std::uint64_t seed, const Context& context);

}  // namespace plexiform::reveal
