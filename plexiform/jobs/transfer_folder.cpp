#include "plexiform/jobs/transfer_folder.hpp"

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/evaluate/score_cell.hpp"
#include "plexiform/jobs/model_file.hpp"
#include "plexiform/run/cell_done.hpp"
#include "plexiform/run/layout.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;

CellFit read_fit(const fs::path& run, const RunInfo& info, std::int64_t cell, const Recording& recording,
                 Unfinished unfinished) {
  const fs::path folder = cell_folder(run, cell);
  if (unfinished == Unfinished::left_out && !cell_error(folder) && !is_done(folder))
    throw Error(ErrorKind::data, "its fit was not finished");
  CellFit fit = read_run_model(run, info, cell);
  require_grid(fit, recording);
  return fit;
}

}  // namespace

FittedCells read_fits(const fs::path& run, const RunInfo& info, const Recording& recording, Unfinished unfinished) {
  require_whole(run, info);
  FittedCells cells;
  for (const auto cell : info.cells) {
    try {
      cells.fits.push_back(read_fit(run, info, cell, recording, unfinished));
    } catch (const Error& error) {
      cells.left_out.emplace_back(cell, noted(error));
    }
  }
  return cells;
}

TransferHooks hooks_of(Work& work, const std::vector<std::size_t>& of) {
  return {[&work, of](std::size_t piece) { work.begin(of[piece]); },
          [&work, of](std::size_t piece, double share) { work.move(of[piece], share); },
          [&work, of](std::size_t piece, const TransferFigures& figures) {
            work.end(of[piece], {work.seconds(of[piece]),
                                 figures.error,
                                 {{kTestBits, figures.own}, {kBitsElsewhere, figures.elsewhere}}});
          }};
}

}  // namespace plexiform
