// One cell's fit from plain data: what is refused, and that its parts are the same alone.
#include "plexiform/fit/fit_cell.hpp"

#include <gtest/gtest.h>

#include "base/expect_error.hpp"
#include "cell/model_cell.hpp"
#include "fit/small_recording.hpp"
#include "stimulus/watched_stimulus.hpp"

namespace plexiform {
namespace {

using testing::expect_error;

Settings quick(std::int64_t lags = 20) {
  Settings settings;
  settings.model.lags = lags;
  settings.train.passes = 2;
  settings.train.starts = 1;
  return settings;
}

TEST(FitCell, TheLnModelAloneIsThatBesideTheNetwork) {
  const Recording recording = testing::model_cell(3000);
  const CellData data = cell_data(recording, 0, make_split(recording, {}), quick(), {});
  for (const std::uint64_t seed : {1U, 2U}) {
    const CellFit fit = fit_cell(data, quick(), seed, {.threads = 2});
    const LnFit ln = fit_ln(data, quick(), seed, {.threads = 1});
    EXPECT_EQ(ln.validation_loss, fit.ln_validation_loss);
    EXPECT_EQ(ln.strength, fit.ln_strength);
    const auto alone = parameters(ln.network), beside = parameters(fit.ln);
    ASSERT_EQ(alone.size(), beside.size());
    for (std::size_t i = 0; i < alone.size(); ++i) {
      if (!alone[i].second->defined()) continue;
      EXPECT_TRUE(at::equal(*alone[i].second, *beside[i].second)) << alone[i].first;
    }
  }
}

TEST(FitCell, TellsTheShareOfItsPasses) {
  const Recording recording = testing::model_cell(3000);
  const CellData data = cell_data(recording, 0, make_split(recording, {}), quick(), {});
  std::vector<Progress> told;
  std::vector<double> passed;
  FitHooks hooks;
  hooks.passed = [&](double share, double) { passed.push_back(share); };
  fit_cell(data, quick(), 1, {.threads = 2, .progress = [&](const Progress& p) { told.push_back(p); }}, hooks);
  ASSERT_GE(told.size(), 2U);
  ASSERT_EQ(told.size(), passed.size()) << "hooks are told the same";
  for (std::size_t i = 0; i < told.size(); ++i) {
    EXPECT_EQ(told[i].what, "fit");
    EXPECT_EQ(told[i].done, passed[i]);
    EXPECT_EQ(told[i].total, 1);
    EXPECT_GE(told[i].done, i > 0 ? told[i - 1].done : 0);
    EXPECT_TRUE(told[i].figures.starts_with("validation ")) << told[i].figures;
  }
  EXPECT_EQ(told.back().done, 1);
}

TEST(FitCell, AStopRequestEndsTheSearchForItsWindow) {
  Recording recording = testing::model_cell(3000);
  const auto watched = std::make_shared<testing::WatchedStimulus>(recording.stimulus, 1);
  recording.stimulus = watched;
  EXPECT_THROW(fit_cell(recording, 0, make_split(recording, {}), quick(), 1, {1, watched->token()}), Interrupted);
  EXPECT_EQ(watched->reads(), 1);
}

TEST(FitCell, DataOfOtherLagsAreRefused) {
  const Recording recording = testing::model_cell(3000);
  const CellData data = cell_data(recording, 0, make_split(recording, {}), quick(20), {});
  for (const std::int64_t lags : {10, 19})
    expect_error(ErrorKind::usage, {"20 lags", std::to_string(lags)}, [&] { fit_cell(data, quick(lags), 1); });
  expect_error(ErrorKind::usage, {"20 lags", "15"}, [&] { fit_ln(data, quick(15), 1); });
}

TEST(FitCell, NoModelLooksBackFurtherThanTheSplitAllows) {
  const Recording recording = testing::model_cell(3000);
  SplitSettings how;
  how.lags = 10;
  const Split split = make_split(recording, how);
  expect_error(ErrorKind::usage, {"11 lags", "made for 10"}, [&] { cell_data(recording, 0, split, quick(11), {}); });
  EXPECT_NO_THROW(cell_data(recording, 0, split, quick(10), {}));
}

TEST(FitCell, AFitBelongsToItsGrid) {
  const Recording recording = testing::model_cell(3000);
  CellFit fit;
  fit.window.window = whole(recording.stimulus->shape());
  network_of(fit).input = {1, 16, 16};
  EXPECT_NO_THROW(require_grid(fit, recording));
  const auto refused = [&](const std::string& word, auto change) {
    CellFit other = fit;
    change(other);
    expect_error(ErrorKind::data, {word}, [&] { require_grid(other, recording); });
  };
  refused("cell 1: the recording has no such cell", [](CellFit& f) { f.cell = 1; });
  refused("cell -1: the recording has no such cell", [](CellFit& f) { f.cell = -1; });
  refused("outside the stimulus", [](CellFit& f) { f.window.window.x = 1; });
  refused("outside the stimulus", [](CellFit& f) { f.window.window.y = -1; });
  refused("3 channels", [](CellFit& f) { network_of(f).input.channels = 3; });
}

TEST(FitCell, ACellWithoutSpikesIsNamedInItsPlace) {
  Recording recording = testing::model_cell(3000);
  std::ranges::fill(recording.counts.values, 0);
  try {
    cell_data(recording, 0, make_split(recording, {}), quick(), {});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::data);
    EXPECT_EQ(error.place().cell, 0);
    EXPECT_EQ(std::string(error.what()).rfind("cell 0 has no spikes in the ", 0), 0U) << error.what();
  }
}

}  // namespace
}  // namespace plexiform
