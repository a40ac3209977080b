#include "plexiform/run/call.hpp"

#include <gtest/gtest.h>

#include "base/temporary_folder.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/version.hpp"
#include "plexiform/progress/metrics.hpp"

namespace plexiform {
namespace {

using testing::TemporaryFolder;

TEST(Call, ComesBackWithItsSources) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "rec.h5", "data");
  const Call call{"plexiform fit 'a\"b.h5'",
                  {source_of("recording", folder / "rec.h5"), source_of("run", folder / "")}};
  log_call(folder / "", call);
  append_line(folder / "metrics.jsonl", "{\"event\":\"called\",\"comm");
  append_line(folder / "metrics.jsonl", "{\"event\":\"called\",\"command\":3}");
  log_call(folder / "", {"second", {}});
  const auto back = read_calls(folder / "");
  ASSERT_EQ(back.size(), 2U);
  EXPECT_EQ(back[0].command, call.command);
  EXPECT_EQ(back[0].version, version());
  ASSERT_EQ(back[0].sources.size(), 2U);
  EXPECT_EQ(back[0].sources[0].path, call.sources[0].path);
  EXPECT_EQ(back[0].sources[0].checksum, checksum(folder / "rec.h5"));
  EXPECT_EQ(back[0].sources[1].checksum, "");
  EXPECT_EQ(back[1].command, "second");
}

TEST(Call, IsLoggedWhereThereIsSomethingToGoOnWith) {
  const TemporaryFolder folder;
  EXPECT_THROW(logged_call(folder / "", {"failed", {}}, [] { throw Error(ErrorKind::data, "no"); }), Error);
  EXPECT_TRUE(read_calls(folder / "").empty()) << "the folder may be another's";
  EXPECT_THROW(logged_call(folder / "own", {"failed", {}},
                           [&] {
                             std::filesystem::create_directories(folder / "own");
                             throw Error(ErrorKind::data, "no");
                           }),
               Error);
  EXPECT_EQ(read_calls(folder / "own").size(), 1U);
  EXPECT_THROW(logged_call(folder / "", {"interrupted", {}}, [] { throw Interrupted(); }), Interrupted);
  EXPECT_EQ(read_calls(folder / "").size(), 1U);
  logged_call(folder / "", {"", {}}, [] {});
  logged_call(folder / "none", {"command", {}}, [] {});
  EXPECT_EQ(read_calls(folder / "").size(), 1U);
  EXPECT_FALSE(std::filesystem::exists(folder / "none"));
}

TEST(Call, IsNoPieceOfAWork) {
  const TemporaryFolder folder;
  log_call(folder / "", {"command", {}});
  const WorkRecord record = read_metrics(folder / "metrics.jsonl");
  EXPECT_TRUE(record.pieces.empty());
  EXPECT_EQ(record.state, WorkState::waiting);
}

}  // namespace
}  // namespace plexiform
