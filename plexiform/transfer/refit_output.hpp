#pragma once
#include <span>
#include <vector>

#include "plexiform/fit/cell_model.hpp"

namespace plexiform {

/// What is changed of a model's output when it predicts another cell or another stimulus:
///   rate = scale * output(drive + offset), offset in units of the drive.
using OutputChange = OutputShift;

/// What a model makes of frames before its output; networks have no gain.
using ModelDrive = SubunitDrive;

/// Rates of a model whose drives are given, [bin], spikes per frame.
std::vector<double> changed_rates(const CellModel& model, const ModelDrive& drive, const OutputChange& change);

/// The change with the highest Poisson likelihood. For any offset the best scale is known (spikes over the summed
/// rate), so that one number is looked for: on a grid of kOffsetReach standard deviations of the drive to either side,
/// then by golden sections. Throws Error{data} without a spike, Error{numeric} where no offset gives a likelihood.
OutputChange refit_output(const CellModel& model, const ModelDrive& drive, std::span<const double> counts);

}  // namespace plexiform
