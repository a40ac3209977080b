#include "plexiform/compute/machine.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include "plexiform/base/parallel.hpp"
#include "plexiform/compute/kernels.hpp"

namespace plexiform {
namespace {

/// The best rate of several rounds of `work` (which returns its amount), each done by all threads at once.
template <class Work>
double best_rate(int threads, int rounds, const Work& work) {
  double best = 0;
  for (int round = 0; round < rounds; ++round) {
    std::vector<double> amounts(static_cast<std::size_t>(threads));
    const auto begun = std::chrono::steady_clock::now();
    parallel_for(threads, threads, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) amounts[static_cast<std::size_t>(i)] = work(i);
    });
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    double sum = 0;
    for (const double a : amounts) sum += a;
    best = std::max(best, sum / took.count());
  }
  return best;
}

double transform_operations(std::size_t n) {
  return 5 * static_cast<double>(n) * std::log2(static_cast<double>(std::max<std::size_t>(n, 2)));
}

}  // namespace

MachinePeak measure_machine(int threads) {
  if (threads <= 0) threads = default_threads();
  MachinePeak peak;
  std::vector<float> sinks(static_cast<std::size_t>(threads) * 64);
  peak.operations = best_rate(threads, 5, [&](std::int64_t i) {
    return kernels::multiply_adds(10'000'000, &sinks[static_cast<std::size_t>(i) * 64]);
  });
  // 128 MiB a thread, which no cache holds, and no more than 512 MiB in all.
  const std::size_t floats = (std::size_t{128} << 20) / static_cast<std::size_t>(std::max(threads, 4)) / 32 * 32;
  const std::size_t each = threads <= 4 ? std::size_t{32} << 20 : floats;
  const std::vector<float> memory(each * static_cast<std::size_t>(threads), 1.0F);
  peak.bandwidth = best_rate(threads, 5, [&](std::int64_t i) {
    const auto thread = static_cast<std::size_t>(i);
    sinks[thread * 64] = kernels::read_through(memory.data() + thread * each, each);
    return static_cast<double>(each * sizeof(float));
  });
  return peak;
}

double step_operations(const ConvShape& s, Algorithm algorithm, std::size_t lane_frames) {
  const auto lanes = static_cast<double>(kLanes), n = static_cast<double>(lane_frames);
  const auto T = static_cast<double>(lane_frames + s.lags - 1), lags = static_cast<double>(s.lags);
  const auto series = static_cast<double>(s.filters * s.positions()), taps = static_cast<double>(s.taps());
  if (algorithm == Algorithm::separable) return lanes * series * (4 * taps * T + 2 * lags * (2 * n + T));
  if (algorithm == Algorithm::direct) return lanes * series * 4 * taps * lags * n;
  const SpectralPlan plan = make_spectral_plan(s, lane_frames + s.lags - 1, algorithm == Algorithm::spectral);
  const auto N = static_cast<double>(plan.time.n), waves = static_cast<double>(plan.waves());
  const auto pairs = static_cast<double>(plan.pairs()), channels = static_cast<double>(s.channels);
  const auto positions = static_cast<double>(s.positions());
  const auto over_space = [&](std::size_t rows) {
    return static_cast<double>(plan.horizontal.n) * transform_operations(plan.vertical.n) +
           static_cast<double>(rows) * transform_operations(plan.horizontal.n);
  };
  const double plane = plan.over_space ? 8 * channels * waves + over_space(s.rows()) : 8 * taps * positions;
  const double filter_plane = plan.over_space ? channels * over_space(s.filter_rows) : 0;
  const double way = N * plane + positions * transform_operations(plan.time.n);
  const double filters = N * filter_plane + taps * transform_operations(plan.time.n);
  return pairs * (2 * lanes * way + 2 * filters);
}

}  // namespace plexiform
