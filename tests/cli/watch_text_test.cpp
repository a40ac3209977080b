#include "watch_text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <fstream>

#include "base/temporary_folder.hpp"
#include "exit_code.hpp"

namespace plexiform {
namespace {

using testing::TemporaryFolder;

void put(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

/// A run of five cells: done, failed, being fitted, waiting, waiting.
void make_run(const TemporaryFolder& folder) {
  put(folder / "config.toml",
      "filters = 1\n[run]\nrecording = '/rec.h5'\nchecksum = '00'\nseed = 0\nthreads = 1\n"
      "cells = [0, 1, 2, 3, 4]\nnames = ['a', 'b', 'c', 'd', \"e\\u001b[2J\"]\n");
  put(folder / "metrics.jsonl",
      R"({"event":"started","at":100,"work":"fit","unit":"cell","pieces":5,"finished":0,"whole":0.3})"
      "\n"
      R"({"event":"begun","at":100,"cell":0,"name":"a"})"
      "\n"
      R"({"event":"failed","at":105,"cell":1,"name":"b","seconds":0,"error":"no spikes"})"
      "\n"
      R"({"event":"done","at":110,"cell":0,"name":"a","seconds":10,"finished":2,"whole":0.4})"
      "\n"
      R"({"event":"begun","at":110,"cell":2,"name":"c"})"
      "\n"
      R"({"event":"moved","at":120,"cell":2,"name":"c","share":0.5,"finished":2,"whole":0.5})"
      "\n"
      R"({"event":"moved","at":12)");
  put(folder / "cell_0/DONE", "");
  put(folder / "cell_1/error.txt", "no spikes");
  put(folder / "cell_2/metrics.jsonl", R"({"fit":"start0","pass":1,"validation_loss":0.5})"
                                       "\n"
                                       R"({"fit":"start0","pass":2,"validation_loss":0.25})"
                                       "\n"
                                       R"({"fit":"ln0","pass":1,"validation_loss":0.75})"
                                       "\n"
                                       R"({"fit":"ln0","pass":2,"val)");
}

TEST(Watch, SaysHowFarAWorkIs) {
  const TemporaryFolder folder;
  make_run(folder);
  const Watched watched = read_watched(folder / "");
  EXPECT_EQ(exit_code(watched), 4);
  const std::string line = summary(watched, 121);
  EXPECT_EQ(line.substr(0, line.find(", last update")), "fit: 2 of 5 cells, 50 %, 3.0 cells/min, about 50 s left");
}

TEST(Watch, ATableHoldsAsManyLinesAsThereIsRoomFor) {
  const TemporaryFolder folder;
  make_run(folder);
  const Watched watched = read_watched(folder / "");
  EXPECT_EQ(table(watched, 121, 0, 0).size(), 6U);
  EXPECT_EQ(table(watched, 121, 6, 0).size(), 6U);
  const auto few = table(watched, 121, 4, 0);
  ASSERT_EQ(few.size(), 4U);
  EXPECT_NE(few[1].find("cell 2 (c)"), std::string::npos) << few[1];  // being fitted comes first
  EXPECT_NE(few[2].find("no spikes"), std::string::npos) << few[2];
  EXPECT_EQ(few[3], "  3 not shown: 2 waiting, 1 done");
  for (const auto& line : table(watched, 121, 0, 30)) EXPECT_LE(line.size(), 30U);
}

TEST(Watch, ATerminalNeverGetsControlCharacters) {
  const TemporaryFolder folder;
  make_run(folder);
  put(folder / "cell_1/error.txt", "\x1b]0;title\x07");
  const Watched watched = read_watched(folder / "");
  std::string all = summary(watched, 121);
  for (const auto& line : table(watched, 121, 0, 0)) all += line;
  for (const auto& piece : watched.pieces) all += news_of(piece, 121);
  EXPECT_TRUE(std::ranges::none_of(all, [](char c) { return static_cast<unsigned char>(c) < 0x20; }));
  EXPECT_NE(all.find("e?[2J"), std::string::npos);
}

TEST(Watch, ARunEndsWithItsMarker) {
  const TemporaryFolder folder;
  make_run(folder);
  put(folder / "DONE", "");
  for (const auto& piece : read_watched(folder / "").pieces)
    put(folder / ("cell_" + std::to_string(*piece.record.piece.cell)) / "DONE", "");
  const Watched watched = read_watched(folder / "");
  EXPECT_EQ(watched.work.state, WorkState::ended);
  EXPECT_EQ(summary(watched, 121), "fit: 5 of 5 cells, 100 %, ended");
}

TEST(Watch, ARunWithoutALogIsKnownByItsMarkers) {
  const TemporaryFolder folder;
  make_run(folder);
  std::filesystem::remove(folder / "metrics.jsonl");
  const Watched watched = read_watched(folder / "");
  EXPECT_EQ(watched.work.state, WorkState::waiting);
  EXPECT_EQ(summary(watched, 121), "fit: 2 of 5 cells, 40 %, waiting");
}

TEST(Watch, AnotherWorkIsKnownByItsLog) {
  const TemporaryFolder folder;
  put(folder / "metrics.jsonl", R"({"event":"started","at":100,"work":"compare","unit":"model","pieces":6})"
                                "\n"
                                R"({"event":"begun","at":100,"cell":0,"name":"a","method":"cnn"})"
                                "\n"
                                R"({"event":"interrupted","at":104,"exit":3,"error":"no\u001b space left"})"
                                "\n");
  const Watched watched = read_watched(folder / "");
  EXPECT_EQ(exit_code(watched), 3);
  EXPECT_EQ(summary(watched, 121), "compare: 0 of 6 models, 0 %, interrupted: no? space left");
  const auto lines = table(watched, 121, 0, 0);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[1].find("  cell 0 (a), cnn  interrupted"), 0U) << lines[1];
}

TEST(Watch, EndsAsTheWorkDid) {
  Watched watched;
  watched.work.state = WorkState::interrupted;
  const auto code = [&](std::optional<Cause> cause) {
    watched.work.cause = cause;
    return exit_code(watched);
  };
  EXPECT_EQ(code(Cause{EndedBy::person}), 130);
  EXPECT_EQ(code(Cause{EndedBy::error, ErrorKind::damaged}), 3);
  EXPECT_EQ(code(Cause{EndedBy::error, ErrorKind::numeric}), 5);
  EXPECT_EQ(code(Cause{EndedBy::internal}), 1);
  EXPECT_EQ(code(Cause{EndedBy::killed}), 128 + SIGKILL);
  EXPECT_EQ(code({}), 1) << "not known";
}

}  // namespace
}  // namespace plexiform
