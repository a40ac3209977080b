// Transfers of small fits: which model is whose, what is shared, what each number means.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/expect_error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/cell/circuit_rate.hpp"
#include "plexiform/cell/counts.hpp"
#include "plexiform/cell/presets.hpp"
#include "plexiform/fit/fit_recording.hpp"
#include "plexiform/fit/score_run.hpp"
#include "plexiform/transfer/cell_transfer.hpp"
#include "plexiform/transfer/stimulus_transfer.hpp"
#include "plexiform/transfer/transfer_json.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;
using testing::expect_error;

class Transfer : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("plexiform_transfer_test_" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// Three cells that see one stimulus, fitted fast and not well.
  void make(const std::string& name, Shown shown, std::int64_t frames = 8000) {
    CellRecipe recipe;
    recipe.seed = 111;
    recipe.cells = 3;
    recipe.frames = frames;
    recipe.show.kind = shown;
    if (shown != Shown::white) recipe.show.contrast = 0.5;
    write_recording(folder_ / (name + ".h5"), simulate(recipe));
    FitRequest fit;
    fit.recording = folder_ / (name + ".h5");
    fit.run = folder_ / name;
    fit.settings.train.passes = 6;
    fit.settings.train.starts = 1;
    fit.threads = 2;
    fit_recording(fit, {});
  }
  CellTransfer between_cells(const std::string& name, double refit, int threads = 1) const {
    const RunInfo info = read_run(folder_ / name);
    CellTransferOptions options;
    options.refit = refit;
    options.threads = threads;
    return transfer_between_cells(folder_ / name, info, open_run_recording(info), options);
  }
  StimulusTransfer between_stimuli(bool tune) const {
    StimulusTransferRequest request;
    request.runs = {folder_ / "white", folder_ / "leaves"};
    request.tune = tune;
    request.shares = {0.001, 0.2};
    return transfer_between_stimuli(request);
  }
  fs::path folder_;
};

TEST_F(Transfer, OfCellsPutsEachModelOnEachCell) {
  make("white", Shown::white);
  const CellTransfer t = between_cells("white", 0.1), same = between_cells("white", 0.1, 3);
  ASSERT_EQ(t.cells, (std::vector<std::int64_t>{0, 1, 2}));
  EXPECT_EQ(t.moved.cc.values, same.moved.cc.values);  // on any number of threads
  EXPECT_EQ(t.order, same.order);
  EXPECT_NEAR(static_cast<double>(t.refit_frames) / 6000, 0.1, 0.05);
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j) {
      const std::size_t at = i * 3 + j;
      // The grid is one window, so that nothing moves.
      EXPECT_EQ(t.moved.cc.values[at], t.in_place.cc.values[at]);
      if (i == j) {
        EXPECT_TRUE(std::isnan(t.moved.p.values[at]) && std::isnan(t.moved.own_ahead.values[at]));
        continue;
      }
      EXPECT_NEAR(t.moved.own_ahead.values[at], t.moved.bits.values[j * 3 + j] - t.moved.bits.values[at], 1e-12);
      EXPECT_LT(t.moved.low.values[at], t.moved.own_ahead.values[at]);
      EXPECT_GT(t.moved.high.values[at], t.moved.own_ahead.values[at]);
      EXPECT_GT(t.moved.cc.values[j * 3 + j], t.moved.cc.values[at]);  // layouts differ
    }
  // The diagonal is what score says.
  const RunInfo info = read_run(folder_ / "white");
  const RunScore score = score_run(folder_ / "white", info, open_run_recording(info));
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(t.moved.cc.values[i * 4], score.cells[i].network.cc, 1e-5);
    EXPECT_NEAR(t.moved.bits.values[i * 4], score.cells[i].network.bits_per_spike, 1e-4);
  }
  const auto json = nlohmann::json::parse(to_json(t));
  EXPECT_EQ(json["kind"], "cells");
  EXPECT_TRUE(json["moved"]["p"][0][0].is_null());
  EXPECT_NE(picture(t).find("<svg xmlns"), std::string::npos);
}

/// A circuit somewhere on a larger grid.
Circuit placed(const Circuit& circuit, std::int64_t side, std::int64_t y0, std::int64_t x0) {
  Circuit larger = circuit;
  const std::int64_t n = circuit.subunits(), rows = circuit.spatial.shape[1], columns = circuit.spatial.shape[2];
  larger.spatial = NdArray<float>({n, side, side});
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t y = 0; y < rows; ++y)
      for (std::int64_t x = 0; x < columns; ++x)
        larger.spatial.row(i)[static_cast<std::size_t>((y + y0) * side + x + x0)] =
            circuit.spatial.row(i)[static_cast<std::size_t>(y * columns + x)];
  return larger;
}

