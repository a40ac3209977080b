#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "plexiform/fit/run.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/reveal/subunits.hpp"

namespace plexiform {

/// Reveals all cells of a run and writes RUN/reveal.h5 and RUN/subunits.json. Cells that failed keep their error.
std::vector<CellSubunits> reveal_run(const std::filesystem::path& run, const RunInfo& info, const Recording& recording);

/// {"cells":[{"cell":..,"n_subunits":..,"subunits":[{"x":..,"y":..,"weight":..,"truth":{"index":..,"corr":..}}]}]};
/// `truth` only where the recording has it, null for a surplus subunit; "mean_match" beside them.
std::string to_json(const std::vector<CellSubunits>& cells);

}  // namespace plexiform
