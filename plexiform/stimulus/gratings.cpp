#include "plexiform/stimulus/gratings.hpp"

#include <cmath>
#include <numbers>

#include "plexiform/base/random.hpp"
#include "plexiform/base/streams.hpp"
#include "plexiform/stimulus/of_frames.hpp"

namespace plexiform {
namespace {

class Gratings {
 public:
  explicit Gratings(const GratingRecipe& recipe) : recipe_(recipe), random_(recipe.seed, streams::stimulus::kMovie) {}

  std::int64_t number_of(std::int64_t frame) const { return frame; }

  void make(std::int64_t frame, std::span<float> out) const {
    const auto words = random_.words(static_cast<std::uint64_t>(frame / recipe_.frames_each));
    const auto uniform = [&](std::size_t k) { return words[k] * 0x1p-32; };
    const double turn = 2 * std::numbers::pi, angle = turn * uniform(0);
    const double period = recipe_.shortest * std::pow(recipe_.longest / recipe_.shortest, uniform(2));
    const double cycles = static_cast<double>(frame % recipe_.frames_each) / recipe_.cycle;
    const bool drifts = recipe_.motion == GratingMotion::drifting;
    const double phase = turn * (uniform(1) - (drifts ? cycles : 0));
    const bool reversed = !drifts && cycles - std::floor(cycles) >= 0.5;
    const double amplitude = reversed ? -recipe_.contrast : recipe_.contrast;
    for (std::int64_t y = 0; y < recipe_.shape.height; ++y)
      for (std::int64_t x = 0; x < recipe_.shape.width; ++x) {
        const double across = std::cos(angle) * static_cast<double>(x) + std::sin(angle) * static_cast<double>(y);
        out[static_cast<std::size_t>(y * recipe_.shape.width + x)] =
            static_cast<float>(amplitude * std::sin(turn * across / period + phase));
      }
  }

 private:
  GratingRecipe recipe_;
  CounterRandom random_;
};

}  // namespace

std::unique_ptr<Stimulus> grating_stimulus(const GratingRecipe& recipe) {
  return stimulus_of_frames(recipe.shape, kEndless, Gratings(recipe));
}

}  // namespace plexiform
