#include "plexiform/formats/export.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "base/expect_error.hpp"
#include "base/temporary_folder.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/base/npy.hpp"
#include "recording/support.hpp"

namespace plexiform {
namespace {

using testing::random_movie;
using testing::silent_recording;
using testing::TemporaryFolder;

Circuit circuit_of(std::vector<float> weights) {
  const auto n = static_cast<std::int64_t>(weights.size());
  Circuit circuit;
  circuit.spatial = NdArray<float>({n, 4, 5});
  for (std::int64_t i = 0; i < n; ++i) circuit.spatial.row(i)[static_cast<std::size_t>(i)] = 1;
  circuit.temporal = NdArray<float>({n, 3}, 1.0f);
  circuit.weight = NdArray<float>({n});
  circuit.weight.values = std::move(weights);
  return circuit;
}

Recording two_cells() {
  Recording recording = silent_recording(memory_stimulus(random_movie(30, 1, 4, 5, 1)), 2, 30);
  for (std::size_t i = 0; i < 60; ++i) recording.counts.values[i] = static_cast<std::int32_t>(i);
  return recording;
}

TEST(ExportArrays, OnlyDrivingSubunitsAreTheTruth) {
  const TemporaryFolder folder;
  Recording recording = two_cells();
  recording.truth = {circuit_of({1, -1, 1}), circuit_of({1, 2})};
  const auto exported = export_arrays(recording, folder / "a");
  EXPECT_EQ(exported.files, (std::vector<std::string>{"stim.npy", "counts.npy", "truth_spatial.npy"}));
  const auto truth = read_npy(folder / "a" / "truth_spatial.npy");
  EXPECT_EQ(truth.shape, (std::vector<std::int64_t>{2, 2, 4, 5}));
  EXPECT_EQ(truth.values[20 + 2], 1) << "the third one, after a surround";
}

TEST(ExportArrays, CellsOfDifferentNumbersGetAFileEach) {
  const TemporaryFolder folder;
  Recording recording = two_cells();
  recording.truth = {circuit_of({1, 1, 1}), circuit_of({1, 2})};
  EXPECT_EQ(export_arrays(recording, folder / "a").files.size(), 4u);
  EXPECT_EQ(read_npy(folder / "a" / "truth_spatial_0.npy").shape, (std::vector<std::int64_t>{3, 4, 5}));
  EXPECT_EQ(read_npy(folder / "a" / "truth_spatial_1.npy").shape, (std::vector<std::int64_t>{2, 4, 5}));
}

TEST(ExportArrays, APartAcrossSegmentsHasTheFramesThatWereShown) {
  const TemporaryFolder folder;
  Recording recording = two_cells();
  recording.segments = {{0, 10, 5, 0, -1}, {10, 20, 3, 0, -1}};
  EXPECT_EQ(export_arrays(recording, folder / "a", Range{8, 13}).frames, 5);
  const auto movie = read_npy(folder / "a" / "stim.npy"), counts = read_npy(folder / "a" / "counts.npy");
  EXPECT_EQ(counts.values, (std::vector<double>{8, 9, 10, 11, 12, 38, 39, 40, 41, 42}));
  std::vector<float> frame(20);
  const std::vector<std::int64_t> shown{13, 14, 3, 4, 5};
  for (std::size_t t = 0; t < shown.size(); ++t) {
    recording.stimulus->read(shown[t], shown[t] + 1, whole(recording.stimulus->shape()), frame);
    for (std::size_t p = 0; p < 20; ++p) EXPECT_EQ(movie.values[t * 20 + p], frame[p]);
  }
}

TEST(ExportArrays, IsWholeOrAbsent) {
  const TemporaryFolder folder;
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(export_arrays(two_cells(), folder / "a", {}, {}, stop.get_token()), Interrupted);
  EXPECT_EQ(folder.entries(), 0u);
  std::ofstream(folder / "file") << "kept";
  testing::expect_error(ErrorKind::usage, {"file: exists already"},
                        [&] { export_arrays(two_cells(), folder / "file"); });
  testing::expect_error(ErrorKind::usage, {"5:5", "0:30"}, [&] {
    export_arrays(two_cells(), folder / "b", Range{5, 5});
  });
  EXPECT_EQ(folder.entries(), 1u);
}

}  // namespace
}  // namespace plexiform
