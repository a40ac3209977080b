#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/evaluate/thresholds.hpp"
#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/recording/chunks.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/recording/split.hpp"
#include "plexiform/score/cell_score.hpp"
#include "plexiform/score/score.hpp"
#include "plexiform/score/score_rates.hpp"

namespace plexiform {

/// Frames to predict, and what happened in them.
struct ScoredFrames {
  std::vector<Chunk> chunks;
  ScoredBins bins;        ///< of the chunks, one after the other
  double bin_frames = 1;  ///< so many frames of the model a bin lasts, at the rate of its one frame
};
ScoredFrames frames_of(const Recording& recording, std::int64_t cell, std::span<const Range> bins);

/// Whether the stimulus of a model cell continues beyond the recording's end with frames that no fit saw (a chirp does
/// not: it repeats).
bool continues_beyond(const Recording& recording);
using thresholds::evaluate::kFreshFrames;
/// kFreshFrames frames after the recording's end, with counts drawn from the true rate. Throws Interrupted on a stop
/// request.
ScoredFrames fresh_frames(const Recording& recording, std::int64_t cell, const Context& context = {});

/// What the fits of a split did not see: its test block, else fresh frames. Throws Error{data} if there are neither;
/// Interrupted.
ScoredFrames unseen_frames(const Recording& recording, std::int64_t cell, const Split& split,
                           const Context& context = {});
/// What these are: "test block" or "fresh frames".
std::string kind_of_unseen_frames(const Split& split);

/// A network's rates on chunks of a stimulus, [bin], spikes per frame.
std::vector<double> predicted_rates(const Network& network, const Recording& recording, const Window& window,
                                    std::span<const Chunk> chunks, const Context& context);
/// Those of a fit's model, whatever that is, through its window.
std::vector<double> predicted_rates(const CellFit& fit, const Recording& recording, std::span<const Chunk> chunks,
                                    const Context& context);

/// Scores a cell's model and its LN model on frames of a recording of the same cell, whether it is the one that they
/// were fitted to or another. The correlation to the true rate is on fresh frames where there are any, else on the
/// frames at hand. Throws Error{data} if the window leaves the stimulus or there is no such cell.
CellScore score_cell(const CellFit& fit, const Recording& recording, const ScoredFrames& frames, std::uint64_t seed,
                     const Context& context);

}  // namespace plexiform
