#pragma once
#include <span>

#include "plexiform/filtered/filtered_movie.hpp"
#include "plexiform/form/nonlinearity.hpp"
#include "plexiform/model/network.hpp"
#include "plexiform/reveal/subunit_model.hpp"

namespace plexiform {

/// A model to begin with: a Gaussian for each candidate of a fitted network.
SubunitModel model_of_network(const Network& network);

/// The other way to begin: one subunit as large as the spike-triggered average over the given block weights.
SubunitModel model_of_average(const FilteredMovie& movie, std::span<const double> weights,
                              SubunitNonlinearity nonlinearity);

}  // namespace plexiform
