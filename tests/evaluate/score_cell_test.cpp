// On which frames a cell is scored, and which scores need the truth.
#include "plexiform/evaluate/score_cell.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "base/expect_error.hpp"
#include "plexiform/cell/circuit_rate.hpp"
#include "plexiform/cell/presets.hpp"
#include "plexiform/stimulus/stored.hpp"

namespace plexiform {
namespace {

using testing::expect_error;

constexpr std::int64_t kFrames = 1500;

Recording model_cell(Shown shown = Shown::white, std::int64_t cells = 1) {
  CellRecipe recipe;
  recipe.seed = 112;
  recipe.frames = kFrames;
  recipe.show.kind = shown;
  recipe.cells = cells;
  return simulate(recipe);
}

/// The same frames as a movie that ends.
Recording stored(const Recording& recording) {
  Recording copy = recording;
  const FrameShape shape = recording.stimulus->shape();
  NdArray<float> movie({kFrames, shape.channels, shape.height, shape.width});
  recording.stimulus->read(0, kFrames, whole(shape), movie.values);
  show(copy, memory_stimulus(std::move(movie)));
  copy.recipe.reset();
  return copy;
}

/// A network whose filter is that of a cell's first subunit, and an LN model that sees another place.
CellFit some_fit(const Recording& recording) {
  const Circuit& truth = recording.truth[0];
  ModelSettings settings;
  settings.filter_size = 3;
  CellFit fit;
  fit.window.window = whole(recording.stimulus->shape());
  for (Network* network : {&network_of(fit), &fit.ln}) {
    *network = make_network(settings, {1, 16, 16});
    network->spatial.fill_(1.0F / 3);
    const auto row = truth.temporal.row(0);
    network->temporal[0].copy_(at::tensor(std::vector<float>(row.begin(), row.end())));
    network->output[0] = -2.0F;
  }
  network_of(fit).map[0].fill_(0.05F);
  fit.ln.map[0][1][1] = 0.05F;
  network_of(fit).map.slice(1, 0, 4).zero_();
  return fit;
}

std::vector<Range> last(std::int64_t bins) {
  return {{kFrames - bins, kFrames}};
}

TEST(FramesOf, AreThoseOfTheBinsWithTheirCounts) {
  const Recording recording = model_cell();
  const std::vector<Range> bins{{30, 40}, {100, 103}};
  const ScoredFrames frames = frames_of(recording, 0, bins);
  ASSERT_EQ(frames.bins.counts.size(), 13U);
  EXPECT_EQ(frames.bins.frame.front(), 30);
  EXPECT_EQ(frames.bins.frame[10], 100);
  EXPECT_EQ(frames.bins.counts[11], recording.counts.values[101]);
  EXPECT_EQ(frames.bin_frames, 1);
}

TEST(ContinuesBeyond, OnlyAModelCellsStimulusWithoutEndThatDoesNotRepeat) {
  const Recording white = model_cell();
  EXPECT_TRUE(continues_beyond(white));
  EXPECT_FALSE(continues_beyond(model_cell(Shown::chirp)));
  EXPECT_FALSE(continues_beyond(stored(white)));
  Recording recorded = white;
  recorded.truth.clear();
  EXPECT_FALSE(continues_beyond(recorded));
}

TEST(FreshFrames, ComeAfterTheRecordingWithCountsOfTheTrueRate) {
  const Recording recording = model_cell();
  const ScoredFrames fresh = fresh_frames(recording, 0);
  ASSERT_EQ(static_cast<std::int64_t>(fresh.bins.counts.size()), kFreshFrames);
  EXPECT_EQ(fresh.bins.frame.front(), kFrames) << "the first that no fit can have seen";
  EXPECT_EQ(fresh.bins.frame.back(), kFrames + kFreshFrames - 1);
  std::int64_t frames = 0;
  for (const Chunk& chunk : fresh.chunks) frames += chunk.length;
  EXPECT_EQ(frames, kFreshFrames);
  // Poisson counts of that rate: their sum lies within five of its standard deviations.
  const auto rate = circuit_rate(recording.truth[0], *recording.stimulus, kFrames, kFrames + kFreshFrames);
  const double expected = std::accumulate(rate.begin(), rate.end(), 0.0);
  const double spikes = std::accumulate(fresh.bins.counts.begin(), fresh.bins.counts.end(), 0.0);
  EXPECT_NEAR(spikes, expected, 5 * std::sqrt(expected));
  EXPECT_EQ(fresh_frames(recording, 0).bins.counts, fresh.bins.counts) << "the same each time";
}

TEST(FreshFrames, OfAnotherCellHaveOtherSpikes) {
  const Recording two = model_cell(Shown::white, 2);
  Recording twins = two;
  twins.truth[1] = twins.truth[0];
  EXPECT_NE(fresh_frames(twins, 0).bins.counts, fresh_frames(twins, 1).bins.counts);
}

TEST(UnseenFrames, AreTheTestBlockElseFreshFramesElseThereAreNone) {
  const Recording recording = model_cell();
  const Split with_test = make_split(recording, {});
  SplitSettings without;
  without.test.frames = 0;
  const Split no_test = make_split(recording, without);

  const ScoredFrames block = unseen_frames(recording, 0, with_test);
  EXPECT_EQ(static_cast<std::int64_t>(block.bins.counts.size()), total(with_test.test()));
  EXPECT_EQ(kind_of_unseen_frames(with_test), "test block");

  EXPECT_EQ(unseen_frames(recording, 0, no_test).bins.frame.front(), kFrames);
  EXPECT_EQ(kind_of_unseen_frames(no_test), "fresh frames");

  for (Recording none : {stored(recording), recording}) {
    if (none.recipe) none.truth.clear();
    try {
      unseen_frames(none, 0, no_test);
      ADD_FAILURE() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::data);
      EXPECT_NE(std::string(error.what()).find("nothing is left to score on"), std::string::npos) << error.what();
      EXPECT_EQ(error.parameter()->name, "test");
    }
  }
}

TEST(PredictedRates, DoNotDependOnHowFramesAreCut) {
  const Recording recording = model_cell();
  const CellFit fit = some_fit(recording);
  const std::vector<Chunk> whole_chunk{{500, 500, 700}}, cut{{500, 500, 1}, {501, 501, 300}, {801, 801, 399}};
  const Context two{.threads = 2};
  const auto one = predicted_rates(network_of(fit), recording, fit.window.window, whole_chunk, two);
  ASSERT_EQ(one.size(), 700U);
  const auto other = predicted_rates(network_of(fit), recording, fit.window.window, cut, {.threads = 1});
  ASSERT_EQ(other.size(), 700U);
  for (std::size_t i = 0; i < one.size(); ++i) ASSERT_NEAR(one[i], other[i], 1e-6 * (1 + one[i])) << i;
}

/// Scores on the last 400 bins of a recording.
CellScore scored(const Recording& recording, double bin_frames = 1) {
  ScoredFrames frames = frames_of(recording, 0, last(400));
  frames.bin_frames = bin_frames;
  CellFit fit = some_fit(model_cell());
  fit.ended = false;
  return score_cell(fit, recording, frames, 5, {.threads = 2});
}

TEST(ScoreCell, SaysOfWhichCellAndFitItIs) {
  const CellScore score = scored(model_cell());
  EXPECT_EQ(score.cell, 0);
  EXPECT_FALSE(score.ended);
  EXPECT_EQ(score.subunits, "relu");
  EXPECT_EQ(score.n_frames, 400);
  EXPECT_NE(score.rate, score.ln_rate);
}

TEST(ScoreCell, ABinOfSeveralFramesHasSoManyTimesTheRate) {
  const CellScore one = scored(model_cell()), three = scored(model_cell(), 3);
  for (std::size_t i = 0; i < one.rate.size(); ++i) {
    ASSERT_DOUBLE_EQ(three.rate[i], 3 * one.rate[i]);
    ASSERT_DOUBLE_EQ(three.ln_rate[i], 3 * one.ln_rate[i]);
  }
}

/// Correlation of a network's rates with the true ones on some frames.
double with_truth(const Recording& recording, const Network& network, const std::vector<Chunk>& chunks) {
  std::vector<double> truth;
  for (const Chunk& chunk : chunks) {
    const auto part =
        circuit_rate(recording.truth[0], *recording.stimulus, chunk.first_frame, chunk.first_frame + chunk.length);
    truth.insert(truth.end(), part.begin(), part.end());
  }
  const Window window = whole(recording.stimulus->shape());
  return correlation(predicted_rates(network, recording, window, chunks, {.threads = 2}), truth);
}

TEST(ScoreCell, TheTrueRateIsThatOfFreshFramesWhereTheStimulusContinues) {
  const Recording recording = model_cell();
  const CellFit fit = some_fit(recording);
  const CellScore score = scored(recording);
  ASSERT_TRUE(score.network.true_rate_cc && score.ln.true_rate_cc);
  const auto fresh = fresh_frames(recording, 0).chunks;
  EXPECT_NEAR(*score.network.true_rate_cc, with_truth(recording, network_of(fit), fresh), 1e-12);
  EXPECT_NEAR(*score.ln.true_rate_cc, with_truth(recording, fit.ln, fresh), 1e-12);
}

TEST(ScoreCell, TheTrueRateIsThatOfTheFramesAtHandWhereTheStimulusEnds) {
  const Recording movie = stored(model_cell());
  const CellFit fit = some_fit(movie);
  const CellScore score = scored(movie);
  ASSERT_TRUE(score.network.true_rate_cc);
  EXPECT_NEAR(*score.network.true_rate_cc, with_truth(movie, network_of(fit), frames_of(movie, 0, last(400)).chunks),
              1e-12);
  // What needs no truth is the same as of the stimulus without end.
  EXPECT_EQ(score.network.cc, scored(model_cell()).network.cc);
}

TEST(ScoreCell, WithoutATruthThereIsNoTrueRate) {
  Recording recorded = model_cell();
  recorded.truth.clear();
  const CellScore score = scored(recorded);
  EXPECT_FALSE(score.network.true_rate_cc);
  EXPECT_FALSE(score.ln.true_rate_cc);
  EXPECT_TRUE(std::isfinite(score.network.cc));
}

TEST(ScoreCell, AFitOfAnotherGridOrCellIsRefused) {
  const Recording recording = model_cell();
  const ScoredFrames frames = frames_of(recording, 0, last(100));
  CellFit fit = some_fit(recording);
  fit.cell = 1;
  expect_error(ErrorKind::data, {"cell 1: "}, [&] { score_cell(fit, recording, frames, 1, {}); });
  fit.cell = 0;
  fit.window.window.x = 3;
  expect_error(ErrorKind::data, {"outside the stimulus"}, [&] { score_cell(fit, recording, frames, 1, {}); });
}

TEST(ScoreCell, StopsWhereAsked) {
  const Recording recording = model_cell();
  std::stop_source source;
  source.request_stop();
  EXPECT_THROW(score_cell(some_fit(recording), recording, frames_of(recording, 0, last(100)), 1,
                          {.threads = 1, .stop = source.get_token()}),
               Interrupted);
}

}  // namespace
}  // namespace plexiform
