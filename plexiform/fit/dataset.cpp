#include "plexiform/fit/dataset.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "plexiform/base/error.hpp"
#include "plexiform/base/random.hpp"

namespace plexiform {
namespace {

/// Rows of `window` out of frames of `outer` that hold it.
void copy_window(std::span<const float> from, const Window& outer, std::int64_t planes, const Window& window,
                 float* to) {
  for (std::int64_t plane = 0; plane < planes; ++plane)
    for (std::int64_t row = 0; row < window.height; ++row) {
      const auto offset = (plane * outer.height + window.y - outer.y + row) * outer.width + window.x - outer.x;
      std::memcpy(to, from.data() + offset, static_cast<std::size_t>(window.width) * sizeof(float));
      to += window.width;
    }
}

/// The smallest window that holds all.
Window hull(std::span<const Window> windows) {
  Window all = windows[0];
  for (const auto& w : windows) {
    const auto bottom = std::max(all.y + all.height, w.y + w.height),
               right = std::max(all.x + all.width, w.x + w.width);
    all.y = std::min(all.y, w.y);
    all.x = std::min(all.x, w.x);
    all.height = bottom - all.y;
    all.width = right - all.x;
  }
  return all;
}

}  // namespace

std::vector<TileSet> make_tiles(const Stimulus& stimulus, std::span<const Window> windows, std::int64_t lags,
                                std::span<const Chunk> chunks, std::size_t first_number, std::size_t bytes_in_memory,
                                const std::stop_token& stop) {
  std::vector<TileSet> sets(windows.size());
  const auto file = std::make_shared<ScratchFile>();
  for (auto& set : sets) {
    set.first_number = first_number;
    set.tiles = TileStore(bytes_in_memory / windows.size(), file);
  }
  if (chunks.empty() || windows.empty()) return sets;
  std::int64_t longest = 0;
  for (const auto& c : chunks) longest = std::max(longest, c.length);
  const auto channels = stimulus.shape().channels;
  const auto frames = static_cast<std::size_t>(longest + lags - 1);
  const Window outer = hull(windows);
  const std::size_t tiles = (chunks.size() + kLanes - 1) / kLanes;
  std::vector<float> read, cut;
  for (std::size_t i = 0; i < tiles; ++i) {
    const std::size_t first = i * chunks.size() / tiles, last = (i + 1) * chunks.size() / tiles;
    std::vector<TileBuilder> builders;
    for (const auto& w : windows) builders.emplace_back(frames, static_cast<std::size_t>(channels * w.pixels()));
    for (std::size_t j = first; j < last; ++j) {
      if (stop.stop_requested()) throw Interrupted();
      const auto begin = chunks[j].first_frame - lags + 1, end = chunks[j].first_frame + chunks[j].length;
      read.resize(static_cast<std::size_t>((end - begin) * channels * outer.pixels()));
      stimulus.read(begin, end, outer, read);
      for (std::size_t w = 0; w < windows.size(); ++w) {
        cut.resize(static_cast<std::size_t>((end - begin) * channels * windows[w].pixels()));
        copy_window(read, outer, (end - begin) * channels, windows[w], cut.data());
        builders[w].set_lane(j - first, cut);
      }
    }
    for (std::size_t w = 0; w < windows.size(); ++w) {
      sets[w].lane_frames = static_cast<std::size_t>(longest);
      sets[w].tiles.add(builders[w].take());
      sets[w].chunks.emplace_back(chunks.begin() + static_cast<std::ptrdiff_t>(first),
                                  chunks.begin() + static_cast<std::ptrdiff_t>(last));
    }
  }
  return sets;
}

std::vector<Targets> make_targets(const TileSet& set, std::span<const float> counts, std::span<const float> weights) {
  std::vector<Targets> all;
  for (std::size_t i = 0; i < set.chunks.size(); ++i) {
    Targets& targets = all.emplace_back(set.lane_frames);
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

FrameShape network_input(std::int64_t window, const FrameShape& stimulus) {
  return {stimulus.channels, std::min(window, stimulus.height), std::min(window, stimulus.width)};
}

std::vector<std::vector<std::size_t>> shuffled_batches(const TileSet& set, std::int64_t frames, std::uint64_t seed,
                                                       std::int64_t pass) {
  std::vector<std::size_t> order(set.chunks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const CounterRandom random(seed, static_cast<std::uint64_t>(pass));
  for (std::size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[static_cast<std::size_t>(random.integer(i, static_cast<std::int64_t>(i)))]);
  // Tiles are about equal: so many of them hold about as many bins as were asked for.
  std::int64_t bins = 0;
  for (const auto& chunks : set.chunks) bins += total_bins(chunks);
  const auto tiles = static_cast<std::int64_t>(set.chunks.size());
  const auto batches = std::clamp<std::int64_t>((bins + frames / 2) / frames, 1, std::max<std::int64_t>(tiles, 1));
  std::vector<std::vector<std::size_t>> all;
  for (std::int64_t i = 0; i < batches; ++i)
    all.emplace_back(order.begin() + i * tiles / batches, order.begin() + (i + 1) * tiles / batches);
  return all;
}

}  // namespace plexiform
