#include "plexiform/cell/gain_change.hpp"

#include <cmath>
#include <numbers>

#include "plexiform/base/streams.hpp"
#include "plexiform/cell/draws_impl.hpp"

namespace plexiform {

GainDrift seeded_drift(double deviation, std::int64_t frames, std::uint64_t seed) {
  constexpr std::int64_t kWaves = 8;
  Draws draws(seed, streams::model_cell::kDrift);
  GainDrift drift;
  drift.waves = NdArray<double>({kWaves, 2});
  double variance = 0;
  for (std::int64_t k = 1; k <= kWaves; ++k) {
    for (double& size : drift.waves.row(k - 1)) {
      size = draws.normal() / static_cast<double>(k);
      variance += size * size / 2;
    }
  }
  for (double& size : drift.waves.values) size *= deviation / std::sqrt(variance);
  drift.period = static_cast<double>(frames);
  drift.transient = deviation * 5 / 3;
  drift.transient_frames = 2000;
  return drift;
}

LogGain::LogGain(const Circuit& circuit)
    : circuit_(circuit), steps_(circuit.shared_noise ? circuit.shared_noise->seed : 0, streams::shared_noise::kSteps) {}

double LogGain::next() {
  const auto t = static_cast<double>(frame_);
  double sum = -circuit_.log_gain_offset;
  if (const auto& drift = circuit_.drift) {
    for (std::int64_t k = 0; k < drift->waves.shape[0]; ++k) {
      const double phase = 2 * std::numbers::pi * static_cast<double>(k + 1) * t / drift->period;
      sum += drift->waves.row(k)[0] * std::cos(phase) + drift->waves.row(k)[1] * std::sin(phase);
    }
    sum += drift->transient * std::exp(-t / drift->transient_frames);
  }
  if (const auto& noise = circuit_.shared_noise) {
    const double kept = std::exp(-1 / noise->frames);
    const double step = noise->deviation * steps_.normal(static_cast<std::uint64_t>(frame_));
    noise_ = frame_ == 0 ? step : kept * noise_ + std::sqrt(1 - kept * kept) * step;  // stationary from the start
    sum += noise_;
  }
  ++frame_;
  return sum;
}

std::vector<double> log_gain(const Circuit& circuit, std::int64_t begin, std::int64_t end) {
  LogGain gain(circuit);
  std::vector<double> all;
  for (std::int64_t t = 0; t < end; ++t) {
    const double value = gain.next();
    if (t >= begin) all.push_back(value);
  }
  return all;
}

}  // namespace plexiform
