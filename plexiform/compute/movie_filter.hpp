#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "plexiform/base/parallel.hpp"
#include "plexiform/compute/algorithm.hpp"
#include "plexiform/compute/kernels.hpp"

namespace plexiform {

/// Number of strips that the lanes of a tile make.
std::size_t strips();
/// Calls body(i) for every i below n, from up to `threads` threads; with one, without any allocation.
template <class Body>
void for_each_of(std::size_t n, int threads, const Body& body) {
  if (threads <= 1 || n <= 1) {
    for (std::size_t i = 0; i < n; ++i) body(i);
    return;
  }
  parallel_for(static_cast<std::int64_t>(n), threads, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) body(static_cast<std::size_t>(i));
  });
}
/// Calls body(strip) for every strip.
template <class Body>
void for_strips(int threads, const Body& body) {
  for_each_of(strips(), threads, body);
}

/// Filters tiles with the algorithm that choose_algorithm names. Keeps working memory between calls, and the spectra of
/// movies up to a number of bytes; one object serves one tile at a time.
class MovieFilter {
 public:
  static constexpr std::size_t kSpectrumBytes = std::size_t{256} << 20;
  /// `spectrum_bytes`: beyond it spectra are recomputed whenever a tile comes back.
  explicit MovieFilter(int threads = 1, std::size_t spectrum_bytes = kSpectrumBytes)
      : threads_(threads), spectrum_bytes_(spectrum_bytes) {}

  /// Before the strips of a tile. `number` names the tile among those that this object ever sees. What is given must
  /// stay until finish().
  void begin(const ConvShape& shape, const FilterWeights& weights, const TileView& tile, std::size_t number);
  /// Fills space.seen for a strip; may be called for several strips at once, each with a space of its own.
  void forward(std::size_t strip, StripSpace& space) const;
  /// From the gradient in space.seen to the filters', added to `gradient` (an array for each strip).
  void backward(std::size_t strip, StripSpace& space, const FilterGradient& gradient);
  /// Once all strips went back: what is left to be added to the gradient summed over strips.
  void finish(const FilterGradient& gradient);

  Algorithm algorithm() const { return algorithm_; }

 private:
  struct SpectrumKey {
    std::size_t number, frames, time, vertical, horizontal, pad;
    float scale;
    bool over_space;
    auto operator<=>(const SpectrumKey&) const = default;
  };
  float* movie_spectrum(std::size_t number);
  std::size_t filter_groups() const { return (plan_.pairs() + kernels::strip_lanes() - 1) / kernels::strip_lanes(); }

  int threads_;
  std::size_t spectrum_bytes_, kept_bytes_ = 0;
  ConvShape shape_;
  FilterWeights weights_;
  TileView tile_;
  Algorithm algorithm_ = Algorithm::separable;
  SpectralPlan plan_;
  std::map<SpectrumKey, Buffer> kept_;
  Buffer passing_spectrum_, filter_spectrum_, spectrum_sums_;
  float* spectrum_ = nullptr;  ///< of the tile at hand: [strip, plan_.spectrum_size(), lane of the strip]
  std::vector<StripSpace> spaces_;
};

/// A block of consecutive frames [frame, pixel] as a tile: its T = frames - lags + 1 frames with a history are cut into
/// kLanes lanes, the last ones filled up.
Tile tile_of_block(std::span<const float> block, std::size_t pixels, std::size_t lags);
/// The filtered movie of tile_of_block's tile, [T, filter, row, column].
void filter_block(const ConvShape& shape, const FilterWeights& weights, const Tile& tile, int threads,
                  std::span<float> out);
/// From its gradient, [T, filter, row, column], to the filters', which is added to `to`.
void filter_block_backward(const ConvShape& shape, const FilterWeights& weights, const Tile& tile, int threads,
                           std::span<const float> gradient, const FilterGradient& to);

}  // namespace plexiform
