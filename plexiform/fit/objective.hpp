#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "plexiform/compute/step.hpp"
#include "plexiform/fit/dataset.hpp"
#include "plexiform/form/model_settings.hpp"
#include "plexiform/model/network.hpp"

namespace plexiform {

/// What a step minimises on a batch of tiles: the mean Poisson loss per bin (weighted), in nats without log n!, plus
/// the settings' penalties (reference.hpp has the definitions). Sets `gradient`, a network of the same shape.
/// `noise_seed` decides the subunits' noise.
double objective(Stepper& stepper, const Network& network, const TileSet& set, const std::vector<Targets>& targets,
                 std::span<const std::size_t> batch, const TrainSettings& settings, std::uint64_t noise_seed,
                 Network& gradient);

/// The part of it that is a function of the weights alone; adds its gradient.
double add_penalties(const Network& network, const TrainSettings& settings, Network& gradient);

/// Loss of each chunk, in order, summed over its bins, without noise and penalties.
std::vector<double> chunk_losses(Stepper& stepper, const Network& network, const TileSet& set,
                                 const std::vector<Targets>& targets);
/// Mean loss per bin.
double mean_loss(Stepper& stepper, const Network& network, const TileSet& set, const std::vector<Targets>& targets);
/// What a mean loss on the validation blocks is in bits per spike, over the constant rate of these blocks. NaN where
/// they hold no spike.
double validation_bits(const Dataset& data, double loss);

/// Rates of all chunks' bins in order, [bin], spikes per frame; drives likewise.
std::vector<double> rates(Stepper& stepper, const Network& network, const TileSet& set);
std::vector<double> drives(Stepper& stepper, const Network& network, const TileSet& set);

}  // namespace plexiform
