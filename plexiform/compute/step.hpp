#pragma once
#include <array>
#include <cstddef>
#include <vector>

#include "plexiform/compute/movie_filter.hpp"

namespace plexiform {

/// A network of one layer (model/network.hpp has the equation), as the kernels see it. Nothing is owned.
struct LayerWeights {
  ConvShape shape;
  float contrast_scale = 1;
  FilterWeights filters;
  ReadoutWeights readout;
  OutputKind output_kind = OutputKind::softplus;
  const float* output = nullptr;  ///< parameters of the output nonlinearity (output_curve.hpp)
};

/// Where gradients are added to; the same arrays as the weights'.
struct LayerGradient {
  FilterGradient filters;
  ReadoutGradient readout;
  float* output = nullptr;
};

/// What a step asks of one tile, beside the loss.
struct StepOptions {
  float scale = 1;  ///< of the gradient: one over the batch's weight
  Noise noise;
  float l1_activity = 0;
};

/// Loss and gradients of networks on tiles; one object serves one tile at a time, and lends work to `threads`. The
/// result does not depend on `threads`: every strip of lanes is summed by itself, and strips are added as a tree.
class Stepper {
 public:
  explicit Stepper(int threads = 1, std::size_t spectrum_bytes = MovieFilter::kSpectrumBytes)
      : threads_(threads), filter_(threads, spectrum_bytes), strips_(strips()) {}

  /// Adds to `gradient` and to losses[kLanes] (weighted Poisson loss of each lane). `number`: see MovieFilter::begin.
  /// Returns the weighted sum of absolute activities where a penalty wants it, else 0.
  double gradient(const LayerWeights& weights, const Tile& tile, std::size_t number, const TargetsView& targets,
                  const StepOptions& options, double* losses, const LayerGradient& gradient);
  /// Adds to losses[kLanes], without noise.
  void loss(const LayerWeights& weights, const Tile& tile, std::size_t number, const TargetsView& targets,
            double* losses);
  /// Drive, rate and logarithm of the rate, [frame, kLanes] each.
  struct Rates {
    std::vector<float> drive, rate, log_rate;
  };
  Rates rates(const LayerWeights& weights, const Tile& tile, std::size_t number);

  /// A place for a tile that comes from a file, so that its memory is used again.
  Tile& scratch_tile() { return scratch_tile_; }
  /// What the last call used.
  Algorithm algorithm() const { return filter_.algorithm(); }

 private:
  struct Strip {
    StripSpace space;
    Buffer gradient;
    std::array<double, kLanes> losses{};
    double activity = 0;
  };
  void begin(const LayerWeights& weights, const Tile& tile, std::size_t number);
  void add_losses(double* losses) const;

  int threads_;
  MovieFilter filter_;
  std::vector<Strip> strips_;
  Tile scratch_tile_;
};

}  // namespace plexiform
