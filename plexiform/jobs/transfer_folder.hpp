#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/progress/work.hpp"
#include "plexiform/run/run.hpp"
#include "plexiform/transfer/hooks.hpp"

namespace plexiform {

// What both kinds of transfer do with folders.

/// The networks of a run's cells, in their order, and why others have none.
struct FittedCells {
  std::vector<CellFit> fits;
  std::vector<std::pair<std::int64_t, std::string>> left_out;
};
enum class Unfinished { taken, left_out };  ///< what becomes of a fit that was interrupted: its last checkpoint, or not
FittedCells read_fits(const std::filesystem::path& run, const RunInfo& info, const Recording& recording,
                      Unfinished unfinished);

/// Tells a work of its pieces: piece i of the transfer is piece of[i] of the work.
TransferHooks hooks_of(Work& work, const std::vector<std::size_t>& of);

}  // namespace plexiform
