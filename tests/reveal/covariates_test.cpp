#include "plexiform/reveal/covariates.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numbers>

#include "reveal/planted.hpp"

namespace plexiform::reveal {
namespace {

constexpr std::int64_t kLags = 5;

/// Random counts on two segments, with gaps about validation.
Movie counted_movie() {
  Recording recording = noise_recording({2, 1500, 1, true}, 2);
  draw_counts(recording, std::vector<double>(1500, 0.3), 3);
  recording.segments = {{0, 800, 0, 0, -1}, {800, 700, 800, 800, -1}};
  return movie_of(recording, kLags);
}

double sum_over_used(const Movie& movie, const std::vector<float>& row, double power, double less = 0) {
  double sum = 0;
  for (std::size_t t = 0; t < row.size(); ++t)
    if (movie.use[t] > 0) sum += std::pow(static_cast<double>(row[t]) - less, power);
  return sum;
}

/// Calls visit(frame, bin) for the frames of all blocks.
template <class Visit>
void each_frame(const Movie& movie, const Visit& visit) {
  for (const auto& block : movie.blocks)
    for (std::size_t t = 0; t < block.length; ++t)
      visit(block.begin + t, block.first_bin + static_cast<std::int64_t>(t));
}

TEST(Covariates, HaveAMeanOfNothingAndASpreadOfOneOverTheFramesThatAreUsed) {
  const Movie movie = counted_movie();
  for (const auto& covariates : {drift_covariates(movie), history_covariates(movie)})
    for (std::size_t j = 0; j < covariates.rows.size(); ++j) {
      EXPECT_NEAR(sum_over_used(movie, covariates.rows[j], 1) / movie.frames(), 0, 1e-5) << j;
      EXPECT_NEAR(sum_over_used(movie, covariates.rows[j], 2) / movie.frames(), 1, 1e-4) << j;
      EXPECT_EQ(covariates.rows[j].size(), movie.padded_frames());
    }
}

TEST(Covariates, DriftIsCosinesOverTheRecordingAndATransientAtItsStart) {
  const Movie movie = counted_movie();
  const Covariates drift = drift_covariates(movie);
  ASSERT_EQ(drift.what.size(), static_cast<std::size_t>(thresholds::kDriftCosines) + 1);
  const double first = kLags - 1, length = 1500 - first;
  each_frame(movie, [&](std::size_t t, std::int64_t bin) {
    const double time = static_cast<double>(bin) - first;
    for (std::size_t j = 0; j < drift.what.size(); ++j) {
      const Covariate& what = drift.what[j];
      const double raw = what.kind == CovariateKind::drift ? std::cos(std::numbers::pi * what.scale * time / length)
                                                           : std::exp(-time / what.scale);
      ASSERT_NEAR(drift.rows[j][t], (raw - what.mean) / what.spread, 1e-5) << j << ' ' << bin;
    }
  });
  EXPECT_EQ(drift.what.back().kind, CovariateKind::transient);
  EXPECT_NEAR(drift.what.back().scale, thresholds::kTransientShare * length, 1e-9);
}

TEST(Covariates, HistoryIsOfThePastOnlyAndBeginsAgainWhereTheRecordingDoes) {
  const Movie movie = counted_movie();
  const Covariates history = history_covariates(movie);
  std::map<std::int64_t, double> counts;  // by bin; the mean where none is used
  each_frame(movie, [&](std::size_t t, std::int64_t bin) {
    counts[bin] = movie.use[t] > 0 ? static_cast<double>(movie.counts[t]) : movie.mean_count();
  });
  ASSERT_EQ(history.what.size(), std::size(thresholds::kHistoryFrames));
  for (std::size_t j = 0; j < history.what.size(); ++j) {
    const double scale = history.what[j].scale, keep = scale > 0 ? std::exp(-1 / scale) : 0;
    EXPECT_EQ(scale, thresholds::kHistoryFrames[j]);
    each_frame(movie, [&](std::size_t t, std::int64_t bin) {
      double past = 0, left = 1;  // of all weight
      for (auto before = bin - 1; counts.contains(before) && (bin < 800 || before >= 800); --before) {
        past += left * (1 - keep) * counts[before];
        left *= keep;
      }
      past += left * movie.mean_count();
      ASSERT_NEAR(history.rows[j][t], (past - history.what[j].mean) / history.what[j].spread, 1e-4) << j << ' ' << bin;
    });
  }
}

TEST(Covariates, TheDivisiveOneIsTheLogOfTheAveragedRate) {
  const Movie movie = counted_movie();
  std::vector<float> rates(movie.padded_frames(), 1e6F);  // what fills blocks up says nothing
  double sum = 0;
  each_frame(movie, [&](std::size_t t, std::int64_t bin) {
    rates[t] = static_cast<float>(0.2 + 0.1 * std::sin(0.03 * static_cast<double>(bin)));
    if (movie.use[t] > 0) sum += static_cast<double>(rates[t]);
  });
  const Covariates divisive = divisive_covariate(movie, rates);
  ASSERT_EQ(divisive.rows.size(), 1U);
  const Covariate& what = divisive.what[0];
  const double mean = sum / movie.frames(), keep = std::exp(-1 / thresholds::kDivisiveFrames);
  EXPECT_EQ(what.spread, 1) << "its gain is an exponent";
  EXPECT_NEAR(what.floor, thresholds::kDivisiveFloor * mean, 1e-6);
  double state = mean;
  std::int64_t last = -1;
  each_frame(movie, [&](std::size_t t, std::int64_t bin) {
    if (bin != last + 1 || bin == 800) state = mean;
    last = bin;
    state = keep * state + (1 - keep) * static_cast<double>(rates[t]);
    ASSERT_NEAR(divisive.rows[0][t], std::log(what.floor + state) - what.mean, 1e-5) << bin;
  });
  EXPECT_NEAR(sum_over_used(movie, divisive.rows[0], 1) / movie.frames(), 0, 1e-5);
}

TEST(Covariates, JoinedAreTheFirstAndThenTheOthers) {
  const Movie movie = counted_movie();
  const Covariates history = history_covariates(movie), drift = drift_covariates(movie);
  const Covariates both = joined(history, drift);
  ASSERT_EQ(both.rows.size(), history.rows.size() + drift.rows.size());
  EXPECT_EQ(both.rows.front(), history.rows.front());
  EXPECT_EQ(both.rows.back(), drift.rows.back());
  EXPECT_EQ(both.what[history.what.size()].kind, CovariateKind::drift);
}

}  // namespace
}  // namespace plexiform::reveal
