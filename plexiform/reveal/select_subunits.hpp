#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/filtered/filtered_movie.hpp"
#include "plexiform/result/subunits.hpp"
#include "plexiform/reveal/fit_model.hpp"
#include "plexiform/reveal/starts.hpp"
#include "plexiform/reveal/thresholds.hpp"

namespace plexiform {

struct SelectSettings {
  ModelFitSettings fit;
  double least_gain = thresholds::kLeastGain;  ///< nats of held-out log-likelihood (times the dispersion) of a subunit
  double errors = thresholds::kGainErrors;     ///< and so many standard errors over blocks
  double dispersion = 1;  ///< variance over mean of the counts about their rate: what likelihoods are too sure by
  std::size_t most = thresholds::kMostSubunits;  ///< subunits
  bool to_the_end = true;  ///< false: the first pass only, in which a model grows and its fits are not exact
};

struct Selection {
  FittedModel best;
  std::vector<Tried> tried;
};

/// In the rough pass fits end early; in the other they do not.
enum class Pass { rough, to_the_end };

/// Does a model that gains so much over one with fewer subunits pay? What is not fitted to its end must gain so much
/// more that it does not matter.
bool pays(const Gain& gain, const SelectSettings& settings, Pass pass);

/// The number of subunits by held-out likelihood, from a start that may have too many or too few: subunits are omitted,
/// joined where they overlap, split, and added where the likelihood rises most, each followed by a fit of everything,
/// until no change pays. `weights`: of blocks, empty for 1. Throws Interrupted on a stop request, Error{numeric} if a
/// likelihood is not finite. The same bits on any number of threads.
Selection select_subunits(const SubunitModel& start, const FilteredMovie& movie, std::span<const double> weights,
                          const SelectSettings& settings = {}, const Context& context = {});

}  // namespace plexiform
