#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/score/score.hpp"

namespace plexiform {

/// How well one model predicts the scored frames.
struct ModelScore {
  double cc = 0;  ///< Pearson, predicted rate against single-trial counts
  Interval cc_interval;
  double bits_per_spike = 0;
  Interval bits_interval;
  std::optional<double> cc_trial_mean;  ///< against the mean count of frames that were shown several times
  std::optional<double> cc_normalised;  ///< that over the ceiling; where there is a reliability
  std::optional<double> feve;           ///< explained_variance(), where there is a reliability
  std::optional<double> true_rate_cc;   ///< against the true rate, where the recording has the truth
};

/// Both models on one block of scored frames; sums over blocks and over runs give paired differences.
struct BlockScore {
  std::int64_t frames = 0;
  double spikes = 0;
  double network = 0;  ///< log-likelihood of the counts, nats, without log n!
  double ln = 0;
};

struct CellScore {
  std::int64_t cell = 0;
  std::string error;  ///< why there is no score, or empty
  double n_spikes = 0;
  std::int64_t n_frames = 0;
  ModelScore network;
  ModelScore ln;                              ///< fitted on the same training blocks
  Interval bits_gain;                         ///< network minus LN, paired over blocks
  std::vector<BlockScore> blocks;             ///< in order
  std::optional<Reliability> reliability;     ///< where every scored frame was shown in all of several trials
  std::optional<double> oracle;               ///< jackknife_oracle(), where there is a reliability
  std::string subunits;                       ///< nonlinearity that validation chose
  bool ended = true;                          ///< false: the last checkpoint of an interrupted fit
  std::vector<double> rate, ln_rate, counts;  ///< of the scored frames, in order
  std::vector<std::int64_t> frame;            ///< of the stimulus, that each of them showed
};

/// Blocks of intervals and paired differences: as long as the shortest blocks of the split.
inline constexpr std::int64_t kScoreBlockFrames = 300;

/// Frames to predict, and what happened in them.
struct ScoredFrames {
  std::vector<Chunk> chunks;
  std::vector<double> counts;       ///< [bin], spikes
  std::vector<std::int64_t> frame;  ///< [bin], displayed frame
  double bin_frames = 1;            ///< so many frames of the model a bin lasts, at the rate of its one frame
  std::int64_t block_bins = kScoreBlockFrames;  ///< of the blocks over which intervals are
};
ScoredFrames frames_of(const Recording& recording, std::int64_t cell, std::span<const Range> bins);

/// Whether the stimulus of a model cell goes on after the recording's end with frames that no fit saw (a chirp begins
/// again).
bool goes_on(const Recording& recording);
inline constexpr std::int64_t kFreshFrames = 10'000;
/// So many frames after the recording's end, with counts drawn from the true rate.
ScoredFrames fresh_frames(const Recording& recording, std::int64_t cell);

/// A network's rates on chunks of a stimulus, [bin], spikes per frame.
std::vector<double> predicted_rates(const Network& network, const Recording& recording, const Window& window,
                                    std::span<const Chunk> chunks, int threads = 1);

/// Scores a cell's network and its LN model on frames of a recording of the same cell, whether it is the one that they
/// were fitted to or another. The correlation to the true rate is on fresh frames where there are any, else on the
/// frames at hand. Throws Error{data} where the window leaves the stimulus or there is no such cell.
CellScore score_cell(const CellFit& fit, const Recording& recording, const ScoredFrames& frames, std::uint64_t seed);

/// Throws Error{data} where the network's window leaves the recording's stimulus, or there is no such cell in it.
void require_grid(const CellFit& fit, const Recording& recording);

}  // namespace plexiform
