#include "plexiform/recording/evidence.hpp"

#include <algorithm>
#include <cmath>

namespace plexiform {
namespace {

/// Calls use(pixel, z) for every sum of a job that can vary; `inflation` of its variance under the null by feature.
template <class Use>
void for_each_z(const TriggeredSums<float>& sums, const TriggeredSum<float>& job, std::span<const double> inflation,
                const Use& use) {
  const Window& window = job.window;
  const float* value = job.sums.data();
  for (std::size_t f = 0; f < inflation.size(); ++f)
    for (std::int64_t lag = 0; lag < sums.lags; ++lag) {
      std::size_t i = 0;
      for (std::int64_t y = window.y; y < window.y + window.height; ++y)
        for (std::int64_t x = window.x; x < window.x + window.width; ++x, ++i, ++value) {
          const double variance = sums.variance_at(static_cast<std::int64_t>(f), y, x) * job.spread * inflation[f];
          if (lag < sums.lags - feature_reach(sums.kind, f) && variance > 0)
            use(i, static_cast<double>(*value) / std::sqrt(variance));
        }
    }
}

EvidenceMap pooled_energy(const TriggeredSums<float>& sums, const TriggeredSum<float>& job) {
  const Window& window = job.window;
  const auto pixels = static_cast<std::size_t>(window.pixels());
  std::vector<double> energy(pixels, 0.0), terms(pixels, 0.0);
  const double one = 1;
  for_each_z(sums, job, {&one, 1}, [&](std::size_t i, double z) {
    energy[i] += z * z;
    terms[i] += 1;
  });
  // Sums at two lags are correlated as the counts are at their distance, r; so the variance of the energy over lags is
  // that of independent ones times 1 / L sum over pairs of lags of r^2.
  double overlap = 1;
  for (std::int64_t d = 1; d < sums.lags; ++d) {
    const double r = job.correlation[static_cast<std::size_t>(d)];
    overlap += 2 * r * r * static_cast<double>(sums.lags - d) / static_cast<double>(sums.lags);
  }
  EvidenceMap map{window, 1, std::vector<double>(pixels, 0.0), std::vector<double>(pixels, 0.0)};
  for (std::int64_t y = 0; y < window.height; ++y)
    for (std::int64_t x = 0; x < window.width; ++x) {
      double pooled = 0;
      double freedom = 0;
      for (std::int64_t v = std::max<std::int64_t>(y - 1, 0); v <= std::min(y + 1, window.height - 1); ++v)
        for (std::int64_t u = std::max<std::int64_t>(x - 1, 0); u <= std::min(x + 1, window.width - 1); ++u) {
          pooled += energy[static_cast<std::size_t>(v * window.width + u)];
          freedom += terms[static_cast<std::size_t>(v * window.width + u)];
        }
      if (freedom == 0) continue;
      const auto i = static_cast<std::size_t>(y * window.width + x);
      const double spread = 2.0 / (9.0 * freedom / overlap);
      map.z[i] = (std::cbrt(pooled / freedom) - (1 - spread)) / std::sqrt(spread);
      map.excess[i] = pooled - freedom;
    }
  return map;
}

EvidenceMap largest_deviation(const TriggeredSums<float>& sums, const TriggeredSum<float>& job) {
  const auto pixels = static_cast<std::size_t>(job.window.pixels());
  // Boxes that share frames are correlated (q^2 for the share q, exact for squares of normal values), and so are
  // counts.
  std::array<double, kLocalBoxes.size()> inflation{};
  for (std::size_t f = 0; f < inflation.size(); ++f) {
    inflation[f] = 1;
    for (std::int64_t d = 1; d < std::min(kLocalBoxes[f].frames, sums.lags); ++d) {
      const double share = static_cast<double>(kLocalBoxes[f].frames - d) / static_cast<double>(kLocalBoxes[f].frames);
      inflation[f] += 2 * share * share * job.correlation[static_cast<std::size_t>(d)];
    }
    inflation[f] = std::max(inflation[f], 1.0);
  }
  EvidenceMap map{job.window, static_cast<double>(sums.features * sums.lags), std::vector<double>(pixels, 0.0),
                  std::vector<double>(pixels, 0.0)};
  for_each_z(sums, job, inflation, [&](std::size_t i, double z) { map.z[i] = std::max(map.z[i], std::abs(z)); });
  std::transform(map.z.begin(), map.z.end(), map.excess.begin(), [](double z) { return z * z; });
  return map;
}

}  // namespace

EvidenceMap evidence(const TriggeredSums<float>& sums, const TriggeredSum<float>& job) {
  return sums.kind == TriggeredKind::contrast ? pooled_energy(sums, job) : largest_deviation(sums, job);
}

double normal_quantile_above(double p) {
  double low = 0;
  double high = 40;
  for (int i = 0; i < 100; ++i) {
    const double middle = 0.5 * (low + high);
    (0.5 * std::erfc(middle / std::sqrt(2.0)) > p ? low : high) = middle;
  }
  return low;
}

}  // namespace plexiform
