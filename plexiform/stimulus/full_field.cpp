#include "plexiform/stimulus/full_field.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "plexiform/base/random.hpp"
#include "plexiform/base/streams.hpp"
#include "plexiform/stimulus/of_frames.hpp"

namespace plexiform {
namespace {

constexpr double kChirpSeconds = 30;

class Flicker {
 public:
  explicit Flicker(const FlickerRecipe& recipe) : recipe_(recipe), random_(recipe.seed, streams::stimulus::kMovie) {}

  std::int64_t number_of(std::int64_t frame) const { return frame / recipe_.frames_each; }

  void make(std::int64_t number, std::span<float> out) const {
    const auto index = static_cast<std::uint64_t>(number);
    const double value = recipe_.values == NoiseValues::gaussian ? random_.normal(index)
                         : (random_.words(index)[0] & 1) != 0    ? 1
                                                                 : -1;
    std::ranges::fill(out, static_cast<float>(recipe_.contrast * value));
  }

 private:
  FlickerRecipe recipe_;
  CounterRandom random_;
};

class Chirp {
 public:
  explicit Chirp(const ChirpRecipe& recipe) : recipe_(recipe), period_(period_of(recipe)) {}

  std::int64_t number_of(std::int64_t frame) const { return frame % period_; }

  void make(std::int64_t number, std::span<float> out) const {
    const double value = at(static_cast<double>(number) / recipe_.frame_rate);
    std::ranges::fill(out, static_cast<float>(recipe_.contrast * value));
  }

 private:
  static constexpr double kSweep = 8, kFirstHertz = 0.5, kSteadyHertz = 2;  // seconds, Hz

  /// `t` seconds after the beginning of a chirp.
  double at(double t) const {
    const double turn = 2 * std::numbers::pi;
    if (t < 2) return 0;
    if (t < 5) return 1;
    if (t < 8) return -1;
    if (t < 10) return 0;
    if (t < 18) {
      const double s = t - 10;
      // The phase is the integral of the frequency.
      return std::sin(turn * (kFirstHertz * s + (recipe_.top_hertz - kFirstHertz) * s * s / (2 * kSweep)));
    }
    if (t < 20) return 0;
    if (t < 28) return (t - 20) / kSweep * std::sin(turn * kSteadyHertz * (t - 20));
    return 0;
  }

  ChirpRecipe recipe_;
  std::int64_t period_;
};

}  // namespace

std::int64_t period_of(const ChirpRecipe& recipe) {
  return std::llround(kChirpSeconds * recipe.frame_rate);
}

std::unique_ptr<Stimulus> flicker_stimulus(const FlickerRecipe& recipe) {
  return stimulus_of_frames(recipe.shape, kEndless, Flicker(recipe));
}

std::unique_ptr<Stimulus> chirp_stimulus(const ChirpRecipe& recipe) {
  return stimulus_of_frames(recipe.shape, kEndless, Chirp(recipe));
}

}  // namespace plexiform
