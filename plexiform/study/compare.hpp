#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "plexiform/base/progress.hpp"
#include "plexiform/fit/score_run.hpp"
#include "plexiform/progress/piece.hpp"
#include "plexiform/score/score.hpp"

namespace plexiform {

struct CompareRequest {
  std::filesystem::path recording;
  std::filesystem::path folder;  ///< to be made
  std::string cells = "all";
  TestBlock test;  ///< without one, scored on fresh frames
  std::uint64_t seed = 0;
  int threads = 0;  ///< 0: what the machine offers
};

/// What a method made of one cell.
struct MethodResult {
  std::string method;  ///< "ln", "cnn", "reveal", "lnln", "soft_clustering", "stc", "stnmf"
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

struct CompareHooks {
  ProgressSink progress;
  PieceSink piece;  ///< each cell and method
  std::stop_token stop;
};

/// Fits cells of a recording, reveals their subunits and sets other methods beside them on the same window, temporal
/// filter and split (methods.hpp). Each method's models are a run, FOLDER/<method>, that score and predict take as any
/// other; FOLDER/run is the network's own, FOLDER/compare.json holds the result, FOLDER/metrics.jsonl the log. A method
/// that fails on a cell leaves its error in its place and the others go on. Throws Error{usage} where the folder
/// exists, Error{data} where there would be no frames to score on, Interrupted on a stop request.
Comparison compare_recording(const CompareRequest& request, const CompareHooks& hooks = {});

/// A row from a method's score and LN's.
MethodResult row_of(const std::string& method, const CellScore& score);

/// {"scored_on":..,"cells":[{"cell":..,"methods":[{"method":..,"cc":..,..}]}]}
std::string to_json(const Comparison& comparison);

}  // namespace plexiform
