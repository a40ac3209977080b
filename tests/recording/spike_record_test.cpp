#include "plexiform/recording/spike_record.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <numeric>

#include "base/expect_error.hpp"
#include "plexiform/base/error.hpp"
#include "recording/support.hpp"

namespace plexiform {
namespace {

using testing::expect_error;

/// Frames 0 to 3 and, after a pause, frames 4 to 6, of 0.5 s each.
SpikeRecord record() {
  return {{{0.1, 0.3, 0.6, 1.9, 2.5, 10.2, 11.4}, {}},
          {{0, 4, 0, 0, -1}, {4, 3, 4, 4, -1}},
          {0, 0.5, 1, 1.5, 10, 10.5, 11},
          {0.5, 1, 1.5, 2, 10.5, 11, 11.5}};
}

std::vector<std::int32_t> row(const BinnedSpikes& binned, std::int64_t cell) {
  const auto counts = binned.counts.row(cell);
  return {counts.begin(), counts.end()};
}

TEST(BinSpikes, ABinIsAFrame) {
  const BinnedSpikes binned = bin_spikes(record(), {});
  EXPECT_EQ(row(binned, 0), (std::vector<std::int32_t>{2, 1, 0, 1, 1, 0, 1}));
  EXPECT_EQ(row(binned, 1), (std::vector<std::int32_t>(7, 0)));
  EXPECT_EQ(binned.segments, record().shown);
  EXPECT_EQ(binned.outside, 1);  // 2.5, in the pause
}

TEST(BinSpikes, BinsShareTheTimeOfTheirFrame) {
  const BinnedSpikes binned = bin_spikes(record(), {.bins_per_frame = 2});
  EXPECT_EQ(row(binned, 0), (std::vector<std::int32_t>{1, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1}));
  EXPECT_EQ(binned.segments, (std::vector<Segment>{{0, 8, 0, 0, -1}, {8, 6, 8, 8, -1}}));
}

TEST(BinSpikes, FramesThatDoNotFillABinAreOmitted) {
  const BinnedSpikes binned = bin_spikes(record(), {.frames_per_bin = 3});
  EXPECT_EQ(row(binned, 0), (std::vector<std::int32_t>{3}));  // frames 0 to 2; of 3 to 6 none fill bins 1 and 2
  EXPECT_EQ(binned.segments, (std::vector<Segment>{{0, 1, 0, 0, -1}}));
  const BinnedSpikes pairs = bin_spikes(record(), {.frames_per_bin = 2});
  EXPECT_EQ(row(pairs, 0), (std::vector<std::int32_t>{3, 1, 1}));  // frame 6 is alone
  EXPECT_EQ(pairs.segments, (std::vector<Segment>{{0, 2, 0, 0, -1}, {2, 1, 2, 2, -1}}));
}

RC_GTEST_PROP(BinSpikes, SeveralBinsToAFrameSumToItsCount, ()) {
  SpikeRecord any = record();
  any.spikes = {{}};
  double time = -1;
  for (int i = *rc::gen::inRange(0, 60); i > 0; --i) any.spikes[0].push_back(time += 0.001 * *rc::gen::inRange(0, 500));
  const auto each = *rc::gen::inRange<std::int64_t>(2, 6);
  const auto frames = row(bin_spikes(any, {}), 0), parts = row(bin_spikes(any, {.bins_per_frame = each}), 0);
  RC_ASSERT(std::ssize(parts) == std::ssize(frames) * each);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const auto begin = parts.begin() + static_cast<std::ptrdiff_t>(i) * each;
    RC_ASSERT(std::accumulate(begin, begin + each, 0) == frames[i]);
  }
}

TEST(SpikeRecord, TimesThatContradictEachOtherAreRefused) {
  const auto refused = [](const std::vector<std::string>& words, const std::function<void(SpikeRecord&)>& spoil) {
    SpikeRecord spoilt = record();
    spoil(spoilt);
    expect_error(ErrorKind::data, words, [&] { check_spike_record(spoilt); });
  };
  check_spike_record(record());
  refused({"cell 0: spike 1", "ascending"}, [](auto& r) { r.spikes[0][1] = 0; });
  refused({"cell 0: spike 2 is not finite"}, [](auto& r) { r.spikes[0][2] = std::nan(""); });
  SpikeRecord late = record();
  late.spikes[0][1] = 0;
  testing::expect_place({"", "", 0}, [&] { check_spike_record(late); });
  refused({"6 ends for 7 begins"}, [](auto& r) { r.end.pop_back(); });
  refused({"frame time 2", "before it begins"}, [](auto& r) { r.end[2] = 0.9; });
  refused({"frame time 3", "before the one before it ends"}, [](auto& r) { r.end[2] = 1.7; });
  refused({"cover 6 frames", "7"}, [](auto& r) { r.shown[1].length = 2; });
}

TEST(Rebinned, IsTheSameExperimentInOtherBins) {
  Recording recording = testing::silent_recording(memory_stimulus(testing::random_movie(7, 1, 2, 2, 1)), 2, 7);
  recording.record = record();
  recording.counts = bin_spikes(record(), {}).counts;
  recording.segments = record().shown;
  const auto movie = recording.stimulus;
  const Recording halves = rebinned(recording, {.bins_per_frame = 2});
  EXPECT_EQ(halves.bins(), 14);
  EXPECT_EQ(halves.displayed, movie);
  EXPECT_EQ(halves.stimulus->frames(), 14);
  EXPECT_EQ(halves.frame_rate, recording.frame_rate);
  EXPECT_EQ(bins_per_second(halves), 2 * recording.frame_rate);
  const Recording pairs = rebinned(halves, {.frames_per_bin = 2});
  EXPECT_EQ(pairs.bins(), 3);
  EXPECT_EQ(bins_per_second(pairs), recording.frame_rate / 2);
  const Recording back = rebinned(pairs, {});
  EXPECT_EQ(back.counts.values, recording.counts.values);
  EXPECT_EQ(back.segments, recording.segments);
  EXPECT_EQ(back.stimulus, movie);
  recording.record.reset();
  expect_error(ErrorKind::data, {"keeps no spike times"}, [&] { rebinned(recording, {}); });
}

}  // namespace
}  // namespace plexiform
