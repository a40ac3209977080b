#pragma once
#include <span>

namespace plexiform {

/// The sums over frames that bits per spike is made of; those of several blocks add up.
struct BitsSums {
  double frames = 0;
  double spikes = 0;
  double rate = 0;       ///< sum of rates
  double log2_rate = 0;  ///< sum of counts * log2(rate), 0 log 0 = 0

  BitsSums& operator+=(const BitsSums& other);
  /// Poisson log-likelihood, nats, without log n!.
  double nats() const;
  /// NaN without a spike.
  double bits_per_spike() const;
};

/// Bits per spike over the constant rate, from a Poisson log-likelihood in nats without log n!. NaN without a spike.
double bits_of_likelihood(double nats, double spikes, double frames);

/// Throws Error{numeric} if a rate is negative or not finite, or 0 where there is a spike, naming the frame;
/// InternalError where the lengths differ.
void require_rates(std::span<const double> rate, std::span<const double> counts);

BitsSums bits_sums(std::span<const double> rate, std::span<const double> counts);

}  // namespace plexiform
