#pragma once
#include <cstdint>

#include "plexiform/base/context.hpp"
#include "plexiform/evaluate/score_cell.hpp"
#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/form/model_settings.hpp"
#include "plexiform/network_map/reveal_fit.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/recording/split.hpp"
#include "plexiform/result/study.hpp"

namespace plexiform {

/// A fitted cell as one piece of a study, and what was revealed of it.
struct StudiedCell {
  StudyPiece piece;  ///< `value` and `seconds` are the caller's
  RevealedFit revealed;
};

/// Reveals a fitted cell, without verdict and confidence, scores its network on `frames` and, where the recording has
/// the truth, sets it beside what was found. What data or numbers do not allow is the piece's error. `train`: the
/// settings of the fit. The result depends on fit, data and seed only. Throws Interrupted on a stop request.
StudiedCell study_cell(const CellFit& fit, const Recording& recording, const Split& split, const ScoredFrames& frames,
                       const TrainSettings& train, std::uint64_t seed, const Context& context = {});

/// One piece of a study from a recording: fits the cell with these settings first, and scores on frames that the fit
/// did not see (unseen_frames). A cell that cannot be fitted leaves its error.
StudyPiece study_piece(const Recording& recording, std::int64_t cell, const Split& split, const Settings& settings,
                       std::uint64_t seed, const Context& context = {});

}  // namespace plexiform
