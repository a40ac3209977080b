#pragma once
#include <cstdint>

/// The numbers that decide how scores are made and what is said of them, each with its unit and where it comes from.
/// "By hand": chosen when it was written and never varied systematically. Numbers that only keep arithmetic in bounds
/// stand beside it. tests/score/thresholds_test.cpp says which test holds each to what it is for.
namespace plexiform::thresholds::score {

/// Bins, blocks over which intervals and paired differences are: as long as the shortest blocks of the split, so that
/// they are nearly independent of each other. Source: the design (docs/method.md).
inline constexpr std::int64_t kScoreBlockFrames = 300;

/// Draws of a bootstrap: its ends are then within a few hundredths of an interval's width. A convention (Efron and
/// Tibshirani 1993 ask for 1000 or more).
inline constexpr int kBootstrapDraws = 1000;
/// Shares of the draws below the ends of an interval: 95 % lie between. A convention.
inline constexpr double kLowTail = 0.025, kHighTail = 0.975;

/// Random halves of the trials over which a reliability is averaged. By hand: another seed then changes it by less than
/// other trials would.
inline constexpr int kHalves = 200;

/// Moran's I from which a module or a filter is called localised; below, it is taken for noise. By hand, between the
/// values of noise (about 0) and of blobs (above 0.8).
inline constexpr double kLocalised = 0.25;

}  // namespace plexiform::thresholds::score
