#include "plexiform/cell/layouts.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace plexiform {
namespace {

struct Centre {
  double x, y;
};

/// Centre of mass of the squared filter.
Centre centre_of(const Layout& layout, std::int64_t subunit) {
  const std::int64_t width = layout.spatial.shape[2];
  Centre centre{0, 0};
  std::int64_t i = 0;
  for (const float v : layout.spatial.row(subunit)) {
    centre.x += v * v * static_cast<double>(i % width);
    centre.y += v * v * static_cast<double>(i / width);
    ++i;
  }
  return centre;
}

TEST(TemporalFilter, IsThePublishedTable) {
  // shared/reference/paper_method.md, five digits.
  const std::vector<double> table{0,      0,     0,     -.1235, -.40581, -.52738, -.42788, -.21453, 0,      .15517,
                                  .23784, .2608, .2449, .20919, .16733,  .12743,  .09339,  .06634,  .04593, .03111};
  const auto filter = temporal_filter();
  ASSERT_EQ(filter.size(), table.size());
  for (std::size_t lag = 0; lag < table.size(); ++lag) EXPECT_NEAR(filter[lag], table[lag], 5.1e-6) << lag;
}

TEST(Layouts, HaveFiltersOfUnitNormWithAPositivePeak) {
  for (const auto make : {blocks_layout, ring_layout, grid_layout, single_layout, spot_layout, small_spot_layout}) {
    for (const std::uint64_t seed : {101u, 102u}) {
      const Layout layout = make(seed, 0);
      for (std::int64_t i = 0; i < layout.spatial.shape[0]; ++i) {
        double square = 0, peak = 0;
        for (const float v : layout.spatial.row(i)) {
          square += v * v;
          if (std::abs(v) > std::abs(peak)) peak = v;
        }
        EXPECT_NEAR(square, 1, 1e-6);
        EXPECT_GT(peak, 0);
      }
    }
  }
}

TEST(Layouts, BlocksTileTheCentral4x4Pixels) {
  const Layout layout = blocks_layout(1);
  ASSERT_EQ(layout.spatial.shape, (std::vector<std::int64_t>{4, 8, 8}));
  for (std::int64_t y = 0; y < 8; ++y) {
    for (std::int64_t x = 0; x < 8; ++x) {
      const bool central = 2 <= x && x < 6 && 2 <= y && y < 6;
      for (std::int64_t i = 0; i < 4; ++i) {
        const bool in_block = central && (y - 2) / 2 == i / 2 && (x - 2) / 2 == i % 2;
        EXPECT_EQ(layout.spatial.row(i)[static_cast<std::size_t>(y * 8 + x)], in_block ? 0.5f : 0.0f);
      }
    }
  }
  EXPECT_TRUE(std::ranges::all_of(layout.weight.values, [](float w) { return w == 1; }));
}

TEST(Layouts, RingPlacesLieOnARingAsFarApartAsTheySay) {
  double radii = 0;
  constexpr int kLayouts = 100;
  for (std::uint64_t seed = 101; seed < 101 + kLayouts; ++seed) {
    const Layout layout = ring_layout(seed);
    ASSERT_EQ(layout.spatial.shape[0], 5);
    std::vector<double> angles;
    for (std::int64_t i = 0; i < 5; ++i) {
      const Centre c = centre_of(layout, i);
      radii += std::hypot(c.x - 7.5, c.y - 7.5) / (5 * kLayouts);
      angles.push_back(std::atan2(c.y - 7.5, c.x - 7.5));
    }
    for (std::size_t i = 0; i < 5; ++i) {
      const double step =
          std::remainder(angles[(i + 1) % 5] - angles[i] - 2 * std::numbers::pi / 5, 2 * std::numbers::pi);
      EXPECT_NEAR(step, 0, 0.1) << seed;  // the grid's edge cuts the widest ones a little
    }
  }
  EXPECT_NEAR(radii, 3.04, 4.5 * 0.15 * 3.04 / std::sqrt(5 * kLayouts));
}

TEST(Layouts, GridPlacesLieNearTheirGrid) {
  double sum = 0;
  constexpr int kLayouts = 100;
  for (std::uint64_t seed = 101; seed < 101 + kLayouts; ++seed) {
    const Layout layout = grid_layout(seed);
    ASSERT_EQ(layout.spatial.shape[0], 9);
    for (std::int64_t i = 0; i < 9; ++i) {
      const Centre c = centre_of(layout, i);
      const double dx = c.x - 7.5 - 2.7 * static_cast<double>(i % 3 - 1);
      const double dy = c.y - 7.5 - 2.7 * static_cast<double>(i / 3 - 1);
      sum += (dx * dx + dy * dy) / (2 * 9 * kLayouts);
    }
  }
  EXPECT_NEAR(std::sqrt(sum), 0.3, 0.03);
}

TEST(Layouts, WeightsAreUniformFrom0_7To1_3) {
  double sum = 0, least = 2, most = 0;
  for (std::uint64_t seed = 101; seed < 301; ++seed) {
    for (const double w : ring_layout(seed).weight.values) {
      sum += w / 1000, least = std::min(least, w), most = std::max(most, w);
    }
  }
  EXPECT_NEAR(sum, 1, 4.5 * 0.6 / std::sqrt(12 * 1000.0));
  EXPECT_GE(least, 0.7);
  EXPECT_LT(least, 0.71);
  EXPECT_LE(most, 1.3f);
  EXPECT_GT(most, 1.29);
}

/// Standard deviations along the two axes of a Gaussian filter, from the moments of its square.
std::pair<double, double> widths_of(const Layout& layout, std::int64_t subunit) {
  const Centre centre = centre_of(layout, subunit);
  const std::int64_t width = layout.spatial.shape[2];
  double xx = 0, xy = 0, yy = 0;
  std::int64_t i = 0;
  for (const float v : layout.spatial.row(subunit)) {
    const double dx = static_cast<double>(i % width) - centre.x, dy = static_cast<double>(i / width) - centre.y;
    xx += v * v * dx * dx, xy += v * v * dx * dy, yy += v * v * dy * dy;
    ++i;
  }
  const double middle = (xx + yy) / 2, half = std::hypot((xx - yy) / 2, xy);
  return {std::sqrt(2 * (middle - half)), std::sqrt(2 * (middle + half))};  // the square is narrower by root 2
}

TEST(Layouts, SizesThatVaryByHalfDoSoAndKeepPlacesAndWeights) {
  double least = 9, most = 0;
  for (std::uint64_t seed = 101; seed < 141; ++seed) {
    const Layout plain = ring_layout(seed), varied = ring_layout(seed, 0.5);
    EXPECT_EQ(varied.weight.values, plain.weight.values);
    for (std::int64_t i = 0; i < 5; ++i) {
      const auto [thin, wide] = widths_of(varied, i);
      least = std::min(least, thin), most = std::max(most, wide);
      EXPECT_NEAR(centre_of(varied, i).x, centre_of(plain, i).x, 0.25);  // the grid's edge cuts the widest ones
      EXPECT_NEAR(centre_of(varied, i).y, centre_of(plain, i).y, 0.25);
    }
  }
  EXPECT_NEAR(least, 1.3 / 1.5, 0.03);
  EXPECT_NEAR(most, 1.3 * 1.5, 0.06);
}

TEST(Layouts, SpotsLieNearTheCentre) {
  double size = 0;
  for (std::uint64_t seed = 101; seed < 141; ++seed) {
    const Layout spot = spot_layout(seed), small = small_spot_layout(seed);
    ASSERT_EQ(spot.spatial.shape, (std::vector<std::int64_t>{1, 16, 16}));
    EXPECT_NEAR(centre_of(small, 0).x, 7.5, 2.1);
    EXPECT_NEAR(centre_of(small, 0).y, 7.5, 2.1);
    const auto [thin, wide] = widths_of(small, 0);
    size += (thin + wide) / 80;
    EXPECT_GT(widths_of(spot, 0).second, wide);
  }
  EXPECT_NEAR(size, 2, 0.1);
  EXPECT_NE(spot_layout(101).spatial.values, spot_layout(102).spatial.values);
}

TEST(TemporalFilter, IsStretchedAndDelayed) {
  const auto plain = temporal_filter(), later = temporal_filter(1, 1), slower = temporal_filter(2);
  // Between lags 0 and 9 the slower one passes through what the plain one does in half the lags; norms differ.
  const double scale = slower[10] / plain[5];
  for (std::size_t lag = 1; lag < 20; ++lag) {
    EXPECT_NEAR(later[lag] / later[6], plain[lag - 1] / plain[5], 1e-5);
    if (lag % 2 == 0) {
      EXPECT_NEAR(slower[lag], scale * plain[lag / 2], 1e-5);
    }
  }
  double square = 0;
  for (const float v : slower) square += v * v;
  EXPECT_NEAR(square, 1, 1e-6);
}

TEST(Layouts, SeedsGiveOtherLayoutsAndTheSameSeedTheSame) {
  EXPECT_EQ(ring_layout(101).spatial.values, ring_layout(101).spatial.values);
  EXPECT_NE(ring_layout(101).spatial.values, ring_layout(102).spatial.values);
  EXPECT_NE(grid_layout(101).weight.values, grid_layout(102).weight.values);
}

}  // namespace
}  // namespace plexiform
