#include <gtest/gtest.h>

#include <cstdlib>

#include "base/temporary_folder.hpp"
#include "plexiform/formats/counts_file.hpp"
#include "plexiform/formats/recording_file.hpp"
#include "plexiform/recording/spike_triggered.hpp"
#include "plexiform/recording/split.hpp"

namespace plexiform {
namespace {

std::filesystem::path data_folder() {
  const char* stated = std::getenv("PLEXIFORM_DATA");
  return stated != nullptr ? std::filesystem::path(stated)
                           : std::filesystem::path(PLEXIFORM_SOURCE_DIR).parent_path() / "shared/data";
}

TEST(Salamander, IsImportedAndItsFieldsAreFound) {
  const std::filesystem::path folder = data_folder() / "salamander_white_noise";
  if (!std::filesystem::exists(folder / "counts.npy.gz"))
    GTEST_SKIP() << "no recordings at " << folder << "; set PLEXIFORM_DATA";
  CountsOptions import;
  import.timing.frame_rate = 30;
  import.common.pixel_um = 30;
  import.counts = folder / "counts.npy.gz";
  import.centers = folder / "centers.txt";
  import.stimulus.seed = -10000;
  import.stimulus.width = 200;
  import.stimulus.height = 150;
  import.frozen = FrozenBlocks{1500, 300, -20000};
  const testing::TemporaryFolder temporary;
  write_recording(temporary / "rec.h5", read_counts_file(import));
  EXPECT_LT(std::filesystem::file_size(temporary / "rec.h5"), 2'000'000u);  // the recipe, not the movie

  const Recording recording = read_recording(temporary / "rec.h5");
  EXPECT_EQ(recording.cells(), 120);
  EXPECT_EQ(recording.bins(), 36000);
  EXPECT_EQ(recording.segments.size(), 24u);
  EXPECT_EQ(recording.segments[23].first_frame, 23 * 1800);
  const Split split = make_split(recording, {});
  EXPECT_EQ(split.test().front().begin, 30000);
  EXPECT_EQ(total(split.test()), 6000);

  std::vector<Range> bins = split.train();
  bins.insert(bins.end(), split.validation().begin(), split.validation().end());
  const std::vector<std::int64_t> cells{9, 4};
  const std::vector<WindowResult> found = find_windows(recording, cells, bins, 15, 20);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const CellWindow& window = found[i].found;
    EXPECT_EQ(window.source, WindowSource::average);
    EXPECT_GT(window.z, 15);
    EXPECT_NEAR(window.centre.x, recording.centers[static_cast<std::size_t>(cells[i])].x, 3);
    EXPECT_NEAR(window.centre.y, recording.centers[static_cast<std::size_t>(cells[i])].y, 3);
  }

  // OFF cells whose average has its temporal peak 4 to 5 frames before the spike.
  const Window& window = found[0].found.window;
  const std::vector<Range> some{{0, 6000}};
  const NdArray<double> sta = spike_triggered_average(recording, std::span(cells).first(1), some, window, 0, 19);
  const auto trough = std::min_element(sta.values.begin(), sta.values.end()) - sta.values.begin();
  EXPECT_GE(trough / window.pixels(), 4);
  EXPECT_LE(trough / window.pixels(), 5);
  EXPECT_LT(sta.values[static_cast<std::size_t>(trough)], -0.2);
}

}  // namespace
}  // namespace plexiform
