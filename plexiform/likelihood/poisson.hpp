#pragma once

namespace plexiform {

/// Log-likelihood of a count, nats, without log n!. The logarithm of the rate comes along since it exists where the
/// rate itself underflows; 0 log 0 = 0. Counts need not be whole: means over trials have the likelihood of a trial.
inline double poisson_log_likelihood(double count, double rate, double log_rate) {
  return (count > 0 ? count * log_rate : 0) - rate;
}

}  // namespace plexiform
