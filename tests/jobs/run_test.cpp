#include "plexiform/run/run.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <numbers>

#include "base/expect_error.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/cell/presets.hpp"
#include "plexiform/formats/recording_file.hpp"
#include "plexiform/jobs/fit_recording.hpp"
#include "plexiform/jobs/kept_cell.hpp"
#include "plexiform/jobs/model_file.hpp"
#include "plexiform/jobs/reveal_run.hpp"
#include "plexiform/jobs/score_run.hpp"
#include "plexiform/recording/chunks.hpp"
#include "plexiform/run/lock.hpp"
#include "plexiform/run/score_json.hpp"
#include "plexiform/run/subunits_json.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;

class Run : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("plexiform_run_test_" + std::to_string(::getpid()));
    fs::create_directories(folder_);
    CellRecipe recipe;
    recipe.seed = 112;
    recipe.frames = 5000;
    write_recording(folder_ / "rec.h5", simulate(recipe));
  }
  void TearDown() override { fs::remove_all(folder_); }

  FitRequest request() const {
    FitRequest r;
    r.recording = folder_ / "rec.h5";
    r.run = folder_ / "run";
    r.settings.train.passes = 2;
    r.seed = 9;
    return r;
  }
  fs::path folder_;
};

TEST_F(Run, InfoComesBack) {
  fit_recording(request(), {.threads = 1});
  const RunInfo info = read_run(folder_ / "run");
  EXPECT_EQ(info.seed, 9U);
  EXPECT_EQ(info.threads, 1);
  EXPECT_EQ(info.cells, std::vector<std::int64_t>{0});
  EXPECT_FALSE(info.test.frames.has_value());
  EXPECT_EQ(info.settings.train.passes, 2);
  EXPECT_EQ(info.checksum, checksum(folder_ / "rec.h5"));
  EXPECT_TRUE(is_done(folder_ / "run"));
}

TEST_F(Run, IsNeverOverwritten) {
  fit_recording(request(), {.threads = 1});
  const auto before = read_text(folder_ / "run" / "config.toml");
  EXPECT_THROW(fit_recording(request(), {.threads = 1}), Error);
  EXPECT_EQ(read_text(folder_ / "run" / "config.toml"), before);
}

TEST_F(Run, AChangedRecordingIsRefusedAndAMovedOneIsNamed) {
  fit_recording(request(), {.threads = 1});
  const RunInfo info = read_run(folder_ / "run");
  fs::rename(folder_ / "rec.h5", folder_ / "moved.h5");
  EXPECT_THROW(open_run_recording(info), Error);
  EXPECT_EQ(open_run_recording(info, folder_ / "moved.h5").bins(), 5000);
  std::ofstream(folder_ / "moved.h5", std::ios::app) << "x";
  EXPECT_THROW(open_run_recording(info, folder_ / "moved.h5"), Error);
}

// Replaced at the first word of the fit, when config.toml has the recording's checksum and the movie was not read yet.
TEST_F(Run, ARecordingThatIsReplacedWhileItIsReadIsNotFittedTo) {
  CellRecipe recipe;
  recipe.seed = 113;
  recipe.frames = 5000;
  write_recording(folder_ / "other.h5", simulate(recipe));
  bool replaced = false;
  const auto replace = [&](const Progress&) {
    if (replaced || !is_run(folder_ / "run")) return;
    fs::copy_file(folder_ / "other.h5", folder_ / "rec.h5", fs::copy_options::overwrite_existing);
    replaced = true;
  };
  try {
    fit_recording(request(), {.threads = 1, .progress = replace});
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::data);
    EXPECT_NE(std::string(error.what()).find("rec.h5: is not the recording of this run"), std::string::npos)
        << error.what();
  }
  EXPECT_TRUE(replaced);
  EXPECT_FALSE(is_done(cell_folder(folder_ / "run", 0)));
}

