#include "plexiform/reveal/halves.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "plexiform/reveal/certainty.hpp"
#include "plexiform/reveal/thresholds.hpp"
#include "plexiform/score/score.hpp"

namespace plexiform::reveal {
namespace {

using namespace thresholds;

/// Blocks up to the one with which half of the spikes are over.
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

/// What a half shows.
struct Shown {
  std::size_t number = 0;      ///< of excitatory and suppressive subunits
  std::vector<Compared> sure;  ///< of these
};
Shown shown_in(const Movie& movie, const SearchSettings& settings, const Placing& placing, std::uint64_t seed,
               const Context& context) {
  const Found found = find_subunits(movie, settings, seed, context);
  const Sure sure{certainty_of(found, movie, seed, context),
                  plain_residual(residual_test(found.fit, movie, found.covariates, seed, context), placing)};
  Shown out{found.fit.model.parts.size(), {}};
  for (const int sign : {1, -1})
    for (Subunit& s : placed_subunits(found, sign, &sure, placing))
      if (s.certainty->confidence >= kSure)
        out.sure.push_back({std::move(s.spatial), std::move(s.temporal), sign, s.even});
  return out;
}

double product(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

/// A map turned by half a circle about a place that may lie between pixels: bilinear.
NdArray<float> turned(const NdArray<float>& map, double x, double y) {
  const std::int64_t height = map.shape[0], width = map.shape[1];
  NdArray<float> out(map.shape);
  for (std::int64_t row = 0; row < height; ++row)
    for (std::int64_t column = 0; column < width; ++column) {
      const double u = 2 * x - static_cast<double>(column), v = 2 * y - static_cast<double>(row);
      const auto left = static_cast<std::int64_t>(std::floor(u)), top = static_cast<std::int64_t>(std::floor(v));
      double sum = 0;
      for (const auto& [at_y, at_x] : {std::pair{top, left}, {top, left + 1}, {top + 1, left}, {top + 1, left + 1}}) {
        if (at_x < 0 || at_y < 0 || at_x >= width || at_y >= height) continue;
        const double share =
            (1 - std::abs(u - static_cast<double>(at_x))) * (1 - std::abs(v - static_cast<double>(at_y)));
        sum += share * static_cast<double>(map.row(at_y)[static_cast<std::size_t>(at_x)]);
      }
      out.row(row)[static_cast<std::size_t>(column)] = static_cast<float>(sum);
    }
  return out;
}

}  // namespace

double likeness(const Compared& a, const Compared& b) {
  if (a.sign != b.sign || a.even != b.even || (!a.even && product(a.temporal, b.temporal) <= 0)) return 0;
  const double norms = product(a.spatial.values, a.spatial.values) * product(b.spatial.values, b.spatial.values);
  return norms > 0 ? product(a.spatial.values, b.spatial.values) / std::sqrt(norms) : 0;
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

std::vector<Compared> mirrored(std::vector<Compared> list) {
  double mass = 0, x = 0, y = 0;
  for (const auto& c : list) {
    const Place centre = centre_of(c.spatial.values, c.spatial.shape[1]);
    const double own = product(c.spatial.values, c.spatial.values);
    mass += own, x += own * centre.x, y += own * centre.y;
  }
  if (!(mass > 0)) return list;
  for (auto& c : list) c.spatial = turned(c.spatial, x / mass, y / mass);
  return list;
}

std::string obstacle_to_halves(const Movie& movie) {
  const std::size_t middle = middle_of(movie), blocks = movie.blocks.size();
  if (std::min(middle, blocks - middle) < kLeastHalfBlocks)
    return "a half has fewer than " + std::to_string(kLeastHalfBlocks) + " blocks of time";
  const double spikes = std::min(part_of(movie, 0, middle).spikes(), part_of(movie, middle, blocks).spikes());
  if (spikes < kLeastSpikes)
    return "a half has " + std::to_string(std::llround(spikes)) + " spikes, expected " +
           std::to_string(std::llround(kLeastSpikes)) + " or more";
  return {};
}

Halves halves_of(const Movie& movie, const SearchSettings& settings, const Placing& placing, std::uint64_t seed,
                 const Context& context) {
  const std::size_t middle = middle_of(movie);
  const Movie first = part_of(movie, 0, middle), second = part_of(movie, middle, movie.blocks.size());
  const Shown a = shown_in(first, settings, placing, seed, context),
              b = shown_in(second, settings, placing, seed, context);
  return {{first.spikes(), second.spikes()},
          {a.number, b.number},
          {a.sure.size(), b.sure.size()},
          partners(a.sure, b.sure),
          partners(a.sure, mirrored(b.sure))};
}

}  // namespace plexiform::reveal
