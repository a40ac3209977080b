#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "plexiform/fit/score_cell.hpp"
#include "plexiform/transfer/cell_transfer.hpp"

namespace plexiform {

struct StimulusTransferRequest {
  std::vector<std::filesystem::path> runs;      ///< one for each stimulus, fitted to recordings of the same cells
  std::vector<std::filesystem::path> to;        ///< more recordings of them, on which nothing was fitted
  std::vector<std::filesystem::path> moved_to;  ///< where the runs' recordings are now, [run]; empty: where they were
  bool rescale = false;                         ///< where geometries differ (recording/geometry.hpp), see below
  bool tune = false;                            ///< also fine-tune every run on every other's recording
  std::vector<double> shares = {0.02, 0.05, 0.1, 0.3, 1};  ///< of the target's training blocks, for fine-tuning
  int threads = 1;
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
std::string to_string(Tuned tuned);  ///< "nothing", "output", "all", "from nothing"

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

/// Tests the networks (and LN models) of every run on the recording of every other, on the frames that the other's own
/// run is scored on, and on recordings without a run, flashed images among them (still_images.hpp; the rate at the peak
/// of the step is taken to last the whole window); cells are told by name. Correlations to the true rate are where
/// score_cell has them. Fine-tuning: the target's training blocks are cut to a share (recording/cut.hpp) and the
/// network of the other run, its output tuned, goes on from there (all), or only scale and offset of its output do
/// (refit_output.hpp), or a network begins from nothing as the target's own run did. Throws Error{data} where no cell
/// is shared, cells of one name differ, or grid, pixel size or frame rate do; with `rescale` a model sees the other
/// stimulus on its own grid and at its own rate. own_ahead is where both models see the same bins.
StimulusTransfer transfer_between_stimuli(const StimulusTransferRequest& request, const TransferHooks& hooks = {});

}  // namespace plexiform
