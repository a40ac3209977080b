#pragma once
#include <cstddef>

namespace plexiform::output_curve {

/// Knots of the fitted output nonlinearity: from -1 to 4 in steps of a half, in standard deviations of the drive.
inline constexpr double kFirstKnot = -1, kKnotWidth = 0.5;
inline constexpr std::size_t kKnots = 11;
/// Its lowest rate, so that its logarithm exists.
inline constexpr double kLowestLevel = 1e-6;
/// Below this z, softplus(z) = exp(z) - exp(2 z) / 2 to single precision.
inline constexpr double kFarBelow = -12;
/// Parameters: offset, level and steps; of softplus: log a, log b, offset.
inline constexpr std::size_t kFittedParameters = kKnots + 2, kSoftplusParameters = 3;

}  // namespace plexiform::output_curve
