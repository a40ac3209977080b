#include "plexiform/recording/windows.hpp"

#include <gtest/gtest.h>

#include "base/expect_error.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/cell/presets.hpp"
#include "recording/support.hpp"
#include "stimulus/watched_stimulus.hpp"

namespace plexiform {
namespace {

using testing::answer_pixel;
using testing::noise_recording;

std::vector<Range> all_bins(const Recording& recording) {
  return {{0, recording.bins()}};
}

/// A cell whose average is empty: it fires when the sum over 3 x 3 pixels and three frames is far from 0.
void answer_energy(Recording& recording, std::int64_t cell, std::int64_t y, std::int64_t x) {
  const CounterRandom random(778, static_cast<std::uint64_t>(cell));
  std::vector<float> box(27);
  for (std::int64_t bin = 8; bin < recording.bins(); ++bin) {
    recording.stimulus->read(bin - 6, bin - 3, {y - 1, x - 1, 3, 3}, box);
    double sum = 0;
    for (const float value : box) sum += static_cast<double>(value);
    recording.counts.row(cell)[static_cast<std::size_t>(bin)] =
        static_cast<std::int32_t>(random.poisson(static_cast<std::uint64_t>(bin), 0.1 * sum * sum / 27));
  }
}

TEST(Windows, AreAroundTheirPlaceAndInsideTheGrid) {
  const FrameShape grid{1, 30, 40};
  EXPECT_EQ(window_around({20, 10}, 7, 7, grid), (Window{7, 17, 7, 7}));
  EXPECT_EQ(window_around({0, 29}, 7, 7, grid), (Window{23, 0, 7, 7}));
  EXPECT_EQ(window_around({39.4, 0.4}, 8, 6, grid), (Window{0, 34, 8, 6}));
  EXPECT_EQ(window_around({-5, 100}, 99, 7, grid), (Window{0, 0, 30, 7}));
}

TEST(Windows, AreFoundWithoutWithRightAndWithWrongCentres) {
  Recording recording = noise_recording(50, 60, 4, 3000, 21);
  for (std::int64_t cell = 0; cell < 4; ++cell) answer_pixel(recording, cell, 40, 50, 4, 0.1);
  const std::vector<std::int64_t> cells{0, 1, 2, 3};
  const auto expect_all = [&] {
    for (const WindowResult& result : find_windows(recording, cells, all_bins(recording), 9, 10)) {
      EXPECT_EQ(result.error, "");
      EXPECT_EQ(result.found.window, (Window{36, 46, 9, 9}));
      EXPECT_NEAR(result.found.centre.x, 50, 0.5);
      EXPECT_NEAR(result.found.centre.y, 40, 0.5);
      EXPECT_EQ(result.found.source, WindowSource::average);
      EXPECT_GT(result.found.z, 6);
    }
  };
  expect_all();
  // Right; wrong by little, so that the field is at the edge of what is tried first; wrong by far; not on the grid.
  recording.centers = {{50, 40}, {50, 51}, {5, 5}, {700, -3}};
  expect_all();
}

TEST(Windows, AFieldAtTheEdgeOfWhatIsTriedFirstIsSeenWhole) {
  Recording recording = noise_recording(60, 60, 1, 6000, 27);
  std::vector<float> field(49);  // 7 x 7 pixels around (30, 30)
  for (std::int64_t bin = 8; bin < recording.bins(); ++bin) {
    recording.stimulus->read(bin - 3, bin - 2, {27, 27, 7, 7}, field);
    float sum = 0;
    for (const float value : field) sum += value;
    recording.counts.row(0)[static_cast<std::size_t>(bin)] = sum > 7 ? 1 : 0;
  }
  recording.centers = {{30, 41}};  // so rows 31 to 51 are tried first
  const std::vector<std::int64_t> cells{0};
  const CellWindow found = find_windows(recording, cells, all_bins(recording), 15, 10)[0].found;
  EXPECT_NEAR(found.centre.y, 30, 0.5);
  EXPECT_NEAR(found.centre.x, 30, 0.5);
}

TEST(Windows, OfACellThatSquaresAreFoundByItsVariance) {
  Recording recording = noise_recording(40, 40, 3, 6000, 22);
  for (std::int64_t cell = 0; cell < 3; ++cell) answer_energy(recording, cell, 12, 30);
  recording.centers = {{30, 12}, {5, 35}, {29, 14}};
  const std::vector<std::int64_t> cells{0, 1, 2};
  for (const WindowResult& result : find_windows(recording, cells, all_bins(recording), 9, 12)) {
    EXPECT_EQ(result.found.source, WindowSource::variance);
    EXPECT_NEAR(result.found.centre.x, 30, 1);
    EXPECT_NEAR(result.found.centre.y, 12, 1);
    EXPECT_GT(result.found.z, 7);
  }
}

TEST(Windows, OfAModelCellThatSquaresAreFoundFromThreeThousandSpikes) {
  CellRecipe recipe;
  recipe.preset = "mosaic5";
  recipe.frames = 30000;
  recipe.subunits = SubunitNonlinearity::squared;
  for (recipe.seed = 101; recipe.seed <= 103; ++recipe.seed) {
    const Recording recording = simulate(recipe);
    const std::vector<std::int64_t> cells{0};
    const CellWindow found = find_windows(recording, cells, all_bins(recording), 13, 20)[0].found;
    EXPECT_EQ(found.source, WindowSource::variance);
    EXPECT_GT(found.z, 9);
    EXPECT_NEAR(found.centre.x, 7.5, 2.5);
    EXPECT_NEAR(found.centre.y, 7.5, 2.5);
  }
}

TEST(Windows, WithoutEvidenceTheStatedCentreIsKept) {
  Recording recording = noise_recording(40, 40, 20, 3000, 23);
  for (std::size_t i = 0; i < recording.counts.values.size(); ++i)
    recording.counts.values[i] = static_cast<std::int32_t>(CounterRandom(5, 5).poisson(i, 0.1));
  recording.centers.assign(20, {11, 30});
  std::vector<std::int64_t> cells;
  for (std::int64_t i = 0; i < 20; ++i) cells.push_back(i);
  for (const WindowResult& result : find_windows(recording, cells, all_bins(recording), 9, 10)) {
    EXPECT_EQ(result.found.window, (Window{26, 7, 9, 9}));
    EXPECT_LT(result.found.z, 5);
  }
}

TEST(Windows, OnlyTheGivenBinsAreLookedAt) {
  Recording recording = noise_recording(40, 40, 1, 4000, 24);
  answer_pixel(recording, 0, 20, 20, 3, 0.3);
  for (std::int64_t bin = 0; bin < 2000; ++bin)  // the structure is in the last half alone
    recording.counts.row(0)[static_cast<std::size_t>(bin)] =
        static_cast<std::int32_t>(CounterRandom(1, 1).poisson(static_cast<std::uint64_t>(bin), 0.3));
  const std::vector<std::int64_t> cells{0};
  const std::vector<Range> first{{0, 2000}};
  EXPECT_LT(find_windows(recording, cells, first, 9, 10)[0].found.z, 5);
  EXPECT_GT(find_windows(recording, cells, all_bins(recording), 9, 10)[0].found.z, 6);
}

TEST(Windows, ACellWithoutSpikesHasAnErrorInItsPlace) {
  Recording recording = noise_recording(20, 20, 2, 2000, 25);
  answer_pixel(recording, 1, 10, 10, 3, 0.3);
  const std::vector<std::int64_t> cells{0, 1};
  const auto results = find_windows(recording, cells, all_bins(recording), 9, 10);
  EXPECT_NE(results[0].error.find("cell 0 has no spikes in the 2,000 bins"), std::string::npos) << results[0].error;
  EXPECT_EQ(results[1].error, "");
}

TEST(Windows, OfASmallGridAreAllOfIt) {
  Recording recording = noise_recording(6, 8, 1, 2000, 26);
  answer_pixel(recording, 0, 2, 3, 3, 0.3);
  const std::vector<std::int64_t> cells{0};
  const CellWindow found = find_windows(recording, cells, all_bins(recording), 15, 10)[0].found;
  EXPECT_EQ(found.window, (Window{0, 0, 6, 8}));
  EXPECT_NEAR(found.centre.x, 3, 0.5);
  testing::expect_error(ErrorKind::usage, {"0 pixels"},
                        [&] { find_windows(recording, cells, all_bins(recording), 0, 10); });
}

/// One cell with an average, one that squares, one that is stated to be elsewhere: all steps of a search.
Recording three_kinds() {
  Recording recording = noise_recording(40, 40, 3, 4000, 28);
  answer_pixel(recording, 0, 12, 30, 4, 0.2);
  answer_energy(recording, 1, 12, 30);
  answer_pixel(recording, 2, 12, 30, 4, 0.2);
  recording.centers = {{30, 12}, {29, 14}, {5, 5}};
  return recording;
}

TEST(Windows, AreTheSameOnAnyNumberOfThreads) {
  const Recording recording = three_kinds();
  const std::vector<std::int64_t> cells{0, 1, 2};
  const auto one = find_windows(recording, cells, all_bins(recording), 9, 10, {1});
  EXPECT_EQ(one[1].found.source, WindowSource::variance);
  for (const int threads : {2, 5}) {
    const auto many = find_windows(recording, cells, all_bins(recording), 9, 10, {threads});
    for (std::size_t i = 0; i < one.size(); ++i) {
      EXPECT_EQ(many[i].found.z, one[i].found.z);
      EXPECT_EQ(many[i].found.centre.x, one[i].found.centre.x);
      EXPECT_EQ(many[i].found.centre.y, one[i].found.centre.y);
      EXPECT_EQ(many[i].found.window, one[i].found.window);
    }
  }
}

TEST(Windows, AStopRequestEndsTheSearchInAnyOfItsSteps) {
  const std::vector<std::int64_t> cells{0, 1, 2};
  Recording recording = three_kinds();
  const auto movie = recording.stimulus;
  const auto all = std::make_shared<testing::WatchedStimulus>(movie);
  recording.stimulus = all;
  find_windows(recording, cells, all_bins(recording), 9, 10);
  ASSERT_GE(all->reads(), 3) << "around stated centres, on the grid, by the variance";
  for (int at = 1; at <= all->reads(); ++at) {
    const auto watched = std::make_shared<testing::WatchedStimulus>(movie, at);
    recording.stimulus = watched;
    EXPECT_THROW(find_windows(recording, cells, all_bins(recording), 9, 10, {2, watched->token()}), Interrupted);
    EXPECT_EQ(watched->reads(), at);
  }
}

}  // namespace
}  // namespace plexiform
