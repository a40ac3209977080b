#include "plexiform/cell/counts.hpp"

#include <cmath>
#include <string>

#include "plexiform/base/error.hpp"

namespace plexiform {
namespace {

/// Inversion of one uniform, as CounterRandom::poisson does it. With k = mean / (fano - 1) and q = 1 - 1 / fano:
///   P(0) = fano^-k,   P(n + 1) / P(n) = (k + n) / (n + 1) * q.
std::int64_t negative_binomial(double uniform, double mean, double fano) {
  const double k = mean / (fano - 1), q = 1 - 1 / fano;
  double probability = std::pow(fano, -k);
  double cumulative = probability;
  std::int64_t n = 0;
  while (uniform >= cumulative) {
    probability *= (k + static_cast<double>(n)) / static_cast<double>(n + 1) * q;
    ++n;
    const double next = cumulative + probability;
    if (next == cumulative && static_cast<double>(n) > mean) break;  // rounding alone keeps it below `uniform`
    cumulative = next;
  }
  return n;
}

/// Poisson draws are exact up to here, and P(0) of a negative binomial is a normal number.
void require_drawable(double rate) {
  constexpr double kHighest = 500;
  if (rate >= 0 && rate <= kHighest) return;
  throw Error(ErrorKind::numeric, "the rate is " + std::to_string(rate) + " spikes a frame, expected 0 to 500",
              "a lower gain or target_rate, or a larger output_scale, gives lower rates");
}

}  // namespace

std::int64_t draw_count(const Circuit& circuit, const CounterRandom& random, std::uint64_t index, double rate) {
  if (circuit.spikes != SpikeRule::at_most_one) require_drawable(rate);
  switch (circuit.spikes) {
    case SpikeRule::poisson:
      return random.poisson(index, rate);
    case SpikeRule::at_most_one:
      return random.uniform(index) < rate ? 1 : 0;
    case SpikeRule::negative_binomial:
      return negative_binomial(random.uniform(index), rate, circuit.fano);
  }
  throw InternalError("draw_count: a spike rule without a meaning");
}

double SpikeHistory::factor() const {
  return since_ ? 1 - share_ * std::exp(-static_cast<double>(*since_ - 1) / frames_) : 1;
}

void SpikeHistory::add(std::int64_t count) {
  if (share_ == 0) return;
  if (count > 0)
    since_ = 1;
  else if (since_)
    ++*since_;
}

}  // namespace plexiform
