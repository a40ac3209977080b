#include "plexiform/run/cell_done.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "base/expect_error.hpp"
#include "base/temporary_folder.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/run/layout.hpp"
#include "report/schema.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;
using testing::expect_error;
using testing::TemporaryFolder;

/// A run whose cells 2 and 5 have ended.
class CellDone : public ::testing::Test {
 protected:
  void SetUp() override {
    info_.recording = "/data/rec.h5";
    info_.checksum = "00ff";
    info_.cells = {2, 5};
    create_run(run(), info_);
    for (const auto cell : info_.cells) {
      fs::create_directories(layout::cell(run(), cell));
      write_text_atomically(layout::model(run(), cell), "model of " + std::to_string(cell));
      write_text_atomically(layout::fitted(run(), cell), "arrays of " + std::to_string(cell));
      mark_cell_done(run(), info_, cell);
    }
  }
  fs::path run() const { return folder_ / "run"; }
  void expect_refused(ErrorKind kind, const std::vector<std::string>& words) const {
    expect_error(kind, words, [&] { require_whole(run(), read_run(run())); });
  }

  TemporaryFolder folder_;
  RunInfo info_;
};

TEST_F(CellDone, ListsWhatTheFitLeft) {
  require_whole(run(), read_run(run()));
  const std::string text = read_text(layout::done(layout::cell(run(), 2)));
  EXPECT_EQ(testing::schema_errors(text, "done.schema.json"), std::vector<std::string>{});
  const auto files = nlohmann::json::parse(text).at("left");
  EXPECT_EQ(files.at("model.pt"), checksum(layout::model(run(), 2)));
  EXPECT_EQ(files.at("fitted.h5"), checksum(layout::fitted(run(), 2)));
}

TEST_F(CellDone, AFileThatIsGoneChangedOrOfAnotherCellIsRefused) {
  for (const auto& file : {layout::model(run(), 2), layout::fitted(run(), 2)}) {
    const std::string whole = read_text(file), name = file.filename().string();
    fs::remove(file);
    expect_refused(ErrorKind::missing, {"cell_2", name, "no such file, though the fit of this cell has ended"});
    write_text_atomically(file, whole.substr(0, 4));
    expect_refused(ErrorKind::damaged, {"cell_2", name, "is not what the fit of this cell left"});
    write_text_atomically(file, whole);
  }
  fs::copy_file(layout::model(run(), 5), layout::model(run(), 2), fs::copy_options::overwrite_existing);
  expect_refused(ErrorKind::damaged, {"cell_2/model.pt", "is not what the fit of this cell left"});
}

TEST_F(CellDone, AWholeFolderOfAnotherCellIsRefused) {
  fs::remove_all(layout::cell(run(), 2));
  fs::copy(layout::cell(run(), 5), layout::cell(run(), 2));
  expect_refused(ErrorKind::damaged, {"cell_2/DONE", "'cell' is 5, expected 2"});
}

TEST_F(CellDone, AnotherConfigThanItWasFittedByIsRefused) {
  const fs::path config = layout::config(run());
  const std::string whole = read_text(config);
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = whole;
    text.replace(text.find(from), from.size(), to);
    write_text_atomically(config, text);
  };
  changed("lags = 20", "lags = 19");
  expect_refused(ErrorKind::damaged, {"config.toml", "is not the one by which a cell was fitted"});
  changed("lags = 20\n", "");  // which would be the default
  expect_refused(ErrorKind::damaged, {"config.toml", "is not the one by which a cell was fitted"});
  // What decides nothing may change: the recording can move.
  changed("'/data/rec.h5'", "'/elsewhere/rec.h5'");
  require_whole(run(), read_run(run()));
}

TEST_F(CellDone, AnEmptyMarkerIsOneFromBeforeItListedFiles) {
  for (const auto cell : info_.cells) write_text_atomically(layout::done(layout::cell(run(), cell)), "");
  expect_refused(ErrorKind::damaged, {"cell_2/DONE"});
  std::string text = read_text(layout::config(run()));
  text.replace(text.find("version = 2"), 11, "version = 1");
  write_text_atomically(layout::config(run()), text);
  require_whole(run(), read_run(run()));
}

TEST_F(CellDone, NothingIsAskedOfACellThatHasNotEnded) {
  fs::remove(layout::done(layout::cell(run(), 2)));
  fs::remove(layout::model(run(), 2));
  require_whole(run(), read_run(run()));
}

}  // namespace
}  // namespace plexiform
