#pragma once
#include "plexiform/base/ndarray.hpp"
#include "plexiform/jobs/fields_impl.hpp"
#include "plexiform/jobs/subunit_model_fields_impl.hpp"
#include "plexiform/network_map/reveal_fit.hpp"
#include "plexiform/result/subunits.hpp"

namespace plexiform {

// All that decides a reveal, and all that it gives but the minimal network.

namespace reveal {
PLEXIFORM_MEMBERS(SearchSettings, suppression, both_polarities, shapes, powers, covariates, functions, most_parts)
PLEXIFORM_MEMBERS(OneFilterSettings, alpha, draws, alike, stretch)
}  // namespace reveal

PLEXIFORM_MEMBERS(TrainSettings, try_subunits, try_forms, start_from, starts, batch, passes, steps, patience,
                  learning_rate, final_rate, averaging, unit_filters, l1_filter, l2_filter, smooth_filter,
                  smooth_temporal, l1_map, l2_map, l1_activity, block_seconds)
PLEXIFORM_MEMBERS(RevealSettings, quick, halves, search, structure)
PLEXIFORM_MEMBERS(RevealFitSettings, reveal, pruning, train)

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
PLEXIFORM_MEMBERS(StructureTest, verdict, p_value, null, statistic, effect_bits, visible_bits)
PLEXIFORM_MEMBERS(ConfidenceFeatures, log_miss, log_aspect, log_gain, log_missed)
PLEXIFORM_MEMBERS(SubunitCertainty, x, y, major, minor, weight, latency, width, z, match, gain, returned, neighbour,
                  stretch, confidence, features)
PLEXIFORM_MEMBERS(Subunit, spatial, temporal, channels, filter, weight, even, place, size, latency, width, certainty)
PLEXIFORM_MEMBERS(SharedSurround, strength, ratio)
PLEXIFORM_MEMBERS(CovariateUse, what, exponent, numbers)
PLEXIFORM_MEMBERS(Halves, spikes, number, sure, again, by_chance)
PLEXIFORM_MEMBERS(ResidualTest, missing, place, z, p_value, missed_bits, visible_bits)
PLEXIFORM_MEMBERS(CellSubunits, cell, name, error, remark, seconds, window, lags, subunits, suppressive, structure,
                  residual, halves, number, suppressive_number, resampled_numbers, map_number, minimal_number,
                  nonlinearity, power, expansion, functions, surround, covariates, spikes, dispersion, validation_bits,
                  networks, tried, curve, morans_i, linear, truth, suppressive_truth, true_places, mean_match,
                  true_spatial)

}  // namespace plexiform
