// What a model says of a block, against its equation written out in double (planted.hpp), for every kind of parameter.
#include "plexiform/reveal/block_rows.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <ostream>
#include <string>

#include "reveal/planted.hpp"

namespace plexiform::reveal {
namespace {

constexpr std::size_t kLags = 6;
const Grid kGrid{8, 8};

/// A model, and the movie that it is asked about.
struct Case {
  std::string name;
  Model model;
  std::int64_t channels = 1;
  bool binary = true;
};
void PrintTo(const Case& of, std::ostream* to) {
  *to << of.name;
}

Model two_parts(std::size_t channels = 1) {
  return model_of(bumps(2, kLags, channels),
                  {part_of({2.2, 3.1, 0.1, 0.3, 0.4}, {0.25, 0.1}), part_of({5.2, 4.4, 0.2, -0.1, -0.3}, {0.2, -0.15})},
                  -0.05, 0.08);
}

std::vector<Case> cases() {
  std::vector<Case> all = {{"relu", two_parts()}, {"normal_noise", two_parts(), 1, false}};
  all.push_back({"two_channels", two_parts(2), 2, false});
  Model m = two_parts();
  m.log_power = {std::log(1.4), true};
  all.push_back({"power", m});
  m.log_power = {std::log(2.0), true};
  m.unit = 0.2;
  all.push_back({"squares", m});
  m = two_parts();
  m.log_expansion = {std::log(1.6), true};
  all.push_back({"expansion", m});
  m = two_parts();
  m.surround = Surround{0.4, 0.7};
  all.push_back({"surround", m});
  m.parts[0].shape.inner = {{0.6, 4, 2.5, 0.1}, {-0.3, 1, 5, 0.2}};
  all.push_back({"inner_in_a_surround", m});
  m = two_parts();
  m.gains = {0.3, -0.5};
  all.push_back({"gains", m});
  m = two_parts();
  m.parts[1].sign = -1;
  all.push_back({"suppressive", m});
  m = two_parts();
  m.parts[0].response = Response::even, m.parts[1].mix = {-0.1, 0.1};
  all.push_back({"both_polarities", m});
  Model linear = two_parts();
  linear.parts[0].response = Response::linear, linear.log_power = {std::log(1.4), true}, linear.offset = 0.3;
  all.push_back({"linear", linear});
  m.log_power = {std::log(1.3), true}, m.log_expansion = {std::log(0.8), true};
  m.surround = Surround{-0.3, 0.6}, m.gains = {0.2, 0.1}, m.parts[1].sign = -1;
  m.parts[0].shape.inner = {{0.4, 4, 2.5, 0.1}};
  all.push_back({"all_at_once", m, 1, false});
  m = two_parts();
  m.parts.clear();
  all.push_back({"no_part", m});
  return all;
}

/// Two smooth covariates, [covariate][bin], and on the frames of a movie.
std::vector<std::vector<double>> of_bins(std::int64_t bins) {
  std::vector<std::vector<double>> x(2);
  for (std::int64_t t = 0; t < bins; ++t)
    x[0].push_back(std::cos(0.01 * static_cast<double>(t))), x[1].push_back(std::sin(0.07 * static_cast<double>(t)));
  return x;
}

Covariates on_frames(const std::vector<std::vector<double>>& x, const Movie& movie) {
  Covariates out;
  for (const auto& bins : x) {
    out.what.emplace_back();
    auto& row = out.rows.emplace_back(movie.padded_frames(), 0.0F);
    for (const auto& block : movie.blocks)
      for (std::size_t t = 0; t < block.length; ++t)
        row[block.begin + t] = static_cast<float>(bins[static_cast<std::size_t>(block.first_bin) + t]);
  }
  return out;
}

class Equation : public testing::TestWithParam<Case> {
 protected:
  static constexpr std::int64_t kFrames = 1000;
  const Model& model = GetParam().model;
  Recording recording = noise_recording({kGrid.height, kFrames, GetParam().channels, GetParam().binary}, 3);
  double contrast = movie_of(recording, kLags).contrast;
  std::vector<std::vector<double>> x = of_bins(kFrames);
  std::vector<std::vector<double>> supports = plain_supports(model, kGrid);
  std::vector<double> rates = plain(model);
  Movie movie = with_counts();
  Covariates covariates = on_frames(x, movie);

