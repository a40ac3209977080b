// Transfers of run folders: what is read, what is refused, what is left behind.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/expect_error.hpp"
#include "base/temporary_folder.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/cell/presets.hpp"
#include "plexiform/formats/recording_file.hpp"
#include "plexiform/jobs/fit_recording.hpp"
#include "plexiform/jobs/transfer_cells.hpp"
#include "plexiform/jobs/transfer_folder.hpp"
#include "plexiform/jobs/transfer_stimuli.hpp"
#include "plexiform/progress/metrics.hpp"
#include "plexiform/run/run.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;
using testing::expect_error;

/// Runs of two cells on two stimuli, fitted once for all tests, and badly.
class TransferFolder : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    made_ = std::make_unique<testing::TemporaryFolder>();
    make("white", Shown::white);
    make("leaves", Shown::dead_leaves);
  }
  static void TearDownTestSuite() { made_.reset(); }

  static void make(const std::string& name, Shown shown) {
    CellRecipe recipe;
    recipe.seed = 111;
    recipe.cells = 2;
    recipe.frames = 4000;
    recipe.show.kind = shown;
    if (shown != Shown::white) recipe.show.contrast = 0.5;
    write_recording(*made_ / (name + ".h5"), simulate(recipe));
    FitRequest fit;
    fit.recording = *made_ / (name + ".h5");
    fit.run = *made_ / name;
    fit.settings.train.passes = 1;
    fit.settings.train.starts = 1;
    fit_recording(fit, {.threads = 2});
  }
  static fs::path run(const std::string& name) { return *made_ / name; }
  /// A copy of a run whose second cell is not finished.
  fs::path half(const std::string& name) const {
    fs::copy(run(name), here_ / "half", fs::copy_options::recursive);
    fs::remove(here_ / "half" / "cell_1" / "DONE");
    return here_ / "half";
  }
  fs::path folder() const { return here_ / "transfer"; }

  static std::unique_ptr<testing::TemporaryFolder> made_;
  testing::TemporaryFolder here_;
};
std::unique_ptr<testing::TemporaryFolder> TransferFolder::made_;

nlohmann::json result_in(const fs::path& folder) {
  return nlohmann::json::parse(read_text(folder / "transfer.json"));
}

TEST_F(TransferFolder, OfCellsHoldsResultPictureAndLog) {
  std::vector<PieceNews> news;
  const CellTransfer t = transfer_cells({.run = run("white"), .folder = folder()}, {.threads = 1},
                                        [&](const PieceNews& n) { news.push_back(n); });
  EXPECT_EQ(t.cells, (std::vector<std::int64_t>{0, 1}));
  const auto json = result_in(folder());
  EXPECT_EQ(json["kind"], "cells");
  EXPECT_EQ(json["moved"]["cc"][0][1].get<double>(), t.moved.cc.values[1]);
  EXPECT_TRUE(json["moved"]["p"][0][0].is_null());
  EXPECT_NE(read_text(folder() / "moved.svg").find("<svg xmlns"), std::string::npos);
  const WorkRecord log = read_metrics(folder() / "metrics.jsonl");
  EXPECT_EQ(log.state, WorkState::ended);
  ASSERT_EQ(log.pieces.size(), 2U);
  EXPECT_NEAR(*figure(log.pieces[1].result, kTestBits), t.moved.bits.values[3], 1e-6);
  EXPECT_NEAR(*figure(log.pieces[0].result, kBitsElsewhere), t.moved.bits.values[1], 1e-6);
  EXPECT_EQ(news.back().event, PieceEvent::done);
}

TEST_F(TransferFolder, OfCellsSaysWhyACellIsOmitted) {
  const fs::path copy = half("white");
  RunInfo info = read_run(copy);
  ASSERT_EQ(info.cells.size(), 2U);
  const FittedCells taken = read_fits(copy, info, open_run_recording(info), Unfinished::taken);
  EXPECT_EQ(taken.fits.size(), 2U);  // the last checkpoint counts
  const FittedCells finished = read_fits(copy, info, open_run_recording(info), Unfinished::left_out);
  ASSERT_EQ(finished.left_out.size(), 1U);
  EXPECT_EQ(finished.left_out[0], (std::pair<std::int64_t, std::string>{1, "its fit was not finished"}));
  set_cell_error(copy / "cell_0", "no spike");
  EXPECT_EQ(read_fits(copy, info, open_run_recording(info), Unfinished::taken).left_out[0].second, "no spike");
  expect_error(ErrorKind::data, {"1 cells with a fitted network"},
               [&] { transfer_cells({.run = copy, .folder = folder()}, {}); });
  EXPECT_FALSE(fs::exists(folder()));
}

