#include "plexiform/jobs/transfer_cells.hpp"

#include <algorithm>

#include "plexiform/base/file.hpp"
#include "plexiform/jobs/transfer_folder.hpp"
#include "plexiform/run/layout.hpp"
#include "plexiform/run/run.hpp"
#include "plexiform/run/transfer_json.hpp"

namespace plexiform {
namespace {

std::size_t piece_of(const RunInfo& info, std::int64_t cell) {
  return static_cast<std::size_t>(std::ranges::find(info.cells, cell) - info.cells.begin());
}

/// Cells without a network are pieces too, that failed.
CellTransfer cross(Work& work, const RunInfo& info, const FittedCells& cells, const Recording& recording,
                   const TransferCellsRequest& request, const Context& context) {
  std::vector<std::size_t> pieces;
  for (const auto& fit : cells.fits) pieces.push_back(piece_of(info, fit.cell));
  for (const auto& [cell, why] : cells.left_out) work.end(piece_of(info, cell), {0, why});
  Context beside = context;
  beside.progress = work.beside();
  return transfer_between_cells(cells.fits, recording, run_split(info, recording), request.settings, request.seed,
                                beside, hooks_of(work, pieces));
}

}  // namespace

CellTransfer transfer_cells(const TransferCellsRequest& request, const Context& context, const PieceSink& piece) {
  const RunInfo info = read_run(request.run);
  Recording recording = open_run_recording(info, request.recording, context);
  use_kept_replay(recording, true, context);
  CellTransfer result;
  in_new_folder(request.folder, [&] {
    const Origin origin = origin_of(request.run, info);
    const FittedCells cells = read_fits(request.run, info, recording, Unfinished::taken);
    Work work("transfer", "model", cell_pieces(info, recording),
              {context.progress, piece, layout::log(request.folder)});
    work.run([&] { result = cross(work, info, cells, recording, request, context); });
    result.left_out = cells.left_out;
    // The picture first: a folder that holds the result holds all.
    write_text_atomically(layout::moved_picture(request.folder), picture(result));
    write_transfer(request.folder, result, origin);
  });
  return result;
}

}  // namespace plexiform
