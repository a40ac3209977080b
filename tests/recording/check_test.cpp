#include "plexiform/recording/check.hpp"

#include <gtest/gtest.h>

#include "plexiform/base/error.hpp"
#include "recording/support.hpp"

namespace plexiform {
namespace {

using testing::answer_pixel;
using testing::noise_recording;

TEST(Check, TellsLatencyPolarityAndPlace) {
  Recording recording = noise_recording(30, 40, 4, 6000, 31);
  answer_pixel(recording, 0, 10, 20, 4, 0.2, -1);
  answer_pixel(recording, 1, 11, 22, 5, 0.2, -1);
  answer_pixel(recording, 2, 25, 7, 6, 0.2, 1);
  recording.segments = {{0, 6000, 0, 0, -1}};
  Expectation expectation;
  expectation.polarity = Polarity::off;
  expectation.latency = Range{3, 5};
  const CheckReport report = check_recording(recording, 10, expectation);
  ASSERT_EQ(report.cells.size(), 4u);
  EXPECT_EQ(report.cells[0].latency, 4);
  EXPECT_EQ(report.cells[1].latency, 5);
  EXPECT_EQ(report.cells[2].latency, 6);
  EXPECT_EQ(report.latency_median, 5);
  EXPECT_EQ(report.cells[0].polarity, Polarity::off);
  EXPECT_EQ(report.cells[2].polarity, Polarity::on);
  EXPECT_NEAR(report.cells[2].centre.value_or(Place{}).x, 7, 0.5);
  EXPECT_NEAR(report.cells[2].centre.value_or(Place{}).y, 25, 0.5);
  EXPECT_EQ(report.on, 1);
  EXPECT_EQ(report.off, 2);
  EXPECT_EQ(report.unclear, 1);
  EXPECT_EQ(report.silent, (std::vector<std::int64_t>{3}));
  EXPECT_EQ(report.bins_without_history, 9);
  EXPECT_NEAR(report.cells[0].rate, 0.2 * 30, 0.6);
  EXPECT_NEAR(report.cells[0].fano, 1.2, 0.1);  // Poisson with a rate of 0.4 or 0: 1 + 0.2
  EXPECT_TRUE(report.errors.empty());
  ASSERT_EQ(report.warnings.size(), 2u);
  EXPECT_NE(report.warnings[0].find("1 cell of 3 with a clear sign respond to light ON, expected OFF (cells 2)"),
            std::string::npos)
      << report.warnings[0];
  EXPECT_NE(report.warnings[1].find("1 cell of 3 have their temporal peak outside lags 3 to 5 (cells 2)"),
            std::string::npos)
      << report.warnings[1];
  EXPECT_TRUE(check_recording(recording, 10, {}).warnings.empty());
}

TEST(Check, CountsAheadOfTheirStimulusAreAnError) {
  for (const std::int64_t ahead : {1, 3, 8}) {
    Recording recording = noise_recording(30, 30, 2, 4000, 32);
    recording.segments = {{0, 4000, 20, 0, -1}};
    answer_pixel(recording, 0, 10, 20, -ahead, 0.2, -1);
    answer_pixel(recording, 1, 10, 20, 4, 0.2, -1);
    const CheckReport report = check_recording(recording, 10, {});
    ASSERT_EQ(report.errors.size(), 1u);
    const std::string frames = std::to_string(ahead) + (ahead == 1 ? " frame:" : " frames:");
    EXPECT_NE(report.errors[0].find("ahead of their stimulus by at least " + frames), std::string::npos)
        << report.errors[0];
    EXPECT_NE(report.errors[0].find("1 cell (0)"), std::string::npos) << report.errors[0];
    EXPECT_NE(report.errors[0].find("a lag offset that is larger by " + std::to_string(ahead)), std::string::npos)
        << report.errors[0];
    EXPECT_EQ(report.cells[0].latency, std::nullopt);
    EXPECT_EQ(report.cells[1].latency, 4);
  }
}

/// 20 recordings of 5 cells; the stated rate of false alarms is 1e-4 a recording, and bursts must not raise it.
TEST(Check, DoesNotCryWolf) {
  double highest = 0;
  for (std::uint64_t seed = 101; seed <= 120; ++seed) {
    Recording recording = noise_recording(24, 24, 5, 1500, seed);
    for (std::int64_t cell = 0; cell < 4; ++cell) answer_pixel(recording, cell, 4 * cell + 3, 12, cell + 1, 0.3, -1);
    for (std::int64_t bin = 0; bin < 1500; ++bin)
      recording.counts.row(4)[static_cast<std::size_t>(bin)] = bin % 50 < 8 ? 3 : 0;
    recording.centers.assign(5, {12, 9});
    const CheckReport report = check_recording(recording, 10, {});
    EXPECT_TRUE(report.errors.empty()) << report.errors[0];
    for (const CellFigures& cell : report.cells) highest = std::max(highest, cell.z_ahead);
  }
  EXPECT_GT(highest, 3.5);  // the largest of a million looks is where it should be, so the rule has been tried
}

TEST(Check, SaysWhereItCannotTell) {
  NdArray<float> movie = testing::random_movie(2000, 1, 12, 12, 33);
  for (std::size_t i = 144; i < movie.values.size(); ++i)
    movie.values[i] = 0.9F * movie.values[i - 144] + 0.4F * movie.values[i];
  Recording recording = testing::silent_recording(memory_stimulus(std::move(movie)), 1, 2000);
  answer_pixel(recording, 0, 6, 6, 0, 0.3);
  const CheckReport report = check_recording(recording, 10, {});
  EXPECT_TRUE(report.errors.empty());
  ASSERT_EQ(report.warnings.size(), 1u);
  EXPECT_NE(report.warnings[0].find("correlated in time (0.9"), std::string::npos) << report.warnings[0];
}

TEST(Check, NamesCellsThatAreTheSame) {
  Recording recording = noise_recording(10, 10, 4, 2000, 34);
  for (std::int64_t cell = 0; cell < 3; ++cell) answer_pixel(recording, cell, 5, 5, 2, 0.2);
  for (std::size_t bin = 0; bin < 2000; ++bin) {
    recording.counts.row(2)[bin] = recording.counts.row(0)[bin];
    if (bin % 200 == 7) recording.counts.row(2)[bin] += 1;
    recording.counts.row(3)[bin] = bin == 100 || bin == 200 ? 1 : 0;
  }
  EXPECT_EQ(check_recording(recording, 8, {}).doubled, (std::vector<std::pair<std::int64_t, std::int64_t>>{{0, 2}}));
}

TEST(Check, AStopRequestEndsIt) {
  Recording recording = noise_recording(20, 20, 2, 2000, 51);
  answer_pixel(recording, 0, 10, 10, 3, 0.3);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(check_recording(recording, 10, {}, {1, stop.get_token()}), Interrupted);
}

}  // namespace
}  // namespace plexiform