TEST_F(TransferFolder, OfStimuliIsKnownByTheLastPartsOfPaths) {
  const StimulusTransfer t = transfer_stimuli(
      {.runs = {run("white"), run("leaves")}, .folder = folder(), .settings = {.shares = {0.5}}}, {.threads = 2});
  EXPECT_EQ(t.runs, (std::vector<std::string>{"white", "leaves"}));
  EXPECT_EQ(t.targets, (std::vector<std::string>{"white.h5", "leaves.h5"}));
  const auto json = result_in(folder());
  EXPECT_EQ(json["kind"], "stimuli");
  EXPECT_EQ(json["mean"].size(), 4U);
  EXPECT_EQ(json["cells"][0]["fine_tuning"][0]["points"].size(), 4U);
  EXPECT_NE(read_text(folder() / "tuned_0_to_1.svg").find("from nothing"), std::string::npos);
  EXPECT_TRUE(fs::exists(folder() / "tuned_1_to_0.svg"));
  EXPECT_EQ(read_metrics(folder() / "metrics.jsonl").pieces.size(), 2U);
}

TEST_F(TransferFolder, OfStimuliOmitsCellsThatWereNotFinished) {
  const fs::path copy = half("leaves");
  const StimulusTransfer t = transfer_stimuli({.runs = {run("white"), copy}, .folder = folder()}, {});
  ASSERT_EQ(t.cells.size(), 1U);
  EXPECT_EQ(t.cells[0].name, "mosaic5 111");
  ASSERT_EQ(t.left_out.size(), 2U);
  EXPECT_EQ(t.left_out[0], "mosaic5 112 (half: its fit was not finished)");
  EXPECT_EQ(t.left_out[1], "mosaic5 112 (not in all recordings)");
}

TEST_F(TransferFolder, OfStimuliRefusesARecordingThatIsThereTwice) {
  const auto refused = [&](const TransferStimuliRequest& request, ErrorKind kind,
                           const std::vector<std::string>& words) {
    expect_error(kind, words, [&] { transfer_stimuli(request, {}); });
    EXPECT_FALSE(fs::exists(folder()));
  };
  fs::copy(run("white.h5"), here_ / "copy.h5");
  refused({.runs = {run("white")}, .to = {here_ / "copy.h5"}, .folder = folder()}, ErrorKind::usage,
          {"copy.h5", "given twice"});
  refused({.runs = {run("white"), run("white")}, .folder = folder()}, ErrorKind::usage, {"white.h5", "given twice"});
  refused({.runs = {run("white")}, .folder = folder()}, ErrorKind::usage, {"nothing to test them on"});
  refused({.runs = {run("white"), run("leaves")}, .recordings = {run("white.h5")}, .folder = folder()},
          ErrorKind::usage, {"1 recordings for 2 runs"});
}

TEST_F(TransferFolder, IsNeverOverwritten) {
  fs::create_directories(folder());
  expect_error(ErrorKind::usage, {"exists already"},
               [&] { transfer_cells({.run = run("white"), .folder = folder()}, {}); });
  expect_error(ErrorKind::usage, {"exists already"}, [&] {
    transfer_stimuli({.runs = {run("white"), run("leaves")}, .folder = folder()}, {});
  });
}

TEST(ShortNames, AreTheLastPartsUnlessTheseAreAlike) {
  EXPECT_EQ(short_names({"a/run", "b/other/"}), (std::vector<std::string>{"run", "other"}));
  EXPECT_EQ(short_names({"a/run", "b/run", "c"}), (std::vector<std::string>{"a/run", "b/run", "c"}));
}

}  // namespace
}  // namespace plexiform
