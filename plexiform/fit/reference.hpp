#pragma once
#include <ATen/ATen.h>

#include <optional>

#include "plexiform/form/model_settings.hpp"
#include "plexiform/model/network.hpp"

namespace plexiform {

// What objective.hpp computes, written with ATen's operations: any precision, gradients by ATen. The definition that
// tests and `plexiform doctor` hold the kernels against.

/// Negative Poisson log-likelihood without its log n! term, summed over bins, in nats:
///   sum_t [ rate_t - counts_t log rate_t ].   Stable for any rate, since the logarithm comes with it (output.hpp).
at::Tensor reference_poisson_loss(const Rate& rate, const at::Tensor& counts);

/// The settings' penalties on filters, maps and activity; a scalar. `activity`: [bin, filter, rows, columns]; its L1
/// norm is summed over subunits and averaged over bins (as Keras' activity regulariser).
at::Tensor reference_penalties(const Network& network, const at::Tensor& activity, const TrainSettings& settings);

/// Mean loss per bin plus penalties, on a block of frames with its history and the counts of those that have theirs.
at::Tensor reference_objective(const Network& network, const at::Tensor& block, const at::Tensor& counts,
                               const TrainSettings& settings);

}  // namespace plexiform
