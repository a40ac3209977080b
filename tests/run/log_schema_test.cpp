// Every line that a long work or a call writes into metrics.jsonl is as schemas/log.schema.json says.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/temporary_folder.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/progress/work.hpp"
#include "plexiform/run/call.hpp"
#include "plexiform/run/layout.hpp"
#include "report/schema.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;
using testing::schema_errors;
using testing::TemporaryFolder;

std::vector<std::string> lines_of(const fs::path& log) {
  std::vector<std::string> lines;
  std::ifstream in(log);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// Checks each line; what happened in them.
std::set<std::string> expect_as_the_schema_says(const fs::path& log) {
  std::set<std::string> events;
  for (const std::string& line : lines_of(log)) {
    EXPECT_EQ(schema_errors(line, "log.schema.json"), std::vector<std::string>()) << log << ": " << line;
    events.insert(nlohmann::json::parse(line).value("event", std::string()));
  }
  return events;
}

/// Pieces of every kind: of a fit, of a comparison, of a study.
std::vector<Piece> pieces() {
  return {{.cell = 3, .name = "off 12"},
          {.cell = 4, .name = "no UTF-8 \xff", .method = "lnln"},
          {.cell = 0, .value = 0.5, .seed = std::numeric_limits<std::uint64_t>::max()}};
}

void work_on(const fs::path& log, const std::function<void()>& end) {
  Work work("compare", "model", pieces(), {{}, {}, log});
  work.run([&] {
    work.begin(0);
    for (int i = 1; i <= 40; ++i) work.move(0, i / 40.0, 0.25);
    work.end(0, {1.5, "", {{kValidationBits, 0.25}, {kTestBits, std::numeric_limits<double>::quiet_NaN()}}, "relu"});
    work.begin(1);
    work.end(1, {0.5, "no spike \xff"});
    work.begin(2);
    end();
    work.end(2, {2, "", {{"of_this_work_alone", 3}}});
  });
}

TEST(LogSchema, HoldsEveryLineOfAWorkAndOfCalls) {
  const TemporaryFolder folder;
  const fs::path log = layout::log(folder / "");
  { std::ofstream(folder / "rec.h5") << "data"; }
  work_on(log, [] {});
  EXPECT_THROW(work_on(log, [] { throw Interrupted(); }), Interrupted);
  for (const auto kind :
       {ErrorKind::usage, ErrorKind::missing, ErrorKind::damaged, ErrorKind::file, ErrorKind::data, ErrorKind::numeric})
    EXPECT_THROW(work_on(log, [&] { throw Error(kind, "failed \xff"); }), Error);
  EXPECT_THROW(work_on(log, [] { throw InternalError("our own"); }), InternalError);
  log_call(folder / "",
           {"plexiform fit 'a\"b.h5'", {source_of("recording", folder / "rec.h5"), source_of("run", folder / "")}});
  log_call(folder / "", {"plexiform score run", {}});
  const std::set<std::string> all = {"started", "begun", "moved", "done", "failed", "ended", "interrupted", "called"};
  EXPECT_EQ(expect_as_the_schema_says(log), all);
}

TEST(LogSchema, NamesEveryCauseThatALineCanHave) {
  const WorkTotals totals{"fit", "cell", 1, 0, 0};
  for (const auto by : {EndedBy::person, EndedBy::error, EndedBy::internal, EndedBy::killed})
    for (const auto kind : {ErrorKind::usage, ErrorKind::numeric}) {
      const std::string line = interrupted_line(totals, 1.5, {by, kind}, "");
      EXPECT_EQ(schema_errors(line, "log.schema.json"), std::vector<std::string>()) << line;
    }
}

TEST(LogSchema, HoldsTheLogsOfOlderVersions) {
  std::size_t logs = 0;
  for (const auto& entry : fs::recursive_directory_iterator(PLEXIFORM_SOURCE_DIR "/tests/frozen")) {
    const fs::path path = entry.path();
    // Inside a cell's folder it is of passes.
    if (path.filename() != "metrics.jsonl" || path.parent_path().filename().string().starts_with("cell_")) continue;
    ++logs;
    EXPECT_FALSE(expect_as_the_schema_says(path).empty()) << path;
  }
  EXPECT_GE(logs, 6U);
}

TEST(PassesSchema, HoldsTheLinesOfACellsFits) {
  std::size_t lines = 0;
  for (const auto& entry : fs::recursive_directory_iterator(PLEXIFORM_SOURCE_DIR "/tests/frozen")) {
    const fs::path path = entry.path();
    if (path.filename() != "metrics.jsonl" || !path.parent_path().filename().string().starts_with("cell_")) continue;
    for (const std::string& line : lines_of(path)) {
      EXPECT_EQ(schema_errors(line, "passes.schema.json"), std::vector<std::string>()) << path << ": " << line;
      ++lines;
    }
  }
  EXPECT_GE(lines, 10U);
  EXPECT_FALSE(schema_errors(R"({"fit": "start0", "pass": 0, "validation_loss": 1})", "passes.schema.json").empty());
}

TEST(LogSchema, RefusesLinesThatNoReaderWouldTake) {
  for (const std::string line :
       {R"({"at": 1})", R"({"event": "begun"})", R"({"event": "began", "at": 1})", R"({"event": "begun", "at": "1"})",
        R"({"event": "begun", "at": 1, "cell": 0.5})", R"({"event": "done", "at": 1, "figure": null})",
        R"({"event": "interrupted", "at": 1, "cause": "bored"})",
        R"({"event": "called", "at": 1, "sources": [{"what": "run"}]})"})
    EXPECT_FALSE(schema_errors(line, "log.schema.json").empty()) << line;
}

}  // namespace
}  // namespace plexiform
