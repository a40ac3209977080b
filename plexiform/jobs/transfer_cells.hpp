#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>

#include "plexiform/base/context.hpp"
#include "plexiform/progress/piece.hpp"
#include "plexiform/result/transfer.hpp"
#include "plexiform/transfer/cell_transfer.hpp"

namespace plexiform {

struct TransferCellsRequest {
  std::filesystem::path run = {};
  std::optional<std::filesystem::path> recording = {};  ///< where the run's recording is now; none: where it was
  std::filesystem::path folder = {};                    ///< to be made
  CellTransferSettings settings = {};
  std::uint64_t seed = 0;
};

/// Tests each network of a run on all of its cells (transfer/cell_transfer.hpp): FOLDER/transfer.json, FOLDER/moved.svg
/// and FOLDER/metrics.jsonl, the log. `piece` is told of each cell's model. Cells without a network are in `left_out`,
/// and the others go on. Nothing is left of a call that fails. Throws Error{usage} if the folder exists; further as
/// read_run, open_run_recording and transfer_between_cells.
CellTransfer transfer_cells(const TransferCellsRequest& request, const Context& context, const PieceSink& piece = {});

}  // namespace plexiform