  std::vector<double> plain(const Model& of) const { return plain_rates(of, recording, contrast, supports, x); }
  Movie with_counts() {
    draw_counts(recording, rates, 4);
    return movie_of(recording, kLags);
  }
};
INSTANTIATE_TEST_SUITE_P(Of, Equation, testing::ValuesIn(cases()), [](const auto& test) { return test.param.name; });

TEST_P(Equation, RatesAreThoseOfThePlainLoops) {
  BlockSpace space;
  for (const bool derivatives : {false, true}) {
    const BlockRows rows(model, movie, covariates, derivatives);
    for (std::size_t b = 0; b < movie.blocks.size(); ++b) {
      const Block& block = movie.blocks[b];
      const BlockFrames frames = rows.at(b, space);
      ASSERT_EQ(frames.frames, row_length(block.length));
      double log_likelihood = 0;
      for (std::size_t t = 0; t < frames.frames; ++t) {
        const bool used = movie.use[block.begin + t] > 0;
        if (!used) {
          ASSERT_EQ(frames.root[t], 0) << "frames that are not used say nothing";
          ASSERT_EQ(frames.surprise[t], 0);
        }
        if (t >= block.length) continue;
        const double rate = rates[static_cast<std::size_t>(block.first_bin) + t];
        ASSERT_NEAR(frames.rate[t], rate, 2e-5 * (0.1 + rate)) << t;
        ASSERT_NEAR(frames.log_rate[t], std::log(rate), 2e-4) << t;
        if (!used) continue;
        const double count = static_cast<double>(movie.counts[block.begin + t]);
        ASSERT_NEAR(frames.surprise[t], count - rate, 2e-5 * (0.1 + rate));
        ASSERT_NEAR(frames.root[t], std::sqrt(rate), 2e-4);
        log_likelihood += count * std::log(rate) - rate;
      }
      EXPECT_NEAR(frames.log_likelihood, log_likelihood, 2e-3);
    }
  }
}

TEST_P(Equation, SlopesAreThoseOfFiniteDifferences) {
  constexpr double kStep = 1e-6;
  const auto at = parameters_of(model);
  const BlockRows rows(model, movie, covariates, true);
  ASSERT_EQ(rows.parameters(), at.size());
  std::vector<std::vector<double>> slopes;  // [parameter][bin], of log rate
  for (std::size_t j = 0; j < at.size(); ++j) {
    auto up = at, down = at;
    up[j] += kStep, down[j] -= kStep;
    const auto above = plain(with_parameters(model, up)), below = plain(with_parameters(model, down));
    slopes.emplace_back(above.size(), 0.0);
    for (std::size_t t = kLags - 1; t < above.size(); ++t)
      slopes.back()[t] = (std::log(above[t]) - std::log(below[t])) / (2 * kStep);
  }
  BlockSpace space;
  for (std::size_t b = 0; b < movie.blocks.size(); ++b) {
    const Block& block = movie.blocks[b];
    const BlockFrames frames = rows.at(b, space);
    ASSERT_EQ(frames.slopes.count, at.size() + 1);
    for (std::size_t t = 0; t < frames.frames; ++t) {
      const bool used = movie.use[block.begin + t] > 0;
      const auto bin = static_cast<std::size_t>(block.first_bin) + t;
      for (std::size_t j = 0; j < at.size(); ++j) {
        const double expected = used ? std::sqrt(rates[bin]) * slopes[j][bin] : 0;
        ASSERT_NEAR(frames.slopes.row(j)[t], expected, 2e-4 * (1 + std::abs(expected))) << "parameter " << j;
      }
      const double surprise =
          used ? (static_cast<double>(movie.counts[block.begin + t]) - rates[bin]) / std::sqrt(rates[bin]) : 0;
      ASSERT_NEAR(frames.slopes.row(at.size())[t], surprise, 1e-3 * (1 + std::abs(surprise)));
    }
  }
}

TEST(BlockRows, RatesFarBelowThresholdAreNumbersAndSmall) {
  Model model = two_parts();
  model.offset = -50;
  const Movie movie = movie_of(noise_recording({8, 600, 1, true}, 1), kLags);
  BlockSpace space;
  const BlockFrames frames = BlockRows(model, movie, {}, true).at(0, space);
  for (std::size_t t = 0; t < frames.frames; ++t) {
    EXPECT_LT(frames.rate[t], 1e-30);
    for (std::size_t j = 0; j < frames.slopes.count; ++j) EXPECT_TRUE(std::isfinite(frames.slopes.row(j)[t]));
  }
  EXPECT_TRUE(std::isfinite(frames.log_likelihood));
}

TEST(BlockRows, WhatASubunitSeesAndAnswersIsThere) {
  const Model model = two_parts();
  const Movie movie = movie_of(noise_recording({8, 600, 1, true}, 1), kLags);
  BlockSpace space;
  const BlockFrames frames = BlockRows(model, movie, {}, false).at(1, space);
  for (std::size_t t = 0; t < movie.blocks[1].length; ++t) {
    double drive = model.offset;
    for (std::size_t i = 0; i < 2; ++i) {
      const double z = static_cast<double>(frames.seen.row(i)[t]);
      ASSERT_NEAR(frames.value.row(i)[t], std::max(z, 0.0), 1e-6);
      ASSERT_EQ(frames.bend.row(i)[t], z > 0 ? 1.0F : 0.0F);
      drive += std::max(z, 0.0);
    }
    ASSERT_NEAR(frames.drive[t], drive, 1e-5);
  }
}

}  // namespace
}  // namespace plexiform::reveal
