#include "plexiform/compute/kernels.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>

// Compiled once for each of these; the fastest that the machine has is chosen when the program runs.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "plexiform/compute/kernels.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
// clang-format: this order is Highway's
#include <hwy/highway.h>

#include "plexiform/compute/readout-inl.hpp"
#include "plexiform/compute/separable-inl.hpp"
#include "plexiform/compute/spectral-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace plexiform {
namespace HWY_NAMESPACE {

std::size_t strip_lanes() {
  return kStrip;
}
const char* instruction_set() {
  return hwy::TargetName(HWY_TARGET);
}

}  // namespace HWY_NAMESPACE
}  // namespace plexiform
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace plexiform {
HWY_EXPORT(strip_lanes);
HWY_EXPORT(instruction_set);
HWY_EXPORT(separable_forward);
HWY_EXPORT(separable_backward);
HWY_EXPORT(direct_forward);
HWY_EXPORT(direct_backward);
HWY_EXPORT(movie_spectrum);
HWY_EXPORT(filter_spectra);
HWY_EXPORT(spectral_forward);
HWY_EXPORT(spectral_backward);
HWY_EXPORT(filter_gradient);
HWY_EXPORT(readout_forward);
HWY_EXPORT(readout_backward);
HWY_EXPORT(output_rate);
HWY_EXPORT(poisson);

namespace kernels {

std::size_t strip_lanes() {
  return HWY_DYNAMIC_DISPATCH(strip_lanes)();
}
const char* instruction_set() {
  return HWY_DYNAMIC_DISPATCH(instruction_set)();
}
void separable_forward(const ConvShape& shape, const SeparableWeights& weights, const TileView& tile, std::size_t lane0,
                       StripSpace& space) {
  HWY_DYNAMIC_DISPATCH(separable_forward)(shape, weights, tile, lane0, space);
}
void separable_backward(const ConvShape& shape, const SeparableWeights& weights, const TileView& tile,
                        std::size_t lane0, StripSpace& space, const SeparableGradient& gradient) {
  HWY_DYNAMIC_DISPATCH(separable_backward)(shape, weights, tile, lane0, space, gradient);
}
void direct_forward(const ConvShape& shape, const float* filters, const TileView& tile, std::size_t lane0,
                    StripSpace& space) {
  HWY_DYNAMIC_DISPATCH(direct_forward)(shape, filters, tile, lane0, space);
}
void direct_backward(const ConvShape& shape, const TileView& tile, std::size_t lane0, StripSpace& space,
                     float* gradient) {
  HWY_DYNAMIC_DISPATCH(direct_backward)(shape, tile, lane0, space, gradient);
}
void movie_spectrum(const SpectralPlan& plan, const TileView& tile, std::size_t lane0, StripSpace& space, float* out) {
  HWY_DYNAMIC_DISPATCH(movie_spectrum)(plan, tile, lane0, space, out);
}
void filter_spectra(const SpectralPlan& plan, const float* filters, StripSpace& space, float* out) {
  HWY_DYNAMIC_DISPATCH(filter_spectra)(plan, filters, space, out);
}
void spectral_forward(const SpectralPlan& plan, const float* spectrum, const float* filters, StripSpace& space) {
  HWY_DYNAMIC_DISPATCH(spectral_forward)(plan, spectrum, filters, space);
}
void spectral_backward(const SpectralPlan& plan, const float* spectrum, StripSpace& space, float* sums) {
  HWY_DYNAMIC_DISPATCH(spectral_backward)(plan, spectrum, space, sums);
}
void filter_gradient(const SpectralPlan& plan, const float* sums, StripSpace& space, float* gradient) {
  HWY_DYNAMIC_DISPATCH(filter_gradient)(plan, sums, space, gradient);
}
double readout_forward(const ReadoutWeights& weights, std::size_t filters, std::size_t positions,
                       const TargetsView& targets, const Noise& noise, bool activity, std::size_t lane0,
                       StripSpace& space) {
  return HWY_DYNAMIC_DISPATCH(readout_forward)(weights, filters, positions, targets, noise, activity, lane0, space);
}
void readout_backward(const ReadoutWeights& weights, std::size_t filters, std::size_t positions,
                      const TargetsView& targets, float l1_activity, std::size_t lane0, StripSpace& space,
                      const ReadoutGradient& gradient) {
  HWY_DYNAMIC_DISPATCH(readout_backward)
  (weights, filters, positions, targets, l1_activity, lane0, space, gradient);
}
void output_rate(OutputKind kind, const float* parameters, std::size_t frames, std::size_t lane0,
                 const StripSpace& space, float* rate, float* log_rate) {
  HWY_DYNAMIC_DISPATCH(output_rate)(kind, parameters, frames, lane0, space, rate, log_rate);
}
void poisson(OutputKind kind, const float* parameters, const TargetsView& targets, float scale, std::size_t lane0,
             StripSpace& space, double* losses, float* gradient) {
  HWY_DYNAMIC_DISPATCH(poisson)(kind, parameters, targets, scale, lane0, space, losses, gradient);
}

}  // namespace kernels
}  // namespace plexiform
#endif