TEST_F(Run, ScoresTheTestBlockAndPredictsEveryFrameWithHistory) {
  fit_recording(request(), {.threads = 1});
  const RunInfo info = read_run(folder_ / "run");
  const Recording recording = open_run_recording(info);
  const RunScore score = score_run(folder_ / "run", info, recording, {});
  ASSERT_EQ(score.cells.size(), 1U);
  EXPECT_EQ(score.scored_on, "test block");
  EXPECT_EQ(score.cells[0].error, "");
  EXPECT_EQ(score.cells[0].n_frames, total(run_split(info, recording).test()));
  EXPECT_TRUE(score.cells[0].network.true_rate_cc.has_value());
  const auto rates = predict_run(folder_ / "run", info, recording, {});
  ASSERT_EQ(rates.shape, (std::vector<std::int64_t>{1, 5000}));
  EXPECT_TRUE(std::isnan(rates.values[18]));
  EXPECT_FALSE(std::isnan(rates.values[19]));
  // Likelihoods of blocks add up to what the scores say.
  const CellScore& cell = score.cells[0];
  double frames = 0, spikes = 0, gain = 0;
  for (const auto& block : cell.blocks) {
    frames += static_cast<double>(block.frames);
    spikes += block.spikes;
    gain += block.network - block.ln;
  }
  EXPECT_EQ(frames, static_cast<double>(cell.n_frames));
  EXPECT_EQ(spikes, cell.n_spikes);
  EXPECT_NEAR(gain / spikes / std::numbers::ln2, cell.network.bits_per_spike - cell.ln.bits_per_spike, 1e-9);
  // The scored rates are the predicted ones of the test block.
  const auto test = run_split(info, recording).test();
  EXPECT_NEAR(rates.values[static_cast<std::size_t>(test[0].begin)], score.cells[0].rate[0], 1e-6);
}

TEST_F(Run, IsTestedOnThePartThatWasAskedFor) {
  auto r = request();
  r.test = {.frames = {}, .part = 2, .parts = 5};
  fit_recording(r, {.threads = 1});
  const RunInfo info = read_run(r.run);
  EXPECT_EQ(info.test.part, 2);
  EXPECT_EQ(info.test.parts, 5);
  const auto test = run_split(info, open_run_recording(info)).test();
  ASSERT_EQ(test.size(), 1U);
  EXPECT_EQ(test[0], (Range{1000 + 19, 2000}));
}

TEST_F(Run, ADamagedTestBlockIsRefused) {
  fit_recording(request(), {.threads = 1});
  const fs::path config = folder_ / "run" / "config.toml";
  const std::string whole = read_text(config);
  for (const char* line : {"test_part = \"x\"", "test_part = 3", "test_part = [2]", "test_part = [9, 5]",
                           "test_part = [1, 2]\ntest_frames = 5", "test_frames = \"x\"", "test_frames = -1"}) {
    std::ofstream(config) << whole << line << "\n";
    EXPECT_THROW(read_run(folder_ / "run"), Error) << line;
  }
  std::ofstream(config) << whole << "test_part = [2, 5]\n";
  EXPECT_EQ(read_run(folder_ / "run").test.parts, 5);
}

TEST_F(Run, RemembersWhichNetworksWereTried) {
  auto r = request();
  r.settings.train.starts = 2;
  fit_recording(r, {.threads = 1});
  const CellFit fit = read_model(model_path(r.run, 0), 0);
  ASSERT_EQ(fit.tried.size(), 2U);
  EXPECT_EQ(fit.tried[0].form, "relu, 1 separable filter of 5 x 5 pixels");
  EXPECT_EQ(fit.tried[1].form, "half_squared, 1 separable filter of 5 x 5 pixels");
  EXPECT_NE(fit.tried[0].kept, fit.tried[1].kept);
  EXPECT_EQ(fit.tried[fit.tried[0].kept ? 0 : 1].validation_loss, fit.validation_loss);
}

