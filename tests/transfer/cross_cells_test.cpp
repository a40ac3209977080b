// The steps of a transfer between cells, on numbers whose answer is known.
#include "plexiform/transfer/cross_cells.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "base/expect_error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/transfer/refit_output.hpp"
#include "recording/support.hpp"
#include "transfer/small_models.hpp"

namespace plexiform {
namespace {

using testing::expect_error;
using testing::with_output;

constexpr double kNan = CrossPair::kNan;

/// Frames of one cell: the spikes of a network whose drive is normal noise, in five blocks.
struct OneCell {
  Network network = with_output(-1, 0.5, -0.4);
  std::vector<double> drive;
  CellFrames frames;
  OwnRates own;
};
OneCell one_cell() {
  OneCell cell;
  for (std::uint64_t t = 0; t < 1500; ++t) cell.drive.push_back(CounterRandom(1, 0).normal(t));
  cell.own.rate = changed_rates(cell.network, {cell.drive, {}}, {});
  std::vector<double> counts;
  for (std::size_t t = 0; t < cell.drive.size(); ++t)
    counts.push_back(static_cast<double>(CounterRandom(2, 0).poisson(t, cell.own.rate[t])));
  double spikes = 0;
  for (const double c : counts) spikes += c;
  cell.frames.test_counts = cell.frames.refit_counts = {counts};
  cell.frames.spikes = {spikes};
  cell.frames.blocks = blocks_of(1500, 300);
  for (const Range& block : cell.frames.blocks) {
    double nats = 0;
    for (auto t = static_cast<std::size_t>(block.begin); t < static_cast<std::size_t>(block.end); ++t)
      nats += counts[t] * std::log(cell.own.rate[t]) - cell.own.rate[t];
    cell.own.nats.push_back(nats);
  }
  return cell;
}

TEST(CrossPair, OfTheOwnNetworkIsNowhereAhead) {
  const OneCell cell = one_cell();
  const CrossPair own = own_pair(cell.own, cell.frames, 0);
  const CrossPair same = cross_pair(cell.network, {{cell.drive, {}}, {}}, cell.own, cell.frames, 0, 7);
  EXPECT_EQ(same.cc, own.cc);
  EXPECT_EQ(same.bits, own.bits);
  EXPECT_EQ(same.own_ahead, 0);
  EXPECT_EQ(same.low, 0);
  EXPECT_EQ(same.high, 0);
  EXPECT_TRUE(std::isnan(own.own_ahead) && std::isnan(own.p));
}

TEST(CrossPair, OfANetworkThatSeesNothingIsBehind) {
  const OneCell cell = one_cell();
  std::vector<double> other;
  for (std::uint64_t t = 0; t < 1500; ++t) other.push_back(CounterRandom(5, 0).normal(t));
  const CrossPair pair = cross_pair(cell.network, {{other, {}}, {}}, cell.own, cell.frames, 0, 7);
  EXPECT_LT(std::abs(pair.cc), 0.1);
  EXPECT_NEAR(pair.own_ahead, own_pair(cell.own, cell.frames, 0).bits - pair.bits, 1e-12);
  EXPECT_GT(pair.low, 0);
  EXPECT_LT(pair.low, pair.own_ahead);
  EXPECT_GT(pair.high, pair.own_ahead);
  EXPECT_LT(pair.p, 0.01);
}

TEST(CrossPair, RefitsScaleAndOffsetBeforeItScores) {
  OneCell cell = one_cell();
  const Network louder = with_output(1.5, 0.5, -0.9);  // the same drive, another output
  const CrossPair as_it_is = cross_pair(louder, {{cell.drive, {}}, {}}, cell.own, cell.frames, 0, 7);
  cell.frames.refit_frames = 1500;
  const CrossPair refitted = cross_pair(louder, {{cell.drive, {}}, {cell.drive, {}}}, cell.own, cell.frames, 0, 7);
  EXPECT_LT(as_it_is.bits, 0);
  EXPECT_NEAR(refitted.bits, own_pair(cell.own, cell.frames, 0).bits, 0.01);
}

TEST(CrossPair, HasNoScoreWithoutSpikesOrALikelihood) {
  OneCell cell = one_cell();
  std::vector<double> endless = cell.drive;
  endless[3] = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(std::isnan(cross_pair(cell.network, {{endless, {}}, {}}, cell.own, cell.frames, 0, 7).cc));
  cell.frames.spikes = {0};
  EXPECT_TRUE(std::isnan(cross_pair(cell.network, {{cell.drive, {}}, {}}, cell.own, cell.frames, 0, 7).cc));
  EXPECT_TRUE(std::isnan(own_pair(cell.own, cell.frames, 0).cc));
}

TEST(ChanceOf, IsStudentsTail) {
  // Tables of Student's t: 2.228 is exceeded in 2.5 % with 10 degrees of freedom.
  EXPECT_NEAR(chance_of({2 * 2.228, 2}, 11), 0.025, 1e-4);
  EXPECT_NEAR(chance_of({-2 * 2.228, 2}, 11), 0.975, 1e-4);
  EXPECT_NEAR(chance_of({0, 1}, 11), 0.5, 1e-12);
  EXPECT_TRUE(std::isnan(chance_of({1, 1}, 1)));  // one block does not vary
  EXPECT_TRUE(std::isnan(chance_of({1, 0}, 11)));
}

/// [model, cell] of three cells.
NdArray<double> three(std::vector<double> values) {
  NdArray<double> matrix({3, 3});
  matrix.values = std::move(values);
  return matrix;
}

TEST(CrossMatrix, HoldsAPairInEachPart) {
  CrossMatrix matrix = unknown_matrix(3);
  set_pair(matrix, 2, 1, {1, 2, 3, 4, 5, 6});
  const NdArray<double>* parts[] = {&matrix.cc, &matrix.bits, &matrix.own_ahead, &matrix.low, &matrix.high, &matrix.p};
  for (std::size_t part = 0; part < 6; ++part)
    for (std::size_t at = 0; at < 9; ++at) {
      const double value = parts[part]->values[at];
      if (at == 7)
        EXPECT_EQ(value, static_cast<double>(part + 1));
      else
        EXPECT_TRUE(std::isnan(value));
    }
}

TEST(CrossMatrix, IsCorrectedForTheOthersOfACell) {
  CrossMatrix matrix = unknown_matrix(3);
  matrix.p = three({kNan, 0.01, 0.03,  //
                    0.02, kNan, 0.2,   //
                    0.04, 0.6, kNan});
  correct_for_others(matrix);
  // Holm, two others each: the smaller counts twice, the larger is no smaller than that.
  EXPECT_DOUBLE_EQ(matrix.p.values[3], 0.04);
  EXPECT_DOUBLE_EQ(matrix.p.values[6], 0.04);
  EXPECT_DOUBLE_EQ(matrix.p.values[1], 0.02);
  EXPECT_DOUBLE_EQ(matrix.p.values[7], 0.6);
  EXPECT_DOUBLE_EQ(matrix.p.values[2], 0.06);
  EXPECT_DOUBLE_EQ(matrix.p.values[5], 0.2);
  EXPECT_TRUE(std::isnan(matrix.p.values[0]));
}

TEST(BestOther, IsTheOneWithMostBitsAndExceededOnlyWithAllOthers) {
  CrossMatrix matrix = unknown_matrix(3);
  matrix.bits = three({9, 0.5, kNan,  //
                       0.1, 9, kNan,  //
                       0.3, 0.2, 9});
  matrix.p = three({kNan, 0.04, kNan,  //
                    0.05, kNan, kNan,  //
                    0.01, 0.06, kNan});
  EXPECT_EQ(best_other(matrix, 0).model, 2);
  EXPECT_TRUE(best_other(matrix, 0).own_exceeds);
  EXPECT_EQ(best_other(matrix, 1).model, 0);
  EXPECT_FALSE(best_other(matrix, 1).own_exceeds);  // not ahead of model 2, which is not the best
  EXPECT_EQ(best_other(matrix, 2).model, -1);       // no other has a likelihood there
  EXPECT_FALSE(best_other(matrix, 2).own_exceeds);
}

TEST(Likeness, IsTheMeanShareOfTheOwnCorrelations) {
  const NdArray<double> all = likeness(three({0.5, 0.1, 0.3,   //
                                              0.25, 0.4, 0.2,  //
                                              0.1, 0.1, 0.04}));
  EXPECT_DOUBLE_EQ(all.values[0], 1);
  EXPECT_DOUBLE_EQ(all.values[1], (0.1 / 0.4 + 0.25 / 0.5) / 2);
  EXPECT_EQ(all.values[3], all.values[1]);
  for (const std::size_t at : {2U, 5U, 6U, 7U, 8U}) EXPECT_TRUE(std::isnan(all.values[at]));  // 0.04 says nothing
}

TEST(CellFrames, AreTheTestBlockAndAShareOfTheTrainingBlocks) {
  Recording recording = testing::noise_recording(16, 16, 2, 4000, 3);
  for (std::int64_t t = 0; t < 4000; ++t) recording.counts.row(1)[static_cast<std::size_t>(t)] = t == 3990 ? 4 : 1;
  const FittedModels models = testing::blank_models("noise", recording, 2);
  const Split split = make_split(recording, models.split);
  const CellFrames frames = read_cell_frames(models.fits, recording, split, 0.1, {});
  EXPECT_EQ(frames.spikes, (std::vector<double>{0, static_cast<double>(total(split.test())) + 3}));
  EXPECT_EQ(frames.test_counts[1].size(), static_cast<std::size_t>(total(split.test())));
  EXPECT_EQ(frames.refit_counts[1].size(), static_cast<std::size_t>(frames.refit_frames));
  EXPECT_GT(frames.refit_frames, 0);
  EXPECT_EQ(frames.blocks.back().end, total(split.test()));
  Stepper stepper;
  const Drives drives = drives_at(network_of(models.fits[0]), frames, 1, stepper);
  EXPECT_EQ(drives.test.drive.size(), frames.test_counts[1].size());
  EXPECT_EQ(drives.refit.drive.size(), frames.refit_counts[1].size());
  const CellFrames as_it_is = read_cell_frames(models.fits, recording, split, 0, {});
  EXPECT_EQ(as_it_is.refit_frames, 0);
  EXPECT_TRUE(drives_at(network_of(models.fits[0]), as_it_is, 1, stepper).refit.drive.empty());
  SplitSettings untested = models.split;
  untested.test.frames = 0;
  expect_error(ErrorKind::data, {"no test block"},
               [&] { read_cell_frames(models.fits, recording, make_split(recording, untested), 0.1, {}); });
}

}  // namespace
}  // namespace plexiform
