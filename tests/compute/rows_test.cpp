// Each kernel over rows of frames against a plain loop in double, with every instruction set of this machine.
#include "plexiform/compute/rows.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "plexiform/base/random.hpp"
#include "plexiform/compute/kernels.hpp"

namespace plexiform {
namespace {

class RowKernels : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { kernels::use_instruction_set(GetParam()); }
  void TearDown() override { kernels::use_instruction_set(""); }
};
INSTANTIATE_TEST_SUITE_P(With, RowKernels, testing::ValuesIn(kernels::instruction_sets()),
                         [](const auto& test) { return test.param; });

constexpr std::size_t kLengths[] = {16, 48, 112};
constexpr float kUntouched = -77;

std::vector<float> normal(std::size_t n, std::uint64_t seed) {
  const CounterRandom random(seed, 3);
  std::vector<float> all(n);
  for (std::size_t i = 0; i < n; ++i) all[i] = static_cast<float>(random.normal(i));
  return all;
}

double real(float v) {
  return static_cast<double>(v);
}

TEST(RowLength, IsTheNextMultipleOfTheLanes) {
  EXPECT_EQ(row_length(0), 0U);
  EXPECT_EQ(row_length(1), kRowLanes);
  EXPECT_EQ(row_length(kRowLanes), kRowLanes);
  EXPECT_EQ(row_length(kRowLanes + 1), 2 * kRowLanes);
}

TEST_P(RowKernels, SignsAreTheScaleWhereABitIsSet) {
  const CounterRandom random(1, 1);
  for (const std::size_t words : {1, 2, 7}) {
    std::vector<std::uint16_t> bits;
    for (std::size_t i = 0; i < words; ++i) bits.push_back(static_cast<std::uint16_t>(random.words(i)[0] & 0xFFFFU));
    std::vector<float> to(words * kRowLanes);
    kernels::sign_rows(bits.data(), words, 0.75F, to.data());
    for (std::size_t t = 0; t < to.size(); ++t)
      ASSERT_EQ(to[t], (bits[t / kRowLanes] >> (t % kRowLanes) & 1U) != 0 ? 0.75F : -0.75F) << words << ' ' << t;
  }
}

TEST_P(RowKernels, WeightedRowsAreSumsOverTheColumns) {
  for (const std::size_t frames : kLengths)
    for (const std::size_t columns : {0, 1, 9})
      for (std::size_t rows = 1; rows <= 14; ++rows) {
        const std::size_t stride = frames + 16;
        const auto movie = normal(columns * frames, 2), weights = normal(rows * columns, 3);
        std::vector<const float*> from;
        for (std::size_t p = 0; p < columns; ++p) from.push_back(movie.data() + p * frames);
        std::vector<float> to(rows * stride, kUntouched);
        kernels::weighted_rows(from.data(), columns, weights.data(), rows, frames, to.data(), stride);
        for (std::size_t i = 0; i < rows; ++i)
          for (std::size_t t = 0; t < stride; ++t) {
            double sum = 0;
            for (std::size_t p = 0; p < columns && t < frames; ++p)
              sum += real(weights[i * columns + p]) * real(movie[p * frames + t]);
            ASSERT_NEAR(to[i * stride + t], t < frames ? sum : kUntouched, 1e-5) << rows << ' ' << i << ' ' << t;
          }
      }
}

TEST_P(RowKernels, AFilterReadsTheFramesFromTheOldestToTheNewest) {
  for (const std::size_t frames : kLengths)
    for (const std::size_t lags : {1, 2, 5, 20})
      for (const bool add : {false, true}) {
        const auto from = normal(frames + lags - 1, 4), taps = normal(lags, 5), before = normal(frames, 6);
        auto to = before;
        kernels::filter_row(taps.data(), lags, from.data(), frames, add, to.data());
        for (std::size_t t = 0; t < frames; ++t) {
          double sum = add ? real(before[t]) : 0;
          for (std::size_t l = 0; l < lags; ++l) sum += real(taps[l]) * real(from[t + l]);
          ASSERT_NEAR(to[t], sum, 2e-5) << lags << ' ' << t;
        }
      }
}

TEST_P(RowKernels, ProductsOfTwoRows) {
  for (const std::size_t frames : kLengths) {
    const auto a = normal(frames, 7), b = normal(frames, 8), before = normal(frames, 9);
    double product = 0;
    for (std::size_t t = 0; t < frames; ++t) product += real(a[t]) * real(b[t]);
    EXPECT_NEAR(kernels::row_product(a.data(), b.data(), frames), product, 1e-4);
    for (const bool add : {false, true}) {
      auto to = before;
      kernels::multiply_row(a.data(), b.data(), frames, add, to.data());
      for (std::size_t t = 0; t < frames; ++t)
        ASSERT_NEAR(to[t], (add ? real(before[t]) : 0) + real(a[t]) * real(b[t]), 1e-6);
    }
    auto own = a;  // in place, as block_rows uses it
    kernels::multiply_row(own.data(), b.data(), frames, false, own.data());
    for (std::size_t t = 0; t < frames; ++t) ASSERT_EQ(own[t], a[t] * b[t]);
  }
}

TEST_P(RowKernels, ProductsOfAllPairsAreAdded) {
  for (const std::size_t frames : kLengths)
    for (std::size_t n = 1; n <= 9; ++n)
      for (std::size_t m = 1; m <= 8; ++m) {
        const std::size_t stride = frames + 16;
        const auto a = normal(n * stride, 10), b = normal(m * stride, 11);
        std::vector<double> to(n * m, 0.5);
        kernels::row_products({a.data(), n, stride}, {b.data(), m, stride}, frames, to.data());
        for (std::size_t i = 0; i < n; ++i)
          for (std::size_t j = 0; j < m; ++j) {
            double sum = 0.5;
            for (std::size_t t = 0; t < frames; ++t) sum += real(a[i * stride + t]) * real(b[j * stride + t]);
            ASSERT_NEAR(to[i * m + j], sum, 1e-4) << n << ' ' << m << ' ' << i << ' ' << j;
          }
      }
}

TEST_P(RowKernels, GramIsTheLowerHalfOfAllPairs) {
  for (const std::size_t frames : kLengths)
    for (std::size_t n = 1; n <= 11; ++n) {
      const auto a = normal(n * frames, 12);
      std::vector<double> to(n * n + 1, 0.5);
      kernels::row_gram({a.data(), n, frames}, frames, to.data());
      EXPECT_EQ(to[n * n], 0.5) << "nothing behind it is written";
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
          double sum = 0.5;
          for (std::size_t t = 0; t < frames; ++t) sum += real(a[i * frames + t]) * real(a[j * frames + t]);
          ASSERT_NEAR(to[i * n + j], sum, 1e-4) << n << ' ' << i << ' ' << j;
        }
    }
}