TEST_F(Run, ACellWithoutSpikesIsReportedAndTheOthersGoOn) {
  Recording recording = read_recording(folder_ / "rec.h5");
  NdArray<std::int32_t> counts({2, recording.bins()});
  std::copy(recording.counts.values.begin(), recording.counts.values.end(), counts.row(1).begin());
  recording.counts = counts;
  recording.names = {"silent", "loud"};
  recording.truth.clear();
  write_recording(folder_ / "two.h5", recording);
  auto r = request();
  r.recording = folder_ / "two.h5";
  const auto outcomes = fit_recording(r, {.threads = 1});
  ASSERT_EQ(outcomes.size(), 2U);
  for (const auto& outcome : outcomes) EXPECT_EQ(outcome.error.empty(), outcome.cell == 1) << outcome.error;
  const auto score = score_run(r.run, read_run(r.run), recording, {});
  EXPECT_NE(score.cells[0].error, "");
  EXPECT_EQ(score.cells[1].error, "");
}

/// A file's bytes.
std::string bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST_F(Run, SeveralCellsGoOnToTheSameBytes) {
  CellRecipe recipe;
  recipe.seed = 112;
  recipe.frames = 5000;
  Recording cells = simulate(recipe);
  NdArray<std::int32_t> counts({3, cells.bins()});
  for (std::int64_t i = 0; i < 3; ++i) {
    std::copy(cells.counts.row(0).begin(), cells.counts.row(0).end(), counts.row(i).begin());
    std::rotate(counts.row(i).begin(), counts.row(i).begin() + i, counts.row(i).end());
  }
  cells.counts = counts;
  cells.names = {"a", "b", "c"};
  cells.truth.clear();
  write_recording(folder_ / "cells.h5", cells);
  FitRequest whole = request(), part = request();
  whole.recording = part.recording = folder_ / "cells.h5";
  part.run = folder_ / "part";
  fit_recording(whole, {.threads = 1});
  std::stop_source stop;
  const auto stop_after_one = [&](const PieceNews& news) {
    if (news.event == PieceEvent::done) stop.request_stop();
  };
  EXPECT_THROW(fit_recording(part, {.threads = 1, .stop = stop.get_token()}, stop_after_one), Interrupted);
  const auto outcomes = resume_run(part.run, std::nullopt, {});
  ASSERT_EQ(outcomes.size(), 3U);
  for (std::int64_t i = 0; i < 3; ++i) {
    EXPECT_EQ(outcomes[static_cast<std::size_t>(i)].cell, i);
    EXPECT_EQ(bytes_of(cell_folder(part.run, i) / "model.pt"), bytes_of(cell_folder(whole.run, i) / "model.pt")) << i;
  }
}

TEST_F(Run, OfADamagedCellNothingIsMadeAndItIsFittedAgainToTheSameBytes) {
  const auto r = request();
  fit_recording(r, {.threads = 1});
  const RunInfo info = read_run(r.run);
  const Recording recording = open_run_recording(info);
  const fs::path model = model_path(r.run, 0);
  const std::string whole = bytes_of(model);
  const auto refused = [&](ErrorKind kind, const std::vector<std::string>& words) {
    const std::vector<std::function<void()>> works = {
        [&] { resume_run(r.run, std::nullopt, {}); }, [&] { score_run(r.run, info, recording, {}); },
        [&] { predict_run(r.run, info, recording, {}); }, [&] { reveal_run(r.run, info, recording, {}, 0); }};
    for (const auto& work : works) testing::expect_error(kind, words, work);
    EXPECT_FALSE(fs::exists(r.run / ".lock"));
  };
  write_text_atomically(model, whole.substr(0, 1000));
  refused(ErrorKind::damaged, {"cell_0/model.pt", "is not what the fit of this cell left"});
  fs::remove(model);
  refused(ErrorKind::missing, {"cell_0/model.pt", "no such file"});
  fs::remove_all(cell_folder(r.run, 0));
  resume_run(r.run, std::nullopt, {});
  EXPECT_EQ(bytes_of(model), whole);
  // The same where the marker listed nothing, as before config.toml had version 2.
  std::string config = read_text(r.run / "config.toml");
  write_text_atomically(r.run / "config.toml", config.replace(config.find("version = 2"), 11, "version = 1"));
  write_text_atomically(cell_folder(r.run, 0) / "DONE", "");
  write_text_atomically(model, whole.substr(0, 1000));
  testing::expect_error(ErrorKind::damaged, {"cell_0/model.pt"}, [&] { resume_run(r.run, std::nullopt, {}); });
}

