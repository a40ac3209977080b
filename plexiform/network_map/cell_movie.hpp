#pragma once
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/filtered/filtered_movie.hpp"
#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/recording/split.hpp"

namespace plexiform {

/// What a cell's subunits see, as its fitted network has it.
struct CellMovie {
  std::vector<double> temporal;  ///< [lag], unit norm: the filter of the heaviest peak of the network's map
  FilteredMovie movie;           ///< filtered by it
};

/// Signs are such that the spike-triggered average's strongest pixel is positive (except where subunits square and
/// there is no average). Throws Interrupted on a stop request. Blocks are those of the split, shorter where a short
/// recording would have fewer than twenty.
CellMovie cell_movie(const CellFit& fit, const Recording& recording, const Split& split, double block_seconds,
                     const Context& context = {});

}  // namespace plexiform
