#pragma once
#include "plexiform/base/context.hpp"
#include "plexiform/filtered/filtered_movie.hpp"
#include "plexiform/model/network.hpp"
#include "plexiform/reveal/fit_model.hpp"
#include "plexiform/reveal/select_subunits.hpp"

namespace plexiform {

// Choices that held-out likelihood makes about the subunits of a cell, after the test of structure. Each adds what it
// tried to the selection that it is given. `dispersion`: of the counts, by which likelihoods are too sure.

/// The better of two selections: from a model that has been grown, and from the peaks of a fitted network's map, which
/// must lead by kLeastGain, whatever the dispersion and the standard error. A map of no peak, or of more than
/// kMostSubunits, begins nothing.
Selection select_from_both(const SubunitModel& grown, const Network& network, const FilteredMovie& movie,
                           double dispersion, const Context& context = {});

/// rectified or squared, with the shapes fitted again: the other one is taken if it leads by more than a standard error
/// and kOtherNonlinearity times the dispersion; the selection is then made again. Models of other nonlinearities stay.
Selection with_best_nonlinearity(Selection selection, const FilteredMovie& movie, double dispersion,
                                 const Context& context = {});

/// Shapes of their own, or one shared by all (kOneShape) where held-out likelihood does not ask for more: own shapes
/// must lead by more than a standard error.
struct ChosenShapes {
  FittedModel model;
  bool own = false;
  ModelFitSettings settings;  ///< with which the model was fitted
  Tried tried;
};
ChosenShapes choose_shapes(const FittedModel& own, const FilteredMovie& movie, const Context& context = {});

}  // namespace plexiform
