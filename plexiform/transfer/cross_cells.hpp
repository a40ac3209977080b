#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/base/ndarray.hpp"
#include "plexiform/compute/step.hpp"
#include "plexiform/fit/dataset.hpp"
#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/model/network.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/recording/split.hpp"
#include "plexiform/result/transfer.hpp"
#include "plexiform/score/score.hpp"
#include "plexiform/transfer/refit_output.hpp"
#include "plexiform/transfer/thresholds.hpp"

namespace plexiform {

// The steps of transfer_between_cells.

/// What models are tested on: the test block, and the frames that outputs are fitted to, through the window of every
/// cell.
struct CellFrames {
  std::vector<TileSet> test, refit;                            ///< [cell], where there are networks
  std::vector<Chunk> test_chunks, refit_chunks;                ///< the same frames
  std::vector<std::vector<double>> test_counts, refit_counts;  ///< [cell][bin]
  std::vector<double> spikes;                                  ///< [cell], in the test block
  std::vector<Range> blocks;                                   ///< of the test block's bins, for intervals
  std::int64_t refit_frames = 0;                               ///< 0: outputs stay as they are
};
/// Reads the stimulus once for the test block and once for `refit`, a share of the training blocks spread over them.
/// Throws Error{data} without a test block, or if the share holds no frame; Interrupted on a stop request.
CellFrames read_cell_frames(std::span<const CellFit> fits, const Recording& recording, const Split& split, double refit,
                            const Context& context);

/// What a model makes of the frames through one cell's window, before its output. `refit` is empty where outputs stay
/// as they are.
struct Drives {
  ModelDrive test, refit;
};
Drives drives_at(const Network& network, const CellFrames& frames, std::size_t window, Stepper& stepper);
/// Subunits through their own window, moved by whole pixels; it stays on the grid.
Drives drives_at(const SubunitModel& model, const Stimulus& stimulus, const CellFrames& frames, const Window& window,
                 const Context& context);

/// A cell's own model on its test block: rates [bin], and their log-likelihoods [block], nats without log n! (none for
/// a cell without a spike there).
struct OwnRates {
  std::vector<double> rate, nats;
};
OwnRates own_rates(const CellModel& model, const Drives& drives, const CellFrames& frames, std::size_t cell);

/// One entry of each part of a CrossMatrix; NaN where it is not known. `p` is not corrected.
struct CrossPair {
  static constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  double cc = kNan, bits = kNan, own_ahead = kNan, low = kNan, high = kNan, p = kNan;
};
/// A model on a cell whose own model predicts `own`; scale and offset of the output are first fitted to the drives of
/// the refit frames. Where a rate is not finite, or there is no likelihood, there is no score.
CrossPair cross_pair(const CellModel& model, const Drives& drives, const OwnRates& own, const CellFrames& frames,
                     std::size_t cell, std::uint64_t seed);
/// A cell's own model, whose output is never changed: only cc and bits.
CrossPair own_pair(const OwnRates& own, const CellFrames& frames, std::size_t cell);

/// One-sided p of a difference as large as this, or larger, where there is none: Student's t over `blocks` blocks. NaN
/// with fewer than two of them, or without any spread.
double chance_of(const PairedDifference& ahead, std::size_t blocks);

/// A matrix of n models on n cells in which nothing is known yet.
CrossMatrix unknown_matrix(std::int64_t n);
void set_pair(CrossMatrix& matrix, std::size_t model, std::size_t cell, const CrossPair& pair);
/// Corrects the p values of each cell for its having several other models (Holm).
void correct_for_others(CrossMatrix& matrix);
/// The best other model on a cell by bits per spike, and whether the own one exceeds all others at kOwnAlpha.
BestOther best_other(const CrossMatrix& moved, std::size_t cell);
using thresholds::transfer::kOwnAlpha;

/// How well two cells' models stand in for each other, [n, n]: the mean of the two correlations, each over that of the
/// cell's own model. NaN where an own model's is at or below kLeastOwn.
NdArray<double> likeness(const NdArray<double>& cc);
using thresholds::transfer::kLeastOwn;

}  // namespace plexiform