TEST_F(Run, IsWrittenToByOneAtATime) {
  const auto r = request();
  fit_recording(r, {.threads = 1});
  const RunInfo info = read_run(r.run);
  const FolderLock held(r.run);
  testing::expect_error(ErrorKind::file, {"run: is in use by process"}, [&] { resume_run(r.run, std::nullopt, {}); });
  testing::expect_error(ErrorKind::file, {"run: is in use by process"},
                        [&] { reveal_run(r.run, info, open_run_recording(info), {}, 0); });
}

TEST_F(Run, AQuickRevealDoesNotReplaceAFullOne) {
  const auto r = request();
  fit_recording(r, {.threads = 1});
  const RunInfo info = read_run(r.run);
  const Recording recording = open_run_recording(info);
  CellSubunits full;
  full.cell = 0;
  full.structure.emplace().verdict = Verdict::too_little_data;
  write_subunits(r.run, {"rec.h5", "", 30, {full}}, origin_of(r.run, info));
  const std::string before = bytes_of(r.run / "subunits.json");
  RevealFitSettings quick;
  quick.reveal.quick = true;
  testing::expect_error(ErrorKind::usage, {"subunits.json", "a quick reveal would replace"},
                        [&] { reveal_run(r.run, info, recording, quick, 0); });
  EXPECT_EQ(bytes_of(r.run / "subunits.json"), before);
  write_text_atomically(r.run / "subunits.json", before.substr(0, before.size() / 2));
  testing::expect_error(ErrorKind::damaged, {"subunits.json"}, [&] { reveal_run(r.run, info, recording, quick, 0); });
  // Nor what an interrupted full reveal has kept.
  fs::remove(r.run / "subunits.json");
  keep_revealed(cell_folder(r.run, 0), {full, {}}, "another key");
  testing::expect_error(ErrorKind::usage, {"revealed", "an interrupted reveal with other options"},
                        [&] { reveal_run(r.run, info, recording, quick, 0); });
  forget_revealed(cell_folder(r.run, 0));
  // Of another model it says nothing that is worth keeping.
  write_subunits(r.run, {"rec.h5", "", 30, {full}}, {info.checksum, {{0, "00aa"}}});
  reveal_run(r.run, info, recording, quick, 0);
  // A minimal network is of the model that it was revealed from.
  const RunInfo minimal = read_run(r.run / "minimal");
  ASSERT_FALSE(minimal.cells.empty());
  read_run_model(r.run / "minimal", minimal, 0);
  write_text_atomically(model_path(r.run, 0), bytes_of(model_path(r.run, 0)) + " ");
  testing::expect_error(ErrorKind::damaged, {"minimal/cell_0/model.pt", "revealed from another model"},
                        [&] { read_run_model(r.run / "minimal", minimal, 0); });
}

TEST_F(Run, WithoutATestBlockAModelCellIsScoredOnFreshFrames) {
  auto r = request();
  r.test.frames = 0;
  fit_recording(r, {.threads = 1});
  const auto score = score_run(r.run, read_run(r.run), read_recording(r.recording), {});
  EXPECT_EQ(score.scored_on, "fresh frames");
  EXPECT_EQ(score.cells[0].n_frames, kFreshFrames);
}

}  // namespace
}  // namespace plexiform
