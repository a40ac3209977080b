#include "plexiform/cell/gain_change.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "plexiform/cell/circuit_rate.hpp"
#include "plexiform/cell/presets.hpp"

namespace plexiform {
namespace {

CellRecipe recipe(const std::string& preset, std::uint64_t seed = 101) {
  CellRecipe r;
  r.preset = preset;
  r.seed = seed;
  return r;
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// The product of deviations from the mean, `lag` frames apart.
double covariance(const std::vector<double>& values, std::size_t lag) {
  const double middle = mean(values);
  double sum = 0;
  for (std::size_t t = lag; t < values.size(); ++t) sum += (values[t] - middle) * (values[t - lag] - middle);
  return sum / static_cast<double>(values.size() - lag);
}

std::vector<double> exponentials(std::vector<double> values) {
  for (double& v : values) v = std::exp(v);
  return values;
}

TEST(LogGain, OfACellWithoutDriftOrNoiseIsZero) {
  const Circuit circuit = make_circuit(recipe("mosaic5"));
  EXPECT_FALSE(circuit.drift || circuit.shared_noise);
  for (const double value : log_gain(circuit, 0, 100)) EXPECT_EQ(value, 0);
}

TEST(LogGain, FollowsTheDefinition) {
  CellRecipe cell = recipe("drift");
  cell.frames = 3000;
  const Circuit circuit = make_circuit(cell);
  const auto found = log_gain(circuit, 1000, 1200);
  ASSERT_EQ(found.size(), 200U);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const double t = 1000 + static_cast<double>(i);
    double expected = 0.5 * std::exp(-t / 2000) - circuit.log_gain_offset;
    for (std::int64_t k = 1; k <= 8; ++k) {
      const double phase = 2 * std::numbers::pi * static_cast<double>(k) * t / 3000;
      expected += circuit.drift->waves.row(k - 1)[0] * std::cos(phase);
      expected += circuit.drift->waves.row(k - 1)[1] * std::sin(phase);
    }
    EXPECT_NEAR(found[i], expected, 1e-12);
  }
}

TEST(Drift, HasItsDeviationOverTheRecordingAndSettles) {
  CellRecipe cell = recipe("drift");
  for (cell.seed = 1; cell.seed <= 5; ++cell.seed) {
    Circuit circuit = make_circuit(cell);
    EXPECT_NEAR(mean(exponentials(log_gain(circuit, 0, 30000))), 1, 1e-9);
    EXPECT_NEAR(circuit.drift->transient, 0.5, 1e-12);
    EXPECT_EQ(circuit.drift->period, 30000);
    circuit.drift->transient = 0;
    const auto waves = log_gain(circuit, 0, 30000);
    EXPECT_NEAR(std::sqrt(covariance(waves, 0)), 0.3, 1e-9);
    // Slow: an eighth of the recording is the shortest period.
    EXPECT_GT(covariance(waves, 300) / covariance(waves, 0), 0.87);
  }
  EXPECT_NE(make_circuit(recipe("drift", 1)).drift->waves.values, make_circuit(recipe("drift", 2)).drift->waves.values);
}

/// The counts follow the gain: over eight stretches, what was counted over what was expected of the stimulus alone.
/// Fixed seed; 375 spikes each scatter by 5 %, of the gains' 30 %.
double gain_seen_in_counts(const std::string& preset) {
  const Recording recording = simulate(recipe(preset));
  const auto rate = circuit_rate(recording.truth[0], *recording.stimulus, 19, 30000);
  const Circuit true_gain = make_circuit(recipe("drift"));
  const auto gain = exponentials(log_gain(true_gain, 19, 30000));
  double worst = 0;
  for (std::size_t begin = 0; begin + 3750 <= rate.size() + 19; begin += 3750) {
    const std::size_t end = std::min(begin + 3750, rate.size());
    double counted = 0, expected = 0;
    for (std::size_t t = begin; t < end; ++t) {
      counted += recording.counts.values[t + 19];
      expected += rate[t] * gain[t];
    }
    worst = std::max(worst, std::abs(counted / expected - 1));
  }
  return worst;
}

TEST(Drift, ActsOnTheCounts) {
  EXPECT_LT(gain_seen_in_counts("drift"), 0.2);
  EXPECT_GT(gain_seen_in_counts("refractory"), 0.3) << "the twin: counts that do not drift";
}

/// Fixed seed. 400,000 frames hold about 3,300 independent stretches of noise: its variance is known to 2.5 %, its
/// correlation to about 0.02.
TEST(SharedNoise, IsAnOrnsteinUhlenbeckProcess) {
  Circuit circuit;
  circuit.shared_noise = SharedNoise{0.5, 60, 7};
  const auto noise = log_gain(circuit, 0, 400'000);
  const double variance = covariance(noise, 0);
  EXPECT_NEAR(variance, 0.25, 0.025);
  for (const std::size_t lag : {1U, 30U, 60U, 120U, 240U})
    EXPECT_NEAR(covariance(noise, lag) / variance, std::exp(-static_cast<double>(lag) / 60), 0.06) << lag;
  circuit.shared_noise->frames = 30;
  const auto faster = log_gain(circuit, 0, 400'000);
  EXPECT_LT(covariance(faster, 60) / covariance(faster, 0), 0.2) << "the twin: another time constant is told apart";
}

TEST(SharedNoise, BelongsToTheRecording) {
  CellRecipe cell = recipe("shared_noise");
  cell.cells = 2;
  const Recording two = simulate(cell);
  EXPECT_EQ(log_gain(two.truth[0], 0, 500), log_gain(two.truth[1], 0, 500));
  EXPECT_NE(two.truth[0].weight.values, two.truth[1].weight.values);
  cell.cells = 1;
  EXPECT_EQ(simulate(cell).counts.values,
            std::vector<std::int32_t>(two.counts.row(0).begin(), two.counts.row(0).end()));
  cell.stimulus_seed = 5;
  EXPECT_NE(log_gain(simulate(cell).truth[0], 0, 500), log_gain(two.truth[0], 0, 500));
  cell.stimulus_seed.reset();
  for (cell.seed = 1; cell.seed <= 3; ++cell.seed)
    EXPECT_NEAR(mean(exponentials(log_gain(make_circuit(cell), 0, 30000))), 1, 1e-9);
}

/// Over the stimulus: two cells whose residuals vary together, more than Poisson counts do. Fixed seed.
TEST(SharedNoise, MakesTheCountsOfCellsVaryTogether) {
  const auto together = [](const std::string& preset) {
    CellRecipe cell = recipe(preset);
    cell.cells = 2;
    const Recording recording = simulate(cell);
    std::vector<std::vector<double>> residual(2);
    for (std::int64_t i = 0; i < 2; ++i) {
      const auto rate =
          circuit_rate(recording.truth[static_cast<std::size_t>(i)], *recording.stimulus, 19, recording.bins());
      for (std::size_t t = 0; t + 30 <= rate.size(); t += 30) {
        double sum = 0;
        for (std::size_t k = t; k < t + 30; ++k) sum += recording.counts.row(i)[k + 19] - rate[k];
        residual[static_cast<std::size_t>(i)].push_back(sum);
      }
    }
    double product = 0;
    for (std::size_t k = 0; k < residual[0].size(); ++k) product += residual[0][k] * residual[1][k];
    return product / std::sqrt(std::inner_product(residual[0].begin(), residual[0].end(), residual[0].begin(), 0.0) *
                               std::inner_product(residual[1].begin(), residual[1].end(), residual[1].begin(), 0.0));
  };
  // 1,000 stretches: correlations of 0 scatter by 0.03.
  EXPECT_GT(together("shared_noise"), 0.3);
  EXPECT_NEAR(together("bursty"), 0, 0.13);
}

}  // namespace
}  // namespace plexiform
