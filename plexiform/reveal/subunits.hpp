#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "plexiform/base/ndarray.hpp"
#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/recording/circuit.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/reveal/candidates.hpp"

namespace plexiform {

/// One revealed subunit on the recording's own pixel grid.
struct Subunit {
  NdArray<float> spatial;       ///< [height, width], unit L2 norm, peak positive
  std::vector<float> temporal;  ///< [lag], unit L2 norm; carries the sign
  double weight = 0;            ///< share of the cell's subunits, sum 1
  Place place;                  ///< centre of mass of the squared spatial filter, pixels
};

/// The subunits of a fitted network, sorted by weight. Peaks of the (smoothed) map of output weights are their places;
/// each position belongs to the peak that steepest ascent leads to, and a subunit's spatial filter is the sum of the
/// network's filter over its positions, weighted by the map. Filters that are not separable are read by their first
/// singular vectors. `grid`: the stimulus' shape.
std::vector<Subunit> reveal_subunits(const CellFit& fit, const FrameShape& grid, const RevealSettings& settings = {});

/// For each subunit the true one it is assigned to (by the greatest sum of correlations of spatial filters, over all
/// pixels of the grid) and that correlation; index -1 for a surplus one.
struct TruthMatch {
  std::int64_t index = -1;
  double correlation = 0;
};
std::vector<TruthMatch> match_truth(const std::vector<Subunit>& subunits, const Circuit& truth);

/// Mean over the true subunits of the correlation with their partner, 0 for one without.
double mean_match(const std::vector<TruthMatch>& matches, const Circuit& truth);

/// A cell's result: subunits, or why there are none.
struct CellSubunits {
  std::int64_t cell = 0;
  std::string name;
  std::string error;
  std::vector<Subunit> subunits;
  NdArray<float> linear;             ///< [height, width], the LN model's spatial filter, unit L2 norm
  std::vector<TruthMatch> truth;     ///< [subunit], empty where the recording has no truth
  std::optional<double> mean_match;  ///< see mean_match()
  NdArray<float> true_spatial;       ///< [true subunit, height, width], empty where the recording has no truth
};

/// Reveals one cell and matches it with the truth where the recording has it.
CellSubunits reveal_cell(const CellFit& fit, const Recording& recording, const RevealSettings& settings = {});

/// Writes RUN/reveal.h5 (see docs/formats/run.md).
void write_reveal(const std::filesystem::path& path, const std::vector<CellSubunits>& cells);

}  // namespace plexiform