TEST_P(RowKernels, RectifiedPowerAndItsSlope) {
  constexpr double kScale = 0.3;
  for (const std::size_t frames : kLengths)
    for (const double power : {0.7, 1.0, 1.5, 2.0, 3.1})
      for (const bool even : {false, true}) {
        auto z = normal(frames, 13);
        z[0] = 0, z[1] = -2, z[2] = 2, z[3] = -1e-4F;
        std::vector<float> value(frames), slope(frames);
        kernels::rectified_power(z.data(), static_cast<float>(kScale), static_cast<float>(power), even, frames,
                                 value.data(), slope.data());
        for (std::size_t t = 0; t < frames; ++t) {
          const double x = real(z[t]), r = (even ? std::abs(x) : std::max(x, 0.0)) / kScale;
          const double expected = r > 0 ? kScale * std::pow(r, power) : 0;
          const double bend = r > 0 ? std::copysign(power * std::pow(r, power - 1), x) : 0;
          ASSERT_NEAR(value[t], expected, 1e-5 * (1e-3 + expected)) << power << ' ' << x;
          ASSERT_NEAR(slope[t], bend, 1e-5 * (1 + std::abs(bend))) << power << ' ' << x;
        }
      }
}

TEST_P(RowKernels, RatesAreThoseOfTheEquationFromFarBelowThresholdToFarAbove) {
  for (const std::size_t frames : kLengths)
    for (const double softness : {0.02, 0.4})
      for (const double expansion : {0.6, 1.0, 2.0})
        for (const bool gains : {false, true}) {
          auto drive = normal(frames, 14), gain = normal(frames, 15);
          for (float& v : drive) v *= static_cast<float>(8 * softness);
          const double ends[] = {-1000, -80, -16, -15, -14, 0, 14, 1000};
          for (std::size_t i = 0; i < std::size(ends); ++i) drive[i] = static_cast<float>(softness * ends[i]);
          std::vector<float> rate(frames), log_rate(frames), slope(frames), bend(frames);
          kernels::rate_rows(
              {drive.data(), gains ? gain.data() : nullptr, rate.data(), log_rate.data(), slope.data(), bend.data()},
              static_cast<float>(softness), static_cast<float>(expansion), frames);
          for (std::size_t t = 0; t < frames; ++t) {
            const double x = real(drive[t]) / softness;
            const double log_softplus = x < -30 ? x : std::log(x > 30 ? x : std::log1p(std::exp(x)));
            const double expected = std::log(softness) + expansion * log_softplus + (gains ? real(gain[t]) : 0);
            const double sigmoid = 1 / (1 + std::exp(-x));
            const double step = expansion / softness * (x < -30 ? 1 : sigmoid / std::exp(log_softplus));
            const double close = 1e-5 * (1 + std::abs(expected));
            ASSERT_NEAR(log_rate[t], expected, close) << x;
            ASSERT_NEAR(rate[t], std::exp(std::max(expected, -80.0)), 3 * close * std::exp(expected) + 1e-38) << x;
            ASSERT_NEAR(slope[t], step, 1e-5 * (1e-3 + step)) << x;
            ASSERT_NEAR(bend[t], log_softplus, 1e-5 * (1 + std::abs(log_softplus))) << x;
            ASSERT_TRUE(std::isfinite(rate[t]) && rate[t] > 0) << "a rate has a root and a logarithm";
          }
        }
}

