#include "plexiform/base/random.hpp"

#include <Random123/philox.h>

#include <cmath>
#include <numbers>
#include <string>

#include "plexiform/base/error.hpp"

namespace plexiform {
namespace {

constexpr double kLargestPoissonMean = 500;
/// The stream of derived_seed; the rooms number their own streams from 0.
constexpr std::uint64_t kSeedStream = 0x5eed'5eed'5eed'5eed;

std::uint32_t low_word(std::uint64_t x) {
  return static_cast<std::uint32_t>(x);
}
std::uint32_t high_word(std::uint64_t x) {
  return static_cast<std::uint32_t>(x >> 32);
}
std::uint64_t joined(std::uint32_t high, std::uint32_t low) {
  return std::uint64_t{high} << 32 | low;
}

/// [0, 1) from the upper 53 bits.
double unit(std::uint64_t bits) {
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

}  // namespace

std::array<std::uint32_t, 4> CounterRandom::words(std::uint64_t index) const {
  const r123::Philox4x32::ctr_type counter{{low_word(index), high_word(index), low_word(stream_), high_word(stream_)}};
  const r123::Philox4x32::key_type key{{low_word(seed_), high_word(seed_)}};
  const auto drawn = r123::Philox4x32{}(counter, key);
  return {drawn[0], drawn[1], drawn[2], drawn[3]};
}

double CounterRandom::uniform(std::uint64_t index) const {
  const auto w = words(index);
  return unit(joined(w[0], w[1]));
}

double CounterRandom::normal(std::uint64_t index) const {
  const auto w = words(index);
  const double radius_uniform = 1 - unit(joined(w[0], w[1]));  // in (0, 1], so that the logarithm is finite
  const double angle_uniform = unit(joined(w[2], w[3]));
  return std::sqrt(-2 * std::log(radius_uniform)) * std::cos(2 * std::numbers::pi * angle_uniform);
}

std::int64_t CounterRandom::poisson(std::uint64_t index, double mean) const {
  if (!(mean >= 0 && mean <= kLargestPoissonMean)) {
    throw Error(ErrorKind::numeric, "a Poisson mean is " + std::to_string(mean) + ", expected 0 to 500");
  }
  const double u = uniform(index);
  double probability = std::exp(-mean);
  double cumulative = probability;
  std::int64_t k = 0;
  // Past the mode the terms fall to nothing; where they no longer move the sum, rounding alone keeps it below u.
  while (u >= cumulative) {
    ++k;
    probability *= mean / static_cast<double>(k);
    const double next = cumulative + probability;
    if (next == cumulative && static_cast<double>(k) > mean) break;
    cumulative = next;
  }
  return k;
}

std::int64_t CounterRandom::integer(std::uint64_t index, std::int64_t n) const {
  if (n < 1) throw InternalError("CounterRandom::integer: n = " + std::to_string(n));
  const auto w = words(index);
  // Lemire 2019, ACM TOMACS 29:3: the upper half of a 64 x 64 bit product.
  const auto product = static_cast<unsigned __int128>(joined(w[0], w[1])) * static_cast<std::uint64_t>(n);
  return static_cast<std::int64_t>(product >> 64);
}

std::uint64_t derived_seed(std::uint64_t seed, std::uint64_t purpose) {
  const auto w = CounterRandom(seed, kSeedStream).words(purpose);
  return joined(w[0], w[1]);
}

}  // namespace plexiform
