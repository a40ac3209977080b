#pragma once
#include <span>
#include <vector>

#include "plexiform/model/network.hpp"

namespace plexiform {

/// What is changed of a network's output when it predicts another cell or another stimulus:
///   rate = scale * output(drive + offset).
struct OutputChange {
  double scale = 1;
  double offset = 0;  ///< in units of the drive
};

/// Rates of a network whose drives are given, [bin], spikes per frame.
std::vector<double> changed_rates(const Network& network, std::span<const double> drive, const OutputChange& change);

/// The change with the highest Poisson likelihood. For any offset the best scale is known (spikes over the summed
/// rate), so that one number is looked for: on a grid of kOffsetReach standard deviations of the drive to either side,
/// then by golden sections. Throws Error{data} without a spike, Error{numeric} where no offset gives a likelihood.
OutputChange refit_output(const Network& network, std::span<const double> drive, std::span<const double> counts);

}  // namespace plexiform
