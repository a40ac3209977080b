#include "plexiform/compute/algorithm.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string_view>

#include "plexiform/base/error.hpp"

namespace plexiform {
namespace {

constexpr const char* kVariable = "PLEXIFORM_ALGORITHM";

/// Multiply-adds of one frame and filter, by definition.
double direct_cost(const ConvShape& s) {
  return static_cast<double>(s.lags * s.taps() * s.positions());
}

/// Real multiply-adds of one frame and filter where a complex product stands for a frame and half a filter: two. The
/// transforms over time come on top of either way, about forty a position.
double temporal_cost(const ConvShape& s) {
  return static_cast<double>(2 * s.taps() * s.positions() + 40 * s.positions());
}

/// The same with transforms over space: 2.5 log2 n operations a number and direction, which cost more than those of a
/// loop over taps (loads and stores between their stages); 4 fits what was measured.
double spectral_cost(const ConvShape& s) {
  const auto height = static_cast<double>(s.padded_height()), width = static_cast<double>(s.padded_width());
  const double transforms = 4 * height * width * (std::log2(height + 1) + std::log2(width + 1));
  return static_cast<double>(s.channels) * (2 * height * width) + transforms + 40 * static_cast<double>(s.positions());
}

}  // namespace

std::string name(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::separable:
      return "separable";
    case Algorithm::direct:
      return "direct";
    case Algorithm::temporal:
      return "temporal";
    case Algorithm::spectral:
      return "spectral";
  }
  throw InternalError("unknown algorithm");
}

Algorithm choose_algorithm(const ConvShape& shape, bool separable) {
  const char* value = std::getenv(kVariable);
  const std::string_view forced = value == nullptr ? "" : value;
  constexpr std::array<std::string_view, 4> kNames = {"separable", "direct", "temporal", "spectral"};
  if (!forced.empty() && std::find(kNames.begin(), kNames.end(), forced) == kNames.end())
    throw Error(ErrorKind::usage,
                "the environment variable " + std::string(kVariable) + " is '" + std::string(forced) +
                    "', expected direct, temporal, spectral or separable",
                "unset it to choose by shape");
  if (separable) return Algorithm::separable;
  if (forced == "direct") return Algorithm::direct;
  if (forced == "temporal") return Algorithm::temporal;
  if (forced == "spectral") return Algorithm::spectral;
  const double direct = direct_cost(shape), temporal = temporal_cost(shape), spectral = spectral_cost(shape);
  if (direct <= std::min(temporal, spectral)) return Algorithm::direct;
  return temporal <= spectral ? Algorithm::temporal : Algorithm::spectral;
}

}  // namespace plexiform
