#pragma once
#include <string>

#include "plexiform/compute/shape.hpp"

namespace plexiform {

/// How a layer of filters meets a movie.
enum class Algorithm {
  separable,  ///< filters that are spatial x temporal: space, then time, by definition
  direct,     ///< any filters, by definition: for few lags
  temporal,   ///< any filters, Fourier transforms over time, space by definition: for many lags and few positions
  spectral,   ///< any filters, Fourier transforms over time and space: for many of both
};
std::string name(Algorithm algorithm);

/// Which algorithm serves a layer: a function of its shape only, so that a fit can be repeated. The environment
/// variable PLEXIFORM_ALGORITHM=direct|temporal|spectral forces one for filters that are not separable (and =separable
/// names the only one for those that are). Throws Error{usage} if it holds another word.
Algorithm choose_algorithm(const ConvShape& shape, bool separable);

}  // namespace plexiform
