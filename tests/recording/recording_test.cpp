#include "plexiform/recording/recording.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <limits>

#include "base/expect_error.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/base/wording.hpp"
#include "recording/support.hpp"

namespace plexiform {
namespace {

using testing::expect_error;
using testing::noise_recording;

Recording good() {
  Recording recording = testing::silent_recording(memory_stimulus(testing::random_movie(50, 1, 4, 5, 1)), 2, 30);
  recording.segments = {{0, 10, 5, 2, 0}, {10, 20, 30, 30, 1}};
  recording.centers = {{1, 2}, {3, 2.5}};
  Circuit circuit;
  circuit.spatial = NdArray<float>({3, 4, 5});
  circuit.temporal = NdArray<float>({3, 6});
  circuit.weight = NdArray<float>({3});
  recording.truth = {circuit, circuit};
  return recording;
}

// Each way into a recording ends in validate().
TEST(Recording, RatesBinsAndPixelsThatNoExperimentHasAreRefused) {
  constexpr double kInf = std::numeric_limits<double>::infinity(), kNan = std::numeric_limits<double>::quiet_NaN();
  const auto refused = [](const std::string& words, const std::function<void(Recording&)>& spoil) {
    Recording recording = good();
    spoil(recording);
    expect_error(ErrorKind::data, {words}, [&] { validate(recording); });
  };
  for (const double value : {0.0, -30.0, 1e-4, 1e6, 1e300, kInf, -kInf, kNan}) {
    refused("0.001 to 100,000 Hz", [&](Recording& r) { r.frame_rate = value; });
    refused("0.001 to 100,000 um", [&](Recording& r) { r.pixel_um = value; });
  }
  refused("the frame rate is 1e+300 Hz, expected 0.001 to", [](Recording& r) { r.frame_rate = 1e300; });
  refused("the length of a bin is 1e-07 s, expected 0.000001 to 10,000 s", [](Recording& r) {
    r.frame_rate = 1e5;
    show(r, displayed_movie(r), {.bins_per_frame = 100});
  });
  for (const double value : {0.001, 59.94, 100'000.0}) {
    Recording recording = good();
    recording.frame_rate = value;
    recording.pixel_um = value;
    EXPECT_NO_THROW(validate(recording)) << value;
  }
}

TEST(Recording, ContradictionsAreNamed) {
  EXPECT_NO_THROW(validate(good()));
  const auto refused = [](const std::vector<std::string>& words, const std::function<void(Recording&)>& spoil) {
    Recording recording = good();
    spoil(recording);
    expect_error(ErrorKind::data, words, [&] { validate(recording); });
  };
  refused({"[60]", "expected [cell, bin]"}, [](Recording& r) { r.counts.shape = {60}; });
  refused({"at least one"}, [](Recording& r) { r.counts = NdArray<std::int32_t>({2, 0}); });
  refused({"cell 1", "bin 4", "-2"}, [](Recording& r) { r.counts.row(1)[4] = -2; });
  Recording negative = good();
  negative.counts.row(1)[4] = -2;
  testing::expect_place({"", "", 1}, [&] { validate(negative); });
  refused({"segment 1", "starts at bin 11", "expected 10"}, [](Recording& r) { r.segments[1].start = 11; });
  refused({"segment 1", "starts at bin 9"}, [](Recording& r) { r.segments[1].start = 9; });
  refused({"segment 0", "0 bins"}, [](Recording& r) { r.segments[0].length = 0; });
  refused({"cover 29 bins", "have 30"}, [](Recording& r) { r.segments[1].length = 19; });
  refused({"more than the 30 bins"},
          [](Recording& r) { r.segments[1].length = std::numeric_limits<std::int64_t>::max(); });
  refused({"segment 1", "frames 31 to 50", "50 frames"}, [](Recording& r) { r.segments[1].first_frame = 31; });
  refused({"segment 0", "history from frame 6"}, [](Recording& r) { r.segments[0].history_begin = 6; });
  refused({"segment 0", "repeat -2"}, [](Recording& r) { r.segments[0].repeat = -2; });
  refused({"1 name for 2 cells"}, [](Recording& r) { r.names.pop_back(); });
  refused({"1 centre for 2 cells"}, [](Recording& r) { r.centers.pop_back(); });
  refused({"cell 1: its centre"}, [](Recording& r) { r.centers[1].x = std::numeric_limits<double>::infinity(); });
  refused({"1 true circuit for 2 cells"}, [](Recording& r) { r.truth.pop_back(); });
  refused({"cell 1: its true spatial filters", "[3, 5, 4]", "[subunit, 4, 5]"}, [](Recording& r) {
    r.truth[1].spatial.shape = {3, 5, 4};
  });
  refused({"cell 0: its true temporal", "[2, 9]"}, [](Recording& r) { r.truth[0].temporal.shape = {2, 9}; });
  refused({"cell 0: its true weights"}, [](Recording& r) { r.truth[0].weight.shape = {2}; });
}

TEST(Recording, HistoryIsKnownFromItsBeginningOn) {
  const Recording recording = good();
  EXPECT_EQ(bins_with_history(recording, 1), (std::vector<Range>{{0, 10}, {10, 30}}));
  EXPECT_EQ(bins_with_history(recording, 4), (std::vector<Range>{{0, 10}, {13, 30}}));
  EXPECT_EQ(bins_with_history(recording, 6), (std::vector<Range>{{2, 10}, {15, 30}}));
  EXPECT_EQ(bins_with_history(recording, 14), (std::vector<Range>{{23, 30}}));
  EXPECT_TRUE(bins_with_history(recording, 30).empty());
}

TEST(Recording, EachBinHasItsDisplayedFrame) {
  const std::vector<std::int64_t> frames = displayed_frames(good());
  ASSERT_EQ(frames.size(), 30u);
  EXPECT_EQ(frames[0], 5);
  EXPECT_EQ(frames[9], 14);
  EXPECT_EQ(frames[10], 30);
  EXPECT_EQ(frames[29], 49);
}

TEST(Recording, CellsAreItsRowsEachOnce) {
  const Recording recording = testing::silent_recording(memory_stimulus(testing::random_movie(30, 1, 2, 2, 1)), 7, 30);
  const auto rows = [&](std::vector<std::int64_t> cells) { return checked_cells(cells, recording); };
  EXPECT_EQ(rows({}), (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(rows({5, 4, 5}), (std::vector<std::int64_t>{5, 4}));
  expect_error(ErrorKind::usage, {"cell 7", "out of range", "7 cells (0 to 6)"}, [&] { rows({7}); });
  expect_error(ErrorKind::usage, {"cell -1", "out of range"}, [&] { rows({-1}); });
}

TEST(CircuitNames, AreReadBackAndTheNearestIsNamed) {
  for (const auto value : {SubunitNonlinearity::relu, SubunitNonlinearity::half_squared, SubunitNonlinearity::squared,
                           SubunitNonlinearity::linear})
    EXPECT_EQ(subunit_nonlinearity_from(to_string(value)), value);
  for (const auto value : {SpikeRule::poisson, SpikeRule::at_most_one})
    EXPECT_EQ(spike_rule_from(to_string(value)), value);
  expect_error(ErrorKind::usage, {"'half_square'", "'half_squared'"}, [] { subunit_nonlinearity_from("half_square"); });
  expect_error(ErrorKind::usage, {"'poison'", "'poisson'"}, [] { spike_rule_from("poison"); });
}

TEST(Wording, NumbersAreGroupedByThree) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(-1000), "-1,000");
  EXPECT_EQ(grouped(123456789), "123,456,789");
  EXPECT_EQ(counted(1, "frame"), "1 frame");
  EXPECT_EQ(counted(2000, "frame"), "2,000 frames");
}

}  // namespace
}  // namespace plexiform
