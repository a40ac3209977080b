#pragma once
#include <cstdint>

// Every purpose and stream of random numbers of the library, in one list. Results depend on these values: a new draw
// gets a new number, and none is ever changed. Two draws of one scope never share a number
// (tests/base/streams_test.cpp).
//
// A purpose makes a seed of its own out of another: derived_seed(seed, purpose). A stream is what CounterRandom draws
// from under a seed: CounterRandom(seed, stream). A scope is a namespace below, named for what owns the seed; where the
// last number is a family (its comment says "and up"), nothing of its scope stands above it.
namespace plexiform {

/// The seed of one cell's fit under the seed of a call, so that a cell's result does not depend on the cells beside it.
constexpr std::uint64_t cell_seed(std::uint64_t seed, std::int64_t cell) {
  return seed * 1'000'003 + static_cast<std::uint64_t>(cell);
}

namespace purposes {

/// Under the seed of a model cell (or its stimulus_seed).
namespace model_cell {
inline constexpr std::uint64_t kStimulus = 1;     ///< the recipe of the stimulus
inline constexpr std::uint64_t kCalibration = 2;  ///< the noise that the output curve is set by
inline constexpr std::uint64_t kSpikes = 3;       ///< counts; the stream is the cell's own seed
inline constexpr std::uint64_t kSharedNoise = 4;  ///< noise of the gain that all cells of a recording share
inline constexpr std::uint64_t kKinds = 1000;     ///< and up: the layout's seed of presets whose layouts are their own
}  // namespace model_cell

/// Under the seed of a cell's fit, cell_seed().
namespace fit {
inline constexpr std::uint64_t kOrder = 1'000'000;  ///< order of tiles, a stream a pass; below: start i's seed
}  // namespace fit

/// Under the seed of a cell's work that stands on its fit.
namespace after_fit {
inline constexpr std::uint64_t kMethods = 40;   ///< the methods beside the network (scope `methods`)
inline constexpr std::uint64_t kFineTune = 60;  ///< training on another stimulus
}  // namespace after_fit

/// Under after_fit::kMethods.
namespace methods {
inline constexpr std::uint64_t kLnln = 1;            ///< starts of the LNLN model
inline constexpr std::uint64_t kOrder = 2;           ///< the order of its tiles
inline constexpr std::uint64_t kSoftClustering = 3;  ///< scope `classical`
inline constexpr std::uint64_t kStc = 4;             ///< scope `classical`
inline constexpr std::uint64_t kStnmf = 5;           ///< scope `classical`
inline constexpr std::uint64_t kGaussians = 6;       ///< scope `reveal`
}  // namespace methods

/// Under the seed of a classical method.
namespace classical {
inline constexpr std::uint64_t kSoftClustering = 0x736f6674;  ///< starts; the stream is the start
inline constexpr std::uint64_t kStc = 0x737463;               ///< shuffled spikes, stream 0
inline constexpr std::uint64_t kStnmf = 0x73746e6d66;         ///< starts; the stream is the start
}  // namespace classical

/// Under the seed of a cell that is revealed.
namespace reveal {
inline constexpr std::uint64_t kNull = 1;       ///< counts without structure; the stream is the draw
inline constexpr std::uint64_t kResamples = 2;  ///< blocks drawn without replacement; the stream is the resample
inline constexpr std::uint64_t kPruning = 3;    ///< scores of filters that are tried without
inline constexpr std::uint64_t kShifts = 4;     ///< counts shifted in time, stream 0; the index is the draw
inline constexpr std::uint64_t kResiduals = 5;  ///< counts of a fitted model; the stream is the draw
}  // namespace reveal

}  // namespace purposes

namespace streams {

/// Under the seed of a stimulus' recipe (dead leaves: image i is stream i).
namespace stimulus {
inline constexpr std::uint64_t kMovie = 0;  ///< noise, flicker, gratings; the order of images in a movie of them
inline constexpr std::uint64_t kWalks = 1;  ///< and up: the eye's walk over showing i
}  // namespace stimulus

/// Under the seed of a model cell.
namespace model_cell {
inline constexpr std::uint64_t kLayout = 1;       ///< places and shapes of subunits
inline constexpr std::uint64_t kTemporal = 2;     ///< temporal filters of subunits
inline constexpr std::uint64_t kLatency = 3;      ///< delays of subunits
inline constexpr std::uint64_t kPolarity = 4;     ///< which subunits are of the other polarity
inline constexpr std::uint64_t kSuppressive = 5;  ///< places, sizes and weights of suppressive subunits
inline constexpr std::uint64_t kProfile = 6;      ///< shapes that are not Gaussian
inline constexpr std::uint64_t kDrift = 7;        ///< how the gain drifts
}  // namespace model_cell

/// Under the seed of the noise that cells share.
namespace shared_noise {
inline constexpr std::uint64_t kSteps = 1;  ///< of an Ornstein-Uhlenbeck process; the index is the frame
}  // namespace shared_noise

/// Under the seed of a cell's fit, cell_seed().
namespace fit {
inline constexpr std::uint64_t kWeights = 3'000'000;  ///< and up: first weights, 16 parts a start
}  // namespace fit

/// Under the seed of a training (one start of a fit).
namespace training {
inline constexpr std::uint64_t kNoise = 2'000'000;  ///< noise on subunits; the index is the step
}  // namespace training

/// Under the row of a cell.
namespace fresh {
inline constexpr std::uint64_t kCounts = 77;  ///< counts on fresh frames of a model cell
}  // namespace fresh

/// Under the seed of a score.
namespace score {
inline constexpr std::uint64_t kBootstrap = 1;  ///< blocks drawn with replacement
inline constexpr std::uint64_t kHalves = 2;     ///< trials in two halves
inline constexpr std::uint64_t kFolds = 3;      ///< flashed images in folds
}  // namespace score

}  // namespace streams
}  // namespace plexiform
