#pragma once
#include <cstdint>
#include <optional>

#include "plexiform/base/context.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/recording/split.hpp"
#include "plexiform/result/subunits.hpp"
#include "plexiform/reveal/search.hpp"
#include "plexiform/reveal/structure.hpp"
#include "plexiform/reveal/subunit_model.hpp"

namespace plexiform {

struct RevealSettings {
  bool quick = false;   ///< no null, no residual test, no refits: no verdict, nothing of what is left, no confidence
  bool halves = false;  ///< the search is also made in each half of the recording
  reveal::SearchSettings search;
  reveal::OneFilterSettings structure;
};

/// What was revealed of a cell, and its minimal network: the subunits, or the one filter, as a model that predicts.
struct Revealed {
  CellSubunits subunits;
  std::optional<SubunitModel> minimal;
};

/// All that is revealed about one cell: whether it has subunits, which, whether that is all, and how sure it is. Window
/// and lags are chosen by the receptive field (reveal/view.hpp), which is looked for around `centre`; where they look
/// further back than `split`, it is made anew. Sees training and validation blocks only, and no truth: of its result,
/// name, seconds, what is said of networks, and what compares it with the truth (evaluate/recovery.hpp) are for the
/// caller to set. Tells which step it begins, of how many as far as is known. The same bits on any number of threads.
/// `seed`: the cell's own. Throws Interrupted on a stop request, Error{data} without a spike, if the stimulus does not
/// vary or nothing is left to reveal subunits from, Error{numeric} if a likelihood is not finite.
Revealed reveal_cell(const Recording& recording, std::int64_t cell, const Place& centre, const Split& split,
                     const RevealSettings& settings = {}, std::uint64_t seed = 0, const Context& context = {});

}  // namespace plexiform
