#pragma once
#include <array>
#include <cstdint>

/// The numbers that decide what models of flashed images are tried and believed, each with its unit and where it comes
/// from. "By hand": chosen when it was written and never varied systematically. Numbers that only keep arithmetic or
/// memory in bounds stand beside it. tests/flashed/thresholds_test.cpp says which test holds each to what it is for.
namespace plexiform::thresholds::flashed {

// ---- What is tried (menu.hpp, pooled_images.hpp)

/// Where outputs begin to bend, in units of the mean count: from nearly a threshold to nearly an exponential. By hand.
inline constexpr std::array kScales{0.03, 0.1, 0.3, 1.0, 3.0};
/// Factors on the contour's standard deviations, evenly spread in their logarithm, nearly: contours are drawn at
/// different heights of a receptive field. By hand.
inline constexpr std::array kExtents{2.0 / 3, 5.0 / 6, 1.0, 5.0 / 4, 3.0 / 2};
/// Pixels, smallest size of a subunit (a standard deviation), and sizes from one to twice as large. By hand: a finer
/// step than responses to some hundred images can tell.
inline constexpr double kSmallestSize = 1, kSizesPerOctave = 2;
/// Pixels squared, least variance of the pooling: a narrower Gaussian misses the middles of pixels.
inline constexpr double kLeastVariance = 0.25;
/// Standard deviations to which a Gaussian is followed: what lies beyond is 3e-4 of it on a plane.
inline constexpr double kReach = 4;

// ---- How it is weighed (menu.hpp, static_model.hpp)

/// Nats of the mean counts that the next step of a fit must promise, and steps at most: a fit ends far below what
/// weighs one model against another.
inline constexpr double kFitTolerance = 1e-12;
inline constexpr int kFitSteps = 500;
/// Dispersion, in units of the mean count, below which the best model counts as hitting the counts exactly: the
/// likelihood then stays as it is. By hand.
inline constexpr double kLeastDispersion = 1e-6;
/// Shares of the weight of sizes below the ends of their interval: 95 % lie between. A convention.
inline constexpr double kLowTail = 0.025, kHighTail = 0.975;

// ---- Is there enough to say anything (compare_flashed.hpp)

/// Images that a model is fitted to, at least: more than twice its parameters. By hand.
inline constexpr std::int64_t kFewestThatFit = 8;
/// Images with a spike, at least: with fewer, nothing can be predicted from the others. By hand.
inline constexpr std::int64_t kFewestWithSpikes = 3;

}  // namespace plexiform::thresholds::flashed
