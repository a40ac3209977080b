#pragma once
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/network_map/reveal_fit.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/run/run.hpp"

namespace plexiform {

/// Reveals all cells of a run and writes RUN/reveal.h5, RUN/subunits.json and RUN/minimal, a run of the minimal
/// networks. Cells that failed keep their error. Threads take whole cells; a cell's result depends on its fit and on
/// the seed only. Throws Interrupted on a stop request; a second call then continues with the cells that are missing,
/// to the same result; Error{damaged} or Error{missing} where a file of a cell is not what its fit left; Error{usage}
/// where a quick reveal would replace a full one. `context`: is told of each cell.
std::vector<RevealedFit> reveal_run(const std::filesystem::path& run, const RunInfo& info, const Recording& recording,
                                    const RevealFitSettings& settings, std::uint64_t seed, const Context& context = {});

/// Writes what reveal_run() writes of cells that were revealed with `seed`: RUN/reveal.h5, RUN/subunits.json,
/// RUN/minimal. `origin`: of the run, from before they were revealed. subunits.json goes first and comes last: where it
/// is, the others are of it.
void write_revealed(const std::filesystem::path& run, const RunInfo& info, const Recording& recording,
                    std::uint64_t seed, std::span<const RevealedFit> revealed, const Origin& origin);

/// The plain results.
std::vector<CellSubunits> subunits_of(std::span<const RevealedFit> revealed);

}  // namespace plexiform
