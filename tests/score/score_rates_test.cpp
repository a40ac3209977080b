// What rates of two models on the same bins are scored by: which scores there are where frames were repeated, repeated
// unevenly, or not at all.
#include "plexiform/score/score_rates.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <numbers>
#include <numeric>
#include <vector>

#include "base/expect_error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/score/bits.hpp"

namespace plexiform {
namespace {

using testing::expect_error;

/// Bins, the rate that made their counts, and one that knows less.
struct Case {
  ScoredBins bins;
  std::vector<double> rate, ln_rate;
};

/// `trials` showings of each of `frames` frames, trial after trial; 1: none is repeated.
Case shown(std::int64_t frames, std::int64_t trials) {
  Case made;
  const CounterRandom random(1, 0), noise(1, 1);
  for (std::int64_t trial = 0; trial < trials; ++trial)
    for (std::int64_t frame = 0; frame < frames; ++frame) {
      const double rate = std::exp(random.normal(static_cast<std::uint64_t>(frame)) - 1);
      made.bins.counts.push_back(
          static_cast<double>(noise.poisson(static_cast<std::uint64_t>(trial * frames + frame), rate)));
      made.bins.frame.push_back(100 + frame);
      made.rate.push_back(rate);
      made.ln_rate.push_back(0.2 + 0.5 * rate);
    }
  made.bins.block_bins = 50;
  return made;
}

CellScore scored(const Case& of) {
  return score_rates(of.rate, of.ln_rate, of.bins, 7);
}

TEST(ScoreRates, WithoutRepeatsHasNoneOfTheScoresThatNeedThem) {
  const Case made = shown(600, 1);
  const CellScore score = scored(made);
  EXPECT_EQ(score.n_frames, 600);
  EXPECT_EQ(score.n_spikes, std::accumulate(made.bins.counts.begin(), made.bins.counts.end(), 0.0));
  EXPECT_EQ(score.rate, made.rate);
  EXPECT_EQ(score.ln_rate, made.ln_rate);
  EXPECT_EQ(score.counts, made.bins.counts);
  EXPECT_EQ(score.frame, made.bins.frame);
  EXPECT_EQ(score.network.cc, correlation(made.rate, made.bins.counts));
  EXPECT_EQ(score.network.bits_per_spike, bits_per_spike(made.rate, made.bins.counts));
  EXPECT_EQ(score.ln.bits_per_spike, bits_per_spike(made.ln_rate, made.bins.counts));
  EXPECT_FALSE(score.network.cc_trial_mean);
  EXPECT_FALSE(score.network.cc_normalised);
  EXPECT_FALSE(score.network.feve);
  EXPECT_FALSE(score.reliability);
  EXPECT_FALSE(score.oracle);
  EXPECT_FALSE(score.network.true_rate_cc) << "that is for whoever knows the truth";
  EXPECT_LT(score.bits_gain.low, score.network.bits_per_spike - score.ln.bits_per_spike);
  EXPECT_GT(score.bits_gain.high, score.network.bits_per_spike - score.ln.bits_per_spike);
}

TEST(ScoreRates, BlocksAddUpToTheWhole) {
  const Case made = shown(630, 1);
  const CellScore score = scored(made);
  ASSERT_EQ(score.blocks.size(), 12U) << "the last of 50 bins takes what is left";
  std::int64_t frames = 0;
  double spikes = 0, network = 0, ln = 0;
  for (const BlockScore& block : score.blocks) {
    frames += block.frames;
    spikes += block.spikes;
    network += block.network;
    ln += block.ln;
  }
  EXPECT_EQ(score.blocks.back().frames, 80);
  EXPECT_EQ(frames, 630);
  EXPECT_EQ(spikes, score.n_spikes);
  EXPECT_NEAR(bits_of_likelihood(network, spikes, 630), score.network.bits_per_spike, 1e-9);
  EXPECT_NEAR((network - ln) / spikes / std::numbers::ln2, score.network.bits_per_spike - score.ln.bits_per_spike,
              1e-9);
}

TEST(ScoreRates, WithRepeatsHasAllThatTheyTell) {
  constexpr std::int64_t kFrames = 150, kTrials = 6;
  const Case made = shown(kFrames, kTrials);
  const CellScore score = scored(made);
  NdArray<double> trials({kTrials, kFrames});
  trials.values = made.bins.counts;
  std::vector<double> mean(kFrames, 0.0);
  for (std::int64_t trial = 0; trial < kTrials; ++trial)
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += trials.row(trial)[i] / kTrials;
  const std::vector<double> once(made.rate.begin(), made.rate.begin() + kFrames);
  ASSERT_TRUE(score.reliability && score.oracle && score.network.feve && score.ln.feve);
  EXPECT_EQ(score.reliability->ceiling, reliability(trials, 7).ceiling);
  EXPECT_EQ(*score.oracle, jackknife_oracle(trials));
  EXPECT_NEAR(*score.network.cc_trial_mean, correlation(once, mean), 1e-12);
  EXPECT_NEAR(*score.network.cc_normalised, correlation(once, mean) / score.reliability->ceiling, 1e-12);
  EXPECT_NEAR(*score.network.feve, explained_variance(once, trials), 1e-12);
  EXPECT_GT(*score.network.feve, *score.ln.feve);
  EXPECT_GT(*score.network.cc_trial_mean, score.network.cc) << "a mean over trials has less noise";
}

TEST(ScoreRates, RepeatsMayStandInAnyOrder) {
  // The same bins, those of a frame one after the other.
  const Case made = shown(40, 5);
  Case sorted;
  for (std::size_t frame = 0; frame < 40; ++frame)
    for (std::size_t trial = 0; trial < 5; ++trial) {
      const std::size_t i = trial * 40 + frame;
      sorted.bins.counts.push_back(made.bins.counts[i]);
      sorted.bins.frame.push_back(made.bins.frame[i]);
      sorted.rate.push_back(made.rate[i]);
      sorted.ln_rate.push_back(made.ln_rate[i]);
    }
  const CellScore one = scored(made), other = scored(sorted);
  EXPECT_EQ(one.reliability->ceiling, other.reliability->ceiling);
  EXPECT_EQ(*one.network.feve, *other.network.feve);
  EXPECT_NEAR(*one.network.cc_trial_mean, *other.network.cc_trial_mean, 1e-12);
}

TEST(ScoreRates, FramesThatWereRepeatedUnevenlyHaveATrialMeanAndNoReliability) {
  // Frames 0 to 99 three times, then 100 more once.
  Case made = shown(100, 3);
  const Case more = shown(200, 1);
  for (std::size_t i = 100; i < 200; ++i) {
    made.bins.counts.push_back(more.bins.counts[i]);
    made.bins.frame.push_back(more.bins.frame[i]);
    made.rate.push_back(more.rate[i]);
    made.ln_rate.push_back(more.ln_rate[i]);
  }
  const CellScore score = scored(made);
  EXPECT_FALSE(score.reliability);
  EXPECT_FALSE(score.oracle);
  EXPECT_FALSE(score.network.feve);
  EXPECT_FALSE(score.network.cc_normalised);
  // Of the repeated frames alone.
  std::vector<double> mean(100, 0.0);
  for (std::size_t i = 0; i < 300; ++i) mean[i % 100] += made.bins.counts[i] / 3;
  ASSERT_TRUE(score.network.cc_trial_mean);
  EXPECT_NEAR(*score.network.cc_trial_mean,
              correlation(std::vector<double>(made.rate.begin(), made.rate.begin() + 100), mean), 1e-12);

  // One frame of all was shown once more: no table of trials either.
  Case odd = shown(100, 3);
  odd.bins.counts.push_back(1);
  odd.bins.frame.push_back(150);
  odd.rate.push_back(odd.rate[50]);
  odd.ln_rate.push_back(odd.ln_rate[50]);
  EXPECT_FALSE(scored(odd).reliability);
  EXPECT_TRUE(scored(odd).network.cc_trial_mean);
}

TEST(ScoreRates, OneBlockSaysNothingAboutHowBlocksVary) {
  Case made = shown(60, 1);
  made.bins.block_bins = kScoreBlockFrames;
  const CellScore score = scored(made);
  EXPECT_EQ(score.blocks.size(), 1U);
  EXPECT_TRUE(std::isfinite(score.network.bits_per_spike));
  EXPECT_TRUE(std::isnan(score.network.bits_interval.low));
  EXPECT_TRUE(std::isnan(score.bits_gain.high));
}

TEST(ScoreRates, WhatCannotBeScoredIsRefused) {
  Case silent = shown(100, 1);
  for (double& count : silent.bins.counts) count = 0;
  expect_error(ErrorKind::data, {"spike"}, [&] { scored(silent); });
  Case negative = shown(100, 1);
  negative.ln_rate[3] = -1;
  expect_error(ErrorKind::numeric, {"3"}, [&] { scored(negative); });
  for (const auto shorten : {+[](Case& c) { c.rate.pop_back(); }, +[](Case& c) { c.ln_rate.pop_back(); },
                             +[](Case& c) { c.bins.frame.pop_back(); }}) {
    Case made = shown(100, 1);
    shorten(made);
    EXPECT_THROW(scored(made), InternalError);
  }
}

}  // namespace
}  // namespace plexiform
