#pragma once
#include <array>
#include <cstdint>

/// The numbers that decide what the methods of a comparison are fitted with, each with its unit and where it comes
/// from; those of the classical methods themselves are in classical/thresholds.hpp. "By hand": chosen when it was
/// written and never varied systematically. tests/methods/thresholds_test.cpp holds each to what it is for.
namespace plexiform::thresholds::methods {

// ---- LNLN: free subunits as large as the window

/// Subunits that are tried: one would be the LN model. By hand.
inline constexpr std::int64_t kFewestSubunits = 2, kMostSubunits = 6;
/// Strengths of the penalty on the Laplacian that are tried, nats a frame: two of LN's. By hand.
inline constexpr std::array kLnlnStrengths{0.01, 0.1};
/// The penalties on absolute values and on the second difference over lags are so many times weaker, as LN's.
inline constexpr double kWeakerBy = 10;

// ---- The readout of modules (readout.hpp)

/// Nats that the next step of a fit must promise, and steps at most: far below what tells one method from another.
inline constexpr double kReadoutTolerance = 1e-6;
inline constexpr int kReadoutSteps = 200;
/// Of the logarithm of the softness: its prior's standard deviation, and how far it may go from the prior's middle. By
/// hand.
inline constexpr double kSoftnessSpread = 1, kSoftnessRange = 6;

}  // namespace plexiform::thresholds::methods
