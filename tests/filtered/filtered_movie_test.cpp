#include "plexiform/filtered/filtered_movie.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "plexiform/base/error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/stimulus/stored.hpp"

namespace plexiform {
namespace {

constexpr std::int64_t kLags = 6, kChannels = 2, kHeight = 5, kWidth = 7, kFrames = 1400;
const Window kWindow = {1, 2, 3, 4};
const std::vector<double> kTemporal = {0.1, 0.7, -0.5, 0.2, -0.05, 0.3};

/// Gaussian noise of two channels; two segments with a hole between them, and a third that shows some frames again. The
/// counts of cell 1 are the numbers of their bins.
struct Shown {
  NdArray<float> movie{{kFrames, kChannels, kHeight, kWidth}};
  Recording recording;
  Split split;

  explicit Shown(std::int64_t lags = kLags) {
    const CounterRandom random(3, 0);
    for (std::size_t i = 0; i < movie.values.size(); ++i) movie.values[i] = static_cast<float>(random.normal(i));
    recording.stimulus = memory_stimulus(movie);
    recording.frame_rate = 30;
    recording.names = {"a", "b"};
    recording.segments = {{0, 700, 0, 0, -1}, {700, 500, 830, 800, -1}, {1200, 150, 100, 90, -1}};
    recording.counts = NdArray<std::int32_t>({2, 1350});
    for (std::int32_t bin = 0; bin < 1350; ++bin) recording.counts.row(1)[static_cast<std::size_t>(bin)] = bin;
    validate(recording);
    SplitSettings how;
    how.lags = lags;
    how.block_seconds = 0;
    how.block_frames_min = 90;
    how.validation_every = 4;
    split = make_split(recording, how);
  }

