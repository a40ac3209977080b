#include "plexiform/run/run.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "base/expect_error.hpp"
#include "base/temporary_folder.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/run/cell_done.hpp"
#include "plexiform/run/layout.hpp"
#include "plexiform/settings/settings.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;
using testing::expect_error;
using testing::TemporaryFolder;

RunInfo some_run() {
  RunInfo info;
  set_assignment(info.settings, "filters=4");
  info.recording = "/data/rec.h5";
  info.checksum = "00ff";
  info.seed = 7;
  info.threads = 3;
  info.test.part = 2;
  info.test.parts = 6;
  info.cells = {2, 5};
  info.names = {{2, "off \"2\""}};
  info.geometry = Geometry{{3, 16, 20}, 29.5, 7.5};
  return info;
}

void change(const fs::path& run, const std::string& from, const std::string& to) {
  std::string text = read_text(layout::config(run));
  const auto at = text.find(from);
  ASSERT_NE(at, std::string::npos) << from;
  write_text_atomically(layout::config(run), text.replace(at, from.size(), to));
}

TEST(Run, ItsConfigComesBackWithAllItsFields) {
  const TemporaryFolder folder;
  RunInfo info = some_run();
  create_run(folder / "run", info);
  RunInfo back = read_run(folder / "run");
  EXPECT_EQ(to_toml(back.settings), to_toml(info.settings));
  EXPECT_EQ(back.recording, info.recording);
  EXPECT_EQ(back.checksum, info.checksum);
  EXPECT_EQ(back.seed, 7U);
  EXPECT_EQ(back.threads, 3);
  EXPECT_EQ(back.test.part, 2);
  EXPECT_EQ(back.test.parts, 6);
  EXPECT_EQ(back.cells, info.cells);
  EXPECT_EQ(back.names, info.names);
  ASSERT_TRUE(back.geometry);
  EXPECT_TRUE(same_geometry(*back.geometry, *info.geometry));
  EXPECT_EQ(back.version, artefacts::config.version);
  info.test = {};
  info.test.frames = 700;
  create_run(folder / "other", info);
  EXPECT_EQ(read_run(folder / "other").test.frames, 700);
}

TEST(Run, ANewerVersionAnotherKindOrAHalfWrittenConfigIsRefused) {
  const auto refused = [](const std::vector<std::string>& words, const std::string& from, const std::string& to) {
    const TemporaryFolder folder;
    create_run(folder / "run", some_run());
    change(folder / "run", from, to);
    std::vector<std::string> all = words;
    all.push_back("config.toml");
    expect_error(ErrorKind::damaged, all, [&] { read_run(folder / "run"); });
  };
  // Its settings are not looked at: they may have other names there.
  refused({"found version 3", "expected plexiform-run of version 1 to 2"}, "version = 2\n",
          "version = 3\nfilterz = 3\n");
  refused({"'plexiform-recipe'"}, "plexiform-run", "plexiform-recipe");
  refused({"found no version"}, "version = 2\n", "");
  refused({"unknown setting 'filterz'", "did you mean 'filters'"}, "\nfilters", "\nfilterz");
  refused({"'filters' is 'many'"}, "filters = 4", "filters = 'many'");
  refused({"the [run] table is missing"}, "[run]", "[walk]");
  for (const char* key : {"checksum", "recording", "seed", "threads"})
    refused({key, "missing"}, std::string("\n") + key + " =", "\nother_" + std::string(key) + " =");
  refused({"list of cells"}, "\ncells", "\ncellz");
  refused({"not TOML"}, "lags = ", "lags = = ");
  refused({"1 names for 2 cells", "one each"}, "names = [ 'off \"2\"', '' ]", "names = [ 'a' ]");
  refused({"a name is not a text"}, "names = [ 'off \"2\"', '' ]", "names = [ 'a', 3 ]");
  refused({"frame_rate is not a number above 0"}, "frame_rate = 29.5", "frame_rate = nan");
  refused({"frame_rate is not a number above 0"}, "frame_rate = 29.5", "frame_rate = -3.0");
  refused({"pixel_um is not a number above 0"}, "pixel_um = 7.5", "pixel_um = 0.0");
  refused({"grid is not that of a movie"}, "grid = [ 3, 16, 20 ]", "grid = [ 3, 16 ]");
}

TEST(Run, FromBeforeVersionsIsRead) {
  const TemporaryFolder folder;
  create_run(folder / "run", some_run());
  change(folder / "run", "format = \"plexiform-run\"\nversion = 2\n", "");
  const RunInfo info = read_run(folder / "run");
  EXPECT_EQ(info.version, 0);
  EXPECT_EQ(home_of(folder / "run", info).age, Age::any);
}

TEST(Run, AFolderThatIsNotARunIsNamed) {
  const TemporaryFolder folder;
  expect_error(ErrorKind::missing, {"not a run directory", "holds no config.toml"}, [&] { read_run(folder / ""); });
  expect_error(ErrorKind::missing, {"nowhere", "no such folder"}, [&] { read_run(folder / "nowhere"); });
}

TEST(Run, ItsOriginHasTheModelsThatAreThere) {
  const TemporaryFolder folder;
  create_run(folder / "run", some_run());
  fs::create_directories(cell_folder(folder / "run", 5));
  write_text_atomically(layout::model(folder / "run", 5), "model");
  const RunInfo info = read_run(folder / "run");
  const Origin origin = origin_of(folder / "run", info);
  EXPECT_EQ(origin.recording, "00ff");
  ASSERT_EQ(origin.models.size(), 1U);
  EXPECT_EQ(origin.models.at(5), checksum(layout::model(folder / "run", 5)));
  // Files in it must be of that model only once its fit has ended: before, it changes.
  EXPECT_EQ(home_of(folder / "run", info).origin.models.size(), 0U);
  mark_cell_done(folder / "run", info, 5);
  EXPECT_EQ(home_of(folder / "run", info).origin.models, origin.models);
}

TEST(Run, TheSumOfItsConfigIsOfWhatDecidesItsResults) {
  const TemporaryFolder folder;
  create_run(folder / "run", some_run());
  const std::string sum = config_sum(folder / "run");
  change(folder / "run", "'/data/rec.h5'", "'/elsewhere/rec.h5'");
  change(folder / "run", "threads = 3", "threads = 2");
  EXPECT_EQ(config_sum(folder / "run"), sum);
  change(folder / "run", "seed = 7", "seed = 8");
  EXPECT_NE(config_sum(folder / "run"), sum);
}

TEST(Run, IsNotMadeInTheOneThatIsThere) {
  const TemporaryFolder folder;
  create_run(folder / "run", some_run());
  expect_error(ErrorKind::usage, {"run: exists already"}, [&] { create_run(folder / "run", some_run()); });
}

}  // namespace
}  // namespace plexiform
