#include "plexiform/stimulus/dead_leaves.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "plexiform/base/random.hpp"
#include "plexiform/stimulus/normalise.hpp"
#include "plexiform/stimulus/of_frames.hpp"

namespace plexiform {
namespace {

/// Luminance is uniform in 0 to 1: the mean of the set.
constexpr double kMeanLuminance = 0.5;

struct Leaf {
  double x, y, radius;
  float luminance;

  bool covers(double px, double py) const {
    const double dx = px - x, dy = py - y;
    return dx * dx + dy * dy <= radius * radius;
  }
};

/// A pixel through which one still sees.
struct OpenPixel {
  double x, y;
  std::size_t index;
};

class DeadLeaves {
 public:
  explicit DeadLeaves(const DeadLeavesRecipe& recipe)
      : recipe_(recipe),
        most_(1 / (recipe.smallest * recipe.smallest)),
        least_(1 / (recipe.largest * recipe.largest)) {}

  std::int64_t number_of(std::int64_t frame) const { return frame / recipe_.frames_each; }

  /// Leaves from the nearest one on, each where no nearer one lies, until nothing shines through. The last few pixels
  /// take most of the leaves: these are looked up one by one.
  void make(std::int64_t image, std::span<float> out) const {
    const CounterRandom random(recipe_.seed, static_cast<std::uint64_t>(image));
    std::vector<char> covered(out.size());
    std::size_t open = out.size();
    std::uint64_t i = 0;
    while (open > out.size() / kFew) open -= lay(leaf(random, i++), covered, out);
    std::vector<OpenPixel> few = open_pixels(covered);
    while (!few.empty()) lay(leaf(random, i++), few, out);
    normalise(out, recipe_.normalisation, kMeanLuminance, recipe_.contrast);
  }

 private:
  /// One in so many pixels is few.
  static constexpr std::size_t kFew = 8;

  /// A density of r^-3 between the two radii: r^-2 is uniform.
  Leaf leaf(const CounterRandom& random, std::uint64_t i) const {
    const auto words = random.words(i);
    const auto uniform = [&](std::size_t k) { return (words[k] + 0.5) * 0x1p-32; };
    const auto along = [&](std::int64_t side, double u) {
      return -recipe_.largest + u * (static_cast<double>(side) - 1 + 2 * recipe_.largest);
    };
    return {along(recipe_.shape.width, uniform(0)), along(recipe_.shape.height, uniform(1)),
            1 / std::sqrt(least_ + uniform(2) * (most_ - least_)), static_cast<float>(uniform(3))};
  }

  /// The number of pixels that it covers.
  std::size_t lay(const Leaf& leaf, std::vector<char>& covered, std::span<float> out) const {
    const auto first = [](double from) {
      return std::max<std::int64_t>(static_cast<std::int64_t>(std::ceil(from)), 0);
    };
    const auto last = [](double to, std::int64_t side) {
      return std::min(static_cast<std::int64_t>(std::floor(to)), side - 1);
    };
    std::size_t newly = 0;
    for (auto y = first(leaf.y - leaf.radius); y <= last(leaf.y + leaf.radius, recipe_.shape.height); ++y)
      for (auto x = first(leaf.x - leaf.radius); x <= last(leaf.x + leaf.radius, recipe_.shape.width); ++x) {
        const auto p = static_cast<std::size_t>(y * recipe_.shape.width + x);
        if (covered[p] || !leaf.covers(static_cast<double>(x), static_cast<double>(y))) continue;
        covered[p] = 1;
        out[p] = leaf.luminance;
        ++newly;
      }
    return newly;
  }

  std::vector<OpenPixel> open_pixels(const std::vector<char>& covered) const {
    std::vector<OpenPixel> open;
    for (std::int64_t y = 0; y < recipe_.shape.height; ++y)
      for (std::int64_t x = 0; x < recipe_.shape.width; ++x)
        if (const auto p = static_cast<std::size_t>(y * recipe_.shape.width + x); !covered[p])
          open.push_back({static_cast<double>(x), static_cast<double>(y), p});
    return open;
  }

  static void lay(const Leaf& leaf, std::vector<OpenPixel>& open, std::span<float> out) {
    std::erase_if(open, [&](const OpenPixel& pixel) {
      if (!leaf.covers(pixel.x, pixel.y)) return false;
      out[pixel.index] = leaf.luminance;
      return true;
    });
  }

  DeadLeavesRecipe recipe_;
  double most_, least_;  ///< r^-2 of the smallest and the largest leaf
};

}  // namespace

std::unique_ptr<Stimulus> dead_leaves_stimulus(const DeadLeavesRecipe& recipe) {
  return stimulus_of_frames(recipe.shape, kEndless, DeadLeaves(recipe));
}

}  // namespace plexiform
