#include "plexiform/compute/kernels.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <type_traits>

#include "plexiform/base/error.hpp"

// Compiled once for each of these, plain C++ (SCALAR or EMU128) included; the best that the machine has is chosen when
// the program runs.
#define HWY_COMPILE_ALL_ATTAINABLE
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "plexiform/compute/kernels.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
// clang-format: this order is Highway's
#include <hwy/highway.h>

#include "plexiform/compute/readout-inl.hpp"
#include "plexiform/compute/rows-inl.hpp"
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

double multiply_adds(std::size_t rounds, float* sink) {
  const hn::ScalableTag<float> d;  // the machine's widest registers
  constexpr std::size_t kChains = 10;
  auto a = hn::Set(d, 0.5F), b = hn::Set(d, 0.25F);
  const auto start = [&](float v)
                         HWY_ATTR { return hn::Set(d, v); };  // all different, or the compiler would keep one of them
  auto x0 = start(1), x1 = start(2), x2 = start(3), x3 = start(4), x4 = start(5);
  auto x5 = start(6), x6 = start(7), x7 = start(8), x8 = start(9), x9 = start(10);
  for (std::size_t i = 0; i < rounds; ++i) {
    x0 = hn::MulAdd(x0, a, b), x1 = hn::MulAdd(x1, a, b), x2 = hn::MulAdd(x2, a, b), x3 = hn::MulAdd(x3, a, b);
    x4 = hn::MulAdd(x4, a, b), x5 = hn::MulAdd(x5, a, b), x6 = hn::MulAdd(x6, a, b), x7 = hn::MulAdd(x7, a, b);
    x8 = hn::MulAdd(x8, a, b), x9 = hn::MulAdd(x9, a, b);
  }
  const auto sum = hn::Add(
      hn::Add(hn::Add(hn::Add(x0, x1), hn::Add(x2, x3)), hn::Add(hn::Add(x4, x5), hn::Add(x6, x7))), hn::Add(x8, x9));
  *sink = hn::GetLane(sum);
  return 2.0 * static_cast<double>(kChains * hn::Lanes(d)) * static_cast<double>(rounds);
}

