#include "plexiform/progress/metrics.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <utility>
#include <vector>

#include "base/temporary_folder.hpp"
#include "plexiform/base/file.hpp"

namespace plexiform {
namespace {

using testing::TemporaryFolder;

const WorkTotals kTotals{"study", "fit", 4, 1, 0.375};

TEST(Metrics, ALineComesBack) {
  const TemporaryFolder folder;
  const Piece piece{3, "off \"12\"", "lnln", 0.5, 101};
  append_line(folder / "log", started_line(kTotals, 10));
  append_line(folder / "log", piece_line({PieceEvent::begun, piece}, kTotals, 11));
  append_line(folder / "log", piece_line({PieceEvent::moved, piece, 0.25, {}}, kTotals, 12));
  WorkRecord record = read_metrics(folder / "log");
  EXPECT_EQ(record.state, WorkState::running);
  EXPECT_EQ(record.totals.work, "study");
  EXPECT_EQ(record.totals.unit, "fit");
  EXPECT_EQ(record.totals.pieces, 4);
  EXPECT_EQ(record.totals.finished, 1);
  EXPECT_DOUBLE_EQ(record.totals.whole, 0.375);
  EXPECT_DOUBLE_EQ(record.last_at, 12);
  ASSERT_EQ(record.pieces.size(), 1U);
  EXPECT_EQ(to_string(record.pieces[0].piece), "value 0.5, seed 101, cell 3 (off \"12\"), lnln");
  EXPECT_EQ(record.pieces[0].state, PieceState::running);
  EXPECT_DOUBLE_EQ(record.pieces[0].share, 0.25);
  EXPECT_DOUBLE_EQ(record.pieces[0].begun_at, 11);
  append_line(folder / "log",
              piece_line({PieceEvent::done, piece, 1, {2.5, "", {{"cc", 0.5}}, "5 subunits"}}, kTotals, 14));
  append_line(folder / "log", ended_line(kTotals, 15));
  record = read_metrics(folder / "log");
  EXPECT_EQ(record.state, WorkState::ended);
  EXPECT_EQ(record.pieces[0].state, PieceState::done);
  EXPECT_DOUBLE_EQ(record.pieces[0].result.seconds, 2.5);
  EXPECT_EQ(figure(record.pieces[0].result, "cc"), 0.5);
  EXPECT_EQ(record.pieces[0].result.chosen, "5 subunits");
}

TEST(Metrics, WhatIsNoWholeLineIsLeftOut) {
  const TemporaryFolder folder;
  std::ofstream(folder / "log") << started_line(kTotals, 10) << "\n\n[1]\n7\nnot JSON\n"
                                << R"({"event":"of a newer version","at":99,"cell":0})"
                                << "\n"
                                << R"({"event":7,"at":"noon"})"
                                << "\n"
                                << R"({"event":"done","cell":"three","seconds":null,"at":11})"
                                << "\n"
                                << R"({"event":"begun","cell":1,"at":12})"
                                << "\n"
                                << R"({"event":"done","cell":1,"sec)";
  const WorkRecord record = read_metrics(folder / "log");
  EXPECT_DOUBLE_EQ(record.last_at, 12);
  ASSERT_EQ(record.pieces.size(), 2U);  // a piece that nothing is known of, and cell 1
  EXPECT_EQ(record.pieces[1].state, PieceState::running);
}

TEST(Metrics, AFileThatIsMissingIsAnEmptyRecord) {
  const TemporaryFolder folder;
  const WorkRecord record = read_metrics(folder / "log");
  EXPECT_EQ(record.state, WorkState::waiting);
  EXPECT_TRUE(record.pieces.empty());
}

TEST(Metrics, ANameThatIsNoUtf8IsALineAllTheSame) {
  const TemporaryFolder folder;
  append_line(folder / "log", piece_line({PieceEvent::begun, {1, "a\xb5"}}, kTotals, 11));
  EXPECT_EQ(read_metrics(folder / "log").pieces.size(), 1U);
}

TEST(Metrics, APieceThatIsBegunAgainAfterItsEndBeginsFromNothing) {
  const TemporaryFolder folder;
  append_line(folder / "log", piece_line({PieceEvent::done, {1}, 1, {5}}, kTotals, 11));
  append_line(folder / "log", piece_line({PieceEvent::begun, {1}}, kTotals, 12));
  EXPECT_DOUBLE_EQ(read_metrics(folder / "log").pieces[0].result.seconds, 0);
}

TEST(Metrics, TheCauseOfAnEndComesBack) {
  std::vector<Cause> causes{{EndedBy::person}, {EndedBy::internal}};
  using enum ErrorKind;
  for (const ErrorKind kind : {usage, missing, damaged, file, data, numeric}) causes.push_back({EndedBy::error, kind});
  for (const Cause& cause : causes) {
    const TemporaryFolder folder;
    append_line(folder / "log", interrupted_line(kTotals, 10, cause, "why"));
    const WorkRecord record = read_metrics(folder / "log");
    EXPECT_EQ(record.cause, cause) << to_string(cause);
    EXPECT_EQ(record.error, "why");
  }
}

TEST(Metrics, AnOldLogHasTheExitCodeOfTheProgramAsItsCause) {
  const std::pair<int, Cause> known[] = {{1, {EndedBy::internal}},
                                         {2, {EndedBy::error, ErrorKind::usage}},
                                         {3, {EndedBy::error, ErrorKind::file}},
                                         {4, {EndedBy::error, ErrorKind::data}},
                                         {5, {EndedBy::error, ErrorKind::numeric}},
                                         {130, {EndedBy::person}}};
  for (const auto& [exit, cause] : known) {
    const TemporaryFolder folder;
    append_line(folder / "log", R"({"event":"interrupted","at":104,"exit":)" + std::to_string(exit) + "}");
    EXPECT_EQ(read_metrics(folder / "log").cause, cause) << exit;
  }
  const TemporaryFolder folder;
  append_line(folder / "log", R"({"event":"interrupted","at":104,"cause":"weather"})");
  EXPECT_EQ(read_metrics(folder / "log").cause, std::nullopt);
}

}  // namespace
}  // namespace plexiform
