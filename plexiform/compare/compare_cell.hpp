#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/evaluate/score_cell.hpp"
#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/form/model_settings.hpp"
#include "plexiform/methods/methods.hpp"
#include "plexiform/network_map/reveal_fit.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/recording/split.hpp"
#include "plexiform/result/comparison.hpp"

namespace plexiform {

struct ComparisonSettings {
  RevealFitSettings reveal;          ///< `reveal.train`: of the fitted network
  std::vector<std::string> methods;  ///< beside the network, by name (methods_named); empty: all
};

/// What one method left of a cell, beside its row in the table.
struct ComparedMethod {
  std::string method;
  std::optional<MethodModel> model;  ///< none where it failed; the row says why
  CellScore score;                   ///< of the model, and of the LN model on the same frames
};

/// Everything that a comparison finds out about one cell.
struct ComparedCell {
  CellComparison table;  ///< rows "ln", "cnn", then a row for each method
  CellScore score;       ///< of the fitted network and the LN model
  RevealedFit revealed;  ///< where "reveal" was among the methods
  std::vector<ComparedMethod> methods;
};

/// News of each method, in the order of the table; both may be absent.
struct ComparisonHooks {
  std::function<void(const std::string& method)> begun = {};
  std::function<void(const MethodResult&)> done = {};
};

/// Sets other methods beside a fitted network and its LN model: reveals the cell's subunits and runs the other methods
/// on the same window, temporal filter and split, and scores all of them on `frames`. Where the recording has the
/// truth, what was found is matched with it afterwards: no method sees it. A method that fails on the cell leaves its
/// error in its row. The result depends on fit, data, settings and seed only. Throws Error{usage} if there is no method
/// of a name in the settings, Error{data} if the window leaves the stimulus, Interrupted on a stop request.
ComparedCell compare_cell(const CellFit& fit, const Recording& recording, const Split& split,
                          const ScoredFrames& frames, const ComparisonSettings& settings, std::uint64_t seed,
                          const Context& context = {}, const ComparisonHooks& hooks = {});

/// The same from a recording: fits the cell first, and scores on frames that no fit saw (unseen_frames).
ComparedCell compare_cell(const Recording& recording, std::int64_t cell, const Split& split, const Settings& settings,
                          std::uint64_t seed, const Context& context = {});

/// A cell that could not be fitted: `error` in every row.
ComparedCell cell_without_fit(const Recording& recording, std::int64_t cell, const std::string& error,
                              const ComparisonSettings& settings);

/// A row from the score of a method's model and of the LN model.
MethodResult row_of(const std::string& method, const CellScore& score);

}  // namespace plexiform
