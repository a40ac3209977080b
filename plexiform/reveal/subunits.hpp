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
#include "plexiform/reveal/certainty.hpp"
#include "plexiform/reveal/gaussian.hpp"
#include "plexiform/reveal/minimal.hpp"
#include "plexiform/reveal/structure.hpp"

namespace plexiform {

/// One revealed subunit on the recording's own pixel grid.
struct Subunit {
  NdArray<float> spatial;       ///< [height, width], unit L2 norm, peak positive
  std::vector<float> temporal;  ///< [lag], unit L2 norm; carries the sign
  double weight = 0;            ///< share of the cell's subunits, sum 1
  Place place;                  ///< its centre, pixels
  Axes size;                    ///< standard deviations along its axes, pixels, of a fitted Gaussian; 0 without one
  std::optional<PartCertainty> certainty;  ///< with intervals on the recording's grid
};

/// The subunits of a fitted network, sorted by weight. Peaks of the (smoothed) map of output weights are their places;
/// each position belongs to the peak that steepest ascent leads to, and a subunit's spatial filter is the sum of the
/// network's filter over its positions, weighted by the map. Filters that are not separable are read by their first
/// singular vectors. `grid`: the stimulus' shape.
std::vector<Subunit> map_subunits(const CellFit& fit, const FrameShape& grid, const CandidateSettings& settings = {});

/// For each subunit the true one it is assigned to (by the greatest sum of correlations of spatial filters, over all
/// pixels of the grid) and that correlation; index -1 for a surplus one.
struct TruthMatch {
  std::int64_t index = -1;
  double correlation = 0;
};
std::vector<TruthMatch> match_truth(const std::vector<Subunit>& subunits, const Circuit& truth);

/// Mean over the true subunits of the correlation with their partner, 0 for one without.
double mean_match(const std::vector<TruthMatch>& matches, const Circuit& truth);

/// Bits per spike on the validation blocks.
struct ValidationBits {
  double network = 0;   ///< of the fitted network
  double subunits = 0;  ///< of the revealed subunits, fitted on the training blocks alone
};

/// A cell's result: subunits, or why there are none.
struct CellSubunits {
  std::int64_t cell = 0;
  std::string name;
  std::string error;
  std::string remark;  ///< what else a user should know, or empty
  double seconds = 0;  ///< that revealing it took
  std::vector<Subunit> subunits;
  std::optional<StructureTest> structure;  ///< none where it was not asked for
  std::optional<Interval> number;          ///< 90 % of the resamples
  std::vector<int> resampled_numbers;
  std::size_t map_number = 0;      ///< peaks of the fitted network's map that look like subunits
  std::size_t minimal_number = 0;  ///< of the minimal network
  SubunitNonlinearity nonlinearity = SubunitNonlinearity::relu;
  double spikes = 0;                              ///< in training and validation blocks
  double dispersion = 1;                          ///< variance over mean of counts about the linear model
  bool own_shapes = false;                        ///< held-out likelihood wants shapes that differ
  std::optional<ValidationBits> validation_bits;  ///< none without a spike there
  std::vector<TriedNetwork> networks;             ///< that the fit tried
  std::vector<Tried> tried;                       ///< during selection
  std::vector<SizePoint> curve;      ///< held-out likelihood against number of subunits (of filters, where pruned so)
  std::vector<double> morans_i;      ///< [filter] of the fitted network, where these were pruned by it
  NdArray<float> linear;             ///< [height, width], the LN model's spatial filter, unit L2 norm
  std::vector<TruthMatch> truth;     ///< [subunit], empty where the recording has no truth
  std::vector<Place> true_places;    ///< [true subunit]
  std::optional<double> mean_match;  ///< see mean_match()
  NdArray<float> true_spatial;       ///< [true subunit, height, width], empty where the recording has no truth
  std::optional<CellFit> minimal;    ///< the minimal network
};

/// Sets what a comparison with the truth gives, where the recording has it.
void compare_with_truth(CellSubunits& cell, const Recording& recording);
/// The LN model's spatial filter on the recording's grid.
NdArray<float> linear_filter(const CellFit& fit, const FrameShape& grid);

/// Writes RUN/reveal.h5 (see docs/formats/run.md).
void write_reveal(const std::filesystem::path& path, const std::vector<CellSubunits>& cells);

}  // namespace plexiform
