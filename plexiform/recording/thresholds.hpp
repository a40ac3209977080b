#pragma once
#include <array>
#include <cstdint>

/// The numbers that decide where cells are looked for, which frames train and test, and what is warned about, each with
/// its unit and where it comes from. "By hand": chosen when it was written and never varied systematically. Numbers
/// that only keep arithmetic or memory in bounds stand beside it. tests/recording/thresholds_test.cpp says which test
/// holds each to what it is for.
namespace plexiform::thresholds::recording {

// ---- Where a cell is (windows.hpp)

/// Pixels, side of what is looked at around a cell, at least: a receptive field with its surround, and the error of a
/// stated centre. By hand.
inline constexpr std::int64_t kSearchSide = 21;
/// Probability of a false alarm somewhere in the pixels around a stated centre, for one cell: it only keeps about what
/// was stated. By hand.
inline constexpr double kAlphaStated = 1e-3;
/// The same on the whole grid, where a false alarm puts the window at a place that nobody stated. By hand.
inline constexpr double kAlphaGrid = 1e-5;
/// Pixels to each side of the peak in which the centre of gravity is taken. By hand.
inline constexpr std::int64_t kAround = 6;
/// Share of the peak's excess from which a pixel counts for the centre, and z from which it does: what is nearer to
/// noise would draw the centre to the middle of what is looked at. By hand.
inline constexpr double kNearPeak = 0.3, kStandsOut = 4;
/// Pixels from the edge of what is looked at, within which the peak may lie outside of it. By hand.
inline constexpr double kEdge = 2;

/// A box of side x side pixels around a pixel, and of frames up to and including its own.
struct LocalBox {
  std::int64_t side, frames;
};
/// Boxes in which a cell whose average is empty is looked for: about as large as a subunit, and as long as a few parts
/// of a temporal filter. By hand.
inline constexpr std::array<LocalBox, 4> kLocalBoxes{{{3, 2}, {3, 4}, {3, 8}, {1, 4}}};

// ---- Which frames train, validate and test (split.hpp). Source: the design's default split (docs/method.md).

/// The test block is one of so many parts of the displayed frames that have counts, the last.
inline constexpr std::int64_t kTestParts = 6;
/// Seconds, blocks that train and validate: longer than stimulus and cell remember, short beside slow changes.
inline constexpr double kBlockSeconds = 10;
/// Displayed frames, shortest block; that over which scores have their intervals, too.
inline constexpr std::int64_t kLeastBlockFrames = 300;
/// One block in so many validates.
inline constexpr std::int64_t kValidationEvery = 10;

// ---- What is warned about (check.hpp)

/// Probability of a false alarm, that counts are ahead of their stimulus, anywhere in a recording. By hand: it stops an
/// import.
inline constexpr double kAlphaAhead = 1e-4;
/// Correlation of the contrast with that of the frame before, up to which a stimulus counts as white in time. By hand.
inline constexpr double kWhiteInTime = 0.05;
/// Correlation of the counts of two cells from which they are called the same one, as a sorter that split one leaves.
/// By hand.
inline constexpr double kDoubled = 0.95;
/// Spikes of a cell, above which it can be another's double: few spikes are alike by chance. By hand.
inline constexpr double kLeastToDouble = 10;

// ---- Which recordings a model may see (geometry.hpp)

/// Share by which frame rates, and sizes of pixels, may differ and be the same: rounding in what was stated. A
/// convention.
inline constexpr double kSameGeometry = 1e-3;

}  // namespace plexiform::thresholds::recording
