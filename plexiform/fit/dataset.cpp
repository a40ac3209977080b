#include "plexiform/fit/dataset.hpp"

#include <algorithm>
#include <array>
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

std::vector<Chunk> cut_chunks(std::span<const Chunk> chunks, std::int64_t longest) {
  std::vector<Chunk> pieces;
  for (const auto& c : chunks)
    for (std::int64_t done = 0; done < c.length; done += longest)
      pieces.push_back({c.first_bin + done, c.first_frame + done, std::min(longest, c.length - done)});
  return pieces;
}

TileSet make_tiles(const Movie& movie, std::int64_t lags, std::span<const Chunk> chunks, std::size_t first_number) {
  TileSet set;
  set.first_number = first_number;
  if (chunks.empty()) return set;
  const auto longest = std::max_element(chunks.begin(), chunks.end(), [](const Chunk& a, const Chunk& b) {
                         return a.length < b.length;
                       })->length;
  const auto shape = movie.shape();
  const auto pixels = static_cast<std::size_t>(shape.channels * shape.pixels());
  const auto frames = static_cast<std::size_t>(longest + lags - 1);
  set.stretch = static_cast<std::size_t>(longest);
  const std::size_t tiles = (chunks.size() + kLanes - 1) / kLanes;
  std::array<std::vector<float>, kLanes> values;
  for (std::size_t i = 0; i < tiles; ++i) {
    const auto part =
        chunks.subspan(i * chunks.size() / tiles, (i + 1) * chunks.size() / tiles - i * chunks.size() / tiles);
    Stretches stretches;
    for (std::size_t lane = 0; lane < part.size(); ++lane) {
      const auto begin = part[lane].first_frame - lags + 1, end = part[lane].first_frame + part[lane].length;
      values[lane].assign(frames * pixels, 1.0F);  // what follows a short chunk: any contrast that bits can hold
      movie.read(begin, end, std::span(values[lane]).first(static_cast<std::size_t>(end - begin) * pixels));
      stretches[lane] = values[lane];
    }
    set.tiles.push_back(make_tile(frames, pixels, stretches));
    set.chunks.emplace_back(part.begin(), part.end());
  }
  return set;
}

std::vector<Targets> make_targets(const TileSet& set, std::span<const float> counts, std::span<const float> weights) {
  std::vector<Targets> all;
  for (std::size_t i = 0; i < set.tiles.size(); ++i) {
    Targets& targets = all.emplace_back(set.stretch);
    for (std::size_t lane = 0; lane < set.chunks[i].size(); ++lane) {
      const auto& chunk = set.chunks[i][lane];
      for (std::int64_t t = 0; t < chunk.length; ++t) {
        const auto bin = static_cast<std::size_t>(chunk.first_bin + t),
                   at = static_cast<std::size_t>(t) * kLanes + lane;
        targets.counts[at] = counts[bin];
        targets.weights[at] = weights.empty() ? 1 : weights[bin];
      }
    }
  }
  return all;
}

void fill_tiles(Dataset& data) {
  data.train_tiles = make_tiles(data.movie, data.lags, data.train, 0);
  data.validation_tiles = make_tiles(data.movie, data.lags, data.validation, data.train_tiles.tiles.size());
  data.train_targets = make_targets(data.train_tiles, data.counts);
  data.validation_targets = make_targets(data.validation_tiles, data.counts);
}

std::vector<std::vector<std::size_t>> shuffled_batches(const TileSet& set, std::int64_t frames, std::uint64_t seed,
                                                       std::int64_t pass) {
  std::vector<std::size_t> order(set.tiles.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const CounterRandom random(seed, static_cast<std::uint64_t>(pass));
  for (std::size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[static_cast<std::size_t>(random.integer(i, static_cast<std::int64_t>(i)))]);
  // Tiles are about equal: so many of them hold about as many bins as were asked for.
  std::int64_t bins = 0;
  for (const auto& chunks : set.chunks) bins += total(chunks);
  const auto tiles = static_cast<std::int64_t>(set.tiles.size());
  const auto batches = std::clamp<std::int64_t>((bins + frames / 2) / frames, 1, std::max<std::int64_t>(tiles, 1));
  std::vector<std::vector<std::size_t>> all;
  for (std::int64_t i = 0; i < batches; ++i)
    all.emplace_back(order.begin() + i * tiles / batches, order.begin() + (i + 1) * tiles / batches);
  return all;
}

std::int64_t total(std::span<const Chunk> chunks) {
  return std::accumulate(chunks.begin(), chunks.end(), std::int64_t{0},
                         [](std::int64_t sum, const Chunk& c) { return sum + c.length; });
}

}  // namespace plexiform
