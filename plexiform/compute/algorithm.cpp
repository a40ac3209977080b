#include "plexiform/compute/algorithm.hpp"

#include <cstdlib>
#include <string_view>

#include "plexiform/base/error.hpp"

namespace plexiform {
namespace {

constexpr const char* kVariable = "PLEXIFORM_ALGORITHM";

/// Multiplications of one frame and filter, by definition.
double direct_cost(const ConvShape& s) {
  return static_cast<double>(s.lags * s.taps() * s.positions());
}

/// About as many for the transforms over space (three times their length and width), whatever the lags; measured, a
/// multiplication of transforms costs three of the direct loop, which streams.
double spectral_cost(const ConvShape& s) {
  constexpr double kOperations = 60;
  return kOperations * static_cast<double>(s.channels * s.padded_height() * s.padded_width());
}

}  // namespace

std::string name(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::separable:
      return "separable";
    case Algorithm::direct:
      return "direct";
    case Algorithm::spectral:
      return "spectral";
  }
  throw InternalError("unknown algorithm");
}

Algorithm choose_algorithm(const ConvShape& shape, bool separable) {
  const char* value = std::getenv(kVariable);
  const std::string_view forced = value == nullptr ? "" : value;
  if (!forced.empty() && forced != "separable" && forced != "direct" && forced != "spectral")
    throw Error(ErrorKind::usage, std::string(kVariable) + " is '" + std::string(forced) + "'",
                "use direct, spectral or separable, or unset it");
  if (separable) return Algorithm::separable;
  if (forced == "direct") return Algorithm::direct;
  if (forced == "spectral") return Algorithm::spectral;
  return direct_cost(shape) <= spectral_cost(shape) ? Algorithm::direct : Algorithm::spectral;
}

}  // namespace plexiform
