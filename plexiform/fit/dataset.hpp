#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <span>
#include <vector>

#include "plexiform/compute/tile.hpp"
#include "plexiform/fit/movie.hpp"
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
  std::vector<Tile> tiles;
  std::vector<std::vector<Chunk>> chunks;  ///< of each tile, a lane each, in order
  std::size_t first_number = 0;            ///< of the tiles, for who keeps something of them (MovieFilter::begin)
};
/// Throws InternalError where a chunk's history is not in the movie.
TileSet make_tiles(const Movie& movie, std::int64_t lags, std::span<const Chunk> chunks, std::size_t first_number);

/// What was answered to each tile. `weights` of bins, where they are not all 1 (resamples), is of the counts' length.
std::vector<Targets> make_targets(const TileSet& set, std::span<const float> counts,
                                  std::span<const float> weights = {});

/// What the fits of one cell see.
struct Dataset {
  Movie movie;
  std::vector<float> counts;  ///< [bin]
  std::int64_t lags = 0;
  std::vector<Chunk> train, validation;
  TileSet train_tiles, validation_tiles;
  std::vector<Targets> train_targets, validation_targets;
};

/// Cuts the chunks' tiles out of the movie, and their targets.
void fill_tiles(Dataset& data);

/// The tiles in a random order that depends on (seed, pass) only, in batches of at least `frames` bins.
std::vector<std::vector<std::size_t>> shuffled_batches(const TileSet& set, std::int64_t frames, std::uint64_t seed,
                                                       std::int64_t pass);

std::int64_t total(std::span<const Chunk> chunks);

}  // namespace plexiform
