#include "plexiform/recording/chunks.hpp"

#include <algorithm>
#include <numeric>

#include "plexiform/base/error.hpp"

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

std::vector<Chunk> cut_chunks(std::span<const Chunk> chunks, std::int64_t longest) {
  std::vector<Chunk> pieces;
  for (const auto& c : chunks)
    for (std::int64_t done = 0; done < c.length; done += longest)
      pieces.push_back({c.first_bin + done, c.first_frame + done, std::min(longest, c.length - done)});
  return pieces;
}

std::int64_t total_bins(std::span<const Chunk> chunks) {
  return std::accumulate(chunks.begin(), chunks.end(), std::int64_t{0},
                         [](std::int64_t sum, const Chunk& c) { return sum + c.length; });
}

}  // namespace plexiform
