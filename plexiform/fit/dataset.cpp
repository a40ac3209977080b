#include "plexiform/fit/dataset.hpp"

#include <algorithm>
#include <numeric>

#include "plexiform/base/error.hpp"
#include "plexiform/base/random.hpp"

namespace plexiform {
namespace {

const Segment& segment_of(const Recording& recording, std::int64_t bin) {
  for (const auto& s : recording.segments)
    if (bin >= s.start && bin < s.start + s.length) return s;
  throw InternalError("bin " + std::to_string(bin) + " is in no segment");
}

}  // namespace

std::vector<Chunk> make_chunks(const Recording& recording, std::span<const Range> ranges, std::int64_t longest) {
  std::vector<Chunk> chunks;
  for (const auto& range : ranges) {
    const auto& segment = segment_of(recording, range.begin);
    const auto pieces = (range.size() + longest - 1) / longest;
    for (std::int64_t i = 0; i < pieces; ++i) {
      const auto begin = range.begin + i * range.size() / pieces, end = range.begin + (i + 1) * range.size() / pieces;
      chunks.push_back({begin, segment.first_frame + begin - segment.start, end - begin});
    }
  }
  return chunks;
}

Batch make_batch(const Dataset& data, std::span<const Chunk> chunks) {
  const auto history = data.lags - 1;
  std::vector<at::Tensor> blocks, keep, counts;
  std::int64_t row = 0;
  for (const auto& chunk : chunks) {
    blocks.push_back(data.movie.block(chunk.first_frame - history, chunk.first_frame + chunk.length));
    keep.push_back(at::arange(row, row + chunk.length, at::kLong));
    counts.push_back(data.counts.narrow(0, chunk.first_bin, chunk.length));
    row += chunk.length + history;
  }
  return {at::cat(blocks), at::cat(keep), at::cat(counts)};
}

std::vector<std::vector<Chunk>> shuffled_batches(std::span<const Chunk> chunks, std::int64_t frames, std::uint64_t seed,
                                                 std::int64_t pass) {
  std::vector<Chunk> order(chunks.begin(), chunks.end());
  const CounterRandom random(seed, static_cast<std::uint64_t>(pass));
  for (std::size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[static_cast<std::size_t>(random.integer(i, static_cast<std::int64_t>(i)))]);
  return grouped(order, frames);
}

std::vector<std::vector<Chunk>> grouped(std::span<const Chunk> chunks, std::int64_t frames) {
  std::vector<std::vector<Chunk>> batches;
  std::int64_t held = frames;
  for (const auto& chunk : chunks) {
    if (held >= frames) {
      batches.emplace_back();
      held = 0;
    }
    batches.back().push_back(chunk);
    held += chunk.length;
  }
  return batches;
}

std::int64_t total(std::span<const Chunk> chunks) {
  return std::accumulate(chunks.begin(), chunks.end(), std::int64_t{0},
                         [](std::int64_t sum, const Chunk& c) { return sum + c.length; });
}

}  // namespace plexiform
