#include "plexiform/fit/dataset.hpp"

#include <gtest/gtest.h>

#include <set>

#include "fit/small_recording.hpp"
#include "plexiform/fit/objective.hpp"

namespace plexiform {
namespace {

TEST(Dataset, ChunksCoverTheirRangesOnce) {
  const auto f = small_fit("mosaic5", 5000, {});
  std::set<std::int64_t> bins;
  for (const auto& c : f.data.train) {
    EXPECT_LE(c.length, 250);
    for (std::int64_t i = 0; i < c.length; ++i) EXPECT_TRUE(bins.insert(c.first_bin + i).second);
  }
  std::int64_t expected = 0;
  for (const auto& range : f.split.train()) expected += range.size();
  EXPECT_EQ(static_cast<std::int64_t>(bins.size()), expected);
}

TEST(Dataset, ABatchGivesTheSameRatesAsEachChunkAlone) {
  const auto f = small_fit("mosaic5", 4000, {});
  const Network n = network_starter(f.data, f.look, f.settings, 1)(0);
  const std::vector<Chunk> chunks = {f.data.train[5], f.data.train[1], f.data.train[2]};
  const Batch batch = make_batch(f.data, chunks);
  const at::Tensor together = respond(n, batch.block).rate.value.index_select(0, batch.keep);
  const auto alone = rates(n, f.data.movie, chunks);
  ASSERT_EQ(static_cast<std::size_t>(together.numel()), alone.size());
  for (std::size_t i = 0; i < alone.size(); ++i)
    EXPECT_NEAR(together[static_cast<std::int64_t>(i)].item<double>(), alone[i], 1e-5 * (1 + alone[i]));
}

TEST(Dataset, ShufflesDependOnSeedAndPassOnly) {
  const auto f = small_fit("mosaic5", 5000, {});
  const auto first = [&](std::uint64_t seed, std::int64_t pass) {
    std::vector<std::int64_t> bins;
    for (const auto& batch : shuffled_batches(f.data.train, 1000, seed, pass))
      for (const auto& chunk : batch) bins.push_back(chunk.first_bin);
    return bins;
  };
  EXPECT_EQ(first(1, 2), first(1, 2));
  EXPECT_NE(first(1, 2), first(1, 3));
  EXPECT_NE(first(1, 2), first(2, 2));
}

TEST(Movie, BinaryNoiseIsKeptInBytesAndGaussianIsNot) {
  CellRecipe recipe;
  recipe.frames = 600;
  const Window part{2, 3, 5, 6};
  for (const auto noise : {NoiseValues::binary, NoiseValues::gaussian}) {
    recipe.noise = noise;
    const Recording r = simulate(recipe);
    const Movie movie = cut_movies(*r.stimulus, 10, 600, std::span(&part, 1))[0];
    EXPECT_EQ(movie.frames.scalar_type(), noise == NoiseValues::binary ? at::kChar : at::kFloat);
    std::vector<float> expected(static_cast<std::size_t>(40 * part.pixels()));
    r.stimulus->read(20, 60, part, expected);
    const at::Tensor block = movie.block(20, 60).contiguous();
    for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_EQ(block.data_ptr<float>()[i], expected[i]);
  }
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
