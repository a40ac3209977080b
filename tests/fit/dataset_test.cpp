#include "plexiform/fit/dataset.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "fit/small_recording.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/fit/objective.hpp"

namespace plexiform {
namespace {

/// Frames [begin, end) of the whole grid.
at::Tensor block_of(const SmallFit& f, std::int64_t begin, std::int64_t end) {
  at::Tensor block = at::empty({end - begin, 1, 16, 16});
  f.recording.stimulus->read(begin, end, whole(f.recording.stimulus->shape()),
                             {block.data_ptr<float>(), static_cast<std::size_t>(block.numel())});
  return block;
}

TileSet tiles_of(const SmallFit& f, const std::vector<Chunk>& chunks) {
  const Window window = whole(f.recording.stimulus->shape());
  return std::move(make_tiles(*f.recording.stimulus, std::span(&window, 1), 20, chunks, 0)[0]);
}

TEST(Dataset, ChunksCoverTheirRangesOnce) {
  const auto f = small_fit("mosaic5", 5000, {});
  std::set<std::int64_t> bins;
  for (const auto& c : f.data.train) {
    EXPECT_LE(c.length, 63);  // sixteen make a batch
    for (std::int64_t i = 0; i < c.length; ++i) EXPECT_TRUE(bins.insert(c.first_bin + i).second);
  }
  std::int64_t expected = 0;
  for (const auto& range : f.split.train()) expected += range.size();
  EXPECT_EQ(static_cast<std::int64_t>(bins.size()), expected);
}

TEST(Dataset, TilesGiveTheRatesOfTheDefinition) {
  const auto f = small_fit("mosaic5", 4000, {});
  const Network n = network_trainings(f.data, f.look, f.settings, 1)[0].state.network;
  Stepper stepper;
  const auto fast = rates(stepper, n, f.data.train_tiles);
  std::size_t next = 0;
  for (const auto& chunk : f.data.train) {
    const at::Tensor block = block_of(f, chunk.first_frame - 19, chunk.first_frame + chunk.length);
    const at::Tensor exact = respond(n, block).rate.value;
    for (std::int64_t t = 0; t < chunk.length; ++t)
      ASSERT_NEAR(fast[next++], exact[t].item<double>(), 1e-5 * (1 + exact[t].item<double>()));
  }
  EXPECT_EQ(next, fast.size());
}

TEST(Dataset, ChunksOfAnyLengthKeepTheirOrder) {
  const auto f = small_fit("mosaic5", 4000, {});
  const std::vector<Chunk> chunks = {{100, 100, 700}, {0, 40, 3}, {2000, 2000, 129}};
  const auto pieces = cut_chunks(chunks, 128);
  EXPECT_EQ(total_bins(pieces), total_bins(chunks));
  for (const auto& p : pieces) EXPECT_LE(p.length, 128);
  const Network n = network_trainings(f.data, f.look, f.settings, 1)[0].state.network;
  Stepper stepper;
  const auto whole = rates(stepper, n, tiles_of(f, chunks));
  const auto cut = rates(stepper, n, tiles_of(f, pieces));
  ASSERT_EQ(whole.size(), cut.size());
  for (std::size_t i = 0; i < cut.size(); ++i) EXPECT_NEAR(whole[i], cut[i], 1e-6);
}

TEST(Dataset, TargetsHoldTheCountsOfTheirBins) {
  const auto f = small_fit("mosaic5", 4000, {});
  double spikes = 0, expected = 0, weights = 0;
  for (const auto& t : f.data.train_targets)
    for (std::size_t i = 0; i < t.counts.size(); ++i) {
      spikes += static_cast<double>(t.counts[i] * t.weights[i]);
      weights += static_cast<double>(t.weights[i]);
    }
  for (const auto& c : f.data.train)
    for (std::int64_t i = 0; i < c.length; ++i)
      expected += static_cast<double>(f.data.counts[static_cast<std::size_t>(c.first_bin + i)]);
  EXPECT_EQ(spikes, expected);
  EXPECT_EQ(weights, static_cast<double>(total_bins(f.data.train)));
}

TEST(Dataset, AStimulusWithoutTheHistoryIsRefused) {
  const auto f = small_fit("mosaic5", 4000, {});
  const std::vector<Chunk> early = {{0, 5, 50}};
  EXPECT_THROW(tiles_of(f, early), Error);
}

TEST(Dataset, TilesOnDiskAreThoseInMemory) {
  CellRecipe recipe;
  recipe.frames = 2000;
  const std::vector<Window> parts = {{2, 3, 5, 6}, {0, 0, 16, 16}};
  const std::vector<Chunk> chunks = {{30, 30, 700}, {900, 900, 1000}};
  for (const auto noise : {NoiseValues::binary, NoiseValues::gaussian}) {
    recipe.noise = noise;
    const Recording r = simulate(recipe);
    const auto pieces = cut_chunks(chunks, 40);
    const auto whole = make_tiles(*r.stimulus, parts, 20, pieces, 0, std::size_t{1} << 30);
    const auto on_disk = make_tiles(*r.stimulus, parts, 20, pieces, 0, 60'000);
    for (std::size_t w = 0; w < parts.size(); ++w)
      for (std::size_t i = 0; i < whole[w].tiles.size(); ++i) {
        Tile a, b;
        const Tile &memory = whole[w].tiles.get(i, a), &disk = on_disk[w].tiles.get(i, b);
        EXPECT_EQ(memory.bits.empty(), noise == NoiseValues::gaussian);
        EXPECT_EQ(memory.bits, disk.bits);
        EXPECT_EQ(memory.values, disk.values);
        EXPECT_EQ(&memory == &a, false);
        on_disk[w].tiles.read_ahead(i);
        // And they hold what the stimulus shows.
        for (std::size_t lane = 0; lane < whole[w].chunks[i].size(); ++lane) {
          const auto& chunk = whole[w].chunks[i][lane];
          std::vector<float> expected(static_cast<std::size_t>((chunk.length + 19) * parts[w].pixels()));
          r.stimulus->read(chunk.first_frame - 19, chunk.first_frame + chunk.length, parts[w], expected);
          auto values = lane_of(memory, lane);
          values.resize(expected.size());
          EXPECT_EQ(values, expected);
        }
      }
    Tile scratch;
    EXPECT_EQ(&on_disk[1].tiles.get(on_disk[1].tiles.size() - 1, scratch), &scratch);
  }
}

TEST(Dataset, ShufflesDependOnSeedAndPassOnlyAndHoldEveryTileOnce) {
  const auto f = small_fit("mosaic5", 30'000, {});
  const auto order = [&](std::uint64_t seed, std::int64_t pass) {
    std::vector<std::size_t> tiles;
    for (const auto& batch : shuffled_batches(f.data.train_tiles, 2000, seed, pass)) {
      EXPECT_GE(batch.size(), 2U);
      tiles.insert(tiles.end(), batch.begin(), batch.end());
    }
    return tiles;
  };
  EXPECT_EQ(order(1, 2), order(1, 2));
  EXPECT_NE(order(1, 2), order(1, 3));
  EXPECT_NE(order(1, 2), order(2, 2));
  auto sorted = order(1, 2);
  std::sort(sorted.begin(), sorted.end());
  ASSERT_EQ(sorted.size(), f.data.train_tiles.tiles.size());
  for (std::size_t i = 0; i < sorted.size(); ++i) EXPECT_EQ(sorted[i], i);
}

TEST(FirstLook, FindsTheTemporalFilter) {
  const auto f = small_fit("mosaic5", 20000, {});
  const auto truth = f.recording.truth[0].temporal.row(0);
  double dot = 0;
  for (std::int64_t l = 0; l < 20; ++l) dot += f.look.temporal[l].item<double>() * truth[static_cast<std::size_t>(l)];
  EXPECT_FALSE(f.look.empty);
  EXPECT_GT(dot, 0.9);
}

TEST(FirstLook, TheSignIsThatOfThePlaceNotOfANoisyPixel) {
  // 300 spikes: in seed 101 the greatest single pixel of the average is noise of the other sign.
  for (const std::uint64_t seed : {101, 102, 103, 104}) {
    const auto f = small_fit("mosaic5", 3000, {}, std::nullopt, seed);
    const auto truth = f.recording.truth[0].temporal.row(0);
    double dot = 0;
    for (std::int64_t l = 0; l < 20; ++l) dot += f.look.temporal[l].item<double>() * truth[static_cast<std::size_t>(l)];
    EXPECT_TRUE(f.look.empty || dot > 0.5) << seed << ' ' << dot;
  }
}

TEST(FirstLook, SquaredSubunitsHaveAnEmptyAverageAndTheirFilterComesFromTheCovariance) {
  const auto f = small_fit("mosaic5", 30000, {}, SubunitNonlinearity::squared);
  const auto truth = f.recording.truth[0].temporal.row(0);
  double dot = 0;
  for (std::int64_t l = 0; l < 20; ++l) dot += f.look.temporal[l].item<double>() * truth[static_cast<std::size_t>(l)];
  EXPECT_TRUE(f.look.empty);
  EXPECT_GT(std::abs(dot), 0.8);
}

}  // namespace
}  // namespace plexiform
