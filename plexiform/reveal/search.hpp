#pragma once
#include <cstddef>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/reveal/covariates.hpp"
#include "plexiform/reveal/fit.hpp"
#include "plexiform/reveal/residual.hpp"
#include "plexiform/reveal/scores.hpp"

namespace plexiform::reveal {

/// What a search may find.
struct SearchSettings {
  bool suppression = true;      ///< subunits that suppress
  bool both_polarities = true;  ///< subunits that answer to both polarities alike
  bool shapes = true;           ///< a surround, inner Gaussians
  bool powers = true;           ///< other nonlinearities than a rectifier
  bool covariates = true;       ///< drift, history, divisive gain
  std::size_t functions = 4;    ///< of time, at most
  std::size_t most_parts = 40;
};

/// A change that was tried: what it gained in held-out likelihood, and whether it was taken.
struct Change {
  std::string what;
  std::size_t parts = 0;  ///< of the model that was changed
  double z = 0;           ///< of the score test that proposed it; 0 without
  HeldOutGain gain;
  bool taken = false;
};

/// A search for the subunits of a cell: the best model so far, and what was tried.
struct Search {
  const Movie& movie;
  const SearchSettings& settings;
  const Context& context;
  Covariates covariates;
  Fitted best;
  std::vector<Change> tried;
  /// Scores at which changes were refused: they are tried again only where the score has grown.
  std::map<std::string, double> refused;

  Seen seen() const { return {movie, covariates, {}}; }
};

/// How closely models are fitted while they are compared: nats.
enum class Care { rough, fine };

/// One more subunit, or one in two, where it pays; false where nothing does.
bool grow(Search& search, Care care);
/// Subunits that do not pay for themselves are dropped or joined.
void shrink(Search& search);
/// Two subunits that are one: two Gaussians inside one rectifier do as well. False where none are.
bool join_inside(Search& search);
/// One more Gaussian inside a subunit's rectifier, where it pays.
bool add_inner(Search& search);
/// A surround that all subunits share, where it pays.
bool add_surround(Search& search);
/// Twins of opposite polarity that are one subunit for both. False where none are.
bool join_polarities(Search& search);
/// The power of the subunits, the expansion of the output: free where it pays.
bool free_power(Search& search);
bool free_expansion(Search& search);
/// A group of covariates, where it pays.
bool add_covariates(Search& search, const Covariates& rows, const std::string& name);
/// The divisive covariate made again from the present model, and the model fitted with it.
void renew_divisive(Search& search);
/// Another basis from the subunits' own filters, where it pays.
bool refit_basis(Search& search);

/// Nats that one more subunit must gain in held-out likelihood, or one must lose to be kept.
double bar_of_a_subunit(const Model& model, const Movie& movie, double dispersion);

/// What a residual test names, where it pays as a new subunit must (a shape or a surround: as such a change) and the
/// settings allow it.
bool add_missing(Search& search, const Missing& missing);

/// Fits a model in place of the best one, to within the care's tolerance; its fit may end early where it will clearly
/// stay below an objective.
Fitted fitted(const Search& search, const Model& model, Care care,
              double hopeless_below = -std::numeric_limits<double>::infinity());

}  // namespace plexiform::reveal
