// Transfers between cells: which model is whose, and what each number means.
#include "plexiform/transfer/cell_transfer.hpp"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>
#include <mutex>
#include <set>

#include "base/expect_error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/cell/circuit_rate.hpp"
#include "plexiform/cell/counts.hpp"
#include "plexiform/evaluate/score_cell.hpp"
#include "transfer/small_models.hpp"

namespace plexiform {
namespace {

using testing::expect_error;
using testing::small_models;

CellTransfer between_cells(const FittedModels& of, double refit, const Context& context = {.threads = 1},
                           const TransferHooks& hooks = {}) {
  return transfer_between_cells(of.fits, of.recording, make_split(of.recording, of.split), {.refit = refit}, 0, context,
                                hooks);
}

TEST(CellTransfer, PutsEachModelOnEachCell) {
  const FittedModels& models = small_models(Shown::white);
  const CellTransfer t = between_cells(models, 0.1), same = between_cells(models, 0.1, {.threads = 3});
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
}

TEST(CellTransfer, OfListsOfSubunitsScoresOwnOnesAsScoreDoesOnAnyNumberOfThreads) {
  const FittedModels& models = testing::small_subunits(Shown::white);
  const CellTransfer t = between_cells(models, 0.1), same = between_cells(models, 0.1, {.threads = 3});
  EXPECT_EQ(t.moved.cc.values, same.moved.cc.values);
  const Split split = make_split(models.recording, models.split);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto frames = frames_of(models.recording, models.fits[i].cell, split.test());
    const CellScore score = score_cell(models.fits[i], models.recording, frames, 0, {.threads = 1});
    EXPECT_NEAR(t.moved.cc.values[i * 4], score.network.cc, 1e-6);
    for (std::size_t j = 0; j < 3; ++j)
      if (i != j) {
        EXPECT_GT(t.moved.cc.values[j * 4], t.moved.cc.values[i * 3 + j]);
      }
  }
}

TEST(CellTransfer, RefusesNetworksBesideListsOfSubunits) {
  FittedModels models = small_models(Shown::white);
  models.fits[1] = testing::small_subunits(Shown::white).fits[1];
  expect_error(ErrorKind::data, {"some models are networks"}, [&] { between_cells(models, 0); });
}

TEST(CellTransfer, ScoresOwnModelsAsScoreDoes) {
  const FittedModels& models = small_models(Shown::white);
  const CellTransfer t = between_cells(models, 0);
  const Split split = make_split(models.recording, models.split);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto frames = frames_of(models.recording, models.fits[i].cell, split.test());
    const CellScore score = score_cell(models.fits[i], models.recording, frames, 0, {.threads = 1});
    EXPECT_NEAR(t.moved.cc.values[i * 4], score.network.cc, 1e-5);
    EXPECT_NEAR(t.moved.bits.values[i * 4], score.network.bits_per_spike, 1e-4);
    EXPECT_EQ(t.spikes[i], score.n_spikes);
  }
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

TEST(CellTransfer, MovesTheWindowToWhereTheOtherCellIs) {
  // The same circuit in two places: a model moved there is as good as the cell's own; where it was it sees nothing.
  constexpr std::int64_t kSide = 48, kFrames = 9000;
  CellRecipe recipe;
  recipe.seed = 112;
  const Circuit circuit = make_circuit(recipe);
  FittedModels models;
  Recording& recording = models.recording;
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
  models.settings.train.passes = 12;
  models.settings.train.starts = 1;
  const Split split = make_split(recording, models.split);
  for (std::int64_t cell = 0; cell < 2; ++cell)
    models.fits.push_back(fit_cell(recording, cell, split, models.settings, 0, {.threads = 2}));
  const CellTransfer t = between_cells(models, 0.2);
  for (const std::size_t at : {1U, 2U}) {
    const double own = t.moved.cc.values[at == 1 ? 3 : 0];
    EXPECT_GT(own, 0.2);
    EXPECT_GT(t.moved.cc.values[at], 0.85 * own);
    EXPECT_LT(std::abs(t.in_place.cc.values[at]), 0.08);
    EXPECT_LT(t.in_place.p.values[at], 0.05);
  }
}

TEST(CellTransfer, WithoutARefitLeavesOutputsAlone) {
  const FittedModels& models = small_models(Shown::white);
  const CellTransfer with = between_cells(models, 0.3), without = between_cells(models, 0);
  EXPECT_EQ(without.refit_frames, 0);
  EXPECT_EQ(with.moved.cc.values[0], without.moved.cc.values[0]);  // own models never change
  EXPECT_NE(with.moved.bits.values[1], without.moved.bits.values[1]);
}

TEST(CellTransfer, TellsOfEachModelOnce) {
  const FittedModels& models = small_models(Shown::white);
  std::mutex mutex;
  std::multiset<std::size_t> begun;
  std::map<std::size_t, TransferFigures> done;
  std::vector<std::string> said;
  const TransferHooks hooks{.begun =
                                [&](std::size_t piece) {
                                  const std::lock_guard lock(mutex);
                                  begun.insert(piece);
                                },
                            .done =
                                [&](std::size_t piece, const TransferFigures& f) {
                                  const std::lock_guard lock(mutex);
                                  done[piece] = f;
                                }};
  const Context context{.threads = 2, .progress = [&](const Progress& p) { said.push_back(p.what); }};
  const CellTransfer t = between_cells(models, 0.1, context, hooks);
  EXPECT_EQ(begun, (std::multiset<std::size_t>{0, 1, 2}));
  EXPECT_EQ(said, std::vector<std::string>{"reading the stimulus"});
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(done.at(i).own, t.moved.bits.values[i * 4]);
    const double others = t.moved.bits.values[i * 3 + (i + 1) % 3] + t.moved.bits.values[i * 3 + (i + 2) % 3];
    EXPECT_NEAR(done.at(i).elsewhere, others / 2, 1e-12);
  }
}

TEST(CellTransfer, LeavesTheCallersThreadsAsTheyWereAndStopsWhenAsked) {
  const FittedModels& models = small_models(Shown::white);
  const int before = at::get_num_threads();
  at::set_num_threads(3);
  between_cells(models, 0);
  EXPECT_EQ(at::get_num_threads(), 3);
  std::stop_source source;
  source.request_stop();
  EXPECT_THROW(between_cells(models, 0, {.threads = 1, .stop = source.get_token()}), Interrupted);
  EXPECT_EQ(at::get_num_threads(), 3);
  at::set_num_threads(before);
}

TEST(CellTransfer, NeedsSeveralCellsAndATestBlock) {
  const FittedModels& models = small_models(Shown::white);
  const auto refused = [&](const FittedModels& of, double refit, ErrorKind kind,
                           const std::vector<std::string>& words) {
    expect_error(kind, words, [&] { between_cells(of, refit); });
  };
  refused(models, -1, ErrorKind::usage, {"refit is -1"});
  refused(models, 1.5, ErrorKind::usage, {"refit is 1.5"});
  FittedModels changed = models;
  changed.fits.resize(1);
  refused(changed, 0.1, ErrorKind::data, {"1 cells with a fitted network"});
  changed = models;
  changed.split.test.frames = 0;
  refused(changed, 0.1, ErrorKind::data, {"no test block"});
  changed = models;
  network_of(changed.fits[1]).settings.lags = 10;
  refused(changed, 0.1, ErrorKind::data, {"cell 0 looks back 20", "cell 1 10"});
  changed = models;
  changed.fits[2].cell = 3;
  refused(changed, 0.1, ErrorKind::data, {"cell 3"});
}

}  // namespace
}  // namespace plexiform
