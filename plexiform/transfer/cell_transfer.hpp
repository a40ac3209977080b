#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "plexiform/base/ndarray.hpp"
#include "plexiform/base/progress.hpp"
#include "plexiform/progress/piece.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/score/score.hpp"
#include "plexiform/settings/run.hpp"

namespace plexiform {

struct TransferHooks {
  ProgressSink progress;
  PieceSink piece;  ///< each cell (or, between cells, each cell's model)
  std::stop_token stop;
  std::filesystem::path log = {};  ///< metrics.jsonl, where one shall be written
};

/// All models of a run on all of its cells: [model, cell], on the cell's test block. The diagonal are the cells' own
/// models, whose output is never changed. NaN where a model gives no likelihood there.
struct CrossMatrix {
  NdArray<double> cc;         ///< Pearson, rate against single-trial counts
  NdArray<double> bits;       ///< per spike, over the constant rate
  NdArray<double> own_ahead;  ///< bits per spike by which the cell's own model is ahead, on the same frames
  NdArray<double> low, high;  ///< 95 % interval of that, paired over blocks of time
  NdArray<double> p;          ///< that own is ahead by chance (one-sided), Holm-corrected over the others of the cell
};

/// The best of the other models on a cell, by bits per spike.
struct BestOther {
  std::int64_t model = -1;   ///< index into the cells of the result; -1 where there is no other
  bool own_exceeds = false;  ///< own is ahead of every other, at 5 % after Holm's correction
};

struct CellTransfer {
  std::vector<std::int64_t> cells;  ///< of the recording, those with a fitted network
  std::vector<std::string> names;
  std::vector<double> spikes;                                  ///< in the test block
  std::vector<std::pair<std::int64_t, std::string>> left_out;  ///< cells without a network, and why
  double refit = 0;                                            ///< share of the training blocks
  std::int64_t refit_frames = 0;
  CrossMatrix in_place;             ///< each model sees the pixels that it was fitted to
  CrossMatrix moved;                ///< its window lies where the other cell's own lies
  std::vector<BestOther> others;    ///< of `moved`, [cell]
  std::vector<std::int64_t> order;  ///< clustering of `moved`: indices into cells
  double seconds = 0;
};

struct CellTransferOptions {
  double refit = 0.1;  ///< share of the other cell's training blocks, spread over them, that scale and offset of the
                       ///< output are fitted to (refit_output.hpp); 0: the output stays as it is
  std::uint64_t seed = 0;
  int threads = 1;
};

/// Tests each cell's network on all others. A window is moved by whole pixels, to where the other cell's own is; at the
/// border of the grid windows are moved inwards, so that receptive fields may not quite meet there. p: Student's t of
/// the differences of log-likelihood over blocks of 300 frames. Throws Error{data} without a test block, with fewer
/// than two fitted cells, or where the refit has no frame; Interrupted on a stop request.
CellTransfer transfer_between_cells(const std::filesystem::path& run, const RunInfo& info, const Recording& recording,
                                    const CellTransferOptions& options, const TransferHooks& hooks = {});

}  // namespace plexiform
