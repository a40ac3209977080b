#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "plexiform/base/ndarray.hpp"
#include "plexiform/evaluate/thresholds.hpp"
#include "plexiform/recording/circuit.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/result/subunits.hpp"

namespace plexiform {

// What was found, against the truth of a model cell. The rooms that find things cannot see this one.

/// For each spatial filter of `found` [subunit, height, width], on the recording's grid, the true one it is assigned
/// to: of those that drive the cell, or of those that suppress it.
std::vector<TruthMatch> match_truth(const NdArray<float>& found, const Circuit& truth);
std::vector<TruthMatch> match_suppressive(const NdArray<float>& found, const Circuit& truth);

/// Mean over the true subunits that drive the cell of the correlation with their partner, 0 for one without.
double mean_match(std::span<const TruthMatch> matches, const Circuit& truth);

using thresholds::evaluate::kFoundAbove;

/// How much of the truth was found.
struct Recovery {
  double mean_match = 0;   ///< see mean_match()
  std::int64_t found = 0;  ///< true subunits with a partner of kFoundAbove or better
};
Recovery recovery_of(std::span<const TruthMatch> matches, const Circuit& truth);

/// Spatial filters of subunits, [subunit, height, width].
NdArray<float> spatial_filters(std::span<const Subunit> subunits);

/// Filters through a window, [filter, window.height * window.width], on a grid of height x width pixels.
NdArray<float> on_grid(const NdArray<float>& filters, const Window& window, std::int64_t height, std::int64_t width);

/// Sets what a comparison with the truth gives, where the recording has it.
void compare_with_truth(CellSubunits& cell, const Recording& recording);

}  // namespace plexiform
