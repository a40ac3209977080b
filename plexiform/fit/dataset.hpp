#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "plexiform/compute/tile_store.hpp"
#include "plexiform/recording/recording.hpp"

namespace plexiform {

/// Consecutive count bins inside one segment, and the displayed frame of the first.
struct Chunk {
  std::int64_t first_bin = 0;
  std::int64_t first_frame = 0;
  std::int64_t length = 0;
};

/// Ranges of bins cut into chunks of at most `longest`, of about equal length within a range.
std::vector<Chunk> make_chunks(const Recording& recording, std::span<const Range> ranges, std::int64_t longest);

/// Chunks cut into pieces of at most `longest`, in order.
std::vector<Chunk> cut_chunks(std::span<const Chunk> chunks, std::int64_t longest);

/// Chunks with their movie, kLanes of them side by side in a tile, each tile with about as many as the others.
struct TileSet {
  std::size_t stretch = 0;  ///< bins of a lane
  TileStore tiles;
  std::vector<std::vector<Chunk>> chunks;  ///< of each tile, a lane each, in order
  std::size_t first_number = 0;            ///< of the tiles, for who keeps something of them (MovieFilter::begin)
};
/// One set for each window, all in one pass over the stimulus: a lane's frames at a time, so that memory does not grow
/// with the recording. Together the sets keep up to `bytes_in_memory`. Throws Error{data} where a chunk's history is
/// not in the stimulus, Interrupted on a stop request.
std::vector<TileSet> make_tiles(const Stimulus& stimulus, std::span<const Window> windows, std::int64_t lags,
                                std::span<const Chunk> chunks, std::size_t first_number,
                                std::size_t bytes_in_memory = TileStore::kBytesInMemory,
                                const std::stop_token& stop = {});

/// What was answered to each tile. `weights` of bins, where they are not all 1 (resamples), is of the counts' length.
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

std::int64_t total(std::span<const Chunk> chunks);

}  // namespace plexiform
