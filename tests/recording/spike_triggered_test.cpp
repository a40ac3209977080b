#include "plexiform/recording/spike_triggered.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <set>

#include "plexiform/recording/evidence.hpp"
#include "plexiform/stimulus/recipe.hpp"
#include "recording/support.hpp"
#include "stimulus/watched_stimulus.hpp"

namespace plexiform {
namespace {

using testing::noise_recording;
using testing::random_movie;
using testing::silent_recording;
using testing::WatchedStimulus;

constexpr std::int64_t kFrames = 150;

/// Segments with gaps, repeats and any history over a movie of two channels.
Recording any_recording(std::int64_t cells) {
  std::vector<Segment> list;
  std::int64_t bins = 0;
  const std::int64_t segments = *rc::gen::inRange<std::int64_t>(1, 5);
  for (std::int64_t i = 0; i < segments; ++i) {
    const std::int64_t length = *rc::gen::inRange<std::int64_t>(1, 60);
    const std::int64_t first = *rc::gen::inRange<std::int64_t>(0, kFrames - length);
    list.push_back({bins, length, first, first - std::min(first, *rc::gen::inRange<std::int64_t>(0, 20)), -1});
    bins += length;
  }
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  Recording recording = silent_recording(memory_stimulus(random_movie(kFrames, 2, 4, 5, seed)), cells, bins);
  recording.segments = list;
  for (std::size_t i = 0; i < recording.counts.values.size(); ++i)
    recording.counts.values[i] = static_cast<std::int32_t>(CounterRandom(seed, 1).poisson(i, 0.4));
  return recording;
}

/// The definition, in double precision.
std::vector<double> plain_average(const Recording& recording, std::int64_t cell, std::span<const Range> bins,
                                  const Window& window, std::int64_t first_lag, std::int64_t last_lag) {
  const auto pixels = static_cast<std::size_t>(window.pixels());
  const auto frame = [&](std::int64_t t) {
    std::vector<float> raw(2 * pixels);
    recording.stimulus->read(t, t + 1, window, raw);
    std::vector<double> mean(pixels);
    for (std::size_t i = 0; i < pixels; ++i)
      mean[i] = (static_cast<double>(raw[i]) + static_cast<double>(raw[pixels + i])) / 2;
    return mean;
  };
  std::vector<double> average(static_cast<std::size_t>(last_lag - first_lag + 1) * pixels);
  std::set<std::int64_t> read;
  double spikes = 0;
  for (const Segment& segment : recording.segments)
    for (const Range& range : bins)
      for (std::int64_t bin = std::max(range.begin, segment.start);
           bin < std::min(range.end, segment.start + segment.length); ++bin) {
        const std::int64_t t = segment.first_frame + bin - segment.start;
        if (t - last_lag < segment.history_begin ||
            t - std::min<std::int64_t>(first_lag, 0) >= segment.first_frame + segment.length)
          continue;
        const double count = recording.counts.row(cell)[static_cast<std::size_t>(bin)];
        spikes += count;
        for (std::int64_t lag = first_lag; lag <= last_lag; ++lag) {
          read.insert(t - lag);
          const std::vector<double> values = frame(t - lag);
          for (std::size_t i = 0; i < pixels; ++i)
            average[static_cast<std::size_t>(lag - first_lag) * pixels + i] += count * values[i];
        }
      }
  std::vector<double> mean(pixels);
  for (const std::int64_t t : read)
    for (std::size_t i = 0; i < pixels; ++i) mean[i] += frame(t)[i] / static_cast<double>(read.size());
  for (std::size_t k = 0; k < average.size(); ++k) average[k] = spikes > 0 ? average[k] / spikes - mean[k % pixels] : 0;
  return average;
}

RC_GTEST_PROP(SpikeTriggeredAverage, IsItsDefinition, ()) {
  const Recording recording = any_recording(2);
  const std::int64_t first_lag = *rc::gen::inRange<std::int64_t>(-4, 4);
  const std::int64_t last_lag = std::max<std::int64_t>(first_lag, 0) + *rc::gen::inRange<std::int64_t>(0, 6);
  const std::int64_t middle = *rc::gen::inRange<std::int64_t>(0, recording.bins() + 1);
  const std::vector<Range> bins{{0, middle / 2}, {middle, recording.bins()}};  // not cut at segments
  const Window window{1, *rc::gen::inRange<std::int64_t>(0, 3), 2, 3};
  const std::vector<std::int64_t> cells{1, 0};
  const NdArray<double> sta = spike_triggered_average(recording, cells, bins, window, first_lag, last_lag);
  RC_ASSERT(sta.shape == (std::vector<std::int64_t>{2, last_lag - first_lag + 1, 2, 3}));
  for (std::int64_t i = 0; i < 2; ++i) {
    const std::vector<double> plain =
        plain_average(recording, cells[static_cast<std::size_t>(i)], bins, window, first_lag, last_lag);
    for (std::size_t k = 0; k < plain.size(); ++k) RC_ASSERT(std::abs(sta.row(i)[k] - plain[k]) < 1e-5);
  }
}

RC_GTEST_PROP(SpikeTriggeredAverage, IsLinearInTheCounts, ()) {
  Recording recording = any_recording(3);
  double spikes[3] = {0, 0, 0};
  const std::int64_t last_lag = 4;
  const std::vector<Range> bins{{0, recording.bins()}};
  for (std::int64_t bin = 0; bin < recording.bins(); ++bin) {
    const auto b = static_cast<std::size_t>(bin);
    recording.counts.row(2)[b] = recording.counts.row(0)[b] + 2 * recording.counts.row(1)[b];
  }
  // Sums over usable bins only: those whose history of 5 frames is known.
  for (const Range& range : bins_with_history(recording, last_lag + 1))
    for (std::int64_t bin = range.begin; bin < range.end; ++bin)
      for (std::int64_t cell = 0; cell < 3; ++cell)
        spikes[cell] += recording.counts.row(cell)[static_cast<std::size_t>(bin)];
  const std::vector<std::int64_t> cells{0, 1, 2};
  const NdArray<double> sta = spike_triggered_average(recording, cells, bins, {0, 0, 4, 5}, 0, last_lag);
  for (std::size_t k = 0; k < sta.row(0).size(); ++k)
    RC_ASSERT(std::abs(spikes[0] * sta.row(0)[k] + 2 * spikes[1] * sta.row(1)[k] - spikes[2] * sta.row(2)[k]) < 1e-4);
}

TEST(SpikeTriggeredAverage, FindsTheKnownFilter) {
  Recording recording = noise_recording(5, 6, 2, 20000, 11);
  testing::answer_pixel(recording, 0, 3, 4, 6, 0.3, -1);
  testing::answer_pixel(recording, 1, 0, 1, 2, 0.3);
  const std::vector<std::int64_t> cells{0, 1};
  const std::vector<Range> bins{{0, recording.bins()}};
  const NdArray<double> sta = spike_triggered_average(recording, cells, bins, {0, 0, 5, 6}, 0, 9);
  // A cell that fires only under one contrast of its pixel: the average there is that contrast, elsewhere 0.
  for (std::int64_t cell = 0; cell < 2; ++cell)
    for (std::int64_t lag = 0; lag < 10; ++lag)
      for (std::int64_t pixel = 0; pixel < 30; ++pixel) {
        const double value = sta.row(cell)[static_cast<std::size_t>(lag * 30 + pixel)];
        const bool its_own = cell == 0 ? lag == 6 && pixel == 22 : lag == 2 && pixel == 1;
        EXPECT_NEAR(value, its_own ? (cell == 0 ? -1 : 1) : 0, its_own ? 0.02 : 5 / std::sqrt(6000));
      }
}

TEST(SpikeTriggeredAverage, OfASilentCellIsZero) {
  const Recording recording = noise_recording(3, 3, 1, 500, 1);
  const std::vector<std::int64_t> cells{0};
  const std::vector<Range> bins{{0, 500}};
  for (const double value : spike_triggered_average(recording, cells, bins, {0, 0, 3, 3}, 0, 4).values)
    EXPECT_EQ(value, 0);
}

/// Two cells on more pixels than one thread sums at a time, and more frames than are read at a time.
Recording many_frames() {
  Recording recording = noise_recording(40, 50, 2, 3000, 31);
  for (std::size_t i = 0; i < recording.counts.values.size(); ++i)
    recording.counts.values[i] = static_cast<std::int32_t>(CounterRandom(32, 1).poisson(i, 0.3));
  return recording;
}

TEST(TriggeredSums, HaveTheSameBitsOnAnyNumberOfThreads) {
  const Recording recording = many_frames();
  const std::vector<TriggeredJob> jobs{{0, {0, 0, 40, 50}}, {1, {3, 7, 21, 21}}};
  const std::vector<Range> bins{{0, recording.bins()}};
  for (const TriggeredKind kind : {TriggeredKind::contrast, TriggeredKind::local}) {
    const auto one = triggered_sums<float>(recording, jobs, bins, -2, 7, kind, {1});
    for (const int threads : {2, 5}) {
      const auto many = triggered_sums<float>(recording, jobs, bins, -2, 7, kind, {threads});
      EXPECT_EQ(many.variance, one.variance);
      for (std::size_t i = 0; i < jobs.size(); ++i) EXPECT_EQ(many.jobs[i].sums, one.jobs[i].sums) << threads;
    }
  }
}

TEST(TriggeredSums, AStopRequestEndsThemWithinABlockOfFrames) {
  for (const TriggeredKind kind : {TriggeredKind::contrast, TriggeredKind::local})
    for (const int at : {1, 2}) {
      Recording recording = many_frames();
      const auto watched = std::make_shared<WatchedStimulus>(recording.stimulus, at);
      recording.stimulus = watched;
      const TriggeredJob job{0, {0, 0, 40, 50}};
      const std::vector<Range> bins{{0, recording.bins()}};
      EXPECT_THROW(triggered_sums<float>(recording, {&job, 1}, bins, 0, 9, kind, {2, watched->token()}), Interrupted);
      EXPECT_EQ(watched->reads(), at);
    }
}

TEST(SpikeTriggeredAverage, AStopRequestEndsIt) {
  Recording recording = many_frames();
  const auto watched = std::make_shared<WatchedStimulus>(recording.stimulus, 1);
  recording.stimulus = watched;
  const std::vector<std::int64_t> cells{0};
  const std::vector<Range> bins{{0, recording.bins()}};
  EXPECT_THROW(spike_triggered_average(recording, cells, bins, {0, 0, 9, 9}, 0, 9, {1, watched->token()}), Interrupted);
}

/// Mean and standard deviation of z over the pixels of maps of cells that see nothing.
std::pair<double, double> null_moments(TriggeredKind kind, NoiseValues values, double burst) {
  double sum = 0, square = 0, n = 0;
  for (std::uint64_t seed = 101; seed <= 104; ++seed) {
    Recording recording = noise_recording(30, 30, 1, 4000, seed, values);
    // A rate that goes up and down over ten frames, so that counts are correlated in time.
    for (std::int64_t bin = 0; bin < recording.bins(); ++bin) {
      const double slow = CounterRandom(seed, 3).uniform(static_cast<std::uint64_t>(bin / 10));
      const double mean = 0.3 * (slow < 0.2 ? 1 + 4 * burst : 1 - burst);
      recording.counts.row(0)[static_cast<std::size_t>(bin)] =
          static_cast<std::int32_t>(CounterRandom(seed, 4).poisson(static_cast<std::uint64_t>(bin), mean));
    }
    const TriggeredJob job{0, {0, 0, 30, 30}};
    const std::vector<Range> bins{{0, recording.bins()}};
    const auto sums = triggered_sums<float>(recording, {&job, 1}, bins, 0, 19, kind);
    for (const double z : evidence(sums, sums.jobs[0]).z) {
      sum += z;
      square += z * z;
      n += 1;
    }
  }
  return {sum / n, std::sqrt(square / n - sum / n * sum / n)};
}

TEST(Evidence, IsStandardNormalForACellThatSeesNothing) {
  for (const NoiseValues values : {NoiseValues::binary, NoiseValues::gaussian})
    for (const double burst : {0.0, 0.9}) {
      const auto [mean, deviation] = null_moments(TriggeredKind::contrast, values, burst);
      EXPECT_NEAR(mean, 0, 0.2) << burst;
      EXPECT_NEAR(deviation, 1, 0.1) << burst;  // 1.4 with bursts, were their correlation not counted in
    }
}

TEST(Evidence, OfLocalContrastDoesNotGrowWithBursts) {
  for (const NoiseValues values : {NoiseValues::binary, NoiseValues::gaussian}) {
    const auto [plain, plain_deviation] = null_moments(TriggeredKind::local, values, 0);
    const auto [bursts, bursts_deviation] = null_moments(TriggeredKind::local, values, 0.9);
    EXPECT_NEAR(plain, 2.5, 0.15);  // the largest of some 65 correlated standard normal deviates
    EXPECT_NEAR(bursts, 2.5, 0.25);
    EXPECT_NEAR(plain_deviation, 0.45, 0.1);
    EXPECT_NEAR(bursts_deviation, 0.45, 0.1);
  }
}

TEST(Evidence, NormalQuantiles) {
  EXPECT_NEAR(normal_quantile_above(0.025), 1.959964, 1e-6);
  EXPECT_NEAR(normal_quantile_above(1e-9), 5.997807, 1e-6);
}

}  // namespace
}  // namespace plexiform
