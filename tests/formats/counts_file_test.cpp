#include "plexiform/formats/counts_file.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "base/expect_error.hpp"
#include "base/temporary_folder.hpp"
#include "plexiform/base/error.hpp"
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

/// Counts under ran1 with frozen blocks of 4 between running blocks of 10.
CountsOptions ran1_import(const TemporaryFolder& folder, std::int64_t bins) {
  std::vector<std::uint8_t> counts(static_cast<std::size_t>(2 * bins));
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = static_cast<std::uint8_t>(i);
  write_typed_npy(folder / "counts.npy", "|u1", {2, bins}, counts);
  CountsOptions import;
  import.timing.frame_rate = 30;
  import.counts = folder / "counts.npy";
  import.stimulus.seed = -10000;
  import.stimulus.width = 5;
  import.stimulus.height = 3;
  import.frozen = FrozenBlocks{10, 4, std::nullopt};
  return import;
}

Recording run(const CountsOptions& import, const TemporaryFolder& folder) {
  write_recording(folder / "rec.h5", read_counts_file(import));
  return read_recording(folder / "rec.h5");
}

TEST(ReadCountsFile, KnownFrozenFramesArePartOfTheHistory) {
  const TemporaryFolder folder;
  CountsOptions import = ran1_import(folder, 25);
  import.frozen->seed = -20000;
  const Recording recording = run(import, folder);
  EXPECT_EQ(recording.segments, (std::vector<Segment>{{0, 10, 0, 0, -1}, {10, 10, 14, 0, -1}, {20, 5, 28, 0, -1}}));
  ASSERT_TRUE(recording.recipe.has_value());
  const auto& recipe = std::get<Ran1Recipe>(*recording.recipe);
  EXPECT_EQ(recipe.frozen_frames, 4);
  EXPECT_EQ(recipe.frozen_seed, -20000);
  std::vector<float> frozen(4 * 15), again(4 * 15);
  recording.stimulus->read(10, 14, {0, 0, 3, 5}, frozen);
  recording.stimulus->read(24, 28, {0, 0, 3, 5}, again);
  EXPECT_EQ(frozen, again);
}

TEST(ReadCountsFile, UnknownFrozenFramesEndTheHistory) {
  const TemporaryFolder folder;
  const CountsOptions import = ran1_import(folder, 25);
  const Recording recording = run(import, folder);
  EXPECT_EQ(recording.segments, (std::vector<Segment>{{0, 10, 0, 0, -1}, {10, 10, 10, 10, -1}, {20, 5, 20, 20, -1}}));
  // The running stream goes on without them.
  std::vector<float> with(10 * 15), without(10 * 15);
  CountsOptions known = import;
  known.frozen->seed = -5;
  run(known, folder).stimulus->read(14, 24, {0, 0, 3, 5}, with);
  recording.stimulus->read(10, 20, {0, 0, 3, 5}, without);
  EXPECT_EQ(with, without);
}

TEST(ReadCountsFile, WithoutBlocksThereIsOneSegment) {
  const TemporaryFolder folder;
  CountsOptions import = ran1_import(folder, 25);
  import.frozen.reset();
  const Recording recording = run(import, folder);
  EXPECT_EQ(recording.segments, (std::vector<Segment>{{0, 25, 0, 0, -1}}));
  EXPECT_EQ(recording.stimulus->frames(), kEndless);
  float first[2];
  recording.stimulus->read(0, 1, {0, 0, 2, 1}, first);  // xy: y runs fastest; 0.1896 and 0.6451
  EXPECT_EQ(first[0], -1);
  EXPECT_EQ(first[1], 1);
}

TEST(ReadCountsFile, ALagOffsetKeepsToWhatIsKnown) {
  const TemporaryFolder folder;
  CountsOptions import = ran1_import(folder, 20);
  import.timing.lag_offset = 2;
  const Recording unknown = run(import, folder);
  EXPECT_EQ(unknown.segments, (std::vector<Segment>{{0, 8, 2, 0, -1}, {8, 8, 12, 10, -1}}));
  EXPECT_EQ(row(unknown, 0), (std::vector<std::int32_t>{0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17}));
  import.frozen->seed = -20000;
  import.timing.lag_offset = -2;
  const Recording known = run(import, folder);
  EXPECT_EQ(known.segments, (std::vector<Segment>{{0, 8, 0, 0, -1}, {8, 10, 12, 0, -1}}));
  EXPECT_EQ(row(known, 0)[0], 2);
}

TEST(ReadCountsFile, CentresAreReadAndChecked) {
  const TemporaryFolder folder;
  CountsOptions import = ran1_import(folder, 25);
  import.centers = folder / "centers.txt";
  write_text_atomically(*import.centers, "\xEF\xBB\xBF# x y\n1 2\n3.5,\t4\n\n");
  const Recording recording = run(import, folder);
  ASSERT_EQ(recording.centers.size(), 2u);
  EXPECT_EQ(recording.centers[1].x, 3.5);
  EXPECT_EQ(recording.centers[1].y, 4);
  const auto refused = [&](const std::string& text, const std::vector<std::string>& words) {
    write_text_atomically(*import.centers, text);
    expect_error(ErrorKind::data, words, [&] { run(import, folder); });
  };
  refused("1 2\n", {"centers.txt", "1 line", "2 cells"});
  refused("1 2\n3 x\n", {"line 2", "'3 x'"});
  testing::expect_place({*import.centers, "line 2", {}}, [&] { run(import, folder); });
  refused("1 2\n3\n", {"line 2"});
  refused("1 2 3\n4 5\n", {"line 1"});
}

TEST(ReadCountsFile, Mistakes) {
  const TemporaryFolder folder;
  const auto refused = [&](ErrorKind kind, const std::vector<std::string>& words,
                           const std::function<void(CountsOptions&)>& spoil) {
    CountsOptions import = ran1_import(folder, 25);
    spoil(import);
    expect_error(kind, words, [&] { read_counts_file(import); });
    EXPECT_EQ(folder.entries(), 1u);
  };
  refused(ErrorKind::usage, {"length of a running block"}, [](CountsOptions& i) { i.frozen->running_frames = 0; });
  refused(ErrorKind::usage, {"seed of frozen frames"}, [](CountsOptions& i) { i.frozen = FrozenBlocks{10, 0, -5}; });
  refused(ErrorKind::usage, {"seed"}, [](CountsOptions& i) { i.stimulus.seed = 3; });
  refused(ErrorKind::usage, {"frame rate"}, [](CountsOptions& i) { i.timing.frame_rate = -1; });
  refused(ErrorKind::data, {"no count"}, [](CountsOptions& i) { i.timing.lag_offset = 10; });
  write_typed_npy(folder / "counts.npy", "<f4", {2, 3, 2}, std::vector<float>(12, 1));
  CountsOptions import = ran1_import(folder, 25);
  write_typed_npy(folder / "counts.npy", "<f4", {2, 3, 2}, std::vector<float>(12, 1));
  expect_error(ErrorKind::data, {"three axes"}, [&] { read_counts_file(import); });
}

}  // namespace
}  // namespace plexiform
