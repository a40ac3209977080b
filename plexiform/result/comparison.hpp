#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plexiform/score/cell_score.hpp"

namespace plexiform {

/// What a method made of one cell.
struct MethodResult {
  std::string method;  ///< "ln", "cnn", "reveal", "gaussians", "lnln", "soft_clustering", "stc", "stnmf"
  std::string error;   ///< why there is nothing, or empty
  std::string chosen;  ///< what the method chose by itself, for people
  ModelScore score;
  double gain = 0;                     ///< bits per spike beyond LN's, on the same frames
  Interval gain_interval;              ///< paired over blocks of time
  std::optional<std::int64_t> number;  ///< of subunits
  std::optional<double> mean_match;    ///< with the true subunits, where the recording has them
  std::optional<std::int64_t> found;   ///< true subunits with a match of 0.9 or better
  std::optional<double> seconds;       ///< none for LN, which is fitted together with the network
};

struct CellComparison {
  std::int64_t cell = 0;
  std::string name;
  double n_spikes = 0;                        ///< in the scored frames
  std::optional<std::int64_t> true_subunits;  ///< where the recording has the truth
  std::vector<MethodResult> methods;          ///< in the order above
};

struct Comparison {
  std::string scored_on;  ///< "test block" or "fresh frames", as RunScore
  std::vector<CellComparison> cells;
};

}  // namespace plexiform
