#pragma once
#include <span>
#include <string>
#include <vector>

#include "plexiform/fit/filtered_movie.hpp"
#include "plexiform/model/network.hpp"
#include "plexiform/reveal/subunit_model.hpp"

namespace plexiform {

/// A change of a model that was tried: what it would gain in held-out log-likelihood, and whether it was taken.
struct Tried {
  std::string change;  ///< "without subunit 3", "subunits 1 and 2 as one", "subunit 0 as two", "one more at (5.1, 6.0)"
  std::size_t subunits = 0;  ///< that the model would have
  Gain gain;                 ///< of the larger model over the smaller one
  bool taken = false;
};

struct SelectSettings {
  ModelFitSettings fit;
  /// Nats (times the dispersion) of held-out log-likelihood that a subunit must bring: three for itself, four for
  /// having been looked for in some fifty places.
  double least_gain = 7;
  double errors = 1;       ///< and so many standard errors over blocks
  double dispersion = 1;   ///< variance over mean of the counts about their rate: what likelihoods are too sure by
  std::size_t most = 24;   ///< subunits
  bool to_the_end = true;  ///< false: the first pass only, in which a model grows and its fits are not exact
};

struct Selection {
  FittedModel best;
  std::vector<Tried> tried;
};

/// A model to begin with: a Gaussian for each candidate of a fitted network.
SubunitModel model_of_network(const Network& network);

/// The other way to begin: one subunit as large as the spike-triggered average over the given block weights.
SubunitModel model_of_average(const FilteredMovie& movie, std::span<const double> weights,
                              SubunitNonlinearity nonlinearity);

/// The number of subunits by held-out likelihood, from a start that may have too many or too few: subunits are left
/// out, joined where they overlap, split, and added where the likelihood rises most, each followed by a fit of
/// everything, until no change pays.
Selection select_subunits(const SubunitModel& start, const FilteredMovie& movie, std::span<const double> weights,
                          const SelectSettings& settings, int threads);

}  // namespace plexiform