float read_through(const float* values, std::size_t n) {
  const std::size_t step = 4 * kStrip;
  Vector a = zero(), b = zero(), c = zero(), d = zero();
  for (std::size_t i = 0; i + step <= n; i += step) {
    a = hn::Add(a, load(values + i)), b = hn::Add(b, load(values + i + kStrip));
    c = hn::Add(c, load(values + i + 2 * kStrip)), d = hn::Add(d, load(values + i + 3 * kStrip));
  }
  return tree_sum(hn::Add(hn::Add(a, b), hn::Add(c, d)));
}

}  // namespace HWY_NAMESPACE
}  // namespace plexiform
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace plexiform {
HWY_EXPORT(strip_lanes);
HWY_EXPORT(instruction_set);
HWY_EXPORT(multiply_adds);
HWY_EXPORT(read_through);
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
HWY_EXPORT(sign_rows);
HWY_EXPORT(weighted_rows);
HWY_EXPORT(filter_row);
HWY_EXPORT(multiply_row);
HWY_EXPORT(row_product);
HWY_EXPORT(row_products);
HWY_EXPORT(row_gram);
HWY_EXPORT(rectified_power);
HWY_EXPORT(rate_rows);
HWY_EXPORT(both_polarities);

namespace {

constexpr const char* kVariable = "PLEXIFORM_KERNELS";

/// Where an instruction set, or the best of several, stands in the tables that HWY_EXPORT makes.
std::size_t place_of(std::int64_t targets) {
  hwy::ChosenTarget chosen;
  chosen.Update(targets);
  return (HWY_TARGETS & (HWY_TARGETS - 1)) == 0 ? 0 : chosen.GetIndex();  // one alone has a table of one entry
}

/// The place of the set called `name`, "" the best. Throws Error{usage} where the machine has none of that name.
std::size_t place_named(const std::string& name, const std::string& what, const std::string& otherwise) {
  if (name.empty()) return place_of(hwy::SupportedTargets());
  std::string known;
  for (const auto target : hwy::SupportedAndGeneratedTargets()) {
    if (name == hwy::TargetName(target)) return place_of(target);
    known += (known.empty() ? "" : ", ") + std::string(hwy::TargetName(target));
  }
  throw Error(ErrorKind::usage, what + " is '" + name + "', this machine has " + known, "use one of these" + otherwise);
}

std::size_t place_of_environment() {
  const char* value = std::getenv(kVariable);
  return place_named(value == nullptr ? "" : value, kVariable, ", or unset it");
}

/// Not Highway's own choice, which is shared with every other library of the process that uses it.
std::atomic<std::size_t>& chosen_place() {
  static std::atomic<std::size_t> place = place_of_environment();
  return place;
}

}  // namespace

#define PLEXIFORM_DISPATCH(kernel) (*HWY_DISPATCH_TABLE(kernel)[chosen_place().load(std::memory_order_relaxed)])

namespace kernels {

std::vector<std::string> instruction_sets() {
  std::vector<std::string> names;
  for (const auto target : hwy::SupportedAndGeneratedTargets()) names.emplace_back(hwy::TargetName(target));
  return names;
}
void use_instruction_set(const std::string& name) {
  chosen_place() = place_named(name, "the instruction set", "");
}

std::size_t strip_lanes() {
  return PLEXIFORM_DISPATCH(strip_lanes)();
}
const char* instruction_set() {
  return PLEXIFORM_DISPATCH(instruction_set)();
}
double multiply_adds(std::size_t rounds, float* sink) {
  return PLEXIFORM_DISPATCH(multiply_adds)(rounds, sink);
}
float read_through(const float* values, std::size_t n) {
  return PLEXIFORM_DISPATCH(read_through)(values, n);
}
void separable_forward(const ConvShape& shape, const SeparableWeights& weights, const TileView& tile, std::size_t lane0,
                       StripSpace& space) {
  PLEXIFORM_DISPATCH(separable_forward)(shape, weights, tile, lane0, space);
}
void separable_backward(const ConvShape& shape, const SeparableWeights& weights, const TileView& tile,
                        std::size_t lane0, StripSpace& space, const SeparableGradient& gradient) {
  PLEXIFORM_DISPATCH(separable_backward)(shape, weights, tile, lane0, space, gradient);
}
void direct_forward(const ConvShape& shape, const float* filters, const TileView& tile, std::size_t lane0,
                    StripSpace& space) {
  PLEXIFORM_DISPATCH(direct_forward)(shape, filters, tile, lane0, space);
}
void direct_backward(const ConvShape& shape, const TileView& tile, std::size_t lane0, StripSpace& space,
                     float* gradient) {
  PLEXIFORM_DISPATCH(direct_backward)(shape, tile, lane0, space, gradient);
}
void movie_spectrum(const SpectralPlan& plan, const TileView& tile, std::size_t lane0, StripSpace& space, float* out) {
  PLEXIFORM_DISPATCH(movie_spectrum)(plan, tile, lane0, space, out);
}
void filter_spectra(const SpectralPlan& plan, const float* filters, std::size_t group, StripSpace& space, float* out) {
  PLEXIFORM_DISPATCH(filter_spectra)(plan, filters, group, space, out);
}
void spectral_forward(const SpectralPlan& plan, const float* spectrum, const float* filters, StripSpace& space) {
  PLEXIFORM_DISPATCH(spectral_forward)(plan, spectrum, filters, space);
}
void spectral_backward(const SpectralPlan& plan, const float* spectrum, StripSpace& space, float* sums) {
  PLEXIFORM_DISPATCH(spectral_backward)(plan, spectrum, space, sums);
}
void filter_gradient(const SpectralPlan& plan, const float* sums, std::size_t group, StripSpace& space,
                     float* gradient) {
  PLEXIFORM_DISPATCH(filter_gradient)(plan, sums, group, space, gradient);
}
double readout_forward(const ReadoutWeights& weights, std::size_t filters, std::size_t positions,
                       const TargetsView& targets, const Noise& noise, bool activity, std::size_t lane0,
                       StripSpace& space) {
  return PLEXIFORM_DISPATCH(readout_forward)(weights, filters, positions, targets, noise, activity, lane0, space);
}
void readout_backward(const ReadoutWeights& weights, std::size_t filters, std::size_t positions,
                      const TargetsView& targets, float l1_activity, std::size_t lane0, StripSpace& space,
                      const ReadoutGradient& gradient) {
  PLEXIFORM_DISPATCH(readout_backward)
  (weights, filters, positions, targets, l1_activity, lane0, space, gradient);
}
void output_rate(OutputKind kind, const float* parameters, std::size_t frames, std::size_t lane0,
                 const StripSpace& space, float* rate, float* log_rate) {
  PLEXIFORM_DISPATCH(output_rate)(kind, parameters, frames, lane0, space, rate, log_rate);
}
void poisson(OutputKind kind, const float* parameters, const TargetsView& targets, float scale, std::size_t lane0,
             StripSpace& space, double* losses, float* gradient) {
  PLEXIFORM_DISPATCH(poisson)(kind, parameters, targets, scale, lane0, space, losses, gradient);
}
void sign_rows(const std::uint16_t* bits, std::size_t words, float scale, float* to) {
  PLEXIFORM_DISPATCH(sign_rows)(bits, words, scale, to);
}
void weighted_rows(const float* const* from, std::size_t columns, const float* weights, std::size_t rows,
                   std::size_t frames, float* to, std::size_t stride) {
  PLEXIFORM_DISPATCH(weighted_rows)(from, columns, weights, rows, frames, to, stride);
}
void filter_row(const float* newest_last, std::size_t lags, const float* from, std::size_t frames, bool add,
                float* to) {
  PLEXIFORM_DISPATCH(filter_row)(newest_last, lags, from, frames, add, to);
}
void multiply_row(const float* a, const float* b, std::size_t frames, bool add, float* to) {
  PLEXIFORM_DISPATCH(multiply_row)(a, b, frames, add, to);
}
double row_product(const float* a, const float* b, std::size_t frames) {
  return PLEXIFORM_DISPATCH(row_product)(a, b, frames);
}
void row_products(const Rows& a, const Rows& b, std::size_t frames, double* to) {
  PLEXIFORM_DISPATCH(row_products)(a, b, frames, to);
}
void row_gram(const Rows& rows, std::size_t frames, double* to) {
  PLEXIFORM_DISPATCH(row_gram)(rows, frames, to);
}
void rectified_power(const float* z, float scale, float power, bool even, std::size_t frames, float* value,
                     float* slope) {
  PLEXIFORM_DISPATCH(rectified_power)(z, scale, power, even, frames, value, slope);
}
void rate_rows(const RateRows& rows, float softness, float expansion, std::size_t frames) {
  PLEXIFORM_DISPATCH(rate_rows)(rows, softness, expansion, frames);
}
void both_polarities(const float* const* rows, const float* mix, std::size_t count, const float* first,
                     const float* second, float power, std::size_t frames, double sums[4]) {
  PLEXIFORM_DISPATCH(both_polarities)(rows, mix, count, first, second, power, frames, sums);
}

}  // namespace kernels
}  // namespace plexiform
#endif
