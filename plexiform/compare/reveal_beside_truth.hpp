#pragma once
#include <cstdint>
#include <string>

#include "plexiform/base/context.hpp"
#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/network_map/reveal_fit.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/recording/split.hpp"

namespace plexiform {

/// Reveals a cell, and then, outside of reveal, sets the truth beside what was found, where the recording has it. What
/// data or numbers do not allow is noted in the cell's error. `seed` is of the call: the cell's own is drawn from it.
/// Throws Interrupted on a stop request.
RevealedFit reveal_beside_truth(const CellFit& fit, const Recording& recording, const Split& split,
                                const RevealFitSettings& settings, std::uint64_t seed, const Context& context = {});

/// A cell of which nothing can be revealed, and why.
RevealedFit nothing_revealed(const Recording& recording, std::int64_t cell, const std::string& error);

}  // namespace plexiform
