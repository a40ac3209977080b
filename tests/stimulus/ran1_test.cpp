#include "plexiform/stimulus/ran1.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <vector>

#include "base/expect_error.hpp"

namespace plexiform {
namespace {

/// ran1 and gasdev as they are published (Press et al., Numerical Recipes in C, 2nd edition, sections 7.1 and 7.2),
/// constant for constant and type for type (C's log takes a double); the one thing that is ours is the state in place
/// of static variables.
class Published {
 public:
  explicit Published(std::int64_t seed) : idum_(seed) {}

  float ran1() {
    constexpr std::int64_t IA = 16807, IM = 2147483647, IQ = 127773, IR = 2836, NTAB = 32, NDIV = 1 + (IM - 1) / NTAB;
    constexpr double AM = 1.0 / IM, RNMX = 1.0 - 1.2e-7;
    const auto schrage = [&] {
      const std::int64_t k = idum_ / IQ;
      idum_ = IA * (idum_ - k * IQ) - IR * k;
      if (idum_ < 0) idum_ += IM;
    };
    if (idum_ <= 0 || iy_ == 0) {
      if (-idum_ < 1) {
        idum_ = 1;
      } else {
        idum_ = -idum_;
      }
      for (std::int64_t j = NTAB + 7; j >= 0; j--) {
        schrage();
        if (j < NTAB) iv_[j] = idum_;
      }
      iy_ = iv_[0];
    }
    schrage();
    const std::int64_t j = iy_ / NDIV;
    iy_ = iv_[j];
    iv_[j] = idum_;
    const auto temp = static_cast<float>(AM * static_cast<double>(iy_));
    return temp > RNMX ? static_cast<float>(RNMX) : temp;
  }

  float gasdev() {
    if (iset_) {
      iset_ = false;
      return gset_;
    }
    float v1, v2, rsq;
    do {
      v1 = static_cast<float>(2.0 * ran1() - 1.0);
      v2 = static_cast<float>(2.0 * ran1() - 1.0);
      rsq = v1 * v1 + v2 * v2;
    } while (rsq >= 1.0 || rsq == 0.0);
    const auto fac = static_cast<float>(std::sqrt(-2.0 * std::log(double{rsq}) / double{rsq}));
    gset_ = v1 * fac;
    iset_ = true;
    return v2 * fac;
  }

  /// The integer behind the last value.
  std::int64_t integer() const { return iy_; }

 private:
  std::int64_t idum_, iy_ = 0;
  std::map<std::int64_t, std::int64_t> iv_;
  bool iset_ = false;
  float gset_ = 0;
};

constexpr std::int64_t kSeeds[] = {-1, -1000, -10000, -20000, -2147483646};

TEST(Ran1, BeginsWithTheFirstValuesOfTheRecordedStimuli) {
  // shared/data/README.md, salamander_white_noise: nine digits of 1 / IM times ran1's integer, before the rounding to
  // single precision.
  const std::map<std::int64_t, std::vector<double>> expected{
      {-10000, {0.189622989, 0.645137077, 0.422375186, 0.648907576}},
      {-20000, {0.003866703, 0.773414513, 0.777712008}},
      {-1000, {0.190594445, 0.464513708, 0.928777586}}};
  for (const auto& [seed, values] : expected) {
    Ran1 exact(seed), single(seed);
    for (const double value : values) {
      EXPECT_NEAR(exact.next_integer() / double{Ran1::kModulus}, value, 5e-10) << seed;
      EXPECT_NEAR(single.next(), value, 6e-8 * value + 5e-10) << seed;
    }
  }
}

TEST(Ran1, IsThePublishedAlgorithm) {
  for (const std::int64_t seed : kSeeds) {
    Published published(seed);
    Ran1 ours(seed);
    for (int i = 0; i < 100000; ++i) ASSERT_EQ(ours.next(), published.ran1()) << seed << ", value " << i;
  }
}

TEST(Ran1, NeverReaches1) {
  EXPECT_EQ(Ran1::uniform(Ran1::kModulus - 1), static_cast<float>(1.0 - 1.2e-7));
  EXPECT_LT(Ran1::uniform(Ran1::kModulus - 1), 1.0f);
}

TEST(Ran1, HalfIsWhereTheRoundedValueReachesOneHalf) {
  for (std::uint32_t i = Ran1::kHalf - 1000; i < Ran1::kHalf + 1000; ++i) {
    ASSERT_EQ(i >= Ran1::kHalf, Ran1::uniform(i) >= 0.5f) << i;
  }
}

TEST(Ran1, RefusesASeedItCannotTake) {
  for (const std::int64_t seed : {0l, 5l, -2147483647l, -3000000000l}) {
    testing::expect_error(ErrorKind::data, {std::to_string(seed), "expected a negative number"}, [&] { Ran1 r(seed); });
  }
}

TEST(Gasdev, IsThePublishedAlgorithm) {
  for (const std::int64_t seed : kSeeds) {
    Published published(seed);
    Gasdev ours(seed);
    for (int i = 0; i < 50000; ++i) ASSERT_EQ(ours.next(), published.gasdev()) << seed << ", value " << i;
  }
}

template <class Generator>
void expect_that_skipping_is_drawing() {
  for (int lead = 0; lead < 3; ++lead) {
    for (int skipped = 0; skipped < 7; ++skipped) {
      Generator drawn(-7), skipping(-7);
      for (int i = 0; i < lead; ++i) drawn.next(), skipping.next();
      for (int i = 0; i < skipped; ++i) drawn.next();
      skipping.discard(skipped);
      for (int i = 0; i < 5; ++i) ASSERT_EQ(skipping.next(), drawn.next()) << lead << ", " << skipped << ", " << i;
    }
  }
}

TEST(Ran1, SkippingIsDrawing) {
  expect_that_skipping_is_drawing<Ran1>();
}

TEST(Gasdev, SkippingIsDrawing) {
  expect_that_skipping_is_drawing<Gasdev>();
}

}  // namespace
}  // namespace plexiform
