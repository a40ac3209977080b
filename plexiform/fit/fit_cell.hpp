#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "plexiform/base/progress.hpp"
#include "plexiform/fit/dataset.hpp"
#include "plexiform/fit/initial.hpp"
#include "plexiform/fit/train.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/recording/spike_triggered.hpp"
#include "plexiform/recording/split.hpp"
#include "plexiform/settings/settings.hpp"

namespace plexiform {

/// A network that was fitted, and how it did on the validation blocks.
struct TriedNetwork {
  std::string form;  ///< "relu, 1 separable filter of 5 x 5 pixels"
  double validation_loss = 0;
  bool kept = false;
};

/// The fitted models of one cell.
struct CellFit {
  std::int64_t cell = 0;
  CellWindow window;
  Network network;
  Network ln;  ///< fitted on the same training blocks
  double validation_loss = 0;
  double ln_validation_loss = 0;
  double ln_strength = 0;
  bool ended = true;                ///< false where this is the last checkpoint of a fit that was interrupted
  std::vector<TriedNetwork> tried;  ///< in the order of the starts; empty for networks that were not trained here
};

/// The datasets of several cells, each with its window, in one pass over the stimulus; Interrupted on a stop request.
std::vector<Dataset> make_datasets(const Recording& recording, std::span<const std::int64_t> cells,
                                   std::span<const Window> windows, const Split& split, const Settings& settings,
                                   const std::stop_token& stop = {});

/// The LN model that others are measured against: one space-time separable filter over the window, the network's output
/// nonlinearity, smoothness and size penalties of several strengths, of which validation chooses.
std::vector<Training> ln_trainings(const Dataset& data, const FirstLook& look, const Settings& settings,
                                   std::uint64_t seed);

/// The network from the settings' number of starts. For `subunits = auto` they take turns between relu and
/// half_squared, or between squared and half_squared where the spike-triggered average is empty. With
/// `try_forms` so many starts of each form.
std::vector<Training> network_trainings(const Dataset& data, const FirstLook& look, const Settings& settings,
                                        std::uint64_t seed);

/// All fits of a cell: starts first, then LN.
struct CellTrainings {
  std::vector<Training> fits;
  std::size_t starts = 0;  ///< so many of them are networks
};
CellTrainings cell_trainings(const Dataset& data, const FirstLook& look, const Settings& settings, std::uint64_t seed);

/// A cell's model file, RUN/cell_<i>/model.pt, and its metrics: the window, the whole training state of all fits, and
/// the networks that are best so far.
void save_cell_fit(const std::filesystem::path& folder, const CellWindow& window, std::span<const Training> networks,
                   std::span<const Training> ln, const Dataset& data);
/// A model file of networks that were not trained here: no training state in it, so that it cannot be resumed.
void save_networks(const std::filesystem::path& folder, const CellFit& fit);
/// Throws Error{file} where it is missing or damaged.
CellFit load_cell_fit(const std::filesystem::path& folder, std::int64_t cell);
/// Puts the fits where the cell's model file says they stood. Throws as load_cell_fit.
void load_trainings(const std::filesystem::path& folder, std::span<Training> fits);

}  // namespace plexiform
