#include "plexiform/compute/movie_filter.hpp"

#include <algorithm>
#include <string>

#include "plexiform/base/error.hpp"

namespace plexiform {
namespace {

std::size_t filter_size(const ConvShape& s, bool separable) {
  return s.filters * (separable ? s.taps() + s.lags : s.lags * s.taps());
}

/// One array as the gradient of either kind of filter.
FilterGradient parts_of(float* all, const ConvShape& s, bool separable) {
  return separable ? FilterGradient{{all, all + s.filters * s.taps()}, nullptr} : FilterGradient{{}, all};
}

bool by_spectra(Algorithm algorithm) {
  return algorithm == Algorithm::temporal || algorithm == Algorithm::spectral;
}

/// Columns of a matrix that are moved together: a cache line of floats.
constexpr std::size_t kTogether = 16;

/// Calls move(series, frame, row) for all of a strip's values: series = filter and position, row = frame of the block.
template <class Move>
void for_values(std::size_t series, std::size_t lane_frames, std::size_t rows, std::size_t lane0, const Move& move) {
  for (std::size_t first = 0; first < series; first += kTogether)
    for (std::size_t t = 0; t < lane_frames; ++t)
      for (std::size_t lane = 0; lane < kernels::strip_lanes(); ++lane) {
        const std::size_t row = (lane0 + lane) * lane_frames + t;
        if (row >= rows) continue;
        for (std::size_t i = first; i < std::min(series, first + kTogether); ++i) move(i, t, lane, row);
      }
}

}  // namespace

std::size_t strips() {
  return kLanes / kernels::strip_lanes();
}

float* MovieFilter::movie_spectrum(std::size_t number) {
  const std::size_t size = plan_.spectrum_size() * kLanes, bytes = size * sizeof(float);
  const SpectrumKey key{number,     plan_.frames, plan_.time.n,    plan_.vertical.n, plan_.horizontal.n,
                        shape_.pad, tile_.scale,  plan_.over_space};
  if (const auto found = kept_.find(key); found != kept_.end()) return found->second.data();
  const bool keep = kept_bytes_ + bytes <= spectrum_bytes_;
  float* spectrum = (keep ? kept_[key] : passing_spectrum_).at_least(size);
  if (keep) kept_bytes_ += bytes;
  for_strips(threads_, [&](std::size_t i) {
    const std::size_t lane0 = i * kernels::strip_lanes();
    kernels::movie_spectrum(plan_, tile_, lane0, spaces_[i], spectrum + lane0 * plan_.spectrum_size());
  });
  return spectrum;
}

void MovieFilter::begin(const ConvShape& shape, const FilterWeights& weights, const TileView& tile,
                        std::size_t number) {
  if (tile.frames < shape.lags)
    throw InternalError("a tile of " + std::to_string(tile.frames) + " frames for " + std::to_string(shape.lags) +
                        " lags");
  algorithm_ = choose_algorithm(shape, weights.is_separable());
  weights_ = weights;
  tile_ = tile;
  shape_ = shape;
  if (!by_spectra(algorithm_)) return;
  const bool over_space = algorithm_ == Algorithm::spectral;
  if (plan_.frames != tile.frames || plan_.over_space != over_space || !(plan_.shape == shape))
    plan_ = make_spectral_plan(shape, tile.frames, over_space);
  spaces_.resize(std::max(strips(), filter_groups()));
  spectrum_ = movie_spectrum(number);
  float* spectra = filter_spectrum_.at_least(plan_.filter_spectrum_size());
  for_each_of(filter_groups(), threads_,
              [&](std::size_t i) { kernels::filter_spectra(plan_, weights.full, i, spaces_[i], spectra); });
  spectrum_sums_.at_least(strips() * plan_.filter_spectrum_size());
}

void MovieFilter::forward(std::size_t strip, StripSpace& space) const {
  const std::size_t lane0 = strip * kernels::strip_lanes();
  switch (algorithm_) {
    case Algorithm::separable:
      return kernels::separable_forward(shape_, weights_.separable, tile_, lane0, space);
    case Algorithm::direct:
      return kernels::direct_forward(shape_, weights_.full, tile_, lane0, space);
    case Algorithm::temporal:
    case Algorithm::spectral:
      return kernels::spectral_forward(plan_, spectrum_ + lane0 * plan_.spectrum_size(), filter_spectrum_.data(),
                                       space);
  }
}

void MovieFilter::backward(std::size_t strip, StripSpace& space, const FilterGradient& gradient) {
  const std::size_t lane0 = strip * kernels::strip_lanes(), size = plan_.filter_spectrum_size();
  switch (algorithm_) {
    case Algorithm::separable:
      return kernels::separable_backward(shape_, weights_.separable, tile_, lane0, space, gradient.separable);
    case Algorithm::direct:
      return kernels::direct_backward(shape_, tile_, lane0, space, gradient.full);
    case Algorithm::temporal:
    case Algorithm::spectral:
      std::fill_n(spectrum_sums_.data() + strip * size, size, 0.0F);
      return kernels::spectral_backward(plan_, spectrum_ + lane0 * plan_.spectrum_size(), space,
                                        spectrum_sums_.data() + strip * size);
  }
}

void MovieFilter::finish(const FilterGradient& gradient) {
  if (!by_spectra(algorithm_)) return;
  const std::size_t size = plan_.filter_spectrum_size();
  float* sums = spectrum_sums_.data();
  for (std::size_t step = 1; step < strips(); step *= 2)  // a tree over neighbours, as the lanes of a strip
    for (std::size_t i = 0; i < strips(); i += 2 * step)
      for (std::size_t j = 0; j < size; ++j) sums[i * size + j] += sums[(i + step) * size + j];
  for_each_of(filter_groups(), threads_,
              [&](std::size_t i) { kernels::filter_gradient(plan_, sums, i, spaces_[i], gradient.full); });
}

Tile tile_of_block(std::span<const float> block, std::size_t pixels, std::size_t lags) {
  const std::size_t frames = block.size() / pixels, rows = frames - lags + 1;
  const std::size_t lane_frames = (rows + kLanes - 1) / kLanes, size = (lane_frames + lags - 1) * pixels;
  Lanes lanes;
  std::array<std::vector<float>, kLanes> filled;  // of lanes that go beyond the block
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const std::size_t begin = std::min(lane * lane_frames * pixels, block.size());
    if (begin + size <= block.size()) {
      lanes[lane] = block.subspan(begin, size);
      continue;
    }
    filled[lane].assign(size, block[0]);  // whatever: nothing is read from there
    std::copy(block.begin() + static_cast<std::ptrdiff_t>(begin), block.end(), filled[lane].begin());
    lanes[lane] = filled[lane];
  }
  return make_tile(lane_frames + lags - 1, pixels, lanes);
}

