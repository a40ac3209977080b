#include "plexiform/recording/split.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/expect_error.hpp"
#include "plexiform/base/error.hpp"
#include "recording/support.hpp"

namespace plexiform {
namespace {

using testing::expect_error;
using testing::noise_recording;

/// Segments anywhere on the stimulus: with gaps between them, with frames that are shown again, with any history.
Recording any_recording() {
  const std::int64_t segments = *rc::gen::inRange<std::int64_t>(1, 6);
  std::vector<Segment> list;
  std::int64_t bins = 0;
  for (std::int64_t i = 0; i < segments; ++i) {
    const std::int64_t length = *rc::gen::inRange<std::int64_t>(1, 120);
    const std::int64_t first = *rc::gen::inRange<std::int64_t>(0, 300);
    const std::int64_t history = first - std::min(first, *rc::gen::inRange<std::int64_t>(0, 40));
    list.push_back({bins, length, first, history, -1});
    bins += length;
  }
  Recording recording = noise_recording(2, 2, 1, bins, 1);
  recording.segments = list;
  return recording;
}

SplitSettings any_settings() {
  SplitSettings settings;
  settings.lags = *rc::gen::inRange<std::int64_t>(1, 25);
  settings.block_seconds = 0;
  settings.block_frames_min = *rc::gen::inRange<std::int64_t>(1, 50);
  settings.validation_every = *rc::gen::inRange<std::int64_t>(2, 11);
  if (*rc::gen::arbitrary<bool>()) {
    settings.test.frames = *rc::gen::inRange<std::int64_t>(0, 100);
  } else if (*rc::gen::arbitrary<bool>()) {
    settings.test.parts = *rc::gen::inRange<std::int64_t>(2, 8);
    settings.test.part = *rc::gen::inRange<std::int64_t>(1, settings.test.parts + 1);
  }
  return settings;
}

std::optional<Split> try_split(const Recording& recording, const SplitSettings& settings) {
  try {
    return make_split(recording, settings);
  } catch (const Error& error) {
    RC_ASSERT(error.kind() == ErrorKind::data);
    return {};
  }
}

std::vector<const std::vector<Range>*> parts(const Split& split) {
  return {&split.train(), &split.validation(), &split.test()};
}

RC_GTEST_PROP(Split, PartsNeverShareAFrameOfTheirHistories, ()) {
  const Recording recording = any_recording();
  const SplitSettings settings = any_settings();
  const std::optional<Split> split = try_split(recording, settings);
  RC_PRE(split.has_value());
  const std::vector<std::int64_t> frames = displayed_frames(recording);
  std::map<std::int64_t, std::size_t> owner;
  for (std::size_t part = 0; part < 3; ++part)
    for (const Range& range : *parts(*split)[part])
      for (std::int64_t bin = range.begin; bin < range.end; ++bin)
        for (std::int64_t lag = 0; lag < settings.lags; ++lag) {
          const auto [entry, fresh] = owner.emplace(frames[static_cast<std::size_t>(bin)] - lag, part);
          RC_ASSERT(entry->second == part);
        }
}

RC_GTEST_PROP(Split, RangesAreInOrderInsideSegmentsAndHaveTheirHistory, ()) {
  const Recording recording = any_recording();
  const SplitSettings settings = any_settings();
  const std::optional<Split> split = try_split(recording, settings);
  RC_PRE(split.has_value());
  const std::vector<Range> known = bins_with_history(recording, settings.lags);
  std::set<std::int64_t> seen;
  for (const auto* part : parts(*split)) {
    std::int64_t last = 0;
    for (const Range& range : *part) {
      RC_ASSERT(range.begin >= last && range.end > range.begin);
      last = range.end;
      RC_ASSERT(std::any_of(known.begin(), known.end(),
                            [&](const Range& all) { return all.begin <= range.begin && range.end <= all.end; }));
      for (std::int64_t bin = range.begin; bin < range.end; ++bin) RC_ASSERT(seen.insert(bin).second);
    }
  }
}

/// The definition, bin by bin: frames with counts in order, the last ones or a part of them test, blocks of the rest; a
/// bin counts where its history is known and holds no frame with counts of another part.
RC_GTEST_PROP(Split, LeavesOutOnlyWhatTheDefinitionLeavesOut, ()) {
  const Recording recording = any_recording();
  const SplitSettings settings = any_settings();
  const std::optional<Split> split = try_split(recording, settings);
  RC_PRE(split.has_value());
  const std::vector<std::int64_t> frames = displayed_frames(recording);
  const std::set<std::int64_t> counted(frames.begin(), frames.end());
  const auto n = static_cast<std::int64_t>(counted.size());
  const TestBlock& test = settings.test;
  const std::int64_t begin = test.parts > 0 ? n * (test.part - 1) / test.parts : n - test.frames.value_or(n / 6);
  const std::int64_t end = test.parts > 0 ? n * test.part / test.parts : n;
  const std::int64_t rest = n - (end - begin);
  const std::int64_t length = settings.block_frames_min;
  const std::int64_t blocks = std::max<std::int64_t>((rest + length / 2) / length, 1);
  const std::int64_t phase = std::min(settings.validation_every / 2, blocks / 2);
  std::map<std::int64_t, std::size_t> label;
  std::int64_t i = 0, others = 0;
  for (const std::int64_t frame : counted) {
    const bool tested = i >= begin && i < end;
    const std::int64_t block = std::min(others / length, blocks - 1);
    label[frame] = tested ? 2 : block % settings.validation_every == phase ? 1 : 0;
    others += tested ? 0 : 1;
    ++i;
  }
  for (const Segment& segment : recording.segments)
    for (std::int64_t k = 0; k < segment.length; ++k) {
      const std::int64_t bin = segment.start + k;
      const std::int64_t frame = segment.first_frame + k;
      bool usable = frame - settings.lags + 1 >= segment.history_begin;
      for (std::int64_t lag = 1; lag < settings.lags; ++lag) {
        const auto earlier = label.find(frame - lag);
        usable = usable && (earlier == label.end() || earlier->second == label[frame]);
      }
      for (std::size_t part = 0; part < 3; ++part) {
        const auto& ranges = *parts(*split)[part];
        const bool inside = std::any_of(ranges.begin(), ranges.end(),
                                        [&](const Range& range) { return range.begin <= bin && bin < range.end; });
        RC_ASSERT(inside == (usable && label[frame] == part));
      }
    }
}

/// 24 blocks of 1500 running frames with 300 frozen ones between, as the salamander recordings have them.
Recording salamander(bool frozen_known) {
  Recording recording = noise_recording(2, 2, 1, 36000, 1);
  recording.segments.clear();
  for (std::int64_t block = 0; block < 24; ++block) {
    const std::int64_t first = block * (frozen_known ? 1800 : 1500);
    recording.segments.push_back({block * 1500, 1500, first, frozen_known ? 0 : first, -1});
  }
  return recording;
}

TEST(Split, EveryFrameIsTestedInOneOfTheParts) {
  const Recording recording = noise_recording(2, 2, 1, 10'000, 1);
  SplitSettings settings;
  settings.lags = 1;
  settings.test.parts = 3;
  std::int64_t next = 0;
  for (settings.test.part = 1; settings.test.part <= 3; ++settings.test.part) {
    const Split split = make_split(recording, settings);
    ASSERT_EQ(split.test().size(), 1U);
    EXPECT_EQ(split.test()[0].begin, next);
    next = split.test()[0].end;
    EXPECT_EQ(total(split.test()) + total(split.train()) + total(split.validation()), 10'000);
  }
  EXPECT_EQ(next, 10'000);
}

TEST(Split, RefusesAPartThatIsNone) {
  const Recording recording = noise_recording(2, 2, 1, 1000, 1);
  SplitSettings settings;
  for (const auto& [part, parts] : {std::pair{0, 6}, {7, 6}, {1, 1}, {-1, 3}, {1, 0}}) {
    settings.test.part = part;
    settings.test.parts = parts;
    expect_error(ErrorKind::usage, {"two or more parts"}, [&] { make_split(recording, settings); });
  }
  settings.test = {.frames = {}, .part = 1, .parts = 2000};
  expect_error(ErrorKind::data, {"parts to test on"}, [&] { make_split(recording, settings); });
}

TEST(Split, TheLastSixthOfTheSalamanderRecordingIsItsTestBlock) {
  const Split known = make_split(salamander(true), {});
  EXPECT_EQ(known.test(), (std::vector<Range>{{30000, 31500}, {31500, 33000}, {33000, 34500}, {34500, 36000}}));
  EXPECT_EQ(total(known.validation()), 3000);
  const Split unknown = make_split(salamander(false), {});
  EXPECT_EQ(unknown.test(), (std::vector<Range>{{30019, 31500}, {31519, 33000}, {33019, 34500}, {34519, 36000}}));
  SplitSettings stated;
  stated.test.frames = 6000;
  EXPECT_EQ(make_split(salamander(true), stated).test(), known.test());
}

TEST(Split, TenSecondBlocksAndEveryTenthValidates) {
  Recording recording = noise_recording(2, 2, 1, 12000, 1);
  recording.frame_rate = 60;  // so blocks of 600 frames
  SplitSettings settings;
  settings.lags = 10;
  settings.test.frames = 0;
  const Split split = make_split(recording, settings);
  EXPECT_TRUE(split.test().empty());
  EXPECT_EQ(split.validation(), (std::vector<Range>{{3009, 3600}, {9009, 9600}}));
  EXPECT_EQ(split.train(), (std::vector<Range>{{9, 3000}, {3609, 9000}, {9609, 12000}}));
}

TEST(Split, TheTestBlockLeavesOutWhatSawTraining) {
  const Split split = make_split(noise_recording(2, 2, 1, 6000, 1), {});
  EXPECT_EQ(split.test(), (std::vector<Range>{{5019, 6000}}));
}

TEST(Split, RepeatsOfTheSameFramesBelongToOnePart) {
  Recording recording = noise_recording(2, 2, 1, 8000, 1);
  recording.segments.clear();
  for (std::int64_t trial = 0; trial < 4; ++trial) recording.segments.push_back({trial * 2000, 2000, 0, 0, trial});
  const Split split = make_split(recording, {});
  ASSERT_EQ(split.test().size(), 4u);
  for (std::int64_t trial = 0; trial < 4; ++trial)
    EXPECT_EQ(split.test()[static_cast<std::size_t>(trial)],
              (Range{trial * 2000 + 2000 - 333 + 19, trial * 2000 + 2000}));
}

TEST(Split, AShortRecordingHasOneValidationBlock) {
  const Split split = make_split(noise_recording(2, 2, 1, 1200, 1), {});
  EXPECT_EQ(split.train().size(), 2u);
  EXPECT_EQ(split.validation(), (std::vector<Range>{{319, 600}}));
}

TEST(Split, NothingLeftIsAnErrorThatSaysWhy) {
  const auto refused = [](std::int64_t frames, const SplitSettings& settings, const std::vector<std::string>& words) {
    expect_error(ErrorKind::data, words, [&] { make_split(noise_recording(2, 2, 1, frames, 1), settings); });
  };
  SplitSettings many_lags;
  many_lags.lags = 400;
  refused(3000, many_lags, {"validate on", "400 frames"});
  many_lags.lags = 5000;
  refused(3000, many_lags, {"train on", "history"});
  SplitSettings long_test;
  long_test.test.frames = 3000;
  refused(3000, long_test, {"test block of 3,000 frames", "3,000"});
  refused(400, {}, {"too little data", "334 frames", "300"});
  SplitSettings bad;
  bad.validation_every = 1;
  expect_error(ErrorKind::usage, {"validation_every"}, [&] { make_split(noise_recording(2, 2, 1, 3000, 1), bad); });
}

}  // namespace
}  // namespace plexiform
