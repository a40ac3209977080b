#pragma once
#include <ATen/ATen.h>

#include <vector>

#include "plexiform/model/filter_parts.hpp"
#include "plexiform/model/network.hpp"
#include "plexiform/network_map/thresholds.hpp"

namespace plexiform {

struct CandidateSettings {
  double smoothing = thresholds::kMapSmoothing;      ///< pixels, of the map before its peaks are looked for
  double least_share = thresholds::kLeastPeakShare;  ///< of the map's sum; smaller peaks are not subunits
  double same_above =
      thresholds::kSamePeak;  ///< correlation of spatial filters above which peaks of two filters are one subunit
  double halves_above = thresholds::kHalfPeak;  ///< ... and from which two peaks are halves of one, if together they
                                                ///< are no larger than the largest subunit
};

/// A subunit in the making: what surrounds a peak of the network's map.
struct Candidate {
  at::Tensor spatial;   ///< double [height, width] of the window, not normalised
  at::Tensor temporal;  ///< double [lag], unit norm
  double weight = 0;    ///< sum of the map
};

/// The peaks of the (smoothed) map of output weights, the heaviest first: each position belongs to the peak that
/// steepest ascent leads to, and a candidate's spatial filter is the sum of the network's filter over its positions,
/// weighted by the map. Filters that are not separable are read by their first singular vectors. Peaks below the least
/// share are omitted.
std::vector<Candidate> candidates(const Network& network, const CandidateSettings& settings = {});

/// The same, where candidates that look like one subunit are joined.
std::vector<Candidate> joined_candidates(const Network& network, const CandidateSettings& settings = {});

}  // namespace plexiform
