#pragma once
#include <cstdint>

/// The numbers that decide what an evaluation says, each with its unit and where it comes from.
/// tests/evaluate/thresholds_test.cpp holds each to what it is for.
namespace plexiform::thresholds::evaluate {

/// Correlation of spatial filters from which a true subunit counts as found. Source: the design's measures
/// (docs/recovery.md).
inline constexpr double kFoundAbove = 0.9;

/// Frames after a recording's end on which a model cell is scored where there is no test block: some thousand spikes at
/// a tenth of a spike a frame. A convention.
inline constexpr std::int64_t kFreshFrames = 10'000;

}  // namespace plexiform::thresholds::evaluate
