#pragma once
#include <span>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/filtered/filtered_movie.hpp"
#include "plexiform/model/network.hpp"
#include "plexiform/result/subunits.hpp"
#include "plexiform/reveal/fit_model.hpp"
#include "plexiform/reveal/subunit_model.hpp"

namespace plexiform {

/// The curve from the full model down to one subunit, the least missed omitted each time and the rest fitted again, and
/// the smallest model up to which each is behind by no more than kBehindErrors standard errors of the paired difference
/// over blocks.
struct Pruned {
  std::vector<SizePoint> curve;  ///< the full model first
  FittedModel minimal;
};
/// Throws Interrupted on a stop request. The same bits on any number of threads.
Pruned prune(const FittedModel& full, const FilteredMovie& movie, const ModelFitSettings& settings = {},
             const Context& context = {});

/// The model as a network: a filter as large as the window and one position for each subunit. Throws InternalError if
/// its power is not 1.
Network network_of_model(const SubunitModel& model, std::span<const double> temporal, const FrameShape& input,
                         std::int64_t window);

/// Log-likelihood of a model on the validation blocks, nats, without log n!, and what it is of.
struct ValidationLikelihood {
  double nats = 0;
  double frames = 0, spikes = 0;
};
ValidationLikelihood validation_likelihood(const SubunitModel& model, const FilteredMovie& movie,
                                           const Context& context);

/// The model fitted to the training blocks alone.
FittedModel fitted_on_training(const SubunitModel& model, const FilteredMovie& movie, const ModelFitSettings& settings,
                               const Context& context);

}  // namespace plexiform
