#include <cmath>
#include <limits>
#include <string>

#include "plexiform/base/error.hpp"
#include "plexiform/score/score.hpp"

namespace plexiform {
namespace {

void require_trials(const NdArray<double>& trials, const std::string& what) {
  if (trials.shape.size() != 2) throw InternalError(what + ": the trials are not a matrix");
  if (trials.shape[0] < 2)
    throw Error(ErrorKind::data,
                what + " of " + std::to_string(trials.shape[0]) + " trials was asked for, expected 2 or more");
}

/// [time], over trials.
std::vector<double> sums(const NdArray<double>& trials) {
  std::vector<double> sum(static_cast<std::size_t>(trials.shape[1]));
  for (std::int64_t i = 0; i < trials.shape[0]; ++i) {
    const auto trial = trials.row(i);
    for (std::size_t t = 0; t < sum.size(); ++t) sum[t] += trial[t];
  }
  return sum;
}

}  // namespace

double explained_variance(std::span<const double> rate, const NdArray<double>& trials) {
  require_trials(trials, "the explained variance");
  const auto sum = sums(trials);
  if (rate.size() != sum.size()) throw InternalError("explained_variance: the lengths differ");
  const auto n = static_cast<double>(trials.shape[0]), frames = static_cast<double>(sum.size());
  double middle = 0;
  for (const double s : sum) middle += s / n / frames;
  double error = 0, variance = 0, within = 0;
  for (std::size_t t = 0; t < sum.size(); ++t) {
    const double mean = sum[t] / n;
    error += (rate[t] - mean) * (rate[t] - mean) / frames;
    variance += (mean - middle) * (mean - middle) / frames;
    for (std::int64_t i = 0; i < trials.shape[0]; ++i)
      within += (trials.row(i)[t] - mean) * (trials.row(i)[t] - mean) / ((n - 1) * frames);
  }
  const double noise = within / n;
  return variance > noise ? 1 - (error - noise) / (variance - noise) : std::numeric_limits<double>::quiet_NaN();
}

double jackknife_oracle(const NdArray<double>& trials) {
  require_trials(trials, "the oracle");
  const auto sum = sums(trials);
  std::vector<double> counts, others;
  for (std::int64_t i = 0; i < trials.shape[0]; ++i) {
    const auto trial = trials.row(i);
    for (std::size_t t = 0; t < sum.size(); ++t) {
      counts.push_back(trial[t]);
      others.push_back((sum[t] - trial[t]) / static_cast<double>(trials.shape[0] - 1));
    }
  }
  return correlation(others, counts);
}

}  // namespace plexiform
