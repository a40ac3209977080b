#include "plexiform/subunits/halves.hpp"

#include <algorithm>
#include <cmath>

#include "plexiform/score/score.hpp"
#include "plexiform/subunits/thresholds.hpp"

namespace plexiform::reveal {
namespace {

using namespace thresholds;

/// Blocks before the one with which half of the spikes are over.
std::size_t middle_of(const Movie& movie) {
  const double half = movie.spikes() / 2;
  double sum = 0;
  for (std::size_t b = 0; b + 1 < movie.blocks.size(); ++b) {
    const Block& block = movie.blocks[b];
    for (std::size_t t = 0; t < block.length; ++t) sum += static_cast<double>(movie.counts[block.begin + t]);
    if (sum >= half) return b + 1;
  }
  return movie.blocks.size() / 2;
}

std::vector<Compared> sure_ones(const Movie& movie, const SearchSettings& settings, std::uint64_t seed,
                                const Context& context) {
  const Found found = find_subunits(movie, settings, seed, context);
  const Certainty sure = certainty_of(found, movie, seed, context);
  std::vector<char> wanted;
  for (const auto& part : sure.parts) wanted.push_back(part.confidence >= kSure ? 1 : 0);
  return compared(found.fit.model, {movie.height, movie.width}, wanted);
}

}  // namespace

std::vector<Compared> compared(const Model& model, const Grid& grid, std::span<const char> wanted) {
  std::vector<Compared> list;
  for (std::size_t i = 0; i < model.parts.size(); ++i)
    if (wanted[i] != 0)
      list.push_back({shape_weights(model.parts[i].shape, model.shared_surround(), grid),
                      model.basis.mixed(model.parts[i].mix), model.parts[i].sign});
  return list;
}

double likeness(const Compared& a, const Compared& b) {
  if (a.sign != b.sign || overlap(a.temporal, b.temporal) <= 0) return 0;
  return overlap(a.weights, b.weights);
}

std::size_t partners(std::span<const Compared> a, std::span<const Compared> b) {
  if (a.empty() || b.empty()) return 0;
  NdArray<double> table({static_cast<std::int64_t>(a.size()), static_cast<std::int64_t>(b.size())});
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < b.size(); ++j) table.values[i * b.size() + j] = likeness(a[i], b[j]);
  const auto assigned = assign(table);
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (assigned[i] >= 0 && table.values[i * b.size() + static_cast<std::size_t>(assigned[i])] >= kAlikeSubunits)
      ++count;
  return count;
}

std::vector<Compared> mirrored(std::vector<Compared> list, const Grid& grid) {
  double sum = 0, x = 0, y = 0;
  for (const auto& c : list)
    for (std::size_t p = 0; p < c.weights.size(); ++p) {
      const double w = c.weights[p] * c.weights[p];
      sum += w;
      x += w * static_cast<double>(p % static_cast<std::size_t>(grid.width));
      y += w * static_cast<double>(p / static_cast<std::size_t>(grid.width));
    }
  if (!(sum > 0)) return list;
  // Between pixels where the centre is: bilinear.
  const double cx = x / sum, cy = y / sum;
  for (auto& c : list) {
    std::vector<double> turned(c.weights.size(), 0.0);
    for (std::int64_t row = 0; row < grid.height; ++row)
      for (std::int64_t column = 0; column < grid.width; ++column) {
        const double u = 2 * cx - static_cast<double>(column), v = 2 * cy - static_cast<double>(row);
        const auto left = static_cast<std::int64_t>(std::floor(u)), top = static_cast<std::int64_t>(std::floor(v));
        for (const auto& [at_y, at_x] : {std::pair{top, left}, {top, left + 1}, {top + 1, left}, {top + 1, left + 1}}) {
          if (at_x < 0 || at_y < 0 || at_x >= grid.width || at_y >= grid.height) continue;
          const double share =
              (1 - std::abs(u - static_cast<double>(at_x))) * (1 - std::abs(v - static_cast<double>(at_y)));
          turned[static_cast<std::size_t>(row * grid.width + column)] +=
              share * c.weights[static_cast<std::size_t>(at_y * grid.width + at_x)];
        }
      }
    c.weights = std::move(turned);
  }
  return list;
}

Halves halves_of(const Movie& movie, const SearchSettings& settings, std::uint64_t seed, const Context& context) {
  const std::size_t middle = middle_of(movie);
  const Movie first = part_of(movie, 0, middle), second = part_of(movie, middle, movie.blocks.size());
  const auto a = sure_ones(first, settings, seed, context), b = sure_ones(second, settings, seed, context);
  return {first.spikes(), second.spikes(), a.size(),
          b.size(),       partners(a, b),  partners(a, mirrored(b, {movie.height, movie.width}))};
}

}  // namespace plexiform::reveal
