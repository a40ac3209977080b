#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <span>
#include <vector>

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

/// What a fit of one cell sees.
struct Dataset {
  Movie movie;
  at::Tensor counts;  ///< [bin], float
  std::int64_t lags = 0;
  std::vector<Chunk> train;
  std::vector<Chunk> validation;
};

/// Several chunks side by side: the blocks one after the other, each with its history, so one pass of the network
/// serves all; of its output the rows `keep` belong to bins, the others mix two chunks.
struct Batch {
  at::Tensor block;   ///< [frame, channel, height, width]
  at::Tensor keep;    ///< [bin], rows of the network's output
  at::Tensor counts;  ///< [bin]
};
Batch make_batch(const Dataset& data, std::span<const Chunk> chunks);

/// The chunks in a random order that depends on (seed, pass) only, in groups of at least `frames` bins.
std::vector<std::vector<Chunk>> shuffled_batches(std::span<const Chunk> chunks, std::int64_t frames, std::uint64_t seed,
                                                 std::int64_t pass);
/// In order, in groups of at least `frames` bins.
std::vector<std::vector<Chunk>> grouped(std::span<const Chunk> chunks, std::int64_t frames);

std::int64_t total(std::span<const Chunk> chunks);

}  // namespace plexiform