TEST_P(RowKernels, BothPolaritiesAreSummedApart) {
  struct Power {
    float asked;
    double taken;
  };
  for (const std::size_t frames : kLengths)
    for (std::size_t count = 1; count <= 3; ++count)
      for (const auto& power : {Power{1.1F, 1}, Power{1.5F, 1.5}, Power{2.2F, 2}, Power{2.8F, 3}}) {
        const auto movie = normal(count * frames, 16), mix = normal(count, 17), first = normal(frames, 18);
        auto second = normal(frames, 19);
        for (float& v : second) v = std::abs(v);
        std::vector<const float*> rows;
        for (std::size_t k = 0; k < count; ++k) rows.push_back(movie.data() + k * frames);
        double sums[4] = {1, 2, 3, 4}, expected[4] = {1, 2, 3, 4};
        kernels::both_polarities(rows.data(), mix.data(), count, first.data(), second.data(), power.asked, frames,
                                 sums);
        double size = 1;
        for (std::size_t t = 0; t < frames; ++t) {
          double f = 0;
          for (std::size_t k = 0; k < count; ++k) f += real(mix[k]) * real(rows[k][t]);
          const double g = std::pow(std::abs(f), power.taken);
          expected[f > 0 ? 0 : 2] += real(first[t]) * g;
          expected[f > 0 ? 1 : 3] += real(second[t]) * g * g;
          size += std::abs(real(first[t]) * g) + real(second[t]) * g * g;
        }
        for (int i = 0; i < 4; ++i) ASSERT_NEAR(sums[i], expected[i], 1e-5 * size) << count << ' ' << power.asked;
      }
}

}  // namespace
}  // namespace plexiform
