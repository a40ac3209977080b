#pragma once
#include <cstddef>
#include <functional>
#include <string>

namespace plexiform {

/// What a piece of a transfer came to.
struct TransferFigures {
  double own = 0;        ///< bits per spike of models on what they were fitted to, on average; NaN where there is none
  double elsewhere = 0;  ///< likewise on everything else
  std::string error = {};  ///< the first score that failed, or empty
};

/// For callers that show how far a transfer is, piece by piece: between cells a piece is a model, between stimuli a
/// cell. Called from any thread; all may be absent.
struct TransferHooks {
  std::function<void(std::size_t piece)> begun = {};
  std::function<void(std::size_t piece, double share)> moved = {};  ///< so much of it is done
  std::function<void(std::size_t piece, const TransferFigures&)> done = {};
};

}  // namespace plexiform
