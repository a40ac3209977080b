#pragma once
#include <array>
#include <cstdint>

/// The numbers that decide what the classical methods find, each with its unit and where it comes from; all but those
/// of the factorisation can be set. "By hand": chosen when it was written and never varied systematically. Numbers that
/// only keep arithmetic or memory in bounds stand beside it. tests/classical/thresholds_test.cpp says which test holds
/// each to what it is for.
namespace plexiform::thresholds::classical {

// ---- STNMF (stnmf.hpp)

/// Modules: more than a cell has subunits, so that some are left for what is not localised. By hand.
inline constexpr std::int64_t kModules = 20;
/// Sparsities that are tried, in standard deviations of a pixel of the filtered movie. By hand.
inline constexpr std::array kStnmfSparsities{0.5, 1.0, 1.5, 2.0, 2.5};
/// Iterations at most, and the share of all gains below which one iteration's ends them. By hand.
inline constexpr std::int64_t kStnmfIterations = 1000;
inline constexpr double kStnmfTolerance = 1e-6;
/// Of the consensus: random starts for each sparsity, iterations of each, and frames with spikes whose affiliation is
/// compared, which cost the square of their number. By hand.
inline constexpr std::int64_t kConsensusStarts = 12, kConsensusIterations = 300, kConsensusSpikes = 1000;
/// Share of the most localised modules that any sparsity has, below which a sparsity is not asked for its stability:
/// one that localises next to nothing looks stable. By hand; ours, not of the papers.
inline constexpr double kLeastLocalised = 0.5;

// ---- The factorisation (factorise.hpp)

/// Sparsity where none is chosen, in standard deviations of a pixel. By hand.
inline constexpr double kSparsity = 1.7;
/// Iterations at the beginning whose encodings are found together. They lead into the valley that the least-squares
/// updates of Zapp et al. 2024 lead into; encodings one by one go down faster from there, but would often choose
/// another. By hand.
inline constexpr std::int64_t kJointIterations = 200;
/// Sweeps over the encodings in an iteration, and the share of the first sweep's change of the modules at which their
/// sweeps end. By hand, for time.
inline constexpr std::int64_t kEncodingSweeps = 4;
inline constexpr double kInnerShare = 0.1;

// ---- Soft clustering (soft_clustering.hpp)

/// Numbers of subunits that are tried, in this order, and how many in a row without a better validation end that. By
/// hand.
inline constexpr std::array<std::int64_t, 8> kNumbers{1, 2, 3, 4, 5, 6, 8, 10};
inline constexpr std::int64_t kNumbersPatience = 2;
/// Sparsities that are tried, for a stimulus of unit variance, and what is added to the neighbours' sum that divides
/// them, so that a pixel alone is silenced and not divided by nothing. By hand.
inline constexpr std::array kSoftSparsities{0.0, 0.001, 0.003, 0.01, 0.03};
inline constexpr double kNeighboursFloor = 0.01;
/// Random starts of each fit, its iterations at most, and nats per spike, the change of the log-likelihood below which
/// it ends. By hand.
inline constexpr std::int64_t kSoftStarts = 2, kSoftIterations = 300;
inline constexpr double kSoftTolerance = 1e-5;

// ---- Spike-triggered covariance (stc.hpp)

/// Probability of finding an axis where there is none. A convention.
inline constexpr double kLevel = 0.05;
/// Shifts of the counts: as many as a two-sided test at that level needs, and more, so that p is not the least there
/// is. By hand.
inline constexpr std::int64_t kShifts = 99;
/// Frames that a shift has at least, either way: longer than stimulus and cell remember. By hand.
inline constexpr std::int64_t kLeastShift = 100;
/// Axes at which the search ends. By hand.
inline constexpr std::int64_t kMostAxes = 8;

}  // namespace plexiform::thresholds::classical
