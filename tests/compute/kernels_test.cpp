#include "plexiform/compute/kernels.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <atomic>
#include <cmath>
#include <cstdlib>
#include <new>
#include <numbers>
#include <string>

#include "plexiform/base/error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/compute/movie_filter.hpp"
#include "plexiform/compute/output_curve.hpp"
#include "plexiform/compute/step.hpp"
#include "plexiform/form/nonlinearity.hpp"

/// Counts what this program asks for, so that a test can show that a step asks for nothing.
std::atomic<std::size_t> allocations{0};

[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* p = std::malloc(size)) return p;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  ++allocations;
  const auto step = static_cast<std::size_t>(alignment);
  if (void* p = std::aligned_alloc(step, (size + step - 1) / step * step)) return p;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* p) noexcept {
  std::free(p);
}
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept {
  std::free(p);
}
[[gnu::noinline]] void operator delete(void* p, std::align_val_t) noexcept {
  std::free(p);
}
[[gnu::noinline]] void operator delete(void* p, std::size_t, std::align_val_t) noexcept {
  std::free(p);
}

namespace plexiform {
namespace {

std::vector<float> normal(std::size_t n, std::uint64_t seed) {
  const CounterRandom random(seed, 1);
  std::vector<float> all(n);
  for (std::size_t i = 0; i < n; ++i) all[i] = static_cast<float>(random.normal(i));
  return all;
}

/// Each test below runs with every instruction set of this machine, plain C++ included.
class EachInstructionSet : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { kernels::use_instruction_set(GetParam()); }
  void TearDown() override { kernels::use_instruction_set(""); }
};
using MovieFilters = EachInstructionSet;
using Steppers = EachInstructionSet;
const auto kAllSets = testing::ValuesIn(kernels::instruction_sets());
const auto kSetName = [](const auto& test) { return test.param; };
INSTANTIATE_TEST_SUITE_P(With, MovieFilters, kAllSets, kSetName);
INSTANTIATE_TEST_SUITE_P(With, Steppers, kAllSets, kSetName);

/// Forces an algorithm while it lives.
class Forced {
 public:
  explicit Forced(const char* algorithm) { ::setenv("PLEXIFORM_ALGORITHM", algorithm, 1); }
  ~Forced() { ::unsetenv("PLEXIFORM_ALGORITHM"); }
};

/// The definition of a layer, in double: [frame, filter, position].
std::vector<double> defined(const ConvShape& s, const std::vector<float>& filters, const std::vector<float>& movie) {
  const std::size_t n = movie.size() / s.pixels() - s.lags + 1;
  std::vector<double> out;
  for (std::size_t t = 0; t < n; ++t)
    for (std::size_t k = 0; k < s.filters; ++k)
      for (std::size_t y = 0; y < s.rows(); ++y)
        for (std::size_t x = 0; x < s.columns(); ++x) {
          double sum = 0;
          for (std::size_t l = 0; l < s.lags; ++l)
            for (std::size_t c = 0; c < s.channels; ++c)
              for (std::size_t i = 0; i < s.filter_rows; ++i)
                for (std::size_t j = 0; j < s.filter_columns; ++j) {
                  const std::size_t row = y + i - s.pad, column = x + j - s.pad;  // wrap where outside
                  if (row >= s.height || column >= s.width) continue;
                  const auto weight =
                      filters[(((k * s.lags + l) * s.channels + c) * s.filter_rows + i) * s.filter_columns + j];
                  const auto value =
                      movie[(((t + s.lags - 1 - l) * s.channels + c) * s.height + row) * s.width + column];
                  sum += static_cast<double>(weight) * static_cast<double>(value);
                }
          out.push_back(sum);
        }
  return out;
}

ConvShape any_shape() {
  const auto any = [](std::size_t low, std::size_t high) { return *rc::gen::inRange(low, high + 1); };
  ConvShape s;
  s.lags = any(1, 7), s.channels = any(1, 2), s.height = any(1, 9), s.width = any(1, 9), s.filters = any(1, 5);
  s.filter_rows = any(1, s.height), s.filter_columns = any(1, s.width), s.pad = any(0, 2);
  return s;
}

double largest(const std::vector<double>& values) {
  double most = 0;
  for (const double v : values) most = std::max(most, std::abs(v));
  return most;
}

TEST(Fourier, SizesHaveSmallFactorsOnlyAndAreTheNext) {
  EXPECT_EQ(fourier_size(1), 1U);
  EXPECT_EQ(fourier_size(7), 8U);
  EXPECT_EQ(fourier_size(97), 100U);
  EXPECT_EQ(fourier_size(145), 150U);
  EXPECT_THROW(make_fourier_plan(14), InternalError);
}

/// Every algorithm, values and gradient. Filters are linear in their weights, so that the gradient of <filtered, g> to
/// them is right if <filtered(w), g> = <w, gradient(g)> for any w, and it is linear in g.
void check_layer(const ConvShape& s, std::size_t frames, bool binary, std::uint64_t seed) {
  auto movie = normal((frames + s.lags - 1) * s.pixels(), seed);
  if (binary)
    for (auto& v : movie) v = v < 0 ? -1.0F : 1.0F;
  const auto spatial = normal(s.filters * s.taps(), seed + 1), temporal = normal(s.filters * s.lags, seed + 2);
  std::vector<float> full;
  for (std::size_t k = 0; k < s.filters; ++k)
    for (std::size_t l = 0; l < s.lags; ++l)
      for (std::size_t i = 0; i < s.taps(); ++i) full.push_back(spatial[k * s.taps() + i] * temporal[k * s.lags + l]);
  const auto expected = defined(s, full, movie);
  const double scale = 1 + largest(expected);
  const Tile tile = tile_of_block(movie, s.pixels(), s.lags);
  const auto target = normal(expected.size(), seed + 3);
  double product = 0;
  for (std::size_t i = 0; i < target.size(); ++i) product += static_cast<double>(target[i]) * expected[i];
  const auto check = [&](const FilterWeights& weights, const FilterGradient& to, const std::vector<float>& with,
                         const std::vector<float>& gradient) {
    std::vector<float> out(expected.size());
    filter_block(s, weights, tile, 1, out);
    for (std::size_t i = 0; i < out.size(); ++i) RC_ASSERT(std::abs(out[i] - expected[i]) < 2e-5 * scale);
    filter_block_backward(s, weights, tile, 2, target, to);
    double dot = 0, size = 1;
    for (std::size_t i = 0; i < with.size(); ++i) {
      dot += static_cast<double>(with[i]) * static_cast<double>(gradient[i]);
      size += std::abs(static_cast<double>(with[i]) * static_cast<double>(gradient[i]));
    }
    RC_ASSERT(std::abs(dot - product) < 1e-4 * size);
  };
  for (const char* algorithm : {"direct", "temporal", "spectral"}) {
    const Forced forced(algorithm);
    std::vector<float> gradient(full.size());
    check({{}, full.data()}, {{}, gradient.data()}, full, gradient);
  }
  std::vector<float> to_spatial(spatial.size()), to_temporal(temporal.size());
  const FilterWeights separable{{spatial.data(), temporal.data()}, nullptr};
  check(separable, {{to_spatial.data(), to_temporal.data()}, nullptr}, spatial, to_spatial);
  to_temporal.assign(temporal.size(), 0);
  check(separable, {{to_spatial.data(), to_temporal.data()}, nullptr}, temporal, to_temporal);
}

TEST_P(MovieFilters, EveryAlgorithmIsTheDefinitionForEveryShape) {
  EXPECT_TRUE(rc::check([] {
    const auto frames = *rc::gen::inRange<std::size_t>(1, 60);
    check_layer(any_shape(), frames, *rc::gen::arbitrary<bool>(), *rc::gen::inRange<std::uint64_t>(0, 1000));
  }));
}

TEST_P(MovieFilters, AndForManyFiltersAndLongLanes) {
  EXPECT_NO_THROW(check_layer({20, 1, 8, 8, 33, 7, 7, 0}, 100, true, 1));
  EXPECT_NO_THROW(check_layer({3, 1, 11, 16, 1, 11, 16, 0}, 300, false, 2));
  EXPECT_NO_THROW(check_layer({40, 1, 3, 2, 2, 1, 1, 0}, 500, true, 3));
}

TEST(Algorithms, TheForcedOneRunsAndShapesChooseOtherwise) {
  const ConvShape large{20, 1, 20, 20, 8, 9, 9, 0}, few_lags{1, 1, 8, 8, 2, 3, 3, 0};
  const std::vector<float> movie(21 * 400, 1.0F), filters(8 * 20 * 81, 1.0F), spatial(8 * 81), temporal(8 * 20);
  const Tile tile = tile_of_block(movie, 400, 20);
  const auto ran = [&](const FilterWeights& weights) {
    MovieFilter filter;
    filter.begin(large, weights, view(tile, 1), 0);
    StripSpace space;
    filter.forward(0, space);
    // Separable filters leave the movie filtered in space behind, spectral ones the responses' spectra.
    EXPECT_EQ(space.in_space.size() > 0, filter.algorithm() == Algorithm::separable);
    EXPECT_EQ(space.spectra.size() > 0,
              filter.algorithm() == Algorithm::temporal || filter.algorithm() == Algorithm::spectral);
    return filter.algorithm();
  };
  EXPECT_EQ(ran({{}, filters.data()}), Algorithm::spectral);
  EXPECT_EQ(ran({{spatial.data(), temporal.data()}, nullptr}), Algorithm::separable);
  EXPECT_EQ(choose_algorithm(few_lags, false), Algorithm::direct);
  {
    const Forced forced("direct");
    EXPECT_EQ(ran({{}, filters.data()}), Algorithm::direct);
  }
  {
    const Forced forced("temporal");
    EXPECT_EQ(ran({{}, filters.data()}), Algorithm::temporal);
  }
  {
    const Forced forced("spectral");
    EXPECT_EQ(ran({{}, filters.data()}), Algorithm::spectral);
    EXPECT_EQ(choose_algorithm(few_lags, false), Algorithm::spectral);
  }
  const Forced forced("fastest");
  EXPECT_THROW(choose_algorithm(large, false), Error);
}

TEST_P(MovieFilters, SpectraAreKeptUpToTheirLimitAndGiveTheSame) {
  const ConvShape s{6, 1, 6, 6, 2, 3, 3, 1};
  const Forced forced("spectral");
  const auto filters = normal(2 * 6 * 9, 4);
  std::vector<Tile> tiles;
  for (std::uint64_t i = 0; i < 3; ++i) tiles.push_back(tile_of_block(normal(25 * 36, i), 36, 6));
  const auto run = [&](std::size_t bytes) {
    MovieFilter filter(1, bytes);
    std::vector<float> all;
    for (int pass = 0; pass < 2; ++pass)
      for (std::size_t i = 0; i < tiles.size(); ++i) {
        filter.begin(s, {{}, filters.data()}, view(tiles[i], 1), i);
        StripSpace space;
        filter.forward(0, space);
        all.insert(all.end(), space.seen.data(), space.seen.data() + space.seen.size());
      }
    return all;
  };
  const auto kept = run(std::size_t{1} << 30);
  EXPECT_EQ(kept, run(0));
  EXPECT_EQ(kept, run(60'000));  // room for one
}

struct Small {
  ConvShape shape{5, 1, 6, 6, 2, 3, 3, 1};
  std::vector<float> spatial = normal(18, 1), temporal = normal(10, 2), bias = normal(2, 3), map = normal(72, 4),
                     output = {-1, 0.2F, 0.1F};
  Tile tile = tile_of_block(normal(54 * 36, 5), 36, 5);
  Targets targets{tile.frames - 4};

  Small() {
    const CounterRandom random(7, 7);
    for (std::size_t i = 0; i < targets.counts.size(); ++i) {
      targets.counts[i] = random.uniform(i) < 0.3 ? 1.0F : 0.0F;
      targets.weights[i] = random.uniform(1000 + i) < 0.8 ? 1.0F : 0.0F;
    }
  }
  LayerWeights weights() const {
    return {shape,
            1,
            {{spatial.data(), temporal.data()}, nullptr},
            {SubunitNonlinearity::relu, bias.data(), map.data(), nullptr},
            OutputKind::softplus,
            output.data()};
  }
  struct Result {
    std::vector<float> spatial = std::vector<float>(18), temporal = std::vector<float>(10),
                       bias = std::vector<float>(2), map = std::vector<float>(72), output = std::vector<float>(3);
    std::vector<double> losses = std::vector<double>(kLanes);
    bool operator==(const Result&) const = default;
  };
  Result step(int threads, const Noise& noise = {}) const {
    Result r;
    Stepper stepper(threads);
    StepOptions options;
    options.noise = noise;
    stepper.gradient(
        weights(), tile, 0, view(targets), options, r.losses.data(),
        {{{r.spatial.data(), r.temporal.data()}, nullptr}, {r.bias.data(), r.map.data(), nullptr}, r.output.data()});
    return r;
  }
};

TEST_P(Steppers, ThreadsDoNotChangeTheBits) {
  const Small small;
  const auto one = small.step(1);
  EXPECT_EQ(one, small.step(2));
  EXPECT_EQ(one, small.step(5));
}

TEST_P(Steppers, AStepAllocatesNothingOnceItsMemoryHasGrown) {
  const Small small;
  const auto full = normal(2 * 5 * 9, 9);
  for (const char* algorithm : {"separable", "direct", "temporal", "spectral"}) {
    const Forced forced(algorithm);
    LayerWeights weights = small.weights();
    if (std::string(algorithm) != "separable") weights.filters = {{}, full.data()};
    Stepper stepper;
    Small::Result r;
    std::vector<float> to_full(full.size());
    LayerGradient gradient{{{r.spatial.data(), r.temporal.data()}, to_full.data()},
                           {r.bias.data(), r.map.data(), nullptr},
                           r.output.data()};
    StepOptions options;
    options.noise = {0.1F, {1, 2}};
    const auto step = [&] {
      stepper.gradient(weights, small.tile, 0, view(small.targets), options, r.losses.data(), gradient);
    };
    const auto begun = allocations.load();
    step();
    const auto before = allocations.load();
    EXPECT_GT(before, begun) << "nothing is counted";
    step();
    EXPECT_EQ(allocations.load(), before) << algorithm;
  }
}

TEST_P(Steppers, FramesOfWeightZeroCountNowhere) {
  Small small;
  const auto before = small.step(1);
  for (std::size_t i = 0; i < small.targets.counts.size(); ++i)
    if (small.targets.weights[i] == 0) small.targets.counts[i] = 1000;
  EXPECT_EQ(before, small.step(1));
}

TEST_P(Steppers, NoiseIsAFunctionOfItsKey) {
  const Small small;
  const auto with = [&](float sd, std::uint32_t a, std::uint32_t b) { return small.step(1, {sd, {a, b}}); };
  EXPECT_EQ(with(0.1F, 1, 2), with(0.1F, 1, 2));
  EXPECT_NE(with(0.1F, 1, 2).losses, with(0.1F, 1, 3).losses);
  EXPECT_NE(with(0.1F, 1, 2).losses, with(0.1F, 2, 2).losses);
  EXPECT_NE(with(0.1F, 1, 2).losses, with(0, 1, 2).losses);
}

TEST_P(Steppers, NoiseIsNormal) {
  // A linear subunit that sees nothing passes its noise to the drive: 40,000 draws.
  const std::size_t n = 2500;
  ConvShape s;
  const std::vector<float> zero(1), one(1, 1.0F), movie(n * kLanes);
  const Tile tile = tile_of_block(movie, 1, 1);
  Targets targets(n);
  std::vector<double> draws;
  StripSpace space;
  space.seen.zeroed(n * kernels::strip_lanes());
  for (std::size_t lane0 = 0; lane0 < kLanes; lane0 += kernels::strip_lanes()) {
    space.seen.zeroed(n * kernels::strip_lanes());
    kernels::readout_forward({SubunitNonlinearity::linear, zero.data(), one.data(), nullptr}, 1, 1, view(targets),
                             {1, {11, 12}}, false, lane0, space);
    for (std::size_t i = 0; i < n * kernels::strip_lanes(); ++i)
      draws.push_back(static_cast<double>(space.drive.data()[i]));
  }
  double mean = 0, square = 0, fourth = 0, within = 0, neighbours = 0;
  for (std::size_t i = 0; i < draws.size(); ++i) {
    mean += draws[i];
    square += draws[i] * draws[i];
    fourth += std::pow(draws[i], 4);
    within += std::abs(draws[i]) < 1 ? 1 : 0;
    if (i > 0) neighbours += draws[i] * draws[i - 1];
  }
  const auto count = static_cast<double>(draws.size());
  ASSERT_EQ(draws.size(), n * kLanes);
  EXPECT_NEAR(mean / count, 0, 0.02);  // four standard errors each
  EXPECT_NEAR(square / count, 1, 0.03);
  EXPECT_NEAR(fourth / count, 3, 0.2);
  EXPECT_NEAR(within / count, 0.6827, 0.0095);
  EXPECT_NEAR(neighbours / count, 0, 0.02);
}

TEST_P(Steppers, RatesAreWhatTheLossIsMadeOf) {
  const Small small;
  Stepper stepper;
  const auto r = stepper.rates(small.weights(), small.tile, 0);
  std::vector<double> losses(kLanes), expected(kLanes);
  stepper.loss(small.weights(), small.tile, 0, view(small.targets), losses.data());
  for (std::size_t i = 0; i < r.rate.size(); ++i) {
    EXPECT_NEAR(std::log(r.rate[i]), r.log_rate[i], 1e-5);
    expected[i % kLanes] +=
        static_cast<double>(small.targets.weights[i] * (r.rate[i] - small.targets.counts[i] * r.log_rate[i]));
  }
  for (std::size_t lane = 0; lane < kLanes; ++lane) EXPECT_NEAR(losses[lane], expected[lane], 1e-4);
}

TEST_P(Steppers, TheRateStaysStableFarBelowZero) {
  Small small;
  small.output[2] = -300;
  Stepper stepper;
  const auto r = stepper.rates(small.weights(), small.tile, 0);
  for (std::size_t i = 0; i < r.rate.size(); ++i) {
    EXPECT_GE(r.rate[i], 0);
    const double z = std::exp(0.2) * (static_cast<double>(r.drive[i]) - 300);
    EXPECT_NEAR(r.log_rate[i], -1 + z, 1e-4 * std::abs(z));
  }
  const auto step = small.step(1);
  for (const float g : step.map) EXPECT_TRUE(std::isfinite(g));
}

/// What a step with noise gives for every algorithm: losses and all gradients.
std::vector<Small::Result> results_with(const std::string& set, OutputKind output) {
  kernels::use_instruction_set(set);
  std::vector<Small::Result> all;
  const auto full = normal(2 * 5 * 9, 9);
  Small small;
  if (output == OutputKind::fitted) small.output.assign(output_curve::kFittedParameters, 0.2F);
  for (const char* algorithm : {"separable", "direct", "temporal", "spectral"}) {
    const Forced forced(algorithm);
    LayerWeights weights = small.weights();
    weights.output_kind = output;
    if (std::string(algorithm) != "separable") weights.filters = {{}, full.data()};
    Small::Result r;
    r.output.resize(small.output.size());
    r.spatial.resize(full.size());  // of the full filters, where they are not separable
    Stepper stepper(2);
    StepOptions options;
    options.noise = {0.1F, {1, 2}};
    options.l1_activity = 0.01F;
    const bool separable = weights.filters.is_separable();
    stepper.gradient(weights, small.tile, 0, view(small.targets), options, r.losses.data(),
                     {{{r.spatial.data(), r.temporal.data()}, separable ? nullptr : r.spatial.data()},
                      {r.bias.data(), r.map.data(), nullptr},
                      r.output.data()});
    all.push_back(r);
  }
  kernels::use_instruction_set("");
  return all;
}

/// Multiply-adds are rounded once on these, twice on the others.
bool is_fused(const std::string& set) {
  return set.starts_with("AVX2") || set.starts_with("AVX3") || set.starts_with("NEON") || set.starts_with("SVE");
}

TEST(InstructionSets, OfOneArithmeticGiveTheDefaultNetworkTheSameBitsHoweverWideTheirRegisters) {
  // Separable filters and a softplus. The other algorithms add up parts of a strip before its lanes, in their last bits
  // differently where strips are wider.
  for (const auto& a : kernels::instruction_sets())
    for (const auto& b : kernels::instruction_sets())
      if (is_fused(a) == is_fused(b)) {
        EXPECT_EQ(results_with(a, OutputKind::softplus)[0], results_with(b, OutputKind::softplus)[0]) << a << " " << b;
      }
}

TEST(InstructionSets, DifferInTheirLastBitsOnly) {
  for (const auto output : {OutputKind::softplus, OutputKind::fitted}) {
    const auto best = results_with("", output);
    for (const auto& set : kernels::instruction_sets()) {
      const auto other = results_with(set, output);
      for (std::size_t i = 0; i < best.size(); ++i)
        for (std::size_t j = 0; j < best[i].map.size(); ++j)
          EXPECT_NEAR(best[i].map[j], other[i].map[j], 1e-4F * (1 + std::abs(best[i].map[j]))) << set;
    }
  }
}

TEST(InstructionSets, OneIsForcedByNameAndAnotherNameIsRefused) {
  for (const auto& set : kernels::instruction_sets()) {
    kernels::use_instruction_set(set);
    EXPECT_EQ(kernels::instruction_set(), set);
  }
  kernels::use_instruction_set("");
  EXPECT_EQ(kernels::instruction_set(), kernels::instruction_sets().front());
  EXPECT_THROW(kernels::use_instruction_set("MMX"), Error);
  EXPECT_EQ(kernels::instruction_set(), kernels::instruction_sets().front());
}

TEST_P(Steppers, SubunitsAreWhatTheirDefinitionSays) {
  using enum SubunitNonlinearity;
  const std::size_t lanes = kernels::strip_lanes(), frames = 7;
  const float bias = 0.25F, map = 1.5F;
  const Targets targets(frames);
  for (const auto kind : {relu, half_squared, squared, linear}) {
    StripSpace space;
    float* seen = space.seen.zeroed(frames * lanes);
    for (std::size_t i = 0; i < frames * lanes; ++i) seen[i] = static_cast<float>(i % frames) - 3.25F;  // 0 among them
    const ReadoutWeights weights{kind, &bias, &map, nullptr};
    kernels::readout_forward(weights, 1, 1, view(targets), {}, false, 0, space);
    for (std::size_t i = 0; i < frames * lanes; ++i) {
      const double x = static_cast<double>(i % frames) - 3;
      EXPECT_FLOAT_EQ(space.drive.data()[i], static_cast<float>(1.5 * subunit_value(kind, x)));
      space.drive.data()[i] = 2;  // the gradient to it
    }
    float to_bias = 0, to_map = 0;
    kernels::readout_backward(weights, 1, 1, view(targets), 0, 0, space, {&to_bias, &to_map, nullptr});
    for (std::size_t i = 0; i < frames * lanes; ++i)
      EXPECT_FLOAT_EQ(space.seen.data()[i],
                      static_cast<float>(2 * 1.5 * subunit_slope(kind, static_cast<double>(i % frames) - 3)));
  }
}

TEST(Tile, SignsAreKeptAsBitsAndAllElseAsValues) {
  const std::vector<float> signs = {1, -1, -1, 1, 1, 1}, grey = {1, -1, 0, 1, 1, 1};
  Lanes lanes;
  lanes[0] = lanes[1] = signs;
  const auto bits = make_tile(3, 2, lanes);
  EXPECT_EQ(bits.bits.size(), 6U);
  EXPECT_TRUE(bits.values.empty());
  EXPECT_EQ(bits.bits[0], 0xFFFF);  // empty lanes repeat the first
  EXPECT_EQ(bits.bits[1], 0);
  lanes[5] = grey;
  const auto values = make_tile(3, 2, lanes);
  EXPECT_TRUE(values.bits.empty());
  EXPECT_EQ(values.values[2 * kLanes + 5], 0);
  EXPECT_EQ(values.values[2 * kLanes + 4], -1);
  EXPECT_THROW(make_tile(4, 2, lanes), InternalError);
}

}  // namespace
}  // namespace plexiform
