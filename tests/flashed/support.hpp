#pragma once
#include <cmath>
#include <numbers>
#include <utility>

#include "plexiform/base/random.hpp"
#include "plexiform/flashed/pooled_images.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/stimulus/stored.hpp"

namespace plexiform::testing {

/// An ellipse of semi-axes a, b, turned by `angle` (radians, from the x axis).
inline Contour ellipse(Place centre, double a, double b, double angle, int points = 400) {
  Contour contour;
  for (int i = 0; i < points; ++i) {
    const double t = 2 * std::numbers::pi * i / points, u = a * std::cos(t), v = b * std::sin(t);
    contour.push_back(
        {centre.x + u * std::cos(angle) - v * std::sin(angle), centre.y + u * std::sin(angle) + v * std::cos(angle)});
  }
  return contour;
}

/// Images [image, 1, side, side] of contrast that is alike at neighbouring pixels, as in photographs: squares of any
/// size and lightness over each other.
inline NdArray<float> squares(std::int64_t images, std::int64_t side, std::uint64_t seed) {
  NdArray<float> all({images, 1, side, side});
  const CounterRandom random(seed, 9);
  std::uint64_t next = 0;
  for (std::int64_t image = 0; image < images; ++image)
    for (int square = 0; square < 250; ++square) {
      const auto width = static_cast<std::int64_t>(2 * std::pow(static_cast<double>(side) / 4, random.uniform(next++)));
      const std::int64_t x0 = random.integer(next++, side + width) - width,
                         y0 = random.integer(next++, side + width) - width;
      const auto light = static_cast<float>(2 * random.uniform(next++) - 1);
      for (std::int64_t y = std::max<std::int64_t>(y0, 0); y < std::min(y0 + width, side); ++y)
        for (std::int64_t x = std::max<std::int64_t>(x0, 0); x < std::min(x0 + width, side); ++x)
          all.row(image)[static_cast<std::size_t>(y * side + x)] = light;
    }
  return all;
}

/// Cells with subunits of one size that see what is darker than the mean (off) and brighter (on), each with its weight;
/// their counts are Poisson.
struct FlashedCellRecipe {
  double size = 2, off = 1, on = 0;
};
inline Recording flashed_recording(const std::vector<FlashedCellRecipe>& cells, std::int64_t images,
                                   std::int64_t trials, std::uint64_t seed, double mean_count = 2) {
  constexpr std::int64_t kSide = 64;
  Recording recording;
  recording.stimulus = memory_stimulus(squares(images, kSide, seed));
  recording.kind = RecordingKind::flashed;
  recording.frame_rate = 5;
  recording.counts = NdArray<std::int32_t>({static_cast<std::int64_t>(cells.size()), images * trials});
  const CounterRandom random(seed, 10);
  for (std::int64_t trial = 0; trial < trials; ++trial)
    for (std::int64_t image = 0; image < images; ++image)
      recording.segments.push_back({trial * images + image, 1, image, image, trials > 1 ? trial : -1});
  for (std::size_t c = 0; c < cells.size(); ++c) {
    recording.names.push_back("cell " + std::to_string(c));
    recording.contours.push_back(ellipse({20.0 + 3 * static_cast<double>(c % 9), 30}, 11, 8, 0.4));
    const Field field = field_of(recording.contours.back());
    const auto pooled = pooled_images(*recording.stimulus, {field}, {1}, {1})[0];
    const PooledImages* entry = &pooled[0];
    for (const PooledImages& one : pooled)
      if (std::abs(one.size - cells[c].size) < std::abs(entry->size - cells[c].size)) entry = &one;
    std::vector<double> drive;
    double sum = 0;
    for (std::int64_t i = 0; i < images; ++i) {
      const auto sees = entry->inputs.row(i);
      drive.push_back(std::max(0.0, cells[c].off * sees[0] + cells[c].on * sees[1]));
      sum += drive.back();
    }
    for (std::int64_t bin = 0; bin < images * trials; ++bin)
      recording.counts.row(static_cast<std::int64_t>(c))[static_cast<std::size_t>(bin)] =
          static_cast<std::int32_t>(random.poisson(
              static_cast<std::uint64_t>(bin) + (c << 32),
              mean_count * drive[static_cast<std::size_t>(bin % images)] * static_cast<double>(images) / sum));
  }
  return recording;
}

}  // namespace plexiform::testing
