#include "plexiform/score/bits.hpp"

#include <cmath>
#include <limits>
#include <numbers>
#include <string>

#include "plexiform/base/error.hpp"
#include "plexiform/score/score.hpp"

namespace plexiform {
namespace {

[[noreturn]] void refuse(std::size_t t, const std::string& what) {
  throw Error(ErrorKind::numeric,
              "the model's rate at position " + std::to_string(t) + " of the scored frames is " + what);
}

}  // namespace

BitsSums& BitsSums::operator+=(const BitsSums& other) {
  frames += other.frames;
  spikes += other.spikes;
  rate += other.rate;
  log2_rate += other.log2_rate;
  return *this;
}

double BitsSums::nats() const {
  return log2_rate * std::numbers::ln2 - rate;
}

double BitsSums::bits_per_spike() const {
  if (!(spikes > 0)) return std::numeric_limits<double>::quiet_NaN();
  // The formula of score.hpp with the mean taken out of the sums: frames * mean = spikes.
  return (log2_rate - spikes * std::log2(spikes / frames) - (rate - spikes) / std::numbers::ln2) / spikes;
}

double bits_of_likelihood(double nats, double spikes, double frames) {
  if (!(spikes > 0)) return std::numeric_limits<double>::quiet_NaN();
  return (nats - spikes * (std::log(spikes / frames) - 1)) / spikes / std::numbers::ln2;
}

void require_rates(std::span<const double> rate, std::span<const double> counts) {
  if (rate.size() != counts.size()) {
    throw InternalError("bits_per_spike: " + std::to_string(rate.size()) + " rates for " +
                        std::to_string(counts.size()) + " counts");
  }
  for (std::size_t t = 0; t < rate.size(); ++t) {
    if (!(std::isfinite(rate[t]) && rate[t] >= 0)) {
      refuse(t, std::to_string(rate[t]) + ", expected a finite number, 0 or more");
    }
    if (rate[t] == 0 && counts[t] > 0) refuse(t, "0 and the cell fired there, expected a rate above 0");
  }
}

BitsSums bits_sums(std::span<const double> rate, std::span<const double> counts) {
  BitsSums sums;
  sums.frames = static_cast<double>(rate.size());
  for (std::size_t t = 0; t < rate.size(); ++t) {
    sums.spikes += counts[t];
    sums.rate += rate[t];
    if (counts[t] > 0) sums.log2_rate += counts[t] * std::log2(rate[t]);
  }
  return sums;
}

double bits_per_spike(std::span<const double> rate, std::span<const double> counts) {
  require_rates(rate, counts);
  const BitsSums sums = bits_sums(rate, counts);
  if (!(sums.spikes > 0)) throw Error(ErrorKind::data, "no spike on the scored frames, expected at least one");
  return sums.bits_per_spike();
}

}  // namespace plexiform
