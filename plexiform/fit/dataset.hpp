#pragma once
#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "plexiform/compute/tile_store.hpp"
#include "plexiform/recording/chunks.hpp"
#include "plexiform/recording/recording.hpp"

namespace plexiform {

/// Frames of a tile's lane at most: longer lanes gain little and leave the processor's cache.
inline constexpr std::int64_t kLaneFrames = 128;

/// Chunks with their movie, kLanes of them side by side in a tile, each tile with about as many as the others.
struct TileSet {
  std::size_t lane_frames = 0;  ///< bins of a lane
  TileStore tiles;
  std::vector<std::vector<Chunk>> chunks;  ///< of each tile, a lane each, in order
  std::size_t first_number = 0;            ///< of the tiles, for a keeper of something of them (MovieFilter::begin)
};
/// One set for each window, all in one pass over the stimulus: a lane's frames at a time, so that memory does not grow
/// with the recording. Together the sets keep up to `bytes_in_memory`. Throws Error{data} if a chunk's history is
/// not in the stimulus, Interrupted on a stop request.
std::vector<TileSet> make_tiles(const Stimulus& stimulus, std::span<const Window> windows, std::int64_t lags,
                                std::span<const Chunk> chunks, std::size_t first_number,
                                std::size_t bytes_in_memory = TileStore::kBytesInMemory,
                                const std::stop_token& stop = {});

/// The cell's responses to each tile. `weights` of bins, where they are not all 1 (resamples), is of the counts'
/// length.
std::vector<Targets> make_targets(const TileSet& set, std::span<const float> counts,
                                  std::span<const float> weights = {});

/// What the fits of one cell see.
struct Dataset {
  FrameShape input;           ///< of its window
  std::vector<float> counts;  ///< [bin]
  std::int64_t lags = 0;
  std::vector<Chunk> train, validation;
  TileSet train_tiles, validation_tiles;
  std::vector<Targets> train_targets, validation_targets;
};

/// The input of a network on a stimulus: a window of `window` pixels a side, no larger than the grid.
FrameShape network_input(std::int64_t window, const FrameShape& stimulus);

/// The tiles in a random order that depends on (seed, pass) only, in batches of at least `frames` bins.
std::vector<std::vector<std::size_t>> shuffled_batches(const TileSet& set, std::int64_t frames, std::uint64_t seed,
                                                       std::int64_t pass);

}  // namespace plexiform
