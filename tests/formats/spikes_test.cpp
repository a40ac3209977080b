#include "plexiform/formats/spikes.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "base/expect_error.hpp"
#include "base/temporary_folder.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/base/npy.hpp"
#include "plexiform/formats/recording_file.hpp"
#include "recording/support.hpp"

namespace plexiform {
namespace {

using testing::expect_error;
using testing::TemporaryFolder;
using testing::write_typed_npy;

std::vector<std::int32_t> row(const Recording& recording, std::int64_t cell) {
  const auto counts = recording.counts.row(cell);
  return {counts.begin(), counts.end()};
}

/// A movie of `images` frames; frames begin at 10 s and last 0.1 s unless a test says otherwise.
struct Spikes {
  TemporaryFolder folder;
  SpikesOptions import;

  explicit Spikes(std::int64_t images = 6) {
    NdArray<float> movie({images, 2, 2});
    for (std::size_t i = 0; i < movie.values.size(); ++i) movie.values[i] = static_cast<float>(i % 5);
    write_npy(folder / "stim.npy", movie);
    import.stimulus = folder / "stim.npy";
    import.spikes = folder / "spikes.txt";
    import.start = 10;
    import.timing.frame_rate = 10;
  }
  void frame_times(const std::string& text) {
    write_text_atomically(folder / "frames.txt", text);
    import.frame_times = folder / "frames.txt";
    import.start.reset();
    import.timing.frame_rate = 0;
  }
  Recording run(const std::string& spikes) {
    write_text_atomically(folder / "spikes.txt", spikes);
    return run();
  }
  Recording run() {
    write_recording(folder / "rec.h5", read_spikes(import));
    return read_recording(folder / "rec.h5");
  }
  void refused(ErrorKind kind, const std::vector<std::string>& words, const std::string& spikes) {
    expect_error(kind, words, [&] { run(spikes); });
    EXPECT_FALSE(std::filesystem::exists(folder / "rec.h5"));
  }
};

const std::vector<std::int32_t> kFirst{1, 0, 2, 0, 0, 1};
const std::vector<std::int32_t> kSecond{0, 0, 0, 1, 0, 0};

TEST(ReadSpikes, TakesALineACell) {
  Spikes spikes;
  const Recording recording = spikes.run("# seconds\n9.99 10.05, 10.2\t10.25 10.55 10.6\n\n10.31\n");
  ASSERT_EQ(recording.cells(), 3);
  EXPECT_EQ(row(recording, 0), kFirst);  // 9.99 and 10.6 are outside
  EXPECT_EQ(row(recording, 1), (std::vector<std::int32_t>(6, 0)));
  EXPECT_EQ(row(recording, 2), kSecond);
  EXPECT_NE(recording.source.find("2 of 7 spikes outside"), std::string::npos) << recording.source;
  EXPECT_EQ(recording.frame_rate, 10);
}

TEST(ReadSpikes, TakesTwoColumnsByTheirHeader) {
  Spikes spikes;
  const Recording numbered = spikes.run("time,cell\n10.05,10\n10.31,9\n10.2,10\r\n10.25,10\n10.55,10\n");
  EXPECT_EQ(numbered.names, (std::vector<std::string>{"cell 9", "cell 10"}));
  EXPECT_EQ(row(numbered, 0), kSecond);
  EXPECT_EQ(row(numbered, 1), kFirst);
  const Recording named = spikes.run("Unit Time_s\nb 10.05\na 10.31\nb 10.2\nb 10.25\nb 10.55\n");
  EXPECT_EQ(named.names, (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(row(named, 0), kFirst);
}

TEST(ReadSpikes, AByteOrderMarkIsNotText) {
  const std::string mark = "\xEF\xBB\xBF";
  for (const char* text :
       {"10.05 10.25\n10.15\n", "# seconds\n10.05 10.25\n10.15\n", "cell,time\n0,10.05\n1,10.15\n0,10.25\n"}) {
    Spikes spikes;
    const Recording recording = spikes.run(mark + text);
    EXPECT_EQ(row(recording, 0), (std::vector<std::int32_t>{1, 0, 1, 0, 0, 0})) << text;
    EXPECT_EQ(row(recording, 1), (std::vector<std::int32_t>{0, 1, 0, 0, 0, 0})) << text;
  }
  Spikes spikes;
  spikes.frame_times(mark + "10 10.1 10.2 10.3 10.4 10.5");
  EXPECT_EQ(row(spikes.run("10.15\n"), 0), (std::vector<std::int32_t>{0, 1, 0, 0, 0, 0}));
}

TEST(ReadSpikes, TakesAFolderOfArrays) {
  Spikes spikes;
  std::filesystem::create_directories(spikes.folder / "cells");
  write_typed_npy(spikes.folder / "cells/b.npy", "<f8", {1}, std::vector<double>{10.31});
  write_typed_npy(spikes.folder / "cells/a.npy", "<f8", {4}, std::vector<double>{10.05, 10.2, 10.25, 10.55});
  spikes.import.spikes = spikes.folder / "cells";
  const Recording recording = spikes.run();
  EXPECT_EQ(recording.names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(row(recording, 0), kFirst);
  EXPECT_EQ(row(recording, 1), kSecond);
}

TEST(ReadSpikes, FrameTimesNeedNotBeRegular) {
  Spikes spikes;
  spikes.frame_times("10\n10.1\n10.19\n10.3\n10.4\n10.5\n");
  const Recording recording = spikes.run("10.05 10.195 10.25 10.55 10.61\n10.31\n");
  EXPECT_EQ(row(recording, 0), kFirst);  // the last frame lasts the median, 0.1 s
  EXPECT_EQ(row(recording, 1), kSecond);
  EXPECT_NEAR(recording.frame_rate, 10, 1e-6);
  EXPECT_EQ(recording.segments.size(), 1u);
}

TEST(ReadSpikes, APauseOfTheDisplayBeginsANewSegment) {
  Spikes spikes;
  spikes.frame_times("10 10.1 10.2\n20 20.1 20.2\n");
  const Recording recording = spikes.run("10.25 10.35 15 19.99 20.05\n");
  EXPECT_EQ(row(recording, 0), (std::vector<std::int32_t>{0, 0, 1, 1, 0, 0}));
  EXPECT_EQ(recording.segments, (std::vector<Segment>{{0, 3, 0, 0, -1}, {3, 3, 3, 3, -1}}));
  EXPECT_NE(recording.source.find("1 pause"), std::string::npos);
}

TEST(ReadSpikes, AnImageMayLastSeveralFrames) {
  Spikes spikes(3);
  spikes.import.frames_per_update = 2;
  const Recording recording = spikes.run("10.05 10.15 10.2 10.39 10.55\n");
  EXPECT_EQ(row(recording, 0), (std::vector<std::int32_t>{2, 2, 1}));
  EXPECT_EQ(recording.frame_rate, 5);
  spikes.frame_times("10 10.1 10.2 10.3 10.4");
  expect_error(ErrorKind::data, {"5 frame times", "6 frames"}, [&] { spikes.run(); });
}

RC_GTEST_PROP(ReadSpikes, EverySpikeInsideIsCountedOnce, ()) {
  Spikes spikes(20);
  std::string text = *rc::gen::element("9.98 10.02 ", "10.02 ", "9.5 9.6 10.02 ");
  double time = 10.0205;  // never on a border of frames, where rounding would decide
  std::int32_t inside = 1;
  const int n = *rc::gen::inRange(1, 40);
  for (int i = 0; i < n; ++i) {
    time += 0.001 + 0.01 * *rc::gen::inRange(0, 20);
    text += std::to_string(time) + " ";
    inside += time < 12 ? 1 : 0;
  }
  write_text_atomically(spikes.folder / "spikes.txt", text);
  const Recording recording = read_spikes(spikes.import);
  std::int32_t counted = 0;
  for (const std::int32_t count : row(recording, 0)) counted += count;
  RC_ASSERT(counted == inside);
}

TEST(ReadSpikes, BadTimesAreNamed) {
  Spikes spikes;
  spikes.refused(ErrorKind::data, {"spikes.txt", "line 2, spike 1", "10.100000", "10.200000", "ascending"},
                 "10.1\n10.2 10.1\n");
  spikes.refused(ErrorKind::data, {"line 1, spike 1 is not finite"}, "10.1 nan 10.2\n");
  spikes.refused(ErrorKind::data, {"line 2 holds 'x1'"}, "10.1\nx1\n");
  spikes.refused(ErrorKind::data, {"spikes.txt", "empty"}, "\n\n");
  spikes.refused(ErrorKind::data, {"line 1: the header is", "'cell' and 'time'"}, "foo bar\n1 2\n");
  spikes.refused(ErrorKind::data, {"line 3 has 3 columns"}, "cell time\n1 10.1\n1 10.2 5\n");
  spikes.refused(ErrorKind::data, {"cell 1, spike 1", "ascending"}, "cell time\n1 10.2\n2 10.1\n1 10.1\n");
  const auto placed = [&](const std::string& object, const std::string& text) {
    testing::expect_place({spikes.folder / "spikes.txt", object, {}}, [&] { spikes.run(text); });
  };
  placed("line 2", "10.1\n10.2 10.1\n");
  placed("line 3", "# two cells\n10.1\nx1\n");
  placed("line 2", "# times\nfoo bar\n1 2\n");
  placed("cell 1", "cell time\n1 10.2\n2 10.1\n1 10.1\n");
  placed("", "\n\n");
  spikes.refused(ErrorKind::data, {"none of the 3 spikes", "10.0"}, "10050 10150 10250\n");
}

TEST(ReadSpikes, BadFrameTimesAreNamed) {
  Spikes spikes;
  spikes.frame_times("10 10.1 10.1 10.3 10.4 10.5");
  spikes.refused(ErrorKind::data, {"frames.txt", "frame time 2", "ascending"}, "10.1\n");
  spikes.frame_times("10 10.1 10.2 10.3 10.4");
  spikes.refused(ErrorKind::data, {"frames.txt", "5 frame times", "6 frames"}, "10.1\n");
  spikes.frame_times("10");
  spikes.refused(ErrorKind::data, {"1 frame time"}, "10.1\n");
  spikes.frame_times("10 10.1 10.2 10.3 10.4 10.5");
  spikes.import.timing.frame_rate = 60;
  spikes.refused(ErrorKind::data, {"10.0", "expected the stated 60"}, "10.1\n");
  spikes.import.timing.frame_rate = 10;
  EXPECT_EQ(spikes.run("10.1\n").frame_rate, 10);
}

TEST(ReadSpikes, OtherMistakes) {
  Spikes spikes;
  spikes.import.start.reset();
  spikes.refused(ErrorKind::usage, {"neither frame times nor a start"}, "10.1\n");
  spikes.import.start = 10;
  spikes.import.timing.frame_rate = 0;
  spikes.refused(ErrorKind::usage, {"start without a frame rate"}, "10.1\n");
  spikes.import.timing.frame_rate = 1e300;
  spikes.refused(ErrorKind::usage, {"the frame rate is 1e+300 Hz"}, "10.1\n");
  spikes.import.timing.frame_rate = 10;
  spikes.import.frames_per_update = 0;
  spikes.refused(ErrorKind::usage, {"0 frames per update"}, "10.1\n");
  spikes.import.frames_per_update = 1;
  spikes.import.spikes = spikes.folder / "absent.txt";
  expect_error(ErrorKind::missing, {"absent.txt"}, [&] { spikes.run(); });
  std::filesystem::create_directories(spikes.folder / "none");
  spikes.import.spikes = spikes.folder / "none";
  expect_error(ErrorKind::missing, {"no .npy file"}, [&] { spikes.run(); });
}

}  // namespace
}  // namespace plexiform
