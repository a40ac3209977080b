#pragma once
#include <cstdint>

/// The numbers that decide what is read from a network's map, each with its unit and where it comes from. "By hand":
/// chosen on model cells of development seeds and never varied systematically. tests/network_map/thresholds_test.cpp
/// and the files beside it check that each does what its name says.
namespace plexiform::thresholds {

// ---- The movie that the classical methods see (cell_movie.hpp)

/// Blocks of time into which a recording is cut, at least, and frames of a block that are enough for it. By hand: a
/// spread over blocks needs some of them.
inline constexpr std::int64_t kLeastBlocks = 20, kLongBlock = 300;
/// Lengths of the temporal filter that a block has, at least: blocks must be nearly independent. By hand.
inline constexpr std::int64_t kBlockFilters = 4;

// ---- Peaks of the network's map (candidates.hpp)

/// Pixels, standard deviation with which the map is smoothed before its peaks are searched. By hand.
inline constexpr double kMapSmoothing = 0.5;
/// Share of the map's sum; smaller peaks are not subunits. By hand.
inline constexpr double kLeastPeakShare = 0.04;
/// Correlation of spatial filters from which peaks of two filters are one subunit. By hand.
inline constexpr double kSamePeak = 0.8;
/// Correlation from which two peaks are halves of one, if together they are no larger than the largest. By hand.
inline constexpr double kHalfPeak = 0.4;
/// Scalar product of temporal filters from which two peaks can be one subunit. By hand.
inline constexpr double kSameTime = 0.5;

}  // namespace plexiform::thresholds
