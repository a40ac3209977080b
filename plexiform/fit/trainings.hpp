#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/fit/dataset.hpp"
#include "plexiform/fit/initial.hpp"
#include "plexiform/fit/train.hpp"
#include "plexiform/result/subunits.hpp"

namespace plexiform {

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
  std::span<const Training> networks() const { return std::span(fits).first(starts); }
  std::span<const Training> ln() const { return std::span(fits).subspan(starts); }
};
CellTrainings cell_trainings(const Dataset& data, const FirstLook& look, const Settings& settings, std::uint64_t seed);

/// Trains fits to their ends on one dataset and returns the best of them (best_of). The result depends on the fits and
/// on `order_seed`, the order of batches, only. Throws as train().
Training best_fit(std::vector<Training> fits, const Dataset& data, std::uint64_t order_seed,
                  const Context& context = {});

/// What became of networks that were trained, by validation loss; `kept` is the index of the one that was taken.
std::vector<TriedNetwork> tried_networks(std::span<const Training> networks, std::size_t kept);

}  // namespace plexiform
