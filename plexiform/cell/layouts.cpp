#include "plexiform/cell/layouts.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>

#include "plexiform/base/random.hpp"
#include "plexiform/base/streams.hpp"

namespace plexiform {
namespace {

constexpr std::int64_t kGrid = 16;  // pixels, side of the mosaics' stimulus
constexpr double kCentre = (kGrid - 1) / 2.0;
constexpr std::int64_t kLags = 20;

/// Draws in a row, for a layout that needs them one after the other.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : random_(seed, streams::model_cell::kLayout) {}
  double normal() { return random_.normal(next_++); }
  double uniform(double from, double to) { return from + (to - from) * random_.uniform(next_++); }
  /// 1, varied by `share` (normal), but never near 0 or below.
  double varied(double share) { return std::max(0.2, 1 + share * normal()); }
  /// A factor between 1 / (1 + most) and 1 + most, uniform in its logarithm.
  double factor(double most) { return std::exp(uniform(-std::log1p(most), std::log1p(most))); }

 private:
  CounterRandom random_;
  std::uint64_t next_ = 0;
};

struct Gaussian {
  double x, y;              ///< centre, pixels
  double sd_long, sd_wide;  ///< pixels
  double angle;             ///< of the first axis, radians

  double operator()(double at_x, double at_y) const {
    const double dx = at_x - x, dy = at_y - y;
    const double u = std::cos(angle) * dx + std::sin(angle) * dy;
    const double v = std::cos(angle) * dy - std::sin(angle) * dx;
    return std::exp(-0.5 * (u * u / (sd_long * sd_long) + v * v / (sd_wide * sd_wide)));
  }
};

std::vector<float> unit_norm(const std::vector<double>& values) {
  double square = 0;
  for (const double v : values) square += v * v;
  std::vector<float> scaled;
  for (const double v : values) scaled.push_back(static_cast<float>(v / std::sqrt(square)));
  return scaled;
}

std::vector<float> drawn_on_grid(const Gaussian& gaussian, std::int64_t side = kGrid) {
  std::vector<double> pixels;
  for (std::int64_t y = 0; y < side; ++y) {
    for (std::int64_t x = 0; x < side; ++x) pixels.push_back(gaussian(static_cast<double>(x), static_cast<double>(y)));
  }
  return unit_norm(pixels);
}

/// A subunit of the mosaics at a place: its own widths, orientation and weight.
struct Subunit {
  std::vector<float> spatial;
  float weight;
};

Subunit mosaic_subunit(Draws& draws, double x, double y, double sizes_vary) {
  constexpr double kDeviation = 1.3, kVariation = 0.15;
  // One draw either way, so that what is drawn later stays the same.
  const auto width = [&] {
    return kDeviation * (sizes_vary > 0 ? draws.factor(sizes_vary) : draws.varied(kVariation));
  };
  const double sd_long = width();
  const double sd_wide = width();
  const double angle = draws.uniform(0, std::numbers::pi);
  return {drawn_on_grid({x, y, sd_long, sd_wide, angle}), static_cast<float>(draws.uniform(0.7, 1.3))};
}

Layout layout_of(const std::vector<Subunit>& subunits) {
  const auto n = static_cast<std::int64_t>(subunits.size());
  Layout layout{NdArray<float>({n, kGrid, kGrid}), NdArray<float>({n})};
  for (std::int64_t i = 0; i < n; ++i) {
    const Subunit& subunit = subunits[static_cast<std::size_t>(i)];
    std::copy(subunit.spatial.begin(), subunit.spatial.end(), layout.spatial.row(i).begin());
    layout.weight.row(i)[0] = subunit.weight;
  }
  return layout;
}

Layout seeded_spot(std::uint64_t seed, double sd) {
  constexpr double kPlaceVariation = 0.5, kVariation = 0.15;
  Draws draws(seed);
  const double x = kCentre + kPlaceVariation * draws.normal();
  const double y = kCentre + kPlaceVariation * draws.normal();
  const double sd_long = sd * draws.varied(kVariation);
  const double sd_wide = sd * draws.varied(kVariation);
  return layout_of({{drawn_on_grid({x, y, sd_long, sd_wide, draws.uniform(0, std::numbers::pi)}), 1.0f}});
}

}  // namespace

Layout blocks_layout(std::uint64_t, double) {
  constexpr std::int64_t kSide = 8, kFirst = 2, kBlock = 2;
  Layout layout{NdArray<float>({4, kSide, kSide}), NdArray<float>({4}, 1.0f)};
  for (std::int64_t i = 0; i < 4; ++i) {
    const std::int64_t top = kFirst + i / 2 * kBlock, left = kFirst + i % 2 * kBlock;
    const auto pixels = layout.spatial.row(i);
    for (std::int64_t k = 0; k < kBlock * kBlock; ++k) {
      pixels[static_cast<std::size_t>((top + k / kBlock) * kSide + left + k % kBlock)] = 0.5f;
    }
  }
  return layout;
}

Layout ring_layout(std::uint64_t seed, double sizes_vary) {
  constexpr int kSubunits = 5;
  constexpr double kRadius = 3.04, kVariation = 0.15;
  Draws draws(seed);
  const double turn = draws.uniform(0, 2 * std::numbers::pi);
  std::vector<Subunit> subunits;
  for (int i = 0; i < kSubunits; ++i) {
    const double angle = turn + 2 * std::numbers::pi * i / kSubunits;
    const double radius = kRadius * draws.varied(kVariation);
    subunits.push_back(
        mosaic_subunit(draws, kCentre + radius * std::cos(angle), kCentre + radius * std::sin(angle), sizes_vary));
  }
  return layout_of(subunits);
}

Layout grid_layout(std::uint64_t seed, double sizes_vary) {
  constexpr double kSpacing = 2.7, kVariation = 0.3;
  Draws draws(seed);
  std::vector<Subunit> subunits;
  for (int row = -1; row <= 1; ++row) {
    for (int column = -1; column <= 1; ++column) {
      const double x = kCentre + kSpacing * column + kVariation * draws.normal();
      const double y = kCentre + kSpacing * row + kVariation * draws.normal();
      subunits.push_back(mosaic_subunit(draws, x, y, sizes_vary));
    }
  }
  return layout_of(subunits);
}

Layout single_layout(std::uint64_t, double) {
  constexpr double kDeviation = 3;
  return layout_of({{drawn_on_grid({kCentre, kCentre, kDeviation, kDeviation, 0}), 1.0f}});
}

Layout spot_layout(std::uint64_t seed, double) {
  return seeded_spot(seed, 3);
}

Layout small_spot_layout(std::uint64_t seed, double) {
  return seeded_spot(seed, 2);
}

std::vector<float> surround_filter(std::int64_t side) {
  const double centre = static_cast<double>(side - 1) / 2, sd = 5.0 / 16 * static_cast<double>(side);
  return drawn_on_grid({centre, centre, sd, sd, 0}, side);
}

std::vector<float> temporal_filter(double slowness, double delay) {
  constexpr double kTheta = 0.05, kFrame = 1.0 / 30, kDelay = 2.0 / 30;  // seconds
  const auto gamma = [](double t, int n) {
    return t > 0 ? std::pow(t / kTheta, n - 1) * std::exp(-t / kTheta) / (kTheta * std::tgamma(n)) : 0.0;
  };
  std::vector<double> filter;
  for (std::int64_t lag = 0; lag < kLags; ++lag) {
    const double t = (static_cast<double>(lag) - delay) * kFrame / slowness - kDelay;
    filter.push_back(-(gamma(t, 4) - gamma(t, 5)));
  }
  return unit_norm(filter);
}

}  // namespace plexiform
