#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plexiform/score/score.hpp"

namespace plexiform {

/// How well a model predicts the mean counts of images that it was not fitted to.
struct FlashedScore {
  std::vector<double> rate;                   ///< [image], spikes in the window, from the fold that left it out
  double cc = 0;                              ///< with the mean over trials, see compare_flashed
  Interval cc_interval;                       ///< over images
  std::optional<double> cc_normalised, feve;  ///< where there are trials and a reliability
};

/// What the subunit model of a cell is, fitted to all images.
struct FlashedSubunits {
  double size = 0;         ///< standard deviation of a subunit, pixels: mean over what is possible
  Interval size_interval;  ///< 95 % of the weight of what is possible
  double extent = 0;       ///< factor on the contour, likewise
  double off = 0, on = 0;  ///< weights of what is darker and brighter than the mean, spikes per contrast (best model)
};

struct FlashedCell {
  std::int64_t cell = 0;
  std::string name;
  std::string error;  ///< why there is nothing more, or empty
  double spikes = 0;  ///< in all trials
  std::optional<Reliability> reliability;
  std::vector<double> counts;    ///< [image], mean over trials
  std::vector<double> baseline;  ///< [image], mean count of the images that its models were fitted to
  FlashedScore ln, subunits;
  double ahead = 0;         ///< correlation by which subunits are ahead of LN
  Interval ahead_interval;  ///< paired over images; NaN where subunits predict nothing (their interval reaches 0)
  FlashedSubunits model;
};

/// Over the cells that have a score.
struct FlashedMedians {
  std::int64_t cells = 0;
  double ln = 0, subunits = 0, ahead = 0;
  Interval ln_interval, subunits_interval, ahead_interval;  ///< over images, the same ones for all cells
  std::int64_t cells_ahead = 0;                             ///< with a higher correlation than LN
};

struct FlashedComparison {
  std::int64_t images = 0, trials = 0, folds = 0;
  std::vector<FlashedCell> cells;
  FlashedMedians medians;
  double seconds = 0;
};

}  // namespace plexiform
