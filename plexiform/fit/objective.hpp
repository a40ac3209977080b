#pragma once
#include <ATen/ATen.h>

#include <optional>

#include "plexiform/fit/dataset.hpp"
#include "plexiform/model/network.hpp"
#include "plexiform/settings/settings.hpp"

namespace plexiform {

/// Negative Poisson log-likelihood without its log n! term, summed over bins, in nats:
///   sum_t [ rate_t - counts_t log rate_t ].   Stable for any rate, since the logarithm comes with it (output.hpp).
at::Tensor poisson_loss(const Rate& rate, const at::Tensor& counts);

/// The settings' penalties on filters, maps and activity; a scalar. `activity`: [bin, filter, rows, columns]; its L1
/// norm is summed over subunits and averaged over bins (as Keras' activity regulariser).
at::Tensor penalties(const Network& network, const at::Tensor& activity, const TrainSettings& settings);

/// What a step minimises: mean loss per bin plus penalties.
at::Tensor objective(const Network& network, const Batch& batch, const TrainSettings& settings,
                     std::optional<at::Generator> noise);

/// Loss of each chunk, summed over its bins, without noise and penalties: [chunk].
std::vector<double> chunk_losses(const Network& network, const Dataset& data, std::span<const Chunk> chunks);

/// Mean loss per bin over chunks.
double mean_loss(const Network& network, const Dataset& data, std::span<const Chunk> chunks);

/// Rates of all chunks' bins in order, [bin], spikes per frame.
std::vector<double> rates(const Network& network, const Movie& movie, std::span<const Chunk> chunks);

}  // namespace plexiform
