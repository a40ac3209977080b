#include "plexiform/run/watch.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "base/expect_error.hpp"
#include "base/temporary_folder.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/run/layout.hpp"

namespace plexiform {
namespace {

using testing::expect_error;
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

TEST(Watch, TellsTheStateOfEachCell) {
  const TemporaryFolder folder;
  make_run(folder);
  const Watched watched = read_watched(folder / "");
  ASSERT_EQ(watched.pieces.size(), 5U);
  using enum PieceState;
  const PieceState states[] = {done, failed, running, waiting, waiting};
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(watched.pieces[i].record.state, states[i]) << i;
  EXPECT_EQ(watched.pieces[2].passes, 3);
  EXPECT_EQ(watched.pieces[2].network, 0.25);
  EXPECT_EQ(watched.pieces[2].ln, 0.75);
  EXPECT_DOUBLE_EQ(rate_of(watched.work), 0.05);  // from 0.3 to 0.5 of 5 cells in 20 s
}

TEST(Watch, ARunEndsWithItsMarker) {
  const TemporaryFolder folder;
  make_run(folder);
  put(folder / "DONE", "");
  for (const auto& piece : read_watched(folder / "").pieces)
    put(layout::cell(folder / "", *piece.record.piece.cell) / "DONE", "");
  const Watched watched = read_watched(folder / "");
  EXPECT_EQ(watched.work.state, WorkState::ended);
  EXPECT_EQ(watched.work.totals.whole, 1);
  // Until the folder of a cell is removed, so that it is fitted again.
  const Piece& first = watched.pieces[0].record.piece;
  std::filesystem::remove_all(layout::cell(folder / "", *first.cell));
  const Watched again = read_watched(folder / "");
  EXPECT_NE(again.work.state, WorkState::ended);
  EXPECT_EQ(again.pieces[0].record.state, PieceState::waiting);
}

TEST(Watch, AWorkWhoseProcessIsGoneWasKilled) {
  const TemporaryFolder folder;
  const auto log = [&](std::int64_t process, const std::string& machine) {
    put(folder / "metrics.jsonl", R"({"event":"started","at":100,"work":"study","unit":"fit","pieces":2,"process":)" +
                                      std::to_string(process) + R"(,"machine":")" + machine + "\"}\n" +
                                      R"({"event":"begun","at":101,"cell":0})"
                                      "\n");
    return read_watched(folder / "");
  };
  char machine[256] = {};
  ASSERT_EQ(::gethostname(machine, sizeof machine - 1), 0);
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);

  EXPECT_EQ(log(::getpid(), machine).work.state, WorkState::running);
  EXPECT_EQ(log(child, "elsewhere").work.state, WorkState::running) << "nothing is known of another machine";
  const Watched gone = log(child, machine);
  EXPECT_EQ(gone.work.state, WorkState::interrupted);
  EXPECT_EQ(gone.pieces.at(0).record.state, PieceState::interrupted);
  EXPECT_EQ(gone.work.cause, Cause{EndedBy::killed});
  EXPECT_EQ(gone.work.error, "its process no longer runs");
}

TEST(Watch, ARunWithoutALogIsKnownByItsMarkers) {
  const TemporaryFolder folder;
  make_run(folder);
  std::filesystem::remove(folder / "metrics.jsonl");
  const Watched watched = read_watched(folder / "");
  EXPECT_EQ(watched.work.state, WorkState::waiting);
  EXPECT_EQ(watched.work.totals.finished, 2);
}

TEST(Watch, AnotherWorkIsKnownByItsLog) {
  const TemporaryFolder folder;
  put(folder / "metrics.jsonl", R"({"event":"started","at":100,"work":"compare","unit":"model","pieces":6})"
                                "\n"
                                R"({"event":"begun","at":100,"cell":0,"name":"a","method":"cnn"})"
                                "\n"
                                R"({"event":"interrupted","at":104,"cause":"damaged","error":"cut off"})"
                                "\n");
  const Watched watched = read_watched(folder / "");
  EXPECT_FALSE(watched.is_run);
  EXPECT_EQ(watched.work.cause, (Cause{EndedBy::error, ErrorKind::damaged}));
  ASSERT_EQ(watched.pieces.size(), 1U);
  EXPECT_EQ(watched.pieces[0].record.state, PieceState::interrupted);
}

TEST(Watch, WhatCannotBeWatchedIsRefused) {
  const TemporaryFolder folder;
  const auto refused = [&](ErrorKind kind, const std::vector<std::string>& words) {
    expect_error(kind, words, [&] { read_watched(folder / ""); });
  };
  expect_error(ErrorKind::missing, {"none", "no such folder"}, [&] { read_watched(folder / "none"); });
  refused(ErrorKind::missing, {"nothing to watch", "not a run"});
  put(folder / "config.toml", "filters = = 1\n");
  refused(ErrorKind::damaged, {"config.toml", "line 1: is not TOML"});
  put(folder / "config.toml", "filters = 1\n");
  refused(ErrorKind::damaged, {"config.toml", "the [run] table is missing"});
  put(folder / "config.toml", "[run]\nrecording = 'a'\nchecksum = 'b'\nseed = 0\nthreads = 1\ncells = [-1]\n");
  refused(ErrorKind::damaged, {"config.toml", "cells contains an invalid row"});
}

}  // namespace
}  // namespace plexiform
