// Each threshold of recording does what it is for. The default split: split_test.cpp; which counts are ahead of their
// stimulus, how rare a false alarm is: check_test.cpp; geometry by name: geometry_test.cpp. Here: both sides of limits.
#include "plexiform/recording/thresholds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "plexiform/form/model_settings.hpp"
#include "plexiform/recording/check.hpp"
#include "plexiform/recording/cut.hpp"
#include "plexiform/recording/geometry.hpp"
#include "plexiform/recording/split.hpp"
#include "plexiform/recording/windows.hpp"
#include "recording/support.hpp"

namespace plexiform {
namespace {

using namespace thresholds::recording;
using testing::answer_pixel;
using testing::noise_recording;

constexpr std::int64_t kSide = 31;

/// Evidence that is nothing but at some pixels.
EvidenceMap nothing() {
  const auto pixels = static_cast<std::size_t>(kSide * kSide);
  return {{0, 0, kSide, kSide}, 1, std::vector<double>(pixels, 0.0), std::vector<double>(pixels, 0.0)};
}
void put(EvidenceMap& map, std::int64_t y, std::int64_t x, double z, double excess) {
  const auto at = static_cast<std::size_t>(y * kSide + x);
  map.z[at] = z;
  map.excess[at] = excess;
}
Located best(const EvidenceMap& map, double alpha = kAlphaGrid) {
  return best_place(map, map.window, WindowSource::average, alpha);
}

TEST(NearPeak, PixelsCountForTheCentreFromTheirShareOfThePeakOn) {
  const auto x_of = [](double share) {
    EvidenceMap map = nothing();
    put(map, 15, 15, 20, 100);
    put(map, 15, 18, 10, 100 * share);
    return best(map).centre.x;
  };
  EXPECT_EQ(x_of(kNearPeak - 0.01), 15);
  EXPECT_NEAR(x_of(kNearPeak + 0.01), 15 + 3 * (kNearPeak + 0.01) / (1.01 + kNearPeak), 1e-9);
}

TEST(StandsOut, PixelsCountForTheCentreFromTheirZOn) {
  const auto x_of = [](double z) {
    EvidenceMap map = nothing();
    put(map, 15, 15, 20, 100);
    put(map, 15, 18, z, 100);
    return best(map).centre.x;
  };
  EXPECT_EQ(x_of(kStandsOut - 0.01), 15);
  EXPECT_EQ(x_of(kStandsOut + 0.01), 16.5);
}

TEST(Around, NothingFurtherFromThePeakDrawsTheCentre) {
  const auto x_of = [](std::int64_t away) {
    EvidenceMap map = nothing();
    put(map, 15, 15, 20, 100);
    put(map, 15, 15 + away, 19, 100);
    return best(map).centre.x;
  };
  EXPECT_EQ(x_of(kAround), 15 + static_cast<double>(kAround) / 2);
  EXPECT_EQ(x_of(kAround + 1), 15);
}

TEST(Edge, APeakSoNearToItMayLieOutsideWhereTheGridContinues) {
  const Window part{10, 10, 21, 21};
  const FrameShape grid{1, 50, 50};
  EXPECT_TRUE(at_edge({10 + kEdge - 0.1, 20}, part, grid));
  EXPECT_FALSE(at_edge({10 + kEdge + 0.1, 20}, part, grid));
  EXPECT_TRUE(at_edge({20, 30 - kEdge + 0.1}, part, grid));
  EXPECT_FALSE(at_edge({20, 30 - kEdge - 0.1}, part, grid));
  // At the border of the grid there is nothing outside.
  EXPECT_FALSE(at_edge({0, 20}, {0, 0, 50, 50}, grid));
  EXPECT_FALSE(at_edge({49, 49}, {0, 0, 50, 50}, grid));
}

TEST(AlphaOfWindows, IsOfAFalseAlarmInAnyPixelAndTestThatIsLookedAt) {
  for (const double alpha : {kAlphaStated, kAlphaGrid})
    for (const double tests : {1.0, 80.0}) {
      EvidenceMap map = nothing();
      map.tests = tests;
      const double limit = normal_quantile_above(alpha / (tests * kSide * kSide));
      put(map, 15, 15, limit + 0.01, 1);
      EXPECT_TRUE(best(map, alpha).significant);
      put(map, 15, 15, limit - 0.01, 1);
      EXPECT_FALSE(best(map, alpha).significant);
    }
}

/// A cell at (20, 20) of 40 x 40 pixels whose evidence is enough around a stated centre, but not on the whole grid:
/// found among cells that answer that little.
Recording little_evidence() {
  const double stated = normal_quantile_above(kAlphaStated / (kSearchSide * kSearchSide));
  const double grid = normal_quantile_above(kAlphaGrid / (40 * 40));
  EXPECT_LT(stated + 0.4, grid);
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Recording recording = noise_recording(40, 40, 1, 1500, seed);
    answer_pixel(recording, 0, 20, 20, 3, 0.025);
    const std::vector<std::int64_t> cells{0};
    const std::vector<Range> bins{{0, 1500}};
    const Located found = locate(recording, cells, bins, 9, 0, 9, false, {})[0];
    if (found.z > stated + 0.1 && found.z < grid - 0.1 && std::hypot(found.centre.x - 20, found.centre.y - 20) < 1)
      return recording;
  }
  ADD_FAILURE() << "no such cell";
  return noise_recording(40, 40, 1, 1500, 1);
}

TEST(AlphaOfWindows, AsksLessAroundAStatedCentreThanOnTheGrid) {
  Recording recording = little_evidence();
  const std::vector<std::int64_t> cells{0};
  const std::vector<Range> bins{{0, 1500}};
  EXPECT_FALSE(locate(recording, cells, bins, 9, 0, 9, false, {})[0].significant);
  recording.centers = {{20, 20}};
  EXPECT_TRUE(locate(recording, cells, bins, 9, 0, 9, false, {})[0].significant);
}

TEST(SearchSide, IsHowFarAroundAStatedCentreACellIsLookedFor) {
  Recording recording = little_evidence();
  const std::vector<std::int64_t> cells{0};
  const std::vector<Range> bins{{0, 1500}};
  const auto found_with_centre_at = [&](double x) {
    recording.centers = {{x, 20}};
    const Located found = locate(recording, cells, bins, 9, 0, 9, false, {})[0];
    EXPECT_NE(found.significant, found.is_stated);
    return found.significant;
  };
  const double half = static_cast<double>(kSearchSide / 2);
  EXPECT_TRUE(found_with_centre_at(20 + half - kEdge - 1));
  EXPECT_FALSE(found_with_centre_at(20 + half + 1)) << "the stated centre is kept";
}

TEST(LocalBoxes, AreOfSidesWithAMiddlePixel) {
  for (const LocalBox& box : kLocalBoxes) {
    EXPECT_EQ(box.side % 2, 1);
    EXPECT_GE(box.frames, 1);
  }
}

TEST(UsualSplit, IsTheSameInSettingsSplitsAndCuts) {
  EXPECT_EQ(SplitSettings{}.block_seconds, TrainSettings{}.block_seconds);
  const Recording recording = noise_recording(2, 2, 1, 6000, 1);
  EXPECT_EQ(usual_test_frames(recording), 6000 / kTestParts);
  SplitSettings stated;
  stated.test.frames = usual_test_frames(recording);
  EXPECT_EQ(make_split(recording, stated).test(), make_split(recording, {}).test());
}

TEST(LeastBlockFrames, NoBlockIsShorterHoweverShortItsSeconds) {
  SplitSettings settings;
  settings.block_seconds = 0;
  settings.lags = 1;
  settings.test.frames = 0;
  const Recording recording = noise_recording(2, 2, 1, 40 * kLeastBlockFrames, 1);
  const Split split = make_split(recording, settings);
  for (const Range& block : split.validation()) EXPECT_EQ(block.size(), kLeastBlockFrames);
  EXPECT_EQ(total(split.validation()), 40 * kLeastBlockFrames / kValidationEvery);
}

TEST(Geometry, IsTheSameWhereRatesAndSizesDifferByRounding) {
  const Geometry one{{1, 16, 16}, 30, 30};
  for (const double off : {0.9, 1.1}) {
    const double factor = 1 + off * kSameGeometry;
    EXPECT_EQ(same_geometry(one, {{1, 16, 16}, 30 * factor, 30}), off < 1);
    EXPECT_EQ(same_geometry(one, {{1, 16, 16}, 30, 30 * factor}), off < 1);
  }
}

/// Noise whose frames are correlated so with the frame before.
Recording correlated(double correlation) {
  NdArray<float> movie = testing::random_movie(3000, 1, 12, 12, 33);
  const auto old_share = static_cast<float>(correlation),
             new_share = static_cast<float>(std::sqrt(1 - correlation * correlation));
  for (std::size_t i = 144; i < movie.values.size(); ++i)
    movie.values[i] = old_share * movie.values[i - 144] + new_share * movie.values[i];
  Recording recording = testing::silent_recording(memory_stimulus(std::move(movie)), 1, 3000);
  answer_pixel(recording, 0, 6, 6, 3, 0.3);
  return recording;
}

TEST(WhiteInTime, IsAStimulusWhoseFramesAreCorrelatedByLess) {
  // Its own standard error, of 432,000 values, is 0.0015.
  for (const double off : {-0.01, 0.01}) {
    const auto report = check_recording(correlated(kWhiteInTime + off), 10, {});
    const bool warned = std::ranges::any_of(
        report.warnings, [](const std::string& text) { return text.find("correlated in time") != std::string::npos; });
    EXPECT_EQ(warned, off > 0);
  }
}

/// Two cells: the second has a share of the first one's spikes, and as many more elsewhere as make their number equal.
Recording doubles(std::int64_t spikes, std::int64_t shared) {
  Recording recording = noise_recording(6, 6, 2, 4000, 5);
  for (std::int64_t i = 0; i < spikes; ++i) {
    recording.counts.row(0)[static_cast<std::size_t>(20 + 3 * i)] = 1;
    recording.counts.row(1)[static_cast<std::size_t>(i < shared ? 20 + 3 * i : 21 + 3 * i)] = 1;
  }
  return recording;
}

TEST(Doubled, AreCellsWhoseCountsCorrelateByMore) {
  // Of cells with as many spikes that are rare, the correlation is the share of spikes in the same bin, nearly.
  const auto said = [](double share) {
    return check_recording(doubles(400, std::lround(400 * share)), 5, {}).doubled.size();
  };
  EXPECT_EQ(said(kDoubled + 0.01), 1U);
  EXPECT_EQ(said(kDoubled - 0.01), 0U);
}

TEST(LeastToDouble, SoFewSpikesAreAlikeByChance) {
  const auto spikes = static_cast<std::int64_t>(kLeastToDouble);
  EXPECT_TRUE(check_recording(doubles(spikes, spikes), 5, {}).doubled.empty());
  EXPECT_EQ(check_recording(doubles(spikes + 1, spikes + 1), 5, {}).doubled.size(), 1U);
}

TEST(AlphaAhead, IsOfAFalseAlarmAnywhereInTheRecording) {
  // The limit of z is two-sided, over lags ahead, pixels, means of 3 x 3, and cells: counts that answer ahead of their
  // stimulus by a z that is beyond it are an error, and by one that is not are none.
  constexpr std::int64_t kLags = 5, kGrid = 12;
  const double limit = normal_quantile_above(kAlphaAhead / (4.0 * kLags * kGrid * kGrid));
  int beyond = 0, below = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    Recording recording = noise_recording(kGrid, kGrid, 1, 1500, seed);
    answer_pixel(recording, 0, 6, 6, -2, 0.02);
    const CheckReport report = check_recording(recording, kLags, {});
    (report.cells[0].z_ahead > limit ? beyond : below) += 1;
    EXPECT_EQ(report.errors.size(), report.cells[0].z_ahead > limit ? 1U : 0U) << report.cells[0].z_ahead;
  }
  EXPECT_GE(beyond, 2);
  EXPECT_GE(below, 2);
}

}  // namespace
}  // namespace plexiform
