#pragma once
#include <cstdint>

#include "plexiform/reveal/one_filter.hpp"
#include "plexiform/reveal/search.hpp"

namespace plexiform::reveal {

/// What a search has found.
struct Found {
  Fitted fit;
  Covariates covariates;  ///< those that the model has gains for
  std::vector<Change> tried;
  double average_z = 0;  ///< strongest pixel of the spike-triggered average, in its errors
};

/// The subunits of a cell: a start from averages and covariances, growth, the power of the subunits, covariates, a
/// finer growth, temporal functions of the subunits' own, shapes. The same bits on any number of threads. Throws
/// Interrupted on a stop request, Error{numeric} if a likelihood is not finite.
Found find_subunits(const Movie& movie, const SearchSettings& settings, std::uint64_t seed, const Context& context);

/// The same for a cell without subunits: one linear filter, mixed of the temporal functions, of one Gaussian and what
/// it takes beside it; it begins where a one-filter fit ended. It answers to both polarities alike where that is
/// likelier.
Found find_one_filter(const Movie& movie, const Basis& basis, const OneFilter& filter, const SearchSettings& settings,
                      const Context& context);

}  // namespace plexiform::reveal
