#pragma once
#include <array>
#include <cstdint>

/// The numbers that decide what a transfer says, each with its unit and where it comes from. "By hand": chosen when it
/// was written and never varied systematically. tests/transfer/thresholds_test.cpp says which test holds each to what
/// it is for.
namespace plexiform::thresholds::transfer {

// ---- Between cells (cell_transfer.hpp, cross_cells.hpp)

/// Share of the other cell's training blocks that scale and offset of an output are fitted to: two numbers need few
/// frames, and the model is to stay the other cell's. By hand.
inline constexpr double kRefitShare = 0.1;
/// Probability of calling a cell's own model better than all others where it is not. A convention.
inline constexpr double kOwnAlpha = 0.05;
/// Correlation of a cell's own model, up to which it says nothing about how well another one does. By hand.
inline constexpr double kLeastOwn = 0.05;

// ---- The output of a model under another stimulus or on another cell (refit_output.hpp)

/// Standard deviations of the drive, to either side, in which the best offset is looked for, and steps to either side
/// of the grid on which that begins. By hand.
inline constexpr double kOffsetReach = 4;
inline constexpr int kOffsetSteps = 16;

// ---- Fine-tuning (fine_tune.hpp)

/// Shares of the training data that are usual. By hand: evenly spread in their logarithm, nearly.
inline constexpr std::array kTuneShares{0.02, 0.05, 0.1, 0.3, 1.0};
/// Blocks that few frames are cut into, at least, so that one validates, and the lags that a block has at least, of
/// which one is lost to the gap between parts. By hand.
inline constexpr std::int64_t kTuneBlocks = 10, kTuneBlockLags = 3;
/// Times that scale and offset of subunits are fitted: an offset moves the divisive gain, which is then fixed. By hand:
/// the second time moves them little.
inline constexpr int kOutputRounds = 3;

}  // namespace plexiform::thresholds::transfer