  float at(std::int64_t frame, std::int64_t channel, std::int64_t pixel) const {
    const auto y = kWindow.y + pixel / kWindow.width, x = kWindow.x + pixel % kWindow.width;
    return movie.values[static_cast<std::size_t>(((frame * kChannels + channel) * kHeight + y) * kWidth + x)];
  }
};

std::set<std::int64_t> bins_of(const std::vector<Range>& ranges) {
  std::set<std::int64_t> bins;
  for (const auto& range : ranges)
    for (auto bin = range.begin; bin < range.end; ++bin) bins.insert(bin);
  return bins;
}

std::vector<std::int64_t> bins_of(const FilteredMovie& movie) {
  std::vector<std::int64_t> bins;
  for (std::int64_t t = 0; t < movie.frames(); ++t) bins.push_back(movie.counts[t].item<std::int64_t>());
  return bins;
}

TEST(FilteredMovie, IsThePlainConvolutionOfTheWindowWithChannelsAveraged) {
  const Shown s;
  const auto movie = filter_movie(s.recording, 1, kWindow, kTemporal, s.split, 75);
  EXPECT_EQ(movie.height, kWindow.height);
  EXPECT_EQ(movie.width, kWindow.width);
  EXPECT_EQ(movie.values.size(1), kWindow.pixels());
  const auto displayed = displayed_frames(s.recording);
  const auto bins = bins_of(movie);
  const auto values = movie.values.accessor<float, 2>();
  for (std::size_t t = 0; t < bins.size(); ++t)
    for (std::int64_t p = 0; p < kWindow.pixels(); ++p) {
      double expected = 0;
      for (std::int64_t l = 0; l < kLags; ++l)
        for (std::int64_t c = 0; c < kChannels; ++c)
          expected += kTemporal[static_cast<std::size_t>(l)] *
                      s.at(displayed[static_cast<std::size_t>(bins[t])] - l, c, p) / kChannels;
      ASSERT_NEAR(values[static_cast<std::int64_t>(t)][p], expected, 1e-5) << "frame " << t << ", pixel " << p;
    }
}

TEST(FilteredMovie, HoldsTheTrainingAndValidationBinsInOrderAndNoTestBin) {
  const Shown s;
  ASSERT_FALSE(s.split.test().empty());
  ASSERT_GE(s.split.validation().size(), 2U);
  for (const std::int64_t longest : {20, 33, 75, 100'000}) {
    const auto bins = bins_of(filter_movie(s.recording, 1, kWindow, kTemporal, s.split, longest));
    std::set<std::int64_t> expected = bins_of(s.split.train());
    expected.merge(bins_of(s.split.validation()));
    EXPECT_TRUE(std::is_sorted(bins.begin(), bins.end()));
    EXPECT_EQ(bins, std::vector<std::int64_t>(expected.begin(), expected.end()));
    const auto test = bins_of(s.split.test());
    for (const auto bin : bins) ASSERT_EQ(test.count(bin), 0U) << bin;
  }
}

TEST(FilteredMovie, BlocksFollowEachOtherAndAreOfOneRangeOfOnePart) {
  const Shown s;
  for (const std::int64_t longest : {20, 75, 100'000}) {
    const auto movie = filter_movie(s.recording, 1, kWindow, kTemporal, s.split, longest);
    const auto bins = bins_of(movie);
    const auto validation = bins_of(s.split.validation());
    std::int64_t next = 0;
    for (const auto& block : movie.blocks) {
      EXPECT_EQ(block.begin, next);
      EXPECT_GT(block.length(), 0);
      EXPECT_LE(block.length(), longest);
      for (auto t = block.begin; t < block.end; ++t) {
        const auto bin = bins[static_cast<std::size_t>(t)];
        ASSERT_EQ(block.validation, validation.count(bin) == 1) << bin;
        if (t > block.begin) {
          ASSERT_EQ(bin, bins[static_cast<std::size_t>(t - 1)] + 1);
        }
      }
      next = block.end;
    }
    EXPECT_EQ(next, movie.frames());
    if (longest == 100'000) {
      EXPECT_EQ(movie.blocks.size(), s.split.train().size() + s.split.validation().size());
    }
  }
}

TEST(FilteredMovie, CountsAreThoseOfTheCell) {
  const Shown s;
  const auto movie = filter_movie(s.recording, 0, kWindow, kTemporal, s.split, 75);
  EXPECT_EQ(movie.counts.size(0), movie.frames());
  EXPECT_EQ(movie.counts.abs().max().item<float>(), 0);
}

TEST(FilteredMovie, AnyNumberOfThreadsAndAnyBlocksGiveTheSameFrames) {
  const Shown s;
  const auto one = filter_movie(s.recording, 1, kWindow, kTemporal, s.split, 75, {.threads = 1});
  for (const int threads : {2, 5}) {
    const auto many = filter_movie(s.recording, 1, kWindow, kTemporal, s.split, 75, {.threads = threads});
    EXPECT_TRUE(at::equal(many.values, one.values));
    EXPECT_TRUE(at::equal(many.counts, one.counts));
  }
  const auto cut = filter_movie(s.recording, 1, kWindow, kTemporal, s.split, 20, {.threads = 1});
  EXPECT_TRUE(at::allclose(cut.values, one.values, 1e-5, 1e-6));
}

TEST(FilteredMovie, OneLagIsTheStimulusItself) {
  const Shown s(1);
  const auto movie = filter_movie(s.recording, 1, kWindow, std::vector<double>{2.0}, s.split, 75);
  const auto displayed = displayed_frames(s.recording);
  const auto bins = bins_of(movie);
  for (std::size_t t = 0; t < bins.size(); t += 17) {
    const auto frame = displayed[static_cast<std::size_t>(bins[t])];
    ASSERT_NEAR(movie.values[static_cast<std::int64_t>(t)][5].item<double>(), s.at(frame, 0, 5) + s.at(frame, 1, 5),
                1e-5);
  }
}

TEST(FilteredMovie, AHistoryThatTheStimulusDoesNotHoldIsRefused) {
  const Shown s;  // its first bin has a history of 6 frames
  const std::vector<double> longer(20, 0.1);
  try {
    filter_movie(s.recording, 1, kWindow, longer, s.split, 75);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::data);
  }
}

/// Blocks of ten frames; block b has b % 5 spikes in its first frame, and its number in every value.
FilteredMovie counted_blocks(std::int64_t blocks) {
  FilteredMovie movie;
  movie.height = movie.width = 1;
  movie.values = at::zeros({10 * blocks, 1});
  movie.counts = at::zeros({10 * blocks});
  for (std::int64_t b = 0; b < blocks; ++b) {
    movie.blocks.push_back({10 * b, 10 * (b + 1), b % 4 == 0});
    movie.values.narrow(0, 10 * b, 10).fill_(b);
    movie.counts[10 * b] = b % 5;
  }
  return movie;
}

TEST(Thinned, HasAboutSoManySpikesInWholeBlocksFromTheWholeRecording) {
  const FilteredMovie movie = counted_blocks(90);
  const FilteredMovie part = thinned(movie, 60);
  EXPECT_NEAR(part.counts.sum().item<double>(), 60, 3);
  EXPECT_EQ(part.blocks.size(), 30U);
  std::int64_t at = 0;
  double previous = -1;
  for (const auto& block : part.blocks) {
    EXPECT_EQ(block.begin, at);
    at = block.end;
    const at::Tensor values = part.values.narrow(0, block.begin, block.length());
    const double number = values[0].item<double>();
    EXPECT_TRUE((values == number).all().item<bool>()) << "whole blocks";
    EXPECT_GT(number, previous);
    EXPECT_LE(number, previous + 4) << "no long part is skipped";
    EXPECT_EQ(block.validation, static_cast<std::int64_t>(number) % 4 == 0);
    EXPECT_EQ(part.counts[block.begin].item<double>(), static_cast<std::int64_t>(number) % 5);
    previous = number;
  }
  EXPECT_EQ(part.frames(), at);
}

TEST(Thinned, IsTheMovieItselfWhereItHasNoMore) {
  const FilteredMovie movie = counted_blocks(9);
  EXPECT_TRUE(thinned(movie, 16).values.is_same(movie.values));
  EXPECT_LT(thinned(movie, 8).blocks.size(), 9U);
}

}  // namespace
}  // namespace plexiform
