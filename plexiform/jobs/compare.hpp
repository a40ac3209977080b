#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/progress/piece.hpp"
#include "plexiform/recording/split.hpp"
#include "plexiform/result/comparison.hpp"

namespace plexiform {

struct CompareRequest {
  std::filesystem::path recording;
  std::filesystem::path folder;     ///< to be made
  std::vector<std::int64_t> cells;  ///< rows of the recording; empty: all
  TestBlock test;                   ///< without one, scored on fresh frames
  std::uint64_t seed = 0;
};

/// Fits cells of a recording, compares methods on each (compare/compare_cell.hpp) and keeps it all: FOLDER/run is the
/// network's own run, FOLDER/<method> a run of each method's models, that score and predict take as any other,
/// FOLDER/compare.json the result, FOLDER/metrics.jsonl the log. `piece` is told of each cell and method. A cell that
/// cannot be fitted, and a method that fails on a cell, leave their error and the others continue. Throws Error{usage}
/// if the folder exists, Error{data} if there would be no frames to score on, Interrupted on a stop request.
Comparison compare_recording(const CompareRequest& request, const Context& context = {}, const PieceSink& piece = {});

}  // namespace plexiform
