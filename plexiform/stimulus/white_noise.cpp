#include "plexiform/stimulus/white_noise.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "plexiform/base/random.hpp"
#include "plexiform/base/streams.hpp"

namespace plexiform {
namespace {

/// Value n is bit n % 128 of the words at index n / 128: one call of the generator gives 128 pixels.
class BinaryValues {
 public:
  static constexpr std::uint64_t kPerDraw = 128;
  explicit BinaryValues(float contrast) : values_{-contrast, contrast} {}

  void use(const std::array<std::uint32_t, 4>& words) { words_ = words; }
  float operator[](std::uint64_t i) const { return values_[words_[i >> 5] >> (i & 31) & 1]; }

 private:
  std::array<float, 2> values_;
  std::array<std::uint32_t, 4> words_{};
};

/// Value n is one of the four normal deviates made of the words at index n / 4 (Box-Muller, 32-bit uniforms: nothing
/// beyond 6.8 standard deviations, which one value in 10^11 would be).
class GaussianValues {
 public:
  static constexpr std::uint64_t kPerDraw = 4;
  explicit GaussianValues(float contrast) : contrast_(contrast) {}

  void use(const std::array<std::uint32_t, 4>& words) {
    for (std::size_t pair = 0; pair < 2; ++pair) {
      const double radius_uniform = (words[2 * pair] + 0.5) * 0x1p-32;  // in (0, 1)
      const double angle = 2 * std::numbers::pi * (words[2 * pair + 1] * 0x1p-32);
      const double radius = contrast_ * std::sqrt(-2 * std::log(radius_uniform));
      values_[2 * pair] = static_cast<float>(radius * std::cos(angle));
      values_[2 * pair + 1] = static_cast<float>(radius * std::sin(angle));
    }
  }
  float operator[](std::uint64_t i) const { return values_[i]; }

 private:
  double contrast_;
  std::array<float, 4> values_{};
};

template <class Values>
class WhiteNoise final : public Stimulus {
 public:
  explicit WhiteNoise(const WhiteNoiseRecipe& recipe)
      : shape_(recipe.shape),
        random_(recipe.seed, streams::stimulus::kMovie),
        contrast_(static_cast<float>(recipe.contrast)) {}

  FrameShape shape() const override { return shape_; }
  std::int64_t frames() const override { return kEndless; }

 private:
  void read_block(std::int64_t begin, std::int64_t end, const Window& window, std::span<float> out) const override {
    Reader reader{random_, Values(contrast_)};
    auto row = out.begin();
    for (std::int64_t t = begin; t < end; ++t) {
      for (std::int64_t c = 0; c < shape_.channels; ++c) {
        for (std::int64_t y = window.y; y < window.y + window.height; ++y) {
          reader.fill(first_value(t, c, y, window.x), {row, row + window.width});
          row += window.width;
        }
      }
    }
  }

  /// n of a pixel. Unsigned, so that frames beyond the range wrap around in place of overflowing.
  std::uint64_t first_value(std::int64_t t, std::int64_t c, std::int64_t y, std::int64_t x) const {
    const auto u = [](std::int64_t i) { return static_cast<std::uint64_t>(i); };
    return ((u(t) * u(shape_.channels) + u(c)) * u(shape_.height) + u(y)) * u(shape_.width) + u(x);
  }

  /// Keeps the last draw, which often holds the next row as well.
  struct Reader {
    const CounterRandom& random;
    Values values;
    std::uint64_t drawn = ~std::uint64_t{0};

    void fill(std::uint64_t n, std::span<float> out) {
      constexpr std::uint64_t kPerDraw = Values::kPerDraw;
      while (!out.empty()) {
        if (n / kPerDraw != drawn) {
          drawn = n / kPerDraw;
          values.use(random.words(drawn));
        }
        const std::uint64_t first = n % kPerDraw;
        const std::size_t run = std::min<std::uint64_t>(out.size(), kPerDraw - first);
        for (std::size_t i = 0; i < run; ++i) out[i] = values[first + i];
        out = out.subspan(run);
        n += run;
      }
    }
  };

  FrameShape shape_;
  CounterRandom random_;
  float contrast_;
};

}  // namespace

std::unique_ptr<Stimulus> white_noise_stimulus(const WhiteNoiseRecipe& recipe) {
  if (recipe.values == NoiseValues::binary) return std::make_unique<WhiteNoise<BinaryValues>>(recipe);
  return std::make_unique<WhiteNoise<GaussianValues>>(recipe);
}

}  // namespace plexiform
