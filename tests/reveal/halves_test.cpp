#include "plexiform/reveal/halves.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "reveal/planted.hpp"

namespace plexiform::reveal {
namespace {

/// A Gaussian of standard deviation 1.2 on 12 x 12 pixels, OFF where `polarity` is negative.
Compared at(double x, double y, float polarity = 1, int sign = 1) {
  const auto weights = plain_gaussian(round_gaussian(x, y, 1.2), {12, 12});
  Compared out{NdArray<float>({12, 12}), {0.1F * polarity, 0.9F * polarity}, sign, false};
  for (std::size_t p = 0; p < weights.size(); ++p) out.spatial.values[p] = static_cast<float>(weights[p]);
  return out;
}

TEST(Likeness, IsOfShapesWhereSignAndPolarityAgree) {
  EXPECT_NEAR(likeness(at(4, 5), at(4, 5)), 1, 1e-6);
  EXPECT_NEAR(likeness(at(4, 5), at(5.2, 5)), std::exp(-0.25), 1e-3);
  EXPECT_EQ(likeness(at(4, 5), at(4, 5, -1)), 0);
  EXPECT_EQ(likeness(at(4, 5), at(4, 5, 1, -1)), 0);
  Compared even = at(4, 5), turned = at(4, 5, -1);
  even.even = turned.even = true;
  EXPECT_NEAR(likeness(even, turned), 1, 1e-6) << "the time course of one for both polarities has no sign";
  EXPECT_EQ(likeness(even, at(4, 5)), 0);
}

TEST(Partners, AreOneToOne) {
  const std::vector<Compared> a{at(4, 5), at(8, 5)}, b{at(8.1, 5), at(8, 5.1), at(4, 9)};
  EXPECT_EQ(partners(a, b), 1U);
  EXPECT_EQ(partners(a, a), 2U);
  EXPECT_EQ(partners(a, {}), 0U);
}

TEST(Mirrored, IsTurnedAboutTheCentreOfTheField) {
  const std::vector<Compared> list{at(3.5, 5), at(7.5, 6)};
  const auto turned = mirrored(list);
  EXPECT_NEAR(likeness(turned[0], at(7.5, 6)), 1, 0.02);
  EXPECT_NEAR(likeness(turned[1], at(3.5, 5)), 1, 0.02);
  EXPECT_TRUE(mirrored({}).empty());
}

TEST(Halves, ShowTheSameSubunitsAndFewerWhenMirrored) {
  Model truth = model_of(bumps(1, 6),
                         {part_of(round_gaussian(3.4, 4, 1.2), {0.6}), part_of(round_gaussian(7.6, 4.4, 1.2), {0.6}),
                          part_of(round_gaussian(5.8, 8, 1.2), {-0.6})},
                         -0.25, 0.06);
  const Movie movie = planted_movie(truth, {12, 12'000, 1, true}, 105);
  const Halves halves = halves_of(movie, {}, {{0, 0, 12, 12}, {1, 12, 12}}, 1, {.threads = 2});
  EXPECT_NEAR(halves.spikes[0] + halves.spikes[1], movie.spikes(), 0.5);
  EXPECT_NEAR(halves.spikes[0] / movie.spikes(), 0.5, 0.05);
  EXPECT_EQ(halves.number, (std::vector<std::size_t>{3, 3}));
  EXPECT_EQ(halves.sure, (std::vector<std::size_t>{3, 3}));
  EXPECT_EQ(halves.again, 3U);
  EXPECT_LT(halves.by_chance, 3U);
}

TEST(PartOf, IsThoseBlocksAlone) {
  const Model truth = model_of(bumps(1, 6), {part_of(round_gaussian(3.4, 4, 1.2), {0.6})}, -0.25, 0.06);
  const Movie movie = planted_movie(truth, {8, 3000, 1, true}, 105);
  const Movie part = part_of(movie, 2, 5);
  ASSERT_EQ(part.blocks.size(), 3U);
  Buffer a, b;
  for (std::size_t i = 0; i < 3; ++i) {
    const float *whole = movie.rows(i + 2, a), *own = part.rows(i, b);
    EXPECT_TRUE(std::equal(whole, whole + movie.stride() * movie.series(), own));
    for (std::size_t t = 0; t < part.blocks[i].length; ++t)
      EXPECT_EQ(part.counts[part.blocks[i].begin + t], movie.counts[movie.blocks[i + 2].begin + t]);
  }
  EXPECT_FALSE(part.blocks[0].continues);
  EXPECT_EQ(part.blocks[1].continues, movie.blocks[3].continues);
}

}  // namespace
}  // namespace plexiform::reveal
