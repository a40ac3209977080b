// The recorded answers to flashed images: what their README says of them.
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/temporary_folder.hpp"
#include "plexiform/formats/flashed_file.hpp"
#include "plexiform/formats/recording_file.hpp"

namespace plexiform {
namespace {

TEST(ReadFlashed, TheRecordedFileIsRead) {
  const char* stated = std::getenv("PLEXIFORM_DATA");
  const std::filesystem::path data =
      std::filesystem::path(stated ? stated : PLEXIFORM_SOURCE_DIR "/../shared/data") / "salamander_natural_images";
  if (!std::filesystem::exists(data)) GTEST_SKIP() << "no recordings at " << data << "; set PLEXIFORM_DATA";
  const testing::TemporaryFolder folder;
  FlashedOptions import;
  import.spikes = data / "spikes.mat";
  import.images = {data / "images"};
  import.raw = RawImage{256, 256, 8, true, false};
  import.window_end = 300;
  import.contours = data / "receptive_fields.mat";
  import.monitor = {800, 600};
  write_recording(folder / "flashed.h5", read_flashed(import));
  const Recording recording = read_recording(folder / "flashed.h5");
  EXPECT_EQ(recording.cells(), 38);
  EXPECT_EQ(recording.bins(), 60 * 30);
  std::int64_t spikes = 0;
  for (const auto count : recording.counts.values) spikes += count;
  EXPECT_EQ(spikes, 79514);  // 200 more are at 300 ms
  EXPECT_EQ(recording.contours[0].size(), 1000u);
  EXPECT_NEAR(recording.centers[0].x, 106.1, 0.5);
  EXPECT_NEAR(recording.centers[0].y, 120.5, 0.5);
}

}  // namespace
}  // namespace plexiform
