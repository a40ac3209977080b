#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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

/// How well the models of several cells do.
struct RunScore {
  std::string scored_on;  ///< "test block", "whole recording", or "fresh frames" (see below)
  std::vector<CellScore> cells;
};

}  // namespace plexiform
