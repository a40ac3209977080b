#pragma once
#include <ATen/ATen.h>

#include "plexiform/form/model_settings.hpp"
#include "plexiform/model/network.hpp"

namespace plexiform {

/// From drive [time] to rate. softplus, parameters (log a, log b, c): a log(1 + exp(b (drive + c))).
/// fitted, parameters (c, level, steps...): with x = drive + c a non-decreasing curve
///   level + sum_j step_j sigmoid((x - knot_j) / width) + step_J width log(1 + exp((x - knot_J) / width)),
/// with fixed knots from -1 to 4, so that it can bend either way and saturate.
Rate output_rate(OutputKind kind, const at::Tensor& parameters, const at::Tensor& drive);

/// Parameters with which a drive of the given mean and standard deviation 1 gives about `mean_rate` on average.
at::Tensor initial_output(OutputKind kind, double mean_rate, double mean_drive);

/// The parameters of the fitted output that must not be negative: level and steps, a view.
at::Tensor output_steps(const at::Tensor& parameters);

/// log(log(1 + exp(z))) without underflow: z - exp(z) / 2 where z is far below 0.
at::Tensor log_softplus(const at::Tensor& z);

}  // namespace plexiform
