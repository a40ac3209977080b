#include "plexiform/cell/circuit_rate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/expect_error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/stimulus/recipe.hpp"
#include "stimulus/watched_stimulus.hpp"

namespace plexiform {
namespace {

constexpr std::int64_t kLags = 4, kHeight = 3, kWidth = 5, kSubunits = 3, kChannels = 2;

Circuit some_circuit(SubunitNonlinearity nonlinearity) {
  const CounterRandom random(1, 1);
  std::uint64_t next = 0;
  const auto fill = [&](NdArray<float> array) {
    for (float& v : array.values) v = static_cast<float>(random.normal(next++));
    return array;
  };
  Circuit circuit;
  circuit.spatial = fill(NdArray<float>({kSubunits, kHeight, kWidth}));
  circuit.temporal = fill(NdArray<float>({kSubunits, kLags}));
  circuit.weight = fill(NdArray<float>({kSubunits}));
  circuit.nonlinearity = nonlinearity;
  circuit.amplitude = 0.7;
  circuit.threshold = 0.3;
  circuit.gain = 1.9;
  return circuit;
}

std::unique_ptr<Stimulus> some_stimulus() {
  return make_stimulus(WhiteNoiseRecipe{NoiseValues::gaussian, 3, {kChannels, kHeight, kWidth}, 1});
}

double answer(SubunitNonlinearity f, double x) {
  const double positive = x > 0 ? x : 0;
  if (f == SubunitNonlinearity::relu) return positive;
  if (f == SubunitNonlinearity::half_squared) return positive * positive;
  return f == SubunitNonlinearity::squared ? x * x : x;
}

/// recording/circuit.hpp, loop for loop.
double drive_by_definition(const Circuit& c, const Stimulus& stimulus, std::int64_t t) {
  std::vector<float> movie(static_cast<std::size_t>(kLags * kChannels * kHeight * kWidth));
  stimulus.read(t - kLags + 1, t + 1, whole(stimulus.shape()), movie);
  double drive = 0;
  for (std::int64_t i = 0; i < kSubunits; ++i) {
    double x = 0;
    for (std::int64_t lag = 0; lag < kLags; ++lag) {
      for (std::int64_t p = 0; p < kHeight * kWidth; ++p) {
        double contrast = 0;
        for (std::int64_t channel = 0; channel < kChannels; ++channel) {
          contrast += movie[static_cast<std::size_t>(((kLags - 1 - lag) * kChannels + channel) * kHeight * kWidth + p)];
        }
        x += double{c.temporal.row(i)[static_cast<std::size_t>(lag)]} *
             double{c.spatial.row(i)[static_cast<std::size_t>(p)]} * contrast / kChannels;
      }
    }
    drive += c.weight.values[static_cast<std::size_t>(i)] * answer(c.nonlinearity, c.amplitude * x);
  }
  return drive;
}

TEST(CircuitRate, FollowsTheDefinition) {
  const auto stimulus = some_stimulus();
  for (const auto f : {SubunitNonlinearity::relu, SubunitNonlinearity::half_squared, SubunitNonlinearity::squared,
                       SubunitNonlinearity::linear}) {
    const Circuit circuit = some_circuit(f);
    const auto drive = circuit_drive(circuit, *stimulus, kLags - 1, 60);
    const auto rate = circuit_rate(circuit, *stimulus, kLags - 1, 60);
    ASSERT_EQ(drive.size(), 60u - kLags + 1);
    for (std::size_t t = 0; t < drive.size(); ++t) {
      const double expected = drive_by_definition(circuit, *stimulus, kLags - 1 + static_cast<std::int64_t>(t));
      EXPECT_NEAR(drive[t], expected, 1e-12 * std::max(1.0, std::abs(expected)));
      EXPECT_NEAR(rate[t], 1.9 * std::max(expected - 0.3, 0.0), 1e-11 * std::max(1.0, std::abs(expected)));
    }
  }
}

/// recording/circuit.hpp, g of the definition.
double output_by_definition(const Circuit& c, double drive) {
  const double x = drive - c.threshold, positive = x > 0 ? x : 0;
  if (c.output == OutputNonlinearity::rectified) return positive;
  if (c.output == OutputNonlinearity::saturating) return positive * c.output_scale / (c.output_scale + positive);
  return std::exp(x / c.output_scale);
}

TEST(CircuitRate, PassesTheDriveThroughTheOutput) {
  const auto stimulus = some_stimulus();
  for (const auto output :
       {OutputNonlinearity::rectified, OutputNonlinearity::saturating, OutputNonlinearity::exponential}) {
    Circuit circuit = some_circuit(SubunitNonlinearity::linear);
    circuit.output = output;
    circuit.output_scale = 2.5;
    const auto rate = circuit_rate(circuit, *stimulus, kLags - 1, 60);
    for (std::size_t t = 0; t < rate.size(); ++t) {
      const double drive = drive_by_definition(circuit, *stimulus, kLags - 1 + static_cast<std::int64_t>(t));
      const double expected = circuit.gain * output_by_definition(circuit, drive);
      EXPECT_NEAR(rate[t], expected, 1e-11 * std::max(1.0, expected)) << to_string(output);
    }
  }
}

TEST(CircuitRate, OfASaturatingOutputStaysBelowItsMost) {
  Circuit circuit;
  circuit.output = OutputNonlinearity::saturating;
  circuit.output_scale = 0.5;
  circuit.threshold = 1;
  EXPECT_EQ(output_of(circuit, 0.9), 0);
  EXPECT_DOUBLE_EQ(output_of(circuit, 1.5), 0.25);  // half
  EXPECT_LT(output_of(circuit, 1e9), 0.5);
  EXPECT_GT(output_of(circuit, 1e9), 0.4999);
}

TEST(CircuitRate, HasTheSameBitsForAnyBlockAndThreads) {
  const auto stimulus = some_stimulus();
  const Circuit circuit = some_circuit(SubunitNonlinearity::relu);
  const auto all = circuit_drive(circuit, *stimulus, 3, 3000, {1});
  EXPECT_EQ(circuit_drive(circuit, *stimulus, 3, 3000, {7}), all);
  const auto part = circuit_drive(circuit, *stimulus, 1000, 2000, {2});
  EXPECT_TRUE(std::equal(part.begin(), part.end(), all.begin() + 997));
  EXPECT_TRUE(circuit_drive(circuit, *stimulus, 10, 10).empty());
}

Circuit divided_circuit() {
  Circuit circuit = some_circuit(SubunitNonlinearity::relu);
  circuit.divisive_gain = 0.7;
  circuit.pool_mean = 0.9;
  circuit.pool_frames = 6;
  return circuit;
}

TEST(CircuitRate, IsDividedByWhatTheCellWasDrivenByBefore) {
  const auto stimulus = some_stimulus();
  const Circuit c = divided_circuit();
  const auto drive = circuit_drive(c, *stimulus, kLags - 1, 100);
  const auto rate = circuit_rate(c, *stimulus, kLags - 1, 100);
  double spread = 0;
  for (std::size_t t = 0; t < rate.size(); ++t) {
    double pool = 0, sum = 0;
    for (std::size_t k = 1; k <= 30; ++k) {
      const double share = std::exp(-static_cast<double>(k) / 6);
      pool += share * (k > t ? c.pool_mean : std::max(drive[t - k] - c.threshold, 0.0));
      sum += share;
    }
    const double divisor = 1 - 0.7 + 0.7 * (0.2 + pool / sum / 0.9);
    const double expected = 1.9 * std::max(drive[t] - c.threshold, 0.0) / divisor;
    EXPECT_NEAR(rate[t], expected, 1e-11 * std::max(1.0, expected)) << t;
    spread = std::max(spread, std::abs(divisor - 1));
  }
  EXPECT_GT(spread, 0.3) << "the divisor varies";
}

TEST(CircuitRate, OfADividedCellHasTheSameBitsForAnyBlockAndThreads) {
  const auto stimulus = some_stimulus();
  const Circuit circuit = divided_circuit();
  const auto all = circuit_rate(circuit, *stimulus, 3, 3000, {1});
  EXPECT_EQ(circuit_rate(circuit, *stimulus, 3, 3000, {7}), all);
  for (const std::int64_t begin : {4, 10, 40, 1000}) {
    const auto part = circuit_rate(circuit, *stimulus, begin, begin + 700, {2});
    EXPECT_TRUE(std::equal(part.begin(), part.end(), all.begin() + begin - 3)) << begin;
  }
  EXPECT_THROW(circuit_rate(circuit, *stimulus, 2, 5), InternalError);
}

TEST(CircuitRate, UsesNoMoreThreadsThanItsContextLends) {
  const Circuit circuit = some_circuit(SubunitNonlinearity::relu);
  const testing::WatchedStimulus alone(some_stimulus()), shared(some_stimulus());
  circuit_rate(circuit, alone, 3, 5000, {1});
  EXPECT_EQ(alone.readers(), std::set{std::this_thread::get_id()});
  circuit_rate(circuit, shared, 3, 5000, {3});
  EXPECT_LE(shared.readers().size(), 3U);
}

TEST(CircuitRate, AStopRequestEndsItWithinABlockOfFrames) {
  const Circuit circuit = some_circuit(SubunitNonlinearity::relu);
  for (const int threads : {1, 3}) {
    const testing::WatchedStimulus watched(some_stimulus(), 2);
    EXPECT_THROW(circuit_rate(circuit, watched, 3, 50'000, {threads, watched.token()}), Interrupted);
    EXPECT_LE(watched.reads(), 2 + threads - 1) << "the others had begun a block";
  }
}

TEST(CircuitRate, RefusesAnotherGridAndFramesWithoutHistory) {
  const Circuit circuit = some_circuit(SubunitNonlinearity::relu);
  const auto other = make_stimulus(WhiteNoiseRecipe{.shape = {1, 4, 5}});
  testing::expect_error(ErrorKind::data, {"3 x 3 x 5", "4 x 5 pixels"}, [&] { circuit_drive(circuit, *other, 3, 5); });
  EXPECT_THROW(circuit_drive(circuit, *some_stimulus(), 2, 5), InternalError);
}

}  // namespace
}  // namespace plexiform
