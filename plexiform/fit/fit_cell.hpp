#pragma once
#include <cstdint>
#include <optional>
#include <stop_token>

#include "plexiform/base/progress.hpp"
#include "plexiform/fit/dataset.hpp"
#include "plexiform/fit/initial.hpp"
#include "plexiform/fit/train.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/recording/spike_triggered.hpp"
#include "plexiform/recording/split.hpp"
#include "plexiform/settings/settings.hpp"

namespace plexiform {

/// The fitted models of one cell.
struct CellFit {
  std::int64_t cell = 0;
  CellWindow window;
  Network network;
  Network ln;  ///< fitted on the same training blocks
  double validation_loss = 0;
  double ln_validation_loss = 0;
  double ln_strength = 0;
  bool ended = true;  ///< false where this is the last checkpoint of a fit that was interrupted
};

/// The dataset of one cell from its movie: chunks are a quarter of a batch, so that batches mix places in time.
Dataset make_dataset(const Recording& recording, std::int64_t cell, const Split& split, Movie movie,
                     const Settings& settings);

/// The LN model that others are measured against: one space-time separable filter over the window, softplus output,
/// smoothness and size penalties of several strengths, the best on the validation blocks.
struct LnFit {
  Network network;
  double validation_loss = 0;
  double strength = 0;
};
LnFit fit_ln(const Dataset& data, const FirstLook& look, const Settings& settings, std::uint64_t seed,
             const TrainHooks& hooks);

/// How starts begin: for `subunits = auto` they take turns between relu and half_squared, or between squared and
/// half_squared where the spike-triggered average is empty.
Starter network_starter(const Dataset& data, const FirstLook& look, const Settings& settings, std::uint64_t seed);

/// A cell's model file: RUN/cell_<i>/model.pt. Holds the LN model, the window and the whole training state.
void save_cell_fit(const std::filesystem::path& folder, const CellWindow& window, const LnFit& ln,
                   const TrainState& state);
/// Throws Error{file} where it is missing or damaged.
CellFit load_cell_fit(const std::filesystem::path& folder, std::int64_t cell);

}  // namespace plexiform