void filter_block(const ConvShape& shape, const FilterWeights& weights, const Tile& tile, int threads,
                  std::span<float> out) {
  const std::size_t series = shape.filters * shape.positions(), lane_frames = tile.frames - shape.lags + 1;
  MovieFilter filter(threads, 0);
  filter.begin(shape, weights, view(tile, 1), 0);
  for_strips(threads, [&](std::size_t i) {
    StripSpace space;
    filter.forward(i, space);
    const std::size_t lanes = kernels::strip_lanes();
    for_values(series, lane_frames, out.size() / series, i * lanes,
               [&](std::size_t s, std::size_t t, std::size_t lane, std::size_t row) {
                 out[row * series + s] = space.seen.data()[(s * lane_frames + t) * lanes + lane];
               });
  });
}

void filter_block_backward(const ConvShape& shape, const FilterWeights& weights, const Tile& tile, int threads,
                           std::span<const float> gradient, const FilterGradient& to) {
  const std::size_t series = shape.filters * shape.positions(), lane_frames = tile.frames - shape.lags + 1;
  const std::size_t size = filter_size(shape, weights.is_separable());
  std::vector<std::vector<float>> parts(strips(), std::vector<float>(size));
  MovieFilter filter(threads, 0);
  filter.begin(shape, weights, view(tile, 1), 0);
  for_strips(threads, [&](std::size_t i) {
    StripSpace space;
    const std::size_t lanes = kernels::strip_lanes();
    if (weights.is_separable()) filter.forward(i, space);  // what the filter in space gives is needed again
    float* seen = space.seen.zeroed(series * lane_frames * lanes);
    for_values(series, lane_frames, gradient.size() / series, i * lanes,
               [&](std::size_t s, std::size_t t, std::size_t lane, std::size_t row) {
                 seen[(s * lane_frames + t) * lanes + lane] = gradient[row * series + s];
               });
    filter.backward(i, space, parts_of(parts[i].data(), shape, weights.is_separable()));
  });
  for (std::size_t step = 1; step < strips(); step *= 2)
    for (std::size_t i = 0; i < strips(); i += 2 * step)
      for (std::size_t j = 0; j < size; ++j) parts[i][j] += parts[i + step][j];
  const FilterGradient sum = parts_of(parts[0].data(), shape, weights.is_separable());
  filter.finish(sum);
  const auto add = [](const float* from, std::size_t n, float* target) {
    for (std::size_t j = 0; j < n; ++j) target[j] += from[j];
  };
  if (weights.is_separable()) {
    add(sum.separable.spatial, shape.filters * shape.taps(), to.separable.spatial);
    add(sum.separable.temporal, shape.filters * shape.lags, to.separable.temporal);
  } else {
    add(sum.full, size, to.full);
  }
}

}  // namespace plexiform
