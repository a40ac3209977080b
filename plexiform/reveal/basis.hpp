#pragma once
#include <cstdint>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/reveal/fit.hpp"
#include "plexiform/reveal/model.hpp"
#include "plexiform/reveal/movie.hpp"

namespace plexiform::reveal {

struct BasisFound {
  Basis basis;
  std::vector<double> values;  ///< singular values, in units of their error
  double edge = 0;             ///< the value from which a function is more than noise
  bool responds = false;       ///< the first one is far enough beyond it, or who made this knows of a receptive field
};

/// Temporal functions that the spikes show before any subunit is known: the leading singular vectors, over lags, of
/// spike-triggered averages and covariances at the places where these are strongest, lags whitened by the stimulus' own
/// covariance. As many as exceed what counts shifted in time give, `most` at most, one at least. The sign of the first
/// one is such that the strongest average is positive.
BasisFound first_basis(const Movie& movie, std::size_t most, std::uint64_t seed, const Context& context);

/// A better basis, once there are subunits: one Newton step, jointly with all else, for a whole temporal filter of
/// each; the leading singular vectors of these filters over their errors. Parts come with their mixtures in it.
struct BasisRefit {
  Model model;
  std::vector<double> values;
  double edge = 0;
};
BasisRefit refitted_basis(const Fitted& fit, const Seen& seen, std::size_t most, const Context& context);

/// Spike-triggered average through the first function, [pixel], in units of its error.
std::vector<double> average_map(const Movie& movie, const Basis& basis, const Context& context);

}  // namespace plexiform::reveal