TEST_F(Transfer, OfCellsMovesTheWindowToWhereTheOtherCellIs) {
  // The same circuit in two places: a model moved there is as good as the cell's own; where it was it sees nothing.
  constexpr std::int64_t kSide = 48, kFrames = 9000;
  CellRecipe recipe;
  recipe.seed = 112;
  const Circuit circuit = make_circuit(recipe);
  Recording recording;
  recording.recipe = WhiteNoiseRecipe{NoiseValues::binary, 5, {1, kSide, kSide}, 1};
  recording.stimulus = make_stimulus(*recording.recipe);
  recording.frame_rate = 30;
  recording.names = {"one", "other"};
  recording.segments = {{0, kFrames, 0, 0, -1}};
  recording.counts = NdArray<std::int32_t>({2, kFrames});
  for (std::int64_t cell = 0; cell < 2; ++cell) {
    const Circuit there = placed(circuit, kSide, cell == 0 ? 4 : 27, cell == 0 ? 5 : 26);
    const auto rate = circuit_rate(there, *recording.stimulus, 19, kFrames);
    for (std::size_t t = 0; t < rate.size(); ++t)
      recording.counts.row(cell)[t + 19] =
          static_cast<std::int32_t>(draw_count(there, CounterRandom(3, static_cast<std::uint64_t>(cell)), t, rate[t]));
    recording.truth.push_back(there);
  }
  write_recording(folder_ / "two.h5", recording);
  FitRequest fit;
  fit.recording = folder_ / "two.h5";
  fit.run = folder_ / "two";
  fit.settings.train.passes = 12;
  fit.settings.train.starts = 1;
  fit_recording(fit, {});
  const CellTransfer t = between_cells("two", 0.2);
  for (const std::size_t at : {1u, 2u}) {
    const double own = t.moved.cc.values[at == 1 ? 3 : 0];
    EXPECT_GT(own, 0.2);
    EXPECT_GT(t.moved.cc.values[at], 0.85 * own);
    EXPECT_LT(std::abs(t.in_place.cc.values[at]), 0.08);
    EXPECT_LT(t.in_place.p.values[at], 0.05);
  }
}

TEST_F(Transfer, OfCellsWithoutARefitLeavesOutputsAlone) {
  make("white", Shown::white);
  const CellTransfer with = between_cells("white", 0.3), without = between_cells("white", 0);
  EXPECT_EQ(without.refit_frames, 0);
  EXPECT_EQ(with.moved.cc.values[0], without.moved.cc.values[0]);  // own models never change
  EXPECT_NE(with.moved.bits.values[1], without.moved.bits.values[1]);
}

TEST_F(Transfer, OfCellsNeedsSeveralAndATestBlock) {
  make("white", Shown::white, 4000);
  RunInfo info = read_run(folder_ / "white");
  const Recording recording = open_run_recording(info);
  const auto refused = [&](const RunInfo& of, double refit, ErrorKind kind, const std::vector<std::string>& words) {
    CellTransferOptions options;
    options.refit = refit;
    expect_error(kind, words, [&] { transfer_between_cells(folder_ / "white", of, recording, options); });
  };
  refused(info, -1, ErrorKind::usage, {"refit is -1"});
  RunInfo one = info, untested = info;
  one.cells = {0};
  untested.test.frames = 0;
  refused(one, 0.1, ErrorKind::data, {"1 cells with a fitted network"});
  refused(untested, 0.1, ErrorKind::data, {"no test block"});
}

TEST_F(Transfer, OfStimuliScoresEveryRunOnEveryRecording) {
  make("white", Shown::white);
  make("leaves", Shown::dead_leaves);
  const StimulusTransfer t = between_stimuli(true);
  EXPECT_EQ(t.runs, (std::vector<std::string>{"white", "leaves"}));
  EXPECT_EQ(t.targets, (std::vector<std::string>{"white.h5", "leaves.h5"}));
  EXPECT_EQ(t.scored_on, (std::vector<std::string>{"test block", "test block"}));
  ASSERT_EQ(t.cells.size(), 3u);
  const RunInfo info = read_run(folder_ / "leaves");
  const RunScore own = score_run(folder_ / "leaves", info, open_run_recording(info));
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& scores = t.cells[i].scores;
    EXPECT_EQ(scores[1][1].network.cc, own.cells[i].network.cc);
    EXPECT_FALSE(scores[1][1].own_ahead.has_value());
    EXPECT_NEAR(*scores[0][1].own_ahead, scores[1][1].network.bits_per_spike - scores[0][1].network.bits_per_spike,
                1e-12);
    EXPECT_GT(*scores[0][1].network.true_rate_cc, 0.7);  // carried over from white noise
    ASSERT_EQ(t.cells[i].curves.size(), 2u);
    const auto& points = t.cells[i].curves[0].points;
    ASSERT_EQ(points.size(), 7u);
    EXPECT_EQ(points[0].tuned, Tuned::nothing);
    EXPECT_EQ(points[0].score.cc, scores[0][1].network.cc);
    EXPECT_NE(points[1].error, "");  // a thousandth of the frames cannot be split
    EXPECT_EQ(points[4].error, "");
    EXPECT_EQ(points[4].share, 0.2);
    EXPECT_GT(points[4].spikes, 0);
  }
  const auto json = nlohmann::json::parse(to_json(t));
  EXPECT_EQ(json["mean"].size(), 4u);
  EXPECT_EQ(json["cells"][0]["fine_tuning"][0]["points"].size(), 7u);
  EXPECT_NE(picture(t, 0, 1).find("from nothing"), std::string::npos);
}

}  // namespace
}  // namespace plexiform
