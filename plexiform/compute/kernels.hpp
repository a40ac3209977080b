#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "plexiform/compute/buffer.hpp"
#include "plexiform/compute/shape.hpp"
#include "plexiform/compute/spectral.hpp"
#include "plexiform/compute/tile.hpp"
#include "plexiform/form/model_settings.hpp"

// The kernels, each on one strip of a tile: lanes [lane0, lane0 + kernels::strip_lanes()). Written once over Highway's
// vectors, compiled for several instruction sets, chosen when the program runs. Arrays of a strip have its lanes as
// their last dimension. Nothing here allocates once its buffers have grown.
namespace plexiform {

struct TileView {
  const std::uint16_t* bits = nullptr;  ///< or null
  const float* values = nullptr;
  std::size_t frames = 0;
  float scale = 1;  ///< what a contrast of 1 is worth
};
inline TileView view(const Tile& tile, float scale) {
  return {tile.bits.empty() ? nullptr : tile.bits.data(), tile.values.empty() ? nullptr : tile.values.data(),
          tile.frames, scale};
}

/// Weights of filters that are spatial x temporal.
struct SeparableWeights {
  const float* spatial = nullptr;   ///< [filter, channel, row, column]
  const float* temporal = nullptr;  ///< [filter, lag]
};
struct SeparableGradient {
  float* spatial = nullptr;
  float* temporal = nullptr;
};

/// Weights of a layer's filters: separable, or any.
struct FilterWeights {
  SeparableWeights separable;
  const float* full = nullptr;  ///< [filter, lag, channel, row, column]

