#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/fit/cell_data.hpp"
#include "plexiform/fit/cell_model.hpp"
#include "plexiform/fit/train.hpp"
#include "plexiform/model/network.hpp"
#include "plexiform/result/fitted.hpp"
#include "plexiform/result/subunits.hpp"

namespace plexiform {

/// The fitted models of one cell.
struct CellFit {
  std::int64_t cell = 0;
  CellWindow window;  ///< of networks; revealed subunits have one of their own
  CellModel model;
  Network ln;                          ///< fitted on the same training blocks
  double validation_loss = 0;          ///< nats per frame, without log n!
  double ln_validation_loss = 0;       ///< likewise
  double ln_strength = 0;              ///< of the penalty that validation chose
  bool ended = true;                   ///< false for the last checkpoint of a fit that was interrupted
  std::vector<TriedNetwork> tried;     ///< in the order of the starts; empty for networks that were not trained here
  std::optional<FittedArrays> arrays;  ///< of a fit that ended here
};

/// The network of a fit. Throws Error{usage} where its model is a list of subunits.
inline const Network& network_of(const CellFit& fit) {
  return network_of(fit.model);
}
inline Network& network_of(CellFit& fit) {
  return const_cast<Network&>(network_of(fit.model));
}
/// Where its model looks.
inline const Window& window_of(const CellFit& fit) {
  const auto* subunits = std::get_if<SubunitModel>(&fit.model);
  return subunits != nullptr ? subunits->window : fit.window.window;
}

/// Throws Error{data} if the fit's cell, window or channels are not in the recording.
void require_grid(const CellFit& fit, const Recording& recording);

/// For callers that keep what an interruption would lose, or show how far a fit is; all may be absent.
struct FitHooks {
  /// The fits before their first pass: puts them where an earlier call had left them.
  std::function<void(std::span<Training>)> resume = {};
  /// At the end of a pass when `checkpoint_every` has gone by, and at the end: the fit so far, and the state of all.
  std::function<void(const CellFit&, std::span<const Training>)> checkpoint = {};
  std::chrono::duration<double> checkpoint_every{2};
  /// At the end of a pass: share of the planned passes that is done, and the best validation loss so far.
  std::function<void(double share, double validation_loss)> passed = {};
};

/// Fits a network, and an LN model beside it, to one cell: first look, starts, training, and the best by validation.
/// Tells the share of the planned passes that is done, at the end of each.
/// The result depends on data, settings and seed only, to the bit: on any number of threads, interrupted or not.
/// Throws Error{usage} if settings contradict each other or have other lags than the data, Error{data} without a spike
/// in the training blocks, Error{numeric} if a number is not finite, Interrupted on a stop request.
CellFit fit_cell(const CellData& data, const Settings& settings, std::uint64_t seed, const Context& context = {},
                 const FitHooks& hooks = {});

/// The same from a recording: finds the window and reads the cell's data first.
CellFit fit_cell(const Recording& recording, std::int64_t cell, const Split& split, const Settings& settings,
                 std::uint64_t seed, const Context& context = {});

/// An LN model alone.
struct LnFit {
  Network network;
  double validation_loss = 0;  ///< nats per frame, without log n!
  double strength = 0;         ///< of the penalty that validation chose
};
/// The LN model of fit_cell, the same to the bit. Throws as fit_cell.
LnFit fit_ln(const CellData& data, const Settings& settings, std::uint64_t seed, const Context& context = {});

}  // namespace plexiform
