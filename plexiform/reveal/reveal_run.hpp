#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "plexiform/base/progress.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/reveal/reveal_cell.hpp"
#include "plexiform/settings/run.hpp"

namespace plexiform {

struct RevealHooks {
  ProgressSink progress;
  std::stop_token stop;
};

/// Reveals all cells of a run and writes RUN/reveal.h5, RUN/subunits.json and RUN/minimal, a run of the minimal
/// networks. Cells that failed keep their error. Threads take whole cells; a cell's result depends on its fit and on
/// the seed only. Throws Interrupted on a stop request; a second call then goes on with the cells that are missing, to
/// the same result.
std::vector<CellSubunits> reveal_run(const std::filesystem::path& run, const RunInfo& info, const Recording& recording,
                                     const RevealOptions& options, const RevealHooks& hooks = {});

/// {"cells":[{"cell":..,"verdict":..,"p_value":..,"n_subunits":..,"n_interval":[..],"subunits":[..]}]};
/// docs/formats/run.md has all fields.
std::string to_json(const std::vector<CellSubunits>& cells);

}  // namespace plexiform