  bool is_separable() const { return full == nullptr; }
};
struct FilterGradient {
  SeparableGradient separable;
  float* full = nullptr;
};

/// From filtered movie to drive (model/network.hpp has the equation).
struct ReadoutWeights {
  SubunitNonlinearity subunits = SubunitNonlinearity::relu;
  const float* bias = nullptr;         ///< [filter]
  const float* map = nullptr;          ///< [filter, position]
  const float* suppression = nullptr;  ///< [filter, position], or null
};
struct ReadoutGradient {
  float* bias = nullptr;
  float* map = nullptr;
  float* suppression = nullptr;  ///< or null
};

/// Normal noise as a function of (key, filter, position, frame, lane).
struct Noise {
  float sd = 0;
  std::uint32_t key[2] = {0, 0};
};

/// The cell's response to a strip: arrays [frame, kLanes], from which a strip reads its lanes.
struct TargetsView {
  const float* counts = nullptr;
  const float* weights = nullptr;
  std::size_t frames = 0;
};
inline TargetsView view(const Targets& t) {
  return {t.counts.data(), t.weights.data(), t.frames};
}

/// What a strip needs while a step is under way; one for each thread.
struct StripSpace {
  Buffer frame;         ///< [channel, padded row, padded column]
  Buffer plane;         ///< [position]
  Buffer in_space;      ///< separable: movie after the filter in space, [filter, position, frame with history]
  Buffer seen;          ///< [filter, position, frame]: what subunits see; after the way back, the loss's gradient to it
  Buffer drive;         ///< [frame]; after output(), the gradient to it
  Buffer series;        ///< one position's frames, with zeros around
  Buffer tap_sums;      ///< [filter, tap]
  Buffer lag_sums;      ///< [filter, lag]
  Buffer spectra;       ///< [frequency, position or wave], complex
  Buffer wave_scratch;  ///< for Fourier transforms
};

namespace kernels {

std::size_t strip_lanes();
/// "AVX3", "AVX2", ...: the instruction set that was chosen. It is the best that the machine has, or the one that the
/// environment variable PLEXIFORM_KERNELS named when the first kernel ran. Throws Error{usage} where it names none.
const char* instruction_set();
/// Those that the kernels were compiled for and that this machine has, the best first; the last is "SCALAR" or
/// "EMU128".
std::vector<std::string> instruction_sets();
/// From here on all kernels of this process use this one, "" the best; not while one runs. For tests and measurements:
/// results differ in their last bits.
/// Throws Error{usage} with the known names.
void use_instruction_set(const std::string& name);

/// Does `rounds` rounds of multiply-adds that wait for nothing but each other's registers; returns how many it did,
/// each counted as two operations. `sink` keeps the result alive.
double multiply_adds(std::size_t rounds, float* sink);
/// Sum of n floats, read once: for the measure of what memory delivers.
float read_through(const float* values, std::size_t n);

/// Fills space.in_space and space.seen.
void separable_forward(const ConvShape& shape, const SeparableWeights& weights, const TileView& tile, std::size_t lane0,
                       StripSpace& space);
/// From the gradient in space.seen; overwrites space.in_space. Sums over the strip's lanes are added to `gradient`.
void separable_backward(const ConvShape& shape, const SeparableWeights& weights, const TileView& tile,
                        std::size_t lane0, StripSpace& space, const SeparableGradient& gradient);

/// The same for filters [filter, lag, channel, row, column] that are not separable, by their definition.
void direct_forward(const ConvShape& shape, const float* filters, const TileView& tile, std::size_t lane0,
                    StripSpace& space);
void direct_backward(const ConvShape& shape, const TileView& tile, std::size_t lane0, StripSpace& space,
                     float* gradient);

/// The movie's spectrum, SpectralPlan::spectrum_size() x strip lanes; it stays the same from step to step.
void movie_spectrum(const SpectralPlan& plan, const TileView& tile, std::size_t lane0, StripSpace& space, float* out);
/// Filters are transformed strip_lanes() pairs at a time: `group` counts these. Once a step, into
/// plan.filter_spectrum_size() floats.
void filter_spectra(const SpectralPlan& plan, const float* filters, std::size_t group, StripSpace& space, float* out);
/// Fills space.seen.
void spectral_forward(const SpectralPlan& plan, const float* spectrum, const float* filters, StripSpace& space);
/// From the gradient in space.seen: adds the spectrum of the gradient to the filters, filter_spectrum_size(), to sums.
void spectral_backward(const SpectralPlan& plan, const float* spectrum, StripSpace& space, float* sums);
/// Adds what the sums of all strips amount to, to the gradient [filter, lag, channel, row, column].
void filter_gradient(const SpectralPlan& plan, const float* sums, std::size_t group, StripSpace& space,
                     float* gradient);

/// Adds bias and noise to space.seen and fills space.drive. Returns the weighted sum of the subunits' absolute activity
/// where `activity` is wanted, else 0.
double readout_forward(const ReadoutWeights& weights, std::size_t filters, std::size_t positions,
                       const TargetsView& targets, const Noise& noise, bool activity, std::size_t lane0,
                       StripSpace& space);
/// From the gradient to the drive in space.drive to that of space.seen. `l1_activity`: gradient of the penalty to a
/// frame of weight 1.
void readout_backward(const ReadoutWeights& weights, std::size_t filters, std::size_t positions,
                      const TargetsView& targets, float l1_activity, std::size_t lane0, StripSpace& space,
                      const ReadoutGradient& gradient);

/// Rates and their logarithms, [frame, kLanes], of the strip's lanes, from space.drive.
void output_rate(OutputKind kind, const float* parameters, std::size_t frames, std::size_t lane0,
                 const StripSpace& space, float* rate, float* log_rate);
/// Weighted Poisson loss of each lane, sum_t weight (rate - count log rate), added to losses[kLanes]. Where `gradient`
/// (of the parameters, times `scale`) is given, space.drive becomes the gradient to the drive, times `scale`.
void poisson(OutputKind kind, const float* parameters, const TargetsView& targets, float scale, std::size_t lane0,
             StripSpace& space, double* losses, float* gradient);

}  // namespace kernels
}  // namespace plexiform
