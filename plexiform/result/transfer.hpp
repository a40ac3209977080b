#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plexiform/base/ndarray.hpp"
#include "plexiform/score/cell_score.hpp"

namespace plexiform {

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

/// One model on one recording.
struct CrossScore {
  std::string error;  ///< why there is none, or empty
  ModelScore network, ln;
  std::optional<double> own_ahead;  ///< bits per spike by which the recording's own run is ahead, on the same frames
  Interval own_ahead_interval;      ///< paired over blocks of time
};

/// What part of a network learns from the target's data.
enum class Tuned { nothing, output, all, from_nothing };
std::string to_string(Tuned tuned);         ///< "nothing", "output", "all", "from nothing"
Tuned tuned_from(const std::string& name);  ///< Error{usage} names the nearest

/// A point of the curve of fine-tuning.
struct TunePoint {
  Tuned tuned = Tuned::nothing;
  double share = 0;  ///< of the target's frames before the test block
  double spikes = 0;
  std::string error;
  ModelScore score;  ///< on the target's test block
};

struct TuneCurve {
  std::size_t from = 0, to = 0;  ///< rows of the matrix
  std::vector<TunePoint> points;
};

struct TransferredCell {
  std::string name;
  std::vector<std::vector<CrossScore>> scores;  ///< [run][target]
  std::vector<TuneCurve> curves;                ///< where they were asked for
};

struct StimulusTransfer {
  std::vector<std::string> runs;       ///< names of the rows
  std::vector<std::string> targets;    ///< names of the columns: the runs' recordings, then the others
  std::vector<std::string> scored_on;  ///< [target], "test block", "fresh frames" or "whole recording"
  std::vector<TransferredCell> cells;
  std::vector<std::string> left_out;  ///< cells that are not in all recordings, or were not fitted in all runs
  double seconds = 0;
};

}  // namespace plexiform
