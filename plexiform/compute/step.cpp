#include "plexiform/compute/step.hpp"

#include <algorithm>
#include <string>

#include "plexiform/base/error.hpp"
#include "plexiform/compute/output_curve.hpp"

namespace plexiform {
namespace {

/// Numbers of weights of each kind.
struct Sizes {
  std::size_t spatial = 0, temporal = 0, full = 0, bias = 0, map = 0, suppression = 0, output = 0;

  explicit Sizes(const LayerWeights& w) {
    const auto& s = w.shape;
    if (w.filters.is_separable()) {
      spatial = s.filters * s.taps();
      temporal = s.filters * s.lags;
    } else {
      full = s.filters * s.lags * s.taps();
    }
    bias = s.filters;
    map = s.filters * s.positions();
    suppression = w.readout.suppression != nullptr ? map : 0;
    output =
        w.output_kind == OutputKind::softplus ? output_curve::kSoftplusParameters : output_curve::kFittedParameters;
  }
  std::size_t all() const { return spatial + temporal + full + bias + map + suppression + output; }
};

/// The parts of one array, in a fixed order.
LayerGradient parts_of(float* all, const Sizes& n) {
  LayerGradient g;
  const auto next = [&](std::size_t size) {
    float* part = all;
    all += size;
    return size > 0 ? part : nullptr;
  };
  g.filters.separable.spatial = next(n.spatial);
  g.filters.separable.temporal = next(n.temporal);
  g.filters.full = next(n.full);
  g.readout.bias = next(n.bias);
  g.readout.map = next(n.map);
  g.readout.suppression = next(n.suppression);
  g.output = next(n.output);
  return g;
}

void add(const float* from, std::size_t n, float* to) {
  for (std::size_t i = 0; i < n; ++i) to[i] += from[i];
}

void add(const LayerGradient& from, const Sizes& n, const LayerGradient& to) {
  add(from.filters.separable.spatial, n.spatial, to.filters.separable.spatial);
  add(from.filters.separable.temporal, n.temporal, to.filters.separable.temporal);
  add(from.filters.full, n.full, to.filters.full);
  add(from.readout.bias, n.bias, to.readout.bias);
  add(from.readout.map, n.map, to.readout.map);
  add(from.readout.suppression, n.suppression, to.readout.suppression);
  add(from.output, n.output, to.output);
}

}  // namespace

void Stepper::begin(const LayerWeights& w, const Tile& tile, std::size_t number) {
  if (tile.pixels != w.shape.pixels())
    throw InternalError("a tile of " + std::to_string(tile.pixels) + " pixels for a layer of " +
                        std::to_string(w.shape.pixels()));
  filter_.begin(w.shape, w.filters, view(tile, w.contrast_scale), number);
}

void Stepper::add_losses(double* losses) const {
  for (const Strip& strip : strips_)
    for (std::size_t lane = 0; lane < kLanes; ++lane) losses[lane] += strip.losses[lane];
}

double Stepper::gradient(const LayerWeights& w, const Tile& tile, std::size_t number, const TargetsView& targets,
                         const StepOptions& options, double* losses, const LayerGradient& gradient) {
  begin(w, tile, number);
  const Sizes sizes(w);
  const std::size_t K = w.shape.filters, P = w.shape.positions();
  for_strips(threads_, [&](std::size_t i) {
    Strip& strip = strips_[i];
    const std::size_t lane0 = i * kernels::strip_lanes();
    const LayerGradient mine = parts_of(strip.gradient.zeroed(sizes.all()), sizes);
    strip.losses.fill(0);
    filter_.forward(i, strip.space);
    strip.activity =
        kernels::readout_forward(w.readout, K, P, targets, options.noise, options.l1_activity != 0, lane0, strip.space);
    kernels::poisson(w.output_kind, w.output, targets, options.scale, lane0, strip.space, strip.losses.data(),
                     mine.output);
    kernels::readout_backward(w.readout, K, P, targets, options.l1_activity * options.scale, lane0, strip.space,
                              mine.readout);
    filter_.backward(i, strip.space, mine.filters);
  });
  for (std::size_t step = 1; step < strips_.size(); step *= 2)
    for (std::size_t i = 0; i < strips_.size(); i += 2 * step)
      add(strips_[i + step].gradient.data(), sizes.all(), strips_[i].gradient.data());
  const LayerGradient sum = parts_of(strips_[0].gradient.data(), sizes);
  filter_.finish(sum.filters);
  add(sum, sizes, gradient);
  add_losses(losses);
  double activity = 0;
  for (const Strip& strip : strips_) activity += strip.activity;
  return activity;
}

void Stepper::loss(const LayerWeights& w, const Tile& tile, std::size_t number, const TargetsView& targets,
                   double* losses) {
  begin(w, tile, number);
  for_strips(threads_, [&](std::size_t i) {
    Strip& strip = strips_[i];
    const std::size_t lane0 = i * kernels::strip_lanes();
    strip.losses.fill(0);
    filter_.forward(i, strip.space);
    kernels::readout_forward(w.readout, w.shape.filters, w.shape.positions(), targets, {}, false, lane0, strip.space);
    kernels::poisson(w.output_kind, w.output, targets, 0, lane0, strip.space, strip.losses.data(), nullptr);
  });
  add_losses(losses);
}

Stepper::Rates Stepper::rates(const LayerWeights& w, const Tile& tile, std::size_t number) {
  begin(w, tile, number);
  const std::size_t n = tile.frames - w.shape.lags + 1, lanes = kernels::strip_lanes();
  Rates all{std::vector<float>(n * kLanes), std::vector<float>(n * kLanes), std::vector<float>(n * kLanes)};
  for_strips(threads_, [&](std::size_t i) {
    StripSpace& space = strips_[i].space;
    filter_.forward(i, space);
    kernels::readout_forward(w.readout, w.shape.filters, w.shape.positions(), {nullptr, nullptr, n}, {}, false,
                             i * lanes, space);
    kernels::output_rate(w.output_kind, w.output, n, i * lanes, space, all.rate.data(), all.log_rate.data());
    for (std::size_t t = 0; t < n; ++t)
      std::copy_n(space.drive.data() + t * lanes, lanes, all.drive.data() + t * kLanes + i * lanes);
  });
  return all;
}

}  // namespace plexiform
