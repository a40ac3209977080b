#pragma once
#include "plexiform/base/ndarray.hpp"
#include "plexiform/jobs/fields_impl.hpp"
#include "plexiform/result/subunits.hpp"
#include "plexiform/reveal/reveal_cell.hpp"

namespace plexiform {

// All that decides a reveal, and all that it gives but the minimal network.

PLEXIFORM_MEMBERS(StructureSettings, alpha, draws, clear_nats, clear_p, alike)
PLEXIFORM_MEMBERS(CertaintySettings, resamples, share, most_spikes)
PLEXIFORM_MEMBERS(TrainSettings, try_subunits, try_forms, start_from, starts, batch, passes, steps, patience,
                  learning_rate, final_rate, averaging, unit_filters, l1_filter, l2_filter, smooth_filter,
                  smooth_temporal, l1_map, l2_map, l1_activity, block_seconds)
PLEXIFORM_MEMBERS(RevealSettings, quick, pruning, structure, certainty, train)

PLEXIFORM_MEMBERS(Place, x, y)
PLEXIFORM_MEMBERS(Axes, major, minor, angle)
PLEXIFORM_MEMBERS(Interval, low, high)
PLEXIFORM_MEMBERS(Gain, nats, error)
PLEXIFORM_MEMBERS(NdArray<float>, shape, values)
PLEXIFORM_MEMBERS(TruthMatch, index, correlation)
PLEXIFORM_MEMBERS(SizePoint, subunits, bits, behind)
PLEXIFORM_MEMBERS(TriedNetwork, form, validation_loss, kept)
PLEXIFORM_MEMBERS(Tried, change, subunits, gain, taken)
PLEXIFORM_MEMBERS(ValidationBits, network, subunits)
PLEXIFORM_MEMBERS(StructureTest, verdict, p_value, null, statistic, effect_bits, effect_error, visible_bits)
PLEXIFORM_MEMBERS(PartCertainty, x, y, major, minor, weight, z, match, returned, stretch, confidence)
PLEXIFORM_MEMBERS(Subunit, spatial, temporal, weight, place, size, certainty)
PLEXIFORM_MEMBERS(CellSubunits, cell, name, error, remark, seconds, subunits, structure, number, resampled_numbers,
                  map_number, minimal_number, nonlinearity, spikes, dispersion, own_shapes, validation_bits, networks,
                  tried, curve, morans_i, linear, truth, true_places, mean_match, true_spatial)

}  // namespace plexiform
