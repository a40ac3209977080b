#pragma once
#include <cstddef>
#include <cstdint>

/// The numbers that decide what reveal says, each with its unit and where it comes from. "By hand": chosen on model
/// cells of development seeds and never varied systematically. Numbers that only keep arithmetic in bounds stand beside
/// it. The tests of reveal check that each does what its name says (tests/reveal/thresholds_test.cpp says where).
namespace plexiform::thresholds {

// ---- Is there enough to say anything?

/// Spikes in training and validation blocks, at least; so many and at least as many as the window has pixels. Source:
/// docs/method.md, model cells of five subunits are not told from linear ones below it.
inline constexpr double kLeastSpikes = 100;
/// Spikes that the test of structure sees: a cell that has subunits shows it by then. Source: docs/recovery.md, mosaic5
/// at 30,000 frames has 3,000 spikes and is called structured in 20 of 20 cells.
inline constexpr double kTestSpikes = 3000;
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

// ---- How many subunits (select_subunits.hpp)

/// Nats of held-out log-likelihood, times the dispersion, that a subunit must bring: three for itself, four for having
/// been searched for in some fifty places. Chosen on mosaic5 seeds 1 to 20 (an early run), 103 and 302 in place of 3;
/// checked on 101 to 112 (docs/recovery.md).
inline constexpr double kLeastGain = 7;
/// Standard errors of the gain over blocks that it must exceed as well. Source: the rule of one standard error
/// (Breiman et al. 1984).
inline constexpr double kGainErrors = 1;
/// Subunits of a cell, at most. By hand.
inline constexpr std::size_t kMostSubunits = 24;
/// Overlap (scalar product of unit-norm Gaussians) above which two subunits are tried as one. By hand.
inline constexpr double kJoinAbove = 0.3;
/// Standard errors beyond which a weight is not 0, or two places are not the same, without a trial. By hand: five of a
/// normal are one in two million.
inline constexpr double kCertain = 5;
/// Least certain subunits that are tried without, at a time. By hand.
inline constexpr std::size_t kDrops = 2;
/// z of the score test, times the root of the dispersion, from which a larger model is tried. By hand: a z of 3
/// promises 4.5 nats, and what is tried must still pay.
inline constexpr double kWanted = 3;
/// Larger models tried at a time, the most wanted first. By hand.
inline constexpr std::size_t kTrials = 3;
/// Sizes of a subunit between the places where one more is searched for. By hand.
inline constexpr double kPlaceSpacing = 1.2;
/// Overlap with its nearest subunit below which a place is too far from all of them. By hand.
inline constexpr double kFar = 0.02;
/// Overlap above which one more is tried at half the size: it lies upon a subunit, as a detail. By hand.
inline constexpr double kUpon = 0.3;
/// Mean weight of the subunits in that with which one more begins. By hand; a start of a fit.
inline constexpr double kMeanOfNew = 10;
/// Distance of two halves from their middle, in the longer axis of the whole, and weight of each in that of the whole.
/// By hand; a start of a fit.
inline constexpr double kSplitReach = 0.8, kSplitWeight = 0.6;
/// Tolerance of fits on the way in that of the last ones; what is fitted so must bring so much more. By hand.
inline constexpr double kRough = 40;
/// Nats below the best model at which the fit of another one may end. By hand.
inline constexpr double kHopeless = 20;
/// Rounds of growth, at most. By hand: as many as kMostSubunits.
inline constexpr int kRounds = static_cast<int>(kMostSubunits);

// ---- Shapes and nonlinearity of the subunits

/// Prior standard deviation of log sizes about their mean, and of shear over size. By hand.
inline constexpr double kShapeSpread = 0.3;
/// The same where all subunits share one shape: as good as none. By hand.
inline constexpr double kOneShape = 0.02;
/// Prior standard deviation of the logarithm of the output's power in the test of structure, so that neither model
/// needs its subunits to bend the output. By hand.
inline constexpr double kPowerSpread = 0.7;
/// Prior standard deviation of the logarithm of the softness: a threshold much sharper than the counts can tell is all
/// the same, and must not grow for ever. By hand.
inline constexpr double kSoftnessSpread = 1.5;
/// Nats, times the dispersion, by which the other nonlinearity of subunits must lead the fitted network's. By hand.
inline constexpr double kOtherNonlinearity = 3;
/// Share of the squared weights outside the window from which a remark says so. By hand.
inline constexpr double kOutside = 0.1;

// ---- Is there structure (structure.hpp)

/// Probability with which a linear cell is called structured.
inline constexpr double kAlpha = 0.01;
/// Draws of the null, at most: as few as reach kAlpha.
inline constexpr int kDraws = 99;
/// Draws that are made before it is asked again whether they suffice. By hand.
inline constexpr int kWave = 4;
/// Nats, times the dispersion, ahead of the null's highest from which fewer draws can do. By hand.
inline constexpr double kClearNats = 15;
/// Student's p of the draws so far, below which they do. By hand: a tenth of kAlpha.
inline constexpr double kClearP = 1e-3;
/// The smallest p that a normal null can give. By hand: its tails are not known further out.
inline constexpr double kLeastP = 1e-6;
/// Frames of about the same rate whose counts are exchanged. By hand.
inline constexpr std::int64_t kAlike = 50;
/// Variance over mean of the counts up to which they are taken as Poisson. By hand.
inline constexpr double kPoissonLike = 1.1;

// ---- How sure (certainty.hpp)

/// Resamples, and the share of blocks in each (stability selection draws half; two thirds lose less). By hand.
inline constexpr int kResamples = 12;
inline constexpr double kResampleShare = 2.0 / 3;
/// Spikes of a resample; with more, fewer blocks are drawn. By hand, for time.
inline constexpr double kResampleSpikes = 3000;
/// Overlap from which a subunit of a resample is the same one. Source: the design's measure of a true subunit.
inline constexpr double kSame = 0.8;
/// Resamples in which a subunit must have come back before their spread widens its intervals. By hand.
inline constexpr int kLeastReturns = 4;
/// Coefficients of confidence(), a logit: constant, per share of resamples in which it came back, per logarithm of the
/// expected miss, per usual size beyond one that it is long. Source: scripts/calibrate_confidence PROGRAM WORK --seeds
/// 301-304; 183 subunits, of which 3 were wrong, so that kPerStretch is the prior's more than the data's.
inline constexpr double kConfidenceBias = -3.78, kPerReturn = 0.78, kPerLogMiss = -1.56, kPerStretch = -2.04;

// ---- The minimal network (minimal.hpp)

/// Standard errors of the difference over blocks by which the minimal network may be behind. Source: as kGainErrors.
inline constexpr double kBehindErrors = 1;
/// Nats: tolerance of the fits of its curve, whose steps are tens of nats. By hand.
inline constexpr double kCurveTolerance = 0.5;

}  // namespace plexiform::thresholds
