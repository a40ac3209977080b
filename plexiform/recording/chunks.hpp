#pragma once
#include <cstdint>
#include <span>
#include <vector>

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

/// Bins of all chunks.
std::int64_t total_bins(std::span<const Chunk> chunks);

}  // namespace plexiform
