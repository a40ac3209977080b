#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "plexiform/stimulus/stimulus.hpp"

namespace plexiform {

enum class NoiseValues { binary, gaussian };

/// White noise, independent in space, time and channel; endless. Value n (n = ((frame * C + c) * H + y) * W + x) is a
/// pure function of (seed, n): binary +-contrast, gaussian with standard deviation contrast.
struct WhiteNoiseRecipe {
  NoiseValues values = NoiseValues::binary;
  std::uint64_t seed = 0;
  FrameShape shape;
  double contrast = 1;
};

/// Which coordinate runs fastest in the stream of random numbers of one frame:
/// xy: value number x * H + y (y fastest); yx: y * W + x (x fastest).
enum class PixelOrder { xy, yx };

/// White noise as stimulus programs with Numerical Recipes' generators made it (Press et al., 2nd edition, chapter 7:
/// ran1, gasdev). Running blocks continue one stream; a frozen block starts its own stream anew each time.
/// Displayed order: running, frozen, running, frozen, ... beginning with a running block; without frozen frames it is
/// one endless running block. Binary is +contrast where ran1 >= 0.5, else -contrast.
struct Ran1Recipe {
  NoiseValues values = NoiseValues::binary;
  std::int64_t seed = -1;  ///< negative, as ran1 wants it
  std::int64_t height = 0;
  std::int64_t width = 0;
  PixelOrder order = PixelOrder::xy;
  double contrast = 1;
  std::int64_t running_frames = 0;  ///< length of a running block; counts only where there are frozen frames
  std::int64_t frozen_frames = 0;   ///< length of a frozen block; 0: none
  std::int64_t frozen_seed = 0;     ///< negative; 0: not known, and the frozen frames read as contrast 0
};

/// What an image's luminance L becomes. set: contrast * (L / mean of the whole set - 1), so that bright images stay
/// bright; image: contrast * (L - mean) / standard deviation of the image as it is shown (0 where all of it is the
/// same), so that no image stands out by its luminance or contrast.
enum class Normalisation { set, image };

/// Images of discs that cover each other ("dead leaves"; Lee, Mumford and Huang 2001, IJCV 41:35), endless: radii r in
/// `smallest` to `largest` pixels with a density proportional to r^-3, luminance uniform, centres anywhere, so that
/// there are edges, occlusion and the spectrum of natural images. Image i is a pure function of (seed, i) and stays for
/// `frames_each` frames.
struct DeadLeavesRecipe {
  std::uint64_t seed = 0;
  FrameShape shape;
  double smallest = 1;
  double largest = 16;
  Normalisation normalisation = Normalisation::set;
  double contrast = 1;
  std::int64_t frames_each = 1;
};

enum class GratingMotion { drifting, reversing };

/// Sinusoidal gratings, endless: every `frames_each` frames another one, whose orientation (any), phase and period
/// (`shortest` to `longest` pixels, uniform in its logarithm) are pure functions of (seed, its number).
///   drifting: contrast sin(2 pi (v / period - t / cycle) + phase), v the coordinate across the bars, t frames since
///   its onset; reversing: contrast sin(2 pi v / period + phase), the sign changing every half cycle.
struct GratingRecipe {
  GratingMotion motion = GratingMotion::drifting;
  std::uint64_t seed = 0;
  FrameShape shape;
  double contrast = 1;
  double shortest = 4;
  double longest = 16;
  double cycle = 15;  ///< frames
  std::int64_t frames_each = 60;
};

/// Full-field flicker, endless: all pixels share one value, drawn anew every `frames_each` frames; binary +-contrast,
/// gaussian with standard deviation contrast.
struct FlickerRecipe {
  NoiseValues values = NoiseValues::binary;
  std::uint64_t seed = 0;
  FrameShape shape;
  double contrast = 1;
  std::int64_t frames_each = 1;
};

/// A full-field chirp over and over (after Baden et al. 2016, Nature 529:345). In seconds: 2 grey, 3 bright, 3 dark, 2
/// grey, 8 of a sine whose frequency grows linearly from 0.5 to `top_hertz`, 2 grey, 8 of a sine of 2 Hz whose
/// amplitude grows linearly from 0 to contrast, 2 grey.
struct ChirpRecipe {
  FrameShape shape;
  double contrast = 1;
  double frame_rate = 30;  ///< frames per second
  double top_hertz = 8;
};

/// Frames after which a chirp begins again.
std::int64_t period_of(const ChirpRecipe& recipe);

using StimulusRecipe =
    std::variant<WhiteNoiseRecipe, Ran1Recipe, DeadLeavesRecipe, GratingRecipe, FlickerRecipe, ChirpRecipe>;

/// Throws Error{data} if the recipe makes no sense (no pixels, seed of the wrong sign, ...). A replay runs forward
/// only: it keeps its state every millisecond of work or so, and a read starts at the last state before its block. All
/// others make any block at once.
std::unique_ptr<Stimulus> make_stimulus(const StimulusRecipe& recipe);

/// One JSON object with every field, the form in which a recording keeps its recipe. Reading throws Error{data} if
/// it is not JSON, a field is missing, unknown (with the nearest known name) or of the wrong type, or the recipe makes
/// no sense.
std::string to_json(const StimulusRecipe& recipe);
StimulusRecipe recipe_from_json(std::string_view json);

}  // namespace plexiform
