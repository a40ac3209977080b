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
};

class DeadLeaves {
 public:
  explicit DeadLeaves(const DeadLeavesRecipe& recipe) : recipe_(recipe) {}

  std::int64_t number_of(std::int64_t frame) const { return frame / recipe_.frames_each; }

  /// Leaves from the nearest one on, each where no nearer one lies, until nothing shines through.
  void make(std::int64_t image, std::span<float> out) const {
    const CounterRandom random(recipe_.seed, static_cast<std::uint64_t>(image));
    std::vector<bool> covered(out.size());
    std::size_t open = out.size();
    for (std::uint64_t i = 0; open > 0; ++i) open -= lay(leaf(random, i), covered, out);
    normalise(out, recipe_.normalisation, kMeanLuminance, recipe_.contrast);
  }

 private:
  /// A density of r^-3 between the two radii: r^-2 is uniform.
  Leaf leaf(const CounterRandom& random, std::uint64_t i) const {
    const auto words = random.words(i);
    const auto uniform = [&](std::size_t k) { return (words[k] + 0.5) * 0x1p-32; };
    const double most = 1 / (recipe_.smallest * recipe_.smallest), least = 1 / (recipe_.largest * recipe_.largest);
    const auto along = [&](std::int64_t side, double u) {
      return -recipe_.largest + u * (static_cast<double>(side) - 1 + 2 * recipe_.largest);
    };
    return {along(recipe_.shape.width, uniform(0)), along(recipe_.shape.height, uniform(1)),
            1 / std::sqrt(least + uniform(2) * (most - least)), static_cast<float>(uniform(3))};
  }

  /// The number of pixels that it covers.
  std::size_t lay(const Leaf& leaf, std::vector<bool>& covered, std::span<float> out) const {
    const auto first = [](double from) {
      return std::max<std::int64_t>(static_cast<std::int64_t>(std::ceil(from)), 0);
    };
    const auto last = [](double to, std::int64_t side) {
      return std::min(static_cast<std::int64_t>(std::floor(to)), side - 1);
    };
    std::size_t newly = 0;
    for (auto y = first(leaf.y - leaf.radius); y <= last(leaf.y + leaf.radius, recipe_.shape.height); ++y)
      for (auto x = first(leaf.x - leaf.radius); x <= last(leaf.x + leaf.radius, recipe_.shape.width); ++x) {
        const double dx = static_cast<double>(x) - leaf.x, dy = static_cast<double>(y) - leaf.y;
        const auto p = static_cast<std::size_t>(y * recipe_.shape.width + x);
        if (dx * dx + dy * dy > leaf.radius * leaf.radius || covered[p]) continue;
        covered[p] = true;
        out[p] = leaf.luminance;
        ++newly;
      }
    return newly;
  }

  DeadLeavesRecipe recipe_;
};

}  // namespace

std::unique_ptr<Stimulus> dead_leaves_stimulus(const DeadLeavesRecipe& recipe) {
  return stimulus_of_frames(recipe.shape, kEndless, DeadLeaves(recipe));
}

}  // namespace plexiform
