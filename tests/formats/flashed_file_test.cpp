#include "plexiform/formats/flashed_file.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <functional>

#include "base/expect_error.hpp"
#include "base/temporary_folder.hpp"
#include "plexiform/base/npy.hpp"
#include "plexiform/formats/recording_file.hpp"
#include "recording/support.hpp"

namespace plexiform {
namespace {

using testing::expect_error;
using testing::TemporaryFolder;
using testing::write_typed_npy;

/// Three images of 4 x 5 bytes, two cells, two trials.
struct Flashed {
  TemporaryFolder folder;
  std::vector<double> spikes{0, 0, 0, 150, 0, 0, 0, 299.5, 0, 0, 0, 300, 0, 2, 1, 10, 1, 1, 0, 99, 1, 1, 0, -5};
  std::vector<double> contours{0, 0, 2, 0, 2, 2, 0, 2, 1, 1, 3, 1, 3, 3, 1, 3};
  FlashedOptions import;

  Flashed() {
    std::filesystem::create_directory(folder / "images");
    for (int i = 0; i < 3; ++i) image(i, std::string(20, static_cast<char>(40 * (i + 1))));
    import.spikes = folder / "spikes.npy";
    import.images = {folder / "images"};
    import.raw = RawImage{4, 5, 8, false, false};
    import.window_end = 300;
    import.contours = folder / "contours.npy";
  }
  void image(int i, const std::string& bytes) {
    std::ofstream(folder / ("images/" + std::to_string(i) + ".raw"), std::ios::binary) << bytes;
  }
  Recording run() {
    write_typed_npy<double>(folder / "spikes.npy", "<f8", {static_cast<std::int64_t>(spikes.size() / 4), 4}, spikes);
    write_typed_npy<double>(folder / "contours.npy", "<f8", {static_cast<std::int64_t>(contours.size() / 8), 4, 2},
                            contours);
    write_recording(folder / "rec.h5", read_flashed(import));
    return read_recording(folder / "rec.h5");
  }
  void expect(ErrorKind kind, const std::vector<std::string>& words) {
    expect_error(kind, words, [&] { run(); });
    EXPECT_FALSE(std::filesystem::exists(folder / "rec.h5"));
  }
};

std::vector<std::int32_t> row(const Recording& recording, std::int64_t cell) {
  const auto counts = recording.counts.row(cell);
  return {counts.begin(), counts.end()};
}

TEST(ReadFlashed, EachImageIsAFrameAndEachTrialABin) {
  Flashed flashed;
  const Recording recording = flashed.run();
  EXPECT_EQ(row(recording, 0), (std::vector<std::int32_t>{2, 0, 0, 0, 0, 1}));  // image 0, 1, 2 of trial 0, then of 1
  EXPECT_EQ(row(recording, 1), (std::vector<std::int32_t>{0, 1, 0, 0, 0, 0}));
  ASSERT_EQ(recording.segments.size(), 6u);
  EXPECT_EQ(recording.segments[4], (Segment{4, 1, 1, 1, 1}));
  EXPECT_EQ(recording.kind, RecordingKind::flashed);
  EXPECT_NEAR(recording.frame_rate, 1 / 0.3, 1e-9);
  EXPECT_EQ(recording.stimulus->shape(), (FrameShape{1, 4, 5}));
  std::vector<float> pixel(3);
  recording.stimulus->read(0, 3, {1, 2, 1, 1}, pixel);
  for (int i = 0; i < 3; ++i)
    EXPECT_NEAR(pixel[static_cast<std::size_t>(i)], 0.5 * (i - 1), 1e-6);  // luminance over the mean of all, less 1
}

TEST(ReadFlashed, ContoursAreOnTheImages) {
  Flashed flashed;
  flashed.run();
  EXPECT_EQ(read_recording(flashed.folder / "rec.h5").contours[1][2].x, 3);
  // An image of 5 x 4 in the middle of 11 x 10: column = x - 3, row = 7 - y.
  for (std::size_t i = 0; i < flashed.contours.size(); i += 2) {
    flashed.contours[i] += 3;
    flashed.contours[i + 1] = 7 - flashed.contours[i + 1];
  }
  flashed.import.monitor = {11, 10};
  const Recording moved = flashed.run();
  ASSERT_EQ(moved.contours.size(), 2u);
  EXPECT_EQ(moved.contours[1][1].x, 3);
  EXPECT_EQ(moved.contours[1][1].y, 1);
  EXPECT_EQ(moved.centers[1].x, 2);
  EXPECT_EQ(moved.centers[1].y, 2);
}

TEST(ReadFlashed, OneTrialIsNoRepeat) {
  Flashed flashed;
  flashed.spikes = {1, 2, 0, 5};
  const Recording recording = flashed.run();
  EXPECT_EQ(row(recording, 1), (std::vector<std::int32_t>{0, 0, 1}));
  EXPECT_EQ(recording.segments[0].repeat, -1);
}

TEST(ReadFlashed, TrialsWithoutASpikeAtTheEndAreStated) {
  Flashed flashed;
  flashed.import.trials = 4;
  EXPECT_EQ(flashed.run().bins(), 12);
  Flashed fewer;
  fewer.import.trials = 1;
  fewer.expect(ErrorKind::data, {"spikes.npy: spike 3 has trial 1, expected a number from 0 to 0"});
}

TEST(ReadFlashed, ACellOrImageWithoutASpikeIsKept) {
  Flashed flashed;
  flashed.spikes = {0, 0, 0, 150, 0, 1, 1, 150};
  flashed.import.cells = 2;
  const Recording recording = flashed.run();
  EXPECT_EQ(recording.cells(), 2);
  EXPECT_EQ(recording.bins(), 6);
}

TEST(ReadFlashed, LuminanceIsNotTakenForContrast) {
  Flashed flashed;
  flashed.import.images = {flashed.folder / "images.npy"};
  write_typed_npy<float>(flashed.import.images[0], "<f4", {3, 4, 5}, std::vector<float>(60, 0.5F));
  flashed.expect(ErrorKind::usage, {"raw images were described"});
  flashed.import.raw.reset();
  flashed.expect(ErrorKind::data, {"images.npy: no value is below 0, expected contrast"});
}

TEST(ReadFlashed, CountsAreTakenAsTheyAre) {
  Flashed flashed;
  flashed.import.counts = flashed.folder / "counts.npy";
  flashed.import.spikes.reset();
  flashed.import.contours.reset();
  write_typed_npy<std::int32_t>(*flashed.import.counts, "<i4", {1, 2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(row(flashed.run(), 0), (std::vector<std::int32_t>{1, 2, 3, 4, 5, 6}));
}

TEST(ReadFlashed, WhatIsWrongIsNamed) {
  const auto wrong = [](const std::function<void(Flashed&)>& change, ErrorKind kind,
                        const std::vector<std::string>& words) {
    Flashed flashed;
    change(flashed);
    flashed.expect(kind, words);
  };
  wrong([](auto& f) { f.spikes[1] = 3; }, ErrorKind::data, {"spike 0 has image 3, expected a number from 0 to 2"});
  wrong([](auto& f) { f.spikes[2] = 0.5; }, ErrorKind::data, {"spike 0 has trial 0.5"});
  wrong([](auto& f) { f.spikes[0] = -1; }, ErrorKind::data, {"spike 0 has cell -1"});
  wrong([](auto& f) { f.spikes[3] = std::nan(""); }, ErrorKind::data, {"cell 0, image 0, trial 0", "nan ms"});
  wrong([](auto& f) { f.spikes[0] = 1e9; }, ErrorKind::data, {"spike 0 has cell 1e+09, expected a number from 0 to"});
  wrong([](auto& f) { f.spikes[0] = f.spikes[2] = 60000; }, ErrorKind::data, {"too many to store"});
  wrong(
      [](auto& f) {
        for (std::size_t i = 3; i < f.spikes.size(); i += 4) f.spikes[i] /= 1000;
      },
      ErrorKind::data, {"the latest spike is 0.3 ms after its image"});
  wrong([](auto& f) { f.import.window_begin = 400, f.import.window_end = 500; }, ErrorKind::data,
        {"none of 6 spikes lies in the window from 400 to 500 ms"});
  wrong([](auto& f) { f.image(1, std::string(19, 'a')); }, ErrorKind::damaged, {"1.raw", "19"});
  wrong([](auto& f) { f.import.window_end = 0; }, ErrorKind::usage, {"the window is 0 to 0 ms"});
  wrong([](auto& f) { f.contours.resize(8); }, ErrorKind::data, {"1 contour for 2 cells"});
  wrong([](auto& f) { f.contours[0] = std::nan(""); }, ErrorKind::data,
        {"contours.npy: cell 0: its contour has a point that is not"});
  wrong([](auto& f) { std::fill_n(f.contours.begin(), 8, 1.0); }, ErrorKind::data,
        {"cell 0: a contour encloses no area"});
  wrong([](auto& f) { f.contours = {-90, -9, 99, -9, 99, 13, -90, 13, 1, 1, 3, 1, 3, 3, 1, 3}; }, ErrorKind::data,
        {"cell 0: its contour is", "pixels long, more than the images of 5 x 4"});
  wrong([](auto& f) { f.import.window_end = 1e9; }, ErrorKind::usage, {"the window is 1e+09 ms long"});
  wrong([](auto& f) { f.contours[8] = 50; }, ErrorKind::data,
        {"cell 1: its contour lies around (x ", "outside of the images of 5 x 4"});
  Flashed flashed;
  flashed.contours[8] = 50;
  testing::expect_place({*flashed.import.contours, "", 1}, [&] { flashed.run(); });
  flashed.spikes[3] = std::nan("");
  testing::expect_place({*flashed.import.spikes, "", 0}, [&] { flashed.run(); });
  wrong([](auto& f) { f.import.monitor = {4, 4}; }, ErrorKind::usage, {"the monitor has 4 x 4 pixels"});
  wrong([](auto& f) { f.import.common.names = {"a"}; }, ErrorKind::data, {"1 name for 2 cells"});
}

}  // namespace
}  // namespace plexiform
