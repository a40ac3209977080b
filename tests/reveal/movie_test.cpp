#include "plexiform/reveal/movie.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/expect_error.hpp"
#include "plexiform/compute/rows.hpp"
#include "reveal/planted.hpp"

namespace plexiform::reveal {
namespace {

constexpr std::int64_t kLags = 6;

/// White noise whose counts are their own numbers.
Recording numbered(const Noise& noise) {
  Recording recording = noise_recording(noise, 5);
  for (std::int64_t t = 0; t < noise.frames; ++t)
    recording.counts.values[static_cast<std::size_t>(t)] = static_cast<std::int32_t>(t);
  return recording;
}

/// Cuts a recording in two segments, the second with a history of its own, so many frames later.
void cut_at(Recording& recording, std::int64_t bin, std::int64_t later) {
  const std::int64_t rest = recording.bins() - bin - later;
  recording.counts.values.resize(static_cast<std::size_t>(bin + rest));
  recording.counts.shape[1] = bin + rest;
  recording.segments = {{0, bin, 0, 0, -1}, {bin, rest, bin + later, bin + later, -1}};
}

std::int64_t frame_of(const Recording& recording, std::int64_t bin) {
  const auto frames = displayed_frames(recording);
  return frames[static_cast<std::size_t>(bin)];
}

/// That the rows of all blocks are the stimulus in a window, each block with its history.
void expect_rows(const Movie& movie, const Recording& recording, const Window& window) {
  Buffer space;
  const auto channels = static_cast<std::size_t>(movie.channels), pixels = movie.pixels();
  for (std::size_t b = 0; b < movie.blocks.size(); ++b) {
    const Block& block = movie.blocks[b];
    const std::int64_t first = frame_of(recording, block.first_bin) - (movie.lags - 1);
    const std::size_t frames = block.length + static_cast<std::size_t>(movie.lags) - 1;
    std::vector<float> shown(frames * channels * pixels);
    recording.stimulus->read(first, first + static_cast<std::int64_t>(frames), window, shown);
    const float* rows = movie.rows(b, space);
    for (std::size_t t = 0; t < frames; ++t)
      for (std::size_t p = 0; p < channels * pixels; ++p)
        ASSERT_NEAR(rows[p * movie.stride() + t],
                    static_cast<double>(shown[t * channels * pixels + p]) / movie.contrast, 1e-5)
            << "block " << b << ", frame " << t << ", pixel " << p;
  }
}

TEST(Movie, RowsAreTheStimulusWithItsHistoryInUnitsOfItsContrast) {
  for (const bool binary : {true, false})
    for (const std::int64_t channels : {1, 2}) {
      const Recording recording = numbered({7, 900, channels, binary});
      const Window window{1, 2, 5, 4};
      const Movie movie = read_movie(recording, 0, window, kLags, split_of(recording, kLags), {.threads = 1});
      EXPECT_EQ(movie.channels, channels);
      EXPECT_NEAR(movie.contrast, 1, binary ? 1e-12 : 0.02);
      expect_rows(movie, recording, window);
    }
}

TEST(Movie, ALargerContrastIsDividedOut) {
  NdArray<float> frames({600, 4, 4});
  const CounterRandom random(3, 3);
  for (std::size_t i = 0; i < frames.values.size(); ++i) frames.values[i] = static_cast<float>(0.3 * random.normal(i));
  const Recording recording = recording_from_arrays(frames, NdArray<std::int32_t>({1, 600}), 30);
  const Movie movie = movie_of(recording, kLags);
  EXPECT_NEAR(movie.contrast, 0.3, 0.01);
  expect_rows(movie, recording, whole(recording.stimulus->shape()));
}

/// Signs in all frames but those of one block, which no bit can hold.
TEST(Movie, BitsValuesAndAScratchFileGiveTheSameRows) {
  const Noise noise{5, 900, 2, true};
  Recording recording = numbered(noise);
  NdArray<float> frames({noise.frames, 2, 5, 5});
  recording.stimulus->read(0, noise.frames, whole(recording.stimulus->shape()), frames.values);
  frames.values[500 * 50 + 7] = 0;
  const Recording mixed = recording_from_arrays(frames, recording.counts, 30);
  const Window window = whole(recording.stimulus->shape());
  const Movie memory = movie_of(mixed, kLags), file = movie_of(mixed, kLags, {.threads = 1, .memory_bytes = 0});
  expect_rows(memory, mixed, window);
  expect_rows(file, mixed, window);
  Buffer one, two;
  for (std::size_t b = 0; b < memory.blocks.size(); ++b) {
    const std::size_t n = memory.series() * memory.stride();
    const float *x = memory.rows(b, one), *y = file.rows(b, two);
    EXPECT_TRUE(std::equal(x, x + n, y)) << b;
  }
}

TEST(Movie, BlocksCoverTrainingAndValidationOnceAndGapsAreNotUsed) {
  const Recording recording = numbered({4, 2000, 1, true});
  SplitSettings settings;
  settings.lags = kLags;
  settings.test.frames = 300, settings.block_seconds = 0, settings.block_frames_min = 100;
  const Split split = make_split(recording, settings);
  const Movie movie = read_movie(recording, 0, {0, 0, 4, 4}, kLags, split, {.threads = 1});
  std::map<std::int64_t, bool> validates;  // used bins
  for (const auto& r : split.train())
    for (auto t = r.begin; t < r.end; ++t) validates[t] = false;
  for (const auto& r : split.validation())
    for (auto t = r.begin; t < r.end; ++t) validates[t] = true;
  std::map<std::int64_t, int> seen;
  std::size_t padded = 0;
  for (std::size_t b = 0; b < movie.blocks.size(); ++b) {
    const Block& block = movie.blocks[b];
    EXPECT_EQ(block.begin, padded);
    EXPECT_EQ(block.begin % kRowLanes, 0U);
    padded += row_length(block.length);
    EXPECT_EQ(block.continues,
              b > 0 && movie.blocks[b - 1].first_bin + static_cast<std::int64_t>(movie.blocks[b - 1].length) ==
                           block.first_bin);
    for (std::size_t t = 0; t < row_length(block.length); ++t) {
      const auto bin = block.first_bin + static_cast<std::int64_t>(t);
      const bool used = t < block.length && validates.contains(bin);
      ASSERT_EQ(movie.use[block.begin + t], used ? 1.0F : 0.0F) << bin;
      ASSERT_EQ(movie.counts[block.begin + t], used ? static_cast<float>(bin) : 0.0F) << bin;
      if (t < block.length) ++seen[bin];
      ASSERT_TRUE(!used || block.validation == validates[bin]) << bin;
    }
  }
  EXPECT_EQ(padded, movie.padded_frames());
  for (const auto& [bin, times] : seen) {
    EXPECT_EQ(times, 1) << bin;
    EXPECT_LT(bin, 1700) << "a test block never gets here";
  }
  for (const auto& [bin, is] : validates) EXPECT_EQ(seen[bin], 1) << bin;
  EXPECT_EQ(movie.frames(), static_cast<double>(validates.size()));
  EXPECT_TRUE(std::ranges::all_of(movie.blocks.begin() + 1, movie.blocks.end(), &Block::continues))
      << "the frames between training and validation are there, so that the past runs on";
}

TEST(Movie, NothingContinuesAcrossABorderOfSegments) {
  for (const std::int64_t known : {0, 20}) {  // frames before the second segment that are known to have been shown
    Recording recording = numbered({4, 1200, 1, true});
    cut_at(recording, 600, 40);
    recording.segments[1].history_begin -= known;
    const Movie movie = movie_of(recording, kLags);
    std::vector<std::int64_t> begins;
    for (const auto& block : movie.blocks) {
      if (!block.continues) begins.push_back(block.first_bin);
      EXPECT_TRUE(block.first_bin >= 600 || block.first_bin + static_cast<std::int64_t>(block.length) <= 600);
    }
    EXPECT_EQ(begins, (std::vector<std::int64_t>{kLags - 1, known > 0 ? 600 : 600 + kLags - 1}));
    expect_rows(movie, recording, {0, 0, 4, 4});
  }
}

TEST(Movie, NothingContinuesAcrossATestBlock) {
  const Recording recording = numbered({4, 1800, 1, true});
  SplitSettings settings;
  settings.lags = kLags;
  settings.test.part = 2, settings.test.parts = 3, settings.block_seconds = 0, settings.block_frames_min = 100;
  const Movie movie = read_movie(recording, 0, {0, 0, 4, 4}, kLags, make_split(recording, settings), {.threads = 1});
  std::vector<std::int64_t> begins;
  for (const auto& block : movie.blocks) {
    if (!block.continues) begins.push_back(block.first_bin);
    EXPECT_TRUE(block.first_bin >= 1200 || block.first_bin + static_cast<std::int64_t>(block.length) <= 600);
  }
  EXPECT_EQ(begins, (std::vector<std::int64_t>{kLags - 1, 1200 + kLags - 1}));
}

TEST(Movie, BlocksAreShortInAShortRecordingButLongerThanTheFilter) {
  using namespace thresholds;
  const auto longest = [](std::int64_t frames) {
    const Movie movie = movie_of(noise_recording({2, frames, 1, true}, 1), kLags);
    std::size_t most = 0;
    for (const auto& block : movie.blocks) most = std::max(most, block.length);
    return static_cast<std::int64_t>(most);
  };
  EXPECT_EQ(longest(20'000), kLongBlock);
  EXPECT_LE(longest(3000), 3000 / kLeastBlocks);
  EXPECT_GT(longest(3000), 3000 / kLeastBlocks / 2);
  EXPECT_LE(longest(460), kBlockFilters * kLags);
  EXPECT_GT(longest(460), 460 / kLeastBlocks);
}

TEST(Movie, AStimulusThatDoesNotVaryInTheWindowIsAnError) {
  for (const float level : {0.0F, 0.5F}) {
    NdArray<float> frames({600, 2, 4}, level);
    for (std::size_t t = 0; t < 600; ++t) frames.values[8 * t + 3] = t % 2 == 0 ? 1.0F : -1.0F;  // outside the window
    const Recording recording = recording_from_arrays(frames, NdArray<std::int32_t>({1, 600}), 30);
    testing::expect_error(ErrorKind::data, {"does not vary"}, [&] {
      read_movie(recording, 0, {0, 0, 2, 2}, kLags, split_of(recording, kLags), {.threads = 1});
    });
  }
}

TEST(Movie, ASplitForFewerLagsIsRefused) {
  const Recording recording = noise_recording({4, 600, 1, true}, 1);
  testing::expect_error(ErrorKind::usage, {"lags"}, [&] {
    read_movie(recording, 0, {0, 0, 4, 4}, kLags + 1, split_of(recording, kLags), {.threads = 1});
  });
}

TEST(Movie, AnyNumberOfThreadsGivesTheSameBits) {
  const Recording recording = numbered({6, 2000, 1, false});
  const Movie one = movie_of(recording, kLags), three = movie_of(recording, kLags, {.threads = 3});
  EXPECT_EQ(one.contrast, three.contrast);
  EXPECT_EQ(one.counts, three.counts);
  ASSERT_EQ(one.blocks.size(), three.blocks.size());
  Buffer a, b;
  for (std::size_t i = 0; i < one.blocks.size(); ++i) {
    const std::size_t n = one.series() * one.stride();
    EXPECT_TRUE(std::equal(one.rows(i, a), one.rows(i, a) + n, three.rows(i, b)));
  }
}

TEST(Movie, AStopRequestEndsIt) {
  std::stop_source stop;
  stop.request_stop();
  const Recording recording = numbered({4, 600, 1, true});
  EXPECT_THROW(movie_of(recording, kLags, {.threads = 1, .stop = stop.get_token()}), Interrupted);
}

}  // namespace
}  // namespace plexiform::reveal
