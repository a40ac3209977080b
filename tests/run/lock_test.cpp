#include "plexiform/run/lock.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <optional>

#include "base/expect_error.hpp"
#include "base/temporary_folder.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/run/layout.hpp"

namespace plexiform {
namespace {

using testing::expect_error;
using testing::TemporaryFolder;

TEST(FolderLock, LetsOneInAtATimeAndLeavesNothing) {
  const TemporaryFolder folder;
  std::optional<FolderLock> held(folder / "");
  const std::string holder = "process " + std::to_string(::getpid());
  expect_error(ErrorKind::file, {"is in use by " + holder}, [&] { FolderLock(folder / ""); });
  held.reset();
  EXPECT_FALSE(std::filesystem::exists(layout::lock(folder / "")));
  held.emplace(folder / "");
}

TEST(FolderLock, OfAProcessThatWasKilledHoldsNothing) {
  const TemporaryFolder folder;
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const FolderLock held(folder / "");
    ::_exit(0);  // without its end
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(std::filesystem::exists(layout::lock(folder / "")));
  { const FolderLock held(folder / ""); }
  EXPECT_FALSE(std::filesystem::exists(layout::lock(folder / "")));
}

TEST(FolderLock, OfAFolderThatIsGoneLeavesThatOfTheNextOneAlone) {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  ASSERT_TRUE(make_new_folder(run));
  std::optional<FolderLock> first(run);
  std::filesystem::remove_all(run);
  ASSERT_TRUE(make_new_folder(run));
  const FolderLock second(run);
  first.reset();
  EXPECT_TRUE(std::filesystem::exists(layout::lock(run)));
  expect_error(ErrorKind::file, {"is in use"}, [&] { const FolderLock third(run); });
}

TEST(FolderLock, NeedsAFolderThatCanBeWrittenTo) {
  const TemporaryFolder folder;
  expect_error(ErrorKind::file, {"nowhere", "cannot be written to"}, [&] { FolderLock(folder / "nowhere"); });
}

}  // namespace
}  // namespace plexiform
