#pragma once
#include <cstddef>
#include <cstdint>

// Numbers that decide what is revealed, with unit and source.
namespace plexiform::reveal::thresholds {

// ---- Blocks of time (movie.hpp)

/// Blocks of time into which a recording is cut, at least, and frames of a block that are enough for it. By hand: a
/// spread over blocks needs some of them.
inline constexpr std::int64_t kLeastBlocks = 20, kLongBlock = 300;
/// Lengths of the temporal filter that a block has, at least: blocks must be nearly independent. By hand.
inline constexpr std::int64_t kBlockFilters = 4;
/// Blocks whose contrast stands for that of the movie. By hand.
inline constexpr std::size_t kContrastBlocks = 16;

// ---- The model on a block (block_rows.hpp)

/// Share of a shape's greatest weight below which a pixel is left out. By hand: less than single precision shows in a
/// likelihood, and the surrounds still whole.
inline constexpr double kSupport = 1e-3;

// ---- Priors and limits of a fit (fit.hpp)

/// Prior standard deviation of the logarithm of the softness about its usual value. By hand.
inline constexpr double kSoftnessSpread = 1.5;
/// Of the logarithms of the subunits' power and of the output's expansion about 0. By hand.
inline constexpr double kPowerSpread = 0.4, kExpansionSpread = 0.4;
/// Of the strength of the surround about 0, of the logarithm of its size ratio about log 2.2. By hand: a surround is
/// two to three times as wide as the centre.
inline constexpr double kSurroundSpread = 0.5, kLogSurroundRatio = 0.788, kSurroundRatioSpread = 0.3;
/// Of covariates' gains about 0; covariates vary by about 1. By hand.
inline constexpr double kGainSpread = 2;
/// Of log sizes about their mean, and of the shear over the size. By hand.
inline constexpr double kSizeSpread = 0.3;
/// The same of suppressive subunits, whose mean log size is so much larger. By hand: amacrine cells reach further.
inline constexpr double kSuppressiveSizeSpread = 0.6, kSuppressiveLarger = 0.3;
/// Of an inner Gaussian's weight about 0, its place about the subunit's in mean sizes, its log size about one smaller
/// than the mean. By hand.
inline constexpr double kInnerWeightSpread = 0.8, kInnerReach = 1.9, kInnerSizeSpread = 0.4, kInnerSmaller = 0.2;
/// How far the logarithm of the softness may lie below that of the mean count. By hand: at a threshold as sharp as this
/// the rate is a seventieth of its mean; what is sharper is a kink, at which steps fail.
inline constexpr double kSharpest = 4;
/// Limits of logarithms of sizes, pixels; of powers (0.6 to 3.3 times); of the surround's size ratio.
inline constexpr double kLeastLogSize = -1.2, kMostInnerLogSize = 1.5;
inline constexpr double kLeastMeanLogSize = -0.5, kMostMeanLogSize = 1.8;
inline constexpr double kLeastLogPower = -0.5, kMostLogPower = 1.2, kLeastLogRatio = 0.3, kMostLogRatio = 1.4;
/// Largest strength of a surround and weight of an inner Gaussian, of the subunit's own Gaussian.
inline constexpr double kMostSurround = 0.95, kMostInner = 1.5;
/// A step changes a mixture's numbers by so much of its norm, which counts as so many mean counts at least.
inline constexpr double kLongestMixStep = 0.9, kLeastMix = 0.2;

// ---- Covariates (covariates.hpp)

/// Cosines of drift over the recording; time constant of the transient at its start, as a share of it. By hand.
inline constexpr int kDriftCosines = 6;
inline constexpr double kTransientShare = 0.05;
/// Time constants of the history filters, frames; 0: the frame before. By hand: a refractory period to a second.
inline constexpr double kHistoryFrames[] = {0, 1, 3, 10, 30};
/// Time constant of divisive normalisation, frames, and what is added to the averaged rate, of its mean. By hand.
inline constexpr double kDivisiveFrames = 30, kDivisiveFloor = 0.3;
/// Time constants that a prediction begins before its first frame, so that the pool is what it would be. By hand: 2 %
/// of what it began with are left.
inline constexpr double kWarmUp = 4;
/// Times that a model of the stimulus alone is fitted with a divisive gain made anew from itself. By hand: the second
/// one moves little.
inline constexpr int kRenewals = 2;

// ---- Temporal functions (basis.hpp)

/// Spacing and standard deviation of the places whose averages and covariances show them, pixels, and how many of them,
/// the strongest, are looked at. By hand.
inline constexpr double kBasisSpacing = 2, kBasisSize = 1.2;
inline constexpr std::size_t kBasisPlaces = 16;
/// Draws of shifted counts, the least shift in frames, and the factor beyond the greatest value of them that makes a
/// function. By hand: no false second function in 73 model cells of one.
inline constexpr int kBasisDraws = 6;
inline constexpr std::int64_t kLeastShift = 1000;
inline constexpr double kBasisEdge = 1.05;
/// Of frames and of places every so many-th tells the covariance of lags; directions of less power, as a share of the
/// greatest, are left out. By hand.
inline constexpr std::size_t kCovarianceEvery = 8, kCovariancePlaces = 5;
inline constexpr double kLeastPower = 0.02;
/// Factor on the edge of noise (Marchenko and Pastur 1967) of the subunits' own filters, and the ridge of their step,
/// of the diagonal. By hand.
inline constexpr double kRefitEdge = 1.1, kBasisRidge = 1e-4;

// ---- Score tests (scores.hpp)

/// Share of a feature's information that is left at least when the model's own parameters are taken out. By hand.
inline constexpr double kLeastLeft = 1e-3;

/// Dispersion with which counts are drawn, at least. By hand: counts of less variance are no longer drawn as such.
inline constexpr double kLeastDrawnDispersion = 0.2;

/// Share of the mean rate below which a frame counts less in scores that are compared with drawn ones. By hand: one
/// spike where none is expected is no structure, and makes the strongest of draws wild.
inline constexpr double kSilent = 0.1;

// ---- The residual test (residual.hpp)

/// Counts drawn from the fitted model. By hand: p is a multiple of 0.01.
inline constexpr std::size_t kResidualDraws = 99;
/// p up to which something is said to be missing, and the bits per spike from which it is worth saying. By hand: two
/// in a hundred complete models at most; a fifteenth of the least that was left out of model cells.
inline constexpr double kResidualP = 0.02, kWorthSaying = 1e-3;
/// Share of a feature's information that is left at least: what the parameters can nearly do themselves they do, to
/// second order. By hand.
inline constexpr double kResidualLeft = 0.02;
/// Sizes of features in the mean size; spacing of their places, in the smaller and the larger size; places of one size
/// at most. By hand.
inline constexpr double kResidualSizes[] = {1, 2.2}, kResidualSpacing[] = {1.4, 0.85};
inline constexpr double kResidualPlaces = 100;
/// Bumps of lag: standard deviation of the first, how much it grows with the lag (frames a frame), and their spacing in
/// it. By hand: logarithmic, so that they are few whatever the number of lags.
inline constexpr double kBumpWidth = 0.8, kBumpGrows = 0.15, kBumpSpacing = 1.5;
/// What remains of the norm of a missing lag function, outside the basis, from which it joins it; and what must lie
/// inside of one that cannot join. By hand.
inline constexpr double kNewFunction = 0.3;
/// p up to which a search tries what the test names, and searches, at most, that go on from it. By hand: what is tried
/// must pay as well.
inline constexpr double kResidualTry = 0.1;
inline constexpr int kResidualRounds = 3;

// ---- The search (search.hpp)

/// Nats that a step of a fit must promise, while models are compared roughly and finely; what a rough fit of the
/// smaller model lends to the larger one. By hand.
inline constexpr double kRoughTolerance = 0.5, kFineTolerance = 0.1, kRoughLends = 8;
/// Steps of a fit, at most.
inline constexpr int kMostSteps = 25;
/// Dispersion that bars reckon with, at least: counts of less variance than Poisson's have less noise. By hand.
inline constexpr double kLeastDispersion = 0.7;
/// Nats, times the dispersion, that a new subunit must gain beside the log of the features that were looked at, and its
/// further mixture numbers. By hand: 3 as any number, 3 for local search; counts drawn from fitted models stay below.
inline constexpr double kBarOfNew = 6;
/// Nats, times the dispersion, for a split, a join, an inner Gaussian, a surround. By hand.
inline constexpr double kBarOfChange = 7;
/// Nats, times the dispersion, for a single number; covariates one more for each. By hand.
inline constexpr double kBarOfNumber = 3;
/// z, times the root of the dispersion, below which a change is not fitted at all. By hand: of 219 trials 52 were
/// refused, 32 of them below 4.
inline constexpr double kNewGate = 4, kSplitGate = 3.2, kInnerGate = 3.5;
/// Chi squared, beside 2 for each covariate, below which they are not fitted. By hand.
inline constexpr double kCovariateGate = 10;
/// Changes that are fitted before a round of growth gives up; pixels within which two are the same; by how much a
/// refused one's z must grow. By hand.
inline constexpr int kTries = 3;
inline constexpr double kSamePlace = 0.9, kScoreGrown = 1.4;
/// Nats below the best model at which a larger, and a smaller, one's fit may end. By hand.
inline constexpr double kHopeless = 20, kHopelesslySmall = 40;
/// Features whose parameters are taken out. By hand.
inline constexpr std::size_t kScreened = 40;
/// Sizes at which one more subunit is looked for, of the mean size; spacings of places in those sizes; the smallest
/// only so near to a subunit, in mean sizes. By hand.
inline constexpr double kPlaceSizes[] = {0.6, 1, 2};
inline constexpr double kPlaceSpacing = 0.9, kLargePlaceSpacing = 0.7, kNear = 2.5;
/// Halves: distance from the middle in the longer axis, at least; for halves of the whole's own size distance and how
/// much smaller (log); weight in that of the whole. By hand; starts of fits.
inline constexpr double kSplitReach = 0.8, kLeastReach = 0.6, kOwnSizeReach = 0.5, kOwnSizeSmaller = 0.12;
inline constexpr double kSplitWeight = 0.6;
/// Weight of a new subunit, in the mean of the others, at least and at most. By hand; a start.
inline constexpr double kLeastNew = 0.05, kMostNew = 0.3;
/// z of a subunit's mixture below which it is tried without; overlap and likeness in time from which two are tried as
/// one, and how much larger that is (log); models tried. By hand.
inline constexpr double kWeak = 6, kJoinOverlap = 0.6, kJoinMix = 0.7, kJoinedLarger = 0.15, kTwinOverlap = 0.7;
inline constexpr std::size_t kSmallerTries = 4;
/// Overlap from which one of two subunits may be a half of the other. By hand: the halves of a split.
inline constexpr double kHalfOverlap = 0.5;
/// Overlap of a subunit with those of the other sign and polarity from which it is tried without, for they tell nearly
/// the same. By hand.
inline constexpr double kOppositeOverlap = 0.4;
/// Mean of max(z, 0) of a normal z of standard deviation 1.
inline constexpr double kMeanOfHalf = 0.3989422804014327;
/// Overlap and likeness in time from which two are tried inside one rectifier; pairs tried; nats, times the dispersion,
/// from which a pair stays two; weight of the joined, of the sum. By hand.
inline constexpr double kInsideOverlap = 0.08, kInsideMix = 0.6, kClearlyTwo = 12, kJoinedWeight = 0.75;
inline constexpr std::size_t kInsideTries = 8;
/// Inner Gaussians: how many, how far from the subunit and how far apart in mean sizes, how much smaller (log), and the
/// weight to begin with. By hand.
inline constexpr std::size_t kMostInnerCount = 3;
inline constexpr double kInnerField = 2.4, kInnerSpacing = 0.8, kInnerStartSmaller = 0.4, kInnerStartWeight = 0.15;
/// Strength of a surround to begin with. By hand.
inline constexpr double kSurroundStart = 0.2;

// ---- The way from the start to the end (find.hpp)

/// z of a pixel's spike-triggered average from which a search begins there. By hand.
inline constexpr double kAverageSeen = 5;
/// What noise adds to the average's magnitude, in its errors; share of its maximum that is taken off; how much wider
/// than what is left the first subunit is, and its limits, pixels; size where nothing is known. By hand; starts of
/// fits.
inline constexpr double kAverageNoise = 0.8, kAverageFloor = 0.3, kAverageWider = 1.4, kLeastStart = 1, kMostStart = 4;
inline constexpr double kUsualSize = 1.4;
/// Subunits at which it is asked whether they square. By hand: enough to tell, and early.
inline constexpr std::size_t kPartsForPower = 3;
/// Rounds, at most, of growth after shrinking, of bases, of shapes. By hand.
inline constexpr int kFineRounds = 6, kBasisRounds = 2, kShapeRounds = 12;
/// Nats that a step of the last fit must promise. By hand.
inline constexpr double kLastTolerance = 0.02;

// ---- How sure (certainty.hpp)

/// Resamples of the blocks, and the share of them in each. By hand: as stability selection, which draws half.
inline constexpr int kResamples = 200;
inline constexpr double kResampleShare = 2.0 / 3;
/// Half of a normal interval of 90 %, in standard errors.
inline constexpr double kNormal90 = 1.6448536269514722;
/// Factors on the half widths of intervals of places, sizes and weights, and of latencies and widths in time, for
/// errors that ten refits do not show. Source: bench/recovery, kinds of cell of seeds 101 to 106: without them 79 to 82
/// % of 90 % intervals hold in space (186 subunits, none of suppression cells), 84 to 89 % in time (232 subunits).
inline constexpr double kWiderInSpace = 1.3, kWiderInTime = 1.15;
/// Groups of blocks that are left out in turn, and steps of each refit at most. By hand.
inline constexpr std::size_t kJackknifeGroups = 10;
inline constexpr int kJackknifeSteps = 12;
/// Step of the differences that errors of derived quantities come from, in a parameter's standard error. By hand.
inline constexpr double kErrorStep = 0.05, kLeastErrorStep = 1e-6;

// ---- Confidence (confidence.hpp)

/// Coefficients of confidence(), a logit: constant, and per feature. Source: scripts/calibrate_confidence PROGRAM WORK
/// --seeds 501-507: 1240 subunits of kinds that no table reports, of which 134 were wrong, revealed before twins and
/// halves were treated as they are now. What resamples lose and how near the neighbours are did not help on kinds of
/// cells that were left out.
inline constexpr double kConfidenceBias = -2.98, kPerLogMiss = -0.45, kPerLogAspect = -2.32, kPerLogGain = 0.82,
                        kPerLogMissed = -2.16;

// ---- The whole of a cell (reveal_cell.hpp)

/// Share of the squared weights outside the window from which a larger one is taken, or, where there is none, a remark
/// says so; how often a larger one is taken. By hand.
inline constexpr double kOutside = 0.05;
inline constexpr int kWiderWindows = 2;

// ---- Window and lags (view.hpp)

/// Seconds that a subunit looks back at least, and frames. By hand: 20 frames at 30 Hz.
inline constexpr double kHistorySeconds = 0.65;
inline constexpr std::int64_t kFewestLags = 5;
/// Normal deviate from which a pixel or a lag of the spike-triggered average stands out. By hand: one of a hundred
/// thousand by chance.
inline constexpr double kStandsOut = 4.5;
/// Pixels around what stands out, side of the smallest window, and the side up to which a field is looked for. By hand.
inline constexpr std::int64_t kMargin = 3, kUsualSide = 16, kWidestLook = 256;

// ---- Halves of a recording (halves.hpp)

/// Confidence from which a subunit is sure. Source: the measures of docs/recovery.md.
inline constexpr double kSure = 0.9;
/// Blocks of time that a half has at least. By hand: as many as are left out in turn.
inline constexpr std::size_t kLeastHalfBlocks = 10;
/// Likeness from which a subunit of one half is one of the other. Source: the design's measure of a true subunit.
inline constexpr double kAlikeSubunits = 0.8;

// ---- One filter and any output (one_filter.hpp)

/// Gaussians that its weights are made of: how many over the window, at most, spacing in pixels at least, and standard
/// deviation in spacings. By hand.
inline constexpr double kFilterPlaces = 100, kFilterSpacing = 2, kFilterSize = 0.6;
/// Pixels whose weights are free one by one, over all temporal functions. By hand: what the grid does not hold of a
/// filter of 0.9 pixels (a fifth of its power) would look like structure.
inline constexpr std::size_t kFinePixels = 72;
/// Nats, times the dispersion, that each of them must gain in the mean, or none is free. Noise gains half of it.
inline constexpr double kNatsOfPixel = 1;
/// Ridge of the features' covariance, of its mean diagonal, and prior precision of the coefficients of a drive of
/// standard deviation 1, in the features' variances. By hand.
inline constexpr double kFilterRidge = 1e-3, kFilterPrior = 3;
/// Steps of scoring, nats that one must gain for another one, the shortest of a step that is tried. By hand.
inline constexpr int kFilterSteps = 8;
inline constexpr double kFilterTolerance = 0.3, kShortestStep = 0.05;
/// Nats by which the start from the covariance must be better than that from the average. By hand.
inline constexpr double kBetterStart = 5;
/// A curve over the drive: frames of a knot at least, knots at most, standard deviation of the smoothing as a share of
/// the frames; rate that F has at least, of the mean. By hand.
inline constexpr std::size_t kFramesOfKnot = 40, kMostKnots = 1000;
inline constexpr double kCurveWidth = 1.0 / 30, kLeastRate = 0.001;

// ---- Is there structure (structure.hpp)

/// Error rate of the verdict, draws of the null.
inline constexpr double kStructureAlpha = 0.01;
inline constexpr int kStructureDraws = 199;
/// A p below it is not told from it: the law of the draws is not known so far out.
inline constexpr double kLeastP = 1e-6;
/// Frames of about the same drive whose counts are exchanged, and stretches of time, frames, within which they are. By
/// hand.
inline constexpr std::size_t kAlike = 50, kStretch = 10000;
/// Sizes of the features, in spacings of the filter's places, and their spacing in sizes. By hand.
inline constexpr double kFeatureSizes[] = {0.65, 1.3}, kFeatureSpacing = 1.2;
/// Hats over the drive whose slopes are taken out. By hand.
inline constexpr std::size_t kHats = 8;
/// Ridge of what is taken out, of its diagonal; share of a feature's variance that must be left. By hand.
inline constexpr double kTakenOutRidge = 1e-6, kLeastFeature = 0.02;
/// Spikes and frames below which nothing is tested; spikes beyond which blocks are left out. By hand.
inline constexpr double kLeastSpikes = 200, kAmpleSpikes = 40000;
inline constexpr std::size_t kLeastFrames = 1000;
/// How far beyond the edge of noise the first temporal function's value must be. By hand: of cells that answer to
/// nothing none in 100.
inline constexpr double kClearFunction = 1.1;
/// Directions among the lags that have power (kLeastPower), as a share of all, and share of frames that show the same
/// as the one before, from where temporal functions cannot be told apart; blocks and pixels that are looked at. By
/// hand: autoregressive movies of 0.8 a frame have 0.7, movies whose every image stays for two frames or more give
/// false ones.
inline constexpr double kLeastLags = 0.6, kMostHeld = 0.05;
inline constexpr std::size_t kLagBlocks = 16, kLagPixels = 50;
/// Variance of counts, of its mean over frames, that a frame has at least in a weight. By hand.
inline constexpr double kLeastVariance = 0.02;
/// Standard deviations beyond the critical value at which nine of ten effects are seen: the normal quantile.
inline constexpr double kNineOfTen = 1.2816;
/// Bytes of sums beside one another. By hand.
inline constexpr std::size_t kSumBytes = std::size_t{48} << 20;

}  // namespace plexiform::reveal::thresholds
