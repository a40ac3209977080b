#include "plexiform/cell/layouts.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "plexiform/base/streams.hpp"
#include "plexiform/cell/draws_impl.hpp"

namespace plexiform {
namespace {

constexpr std::int64_t kGrid = 16;  // pixels, side of the mosaics' stimulus
constexpr double kCentre = (kGrid - 1) / 2.0;
constexpr std::int64_t kLags = 20;

/// A subunit of the mosaics at a place: its own widths, orientation and weight.
struct Subunit {
  Spot spot;
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
  return {{x, y, sd_long, sd_wide, angle}, static_cast<float>(draws.uniform(0.7, 1.3))};
}

Layout layout_of(const std::vector<Subunit>& subunits) {
  const auto n = static_cast<std::int64_t>(subunits.size());
  Layout layout{NdArray<float>({n, kGrid, kGrid}), NdArray<float>({n}), {}};
  for (std::int64_t i = 0; i < n; ++i) {
    const Subunit& subunit = subunits[static_cast<std::size_t>(i)];
    std::ranges::copy(drawn_on_grid(subunit.spot, kGrid), layout.spatial.row(i).begin());
    layout.weight.row(i)[0] = subunit.weight;
    layout.spots.push_back(subunit.spot);
  }
  return layout;
}

Layout seeded_spot(std::uint64_t seed, double sd) {
  constexpr double kPlaceVariation = 0.5, kVariation = 0.15;
  Draws draws(seed, streams::model_cell::kLayout);
  const double x = kCentre + kPlaceVariation * draws.normal();
  const double y = kCentre + kPlaceVariation * draws.normal();
  const double sd_long = sd * draws.varied(kVariation);
  const double sd_wide = sd * draws.varied(kVariation);
  return layout_of({{{x, y, sd_long, sd_wide, draws.uniform(0, std::numbers::pi)}, 1.0f}});
}

Layout jittered_grid(std::uint64_t seed, int rows, int columns, double spacing, double sizes_vary) {
  constexpr double kVariation = 0.3;
  Draws draws(seed, streams::model_cell::kLayout);
  std::vector<Subunit> subunits;
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      const double x = kCentre + spacing * (column - (columns - 1) / 2.0) + kVariation * draws.normal();
      const double y = kCentre + spacing * (row - (rows - 1) / 2.0) + kVariation * draws.normal();
      subunits.push_back(mosaic_subunit(draws, x, y, sizes_vary));
    }
  }
  return layout_of(subunits);
}

}  // namespace

Layout blocks_layout(std::uint64_t, double) {
  constexpr std::int64_t kSide = 8, kFirst = 2, kBlock = 2;
  Layout layout{NdArray<float>({4, kSide, kSide}), NdArray<float>({4}, 1.0f), {}};
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
  Draws draws(seed, streams::model_cell::kLayout);
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
  return jittered_grid(seed, 3, 3, 2.7, sizes_vary);
}

Layout twelve_layout(std::uint64_t seed, double sizes_vary) {
  return jittered_grid(seed, 3, 4, 2.2, sizes_vary);
}

Layout single_layout(std::uint64_t, double) {
  constexpr double kDeviation = 3;
  return layout_of({{{kCentre, kCentre, kDeviation, kDeviation, 0}, 1.0f}});
}

Layout spot_layout(std::uint64_t seed, double) {
  return seeded_spot(seed, 3);
}

Layout small_spot_layout(std::uint64_t seed, double) {
  return seeded_spot(seed, 2);
}

double Spot::operator()(double at_x, double at_y) const {
  return std::exp(-0.5 * square_of_distance(at_x, at_y));
}

double Spot::square_of_distance(double at_x, double at_y) const {
  const double dx = at_x - x, dy = at_y - y;
  const double u = std::cos(angle) * dx + std::sin(angle) * dy;
  const double v = std::cos(angle) * dy - std::sin(angle) * dx;
  return u * u / (sd_long * sd_long) + v * v / (sd_wide * sd_wide);
}

std::vector<float> unit_norm(const std::vector<double>& values) {
  double square = 0;
  for (const double v : values) square += v * v;
  std::vector<float> scaled;
  for (const double v : values) scaled.push_back(static_cast<float>(v / std::sqrt(square)));
  return scaled;
}

std::vector<float> drawn_on_grid(const Spot& spot, std::int64_t side) {
  std::vector<double> pixels;
  for (std::int64_t y = 0; y < side; ++y) {
    for (std::int64_t x = 0; x < side; ++x) pixels.push_back(spot(static_cast<double>(x), static_cast<double>(y)));
  }
  return unit_norm(pixels);
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
