#include "plexiform/base/file.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <barrier>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <vector>

#include "base/expect_error.hpp"
#include "base/temporary_folder.hpp"

namespace plexiform {
namespace {

using testing::expect_error;
using testing::TemporaryFolder;

TEST(WriteAtomically, LeavesTheWholeFileAndNothingElse) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "a.txt", "one");
  EXPECT_EQ(read_text(folder / "a.txt"), "one");
  write_text_atomically(folder / "a.txt", std::string("two\0three", 9));
  EXPECT_EQ(read_text(folder / "a.txt"), std::string("two\0three", 9));
  EXPECT_EQ(folder.entries(), 1u);
}

TEST(WriteAtomically, KeepsTheOldFileWhereWritingFails) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "a.txt", "old");
  const auto fail = [](const std::filesystem::path& temporary) {
    std::ofstream(temporary) << "half of it";
    throw std::runtime_error("interrupted");
  };
  EXPECT_THROW(write_atomically(folder / "a.txt", fail), std::runtime_error);
  EXPECT_THROW(write_atomically(folder / "b.txt", fail), std::runtime_error);
  EXPECT_EQ(read_text(folder / "a.txt"), "old");
  EXPECT_EQ(folder.entries(), 1u);
}

TEST(WriteAtomically, GivesATemporaryNameInTheSameFolder) {
  const TemporaryFolder folder;
  write_atomically(folder / "a.txt", [&](const std::filesystem::path& temporary) {
    EXPECT_EQ(temporary.parent_path(), (folder / "a.txt").parent_path());
    EXPECT_NE(temporary, folder / "a.txt");
    std::ofstream(temporary) << "x";
  });
  EXPECT_EQ(read_text(folder / "a.txt"), "x");
}

TEST(AppendLine, WhatAnInterruptionLeftStaysALineOfItsOwn) {
  const TemporaryFolder folder;
  append_line(folder / "log", "one");
  append_line(folder / "log", "two");
  EXPECT_EQ(read_text(folder / "log"), "one\ntwo\n");
  std::ofstream(folder / "log", std::ios::app) << "thr";
  append_line(folder / "log", "four");
  EXPECT_EQ(read_text(folder / "log"), "one\ntwo\nthr\nfour\n");
  expect_error(ErrorKind::missing, {"none/log", "cannot be opened"}, [&] { append_line(folder / "none/log", "x"); });
}

TEST(WriteAtomically, NamesAFolderThatIsMissing) {
  const TemporaryFolder folder;
  expect_error(ErrorKind::missing, {"a.txt", "none does not exist"},
               [&] { write_text_atomically(folder / "none/a.txt", "x"); });
}

TEST(WriteAtomically, RefusesToReplaceAFolder) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "here");
  expect_error(ErrorKind::file, {"here", "cannot be written"}, [&] { write_text_atomically(folder / "here", "x"); });
  EXPECT_EQ(folder.entries(), 1u);
}

TEST(WriteAtomically, ACallThatWroteNoFileIsAnError) {
  const TemporaryFolder folder;
  expect_error(ErrorKind::missing, {"a.txt"}, [&] { write_atomically(folder / "a.txt", [](const auto&) {}); });
}

TEST(WriteAtomically, AnErrorInATemporaryFolderNamesTheFileInTheFolder) {
  const TemporaryFolder folder;
  try {
    write_atomically(folder / "a", [](const std::filesystem::path& temporary) {
      throw Error(ErrorKind::file, "is full").in_file(temporary / "stim.npy");
    });
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.what(), (folder / "a/stim.npy").string() + ": is full");
    EXPECT_EQ(error.place().file, folder / "a/stim.npy");
  }
}

TEST(WriteAtomically, AnErrorOfTheTemporaryNamesTheFileAndKeepsTheRest) {
  const TemporaryFolder folder;
  try {
    write_atomically(folder / "a.h5", [](const std::filesystem::path& temporary) {
      throw Error(ErrorKind::damaged, "no such dataset", "advice")
          .mended_by("names", "a")
          .of_cell(3)
          .in_object("/b")
          .in_file(temporary);
    });
    FAIL();
  } catch (const Error& error) {
    const std::string path = (folder / "a.h5").string();
    EXPECT_EQ(error.what(), path + ": /b: cell 3: no such dataset");
    EXPECT_EQ(error.kind(), ErrorKind::damaged);
    EXPECT_EQ(error.advice(), "advice");
    EXPECT_EQ(error.place().file, path);
    EXPECT_EQ(error.place().object, "/b");
    EXPECT_EQ(error.place().cell, 3);
    EXPECT_EQ(error.parameter()->name, "names");
    EXPECT_EQ(error.parameter()->example, "a");
  }
}

/// Files of this process end at so many bytes: the write fails in its middle, as on a full disk.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~SmallDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit before_{};
};

TEST(WriteAtomically, LeavesNothingBehindOnAFullDisk) {
  const TemporaryFolder folder;
  {
    const SmallDisk disk(5000);
    expect_error(ErrorKind::file, {"big.txt", "cannot be written"},
                 [&] { write_text_atomically(folder / "big.txt", std::string(100000, 'x')); });
  }
  EXPECT_EQ(folder.entries(), 0u);
}

TEST(ReadText, NamesAFileThatIsMissingOrAFolder) {
  const TemporaryFolder folder;
  expect_error(ErrorKind::missing, {"none.txt", "No such file"}, [&] { read_text(folder / "none.txt"); });
  expect_error(ErrorKind::file, {"cannot be read"}, [&] { read_text(folder / ""); });
}

TEST(ReadUtf8, DropsAByteOrderMarkAtTheBeginningAlone) {
  const TemporaryFolder folder;
  const std::string mark = "\xEF\xBB\xBF";
  for (const auto& [text, read] : std::vector<std::pair<std::string, std::string>>{
           {mark + "one", "one"}, {"one" + mark, "one" + mark}, {mark, ""}, {"\xEF\xBB", "\xEF\xBB"}, {"", ""}}) {
    write_text_atomically(folder / "a.txt", text);
    EXPECT_EQ(read_utf8(folder / "a.txt"), read);
  }
}

TEST(Checksum, IsThatOfXxhsum) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "empty", "");
  EXPECT_EQ(checksum(folder / "empty"), "99aa06d3014798d86001c324468d497f");
  write_text_atomically(folder / "abc", "abc");
  EXPECT_EQ(checksum(folder / "abc"), "06b05ab6733a618578af5f94892f3950");
}

TEST(Checksum, SeesAByteFarBackInALargeFile) {
  const TemporaryFolder folder;
  std::string text(3'000'000, 'a');
  write_text_atomically(folder / "a", text);
  const std::string before = checksum(folder / "a");
  text[2'900'000] = 'b';
  write_text_atomically(folder / "a", text);
  EXPECT_NE(checksum(folder / "a"), before);
}

// A folder that may not be written, which root would write all the same: one below a regular file, and one whose name
// is longer than a file system takes.
TEST(MakeFolders, MakesThoseAboveAndTellsWhyItCannot) {
  const TemporaryFolder folder;
  make_folders(folder / "a/b/c");
  make_folders(folder / "a/b/c");
  EXPECT_TRUE(std::filesystem::is_directory(folder / "a/b/c"));
  write_text_atomically(folder / "file", "");
  const std::string longest(300, 'n');
  expect_error(ErrorKind::file, {(folder / "file").string() + ": cannot be made: Not a directory"},
               [&] { make_folders(folder / "file"); });
  expect_error(ErrorKind::file, {"file/below: cannot be made: Not a directory"},
               [&] { make_folders(folder / "file/below"); });
  expect_error(ErrorKind::file, {"n: cannot be made: File name too long"}, [&] { make_folders(folder / longest); });
  expect_error(ErrorKind::usage, {"empty"}, [] { make_folders(""); });
}

TEST(Looks, TellWhatLiesThereOrWhyTheSystemDoesNotSay) {
  const TemporaryFolder folder;
  make_folders(folder / "folder");
  write_text_atomically(folder / "file", "four");
  EXPECT_TRUE(path_exists(folder / "folder") && is_folder(folder / "folder") && !is_file(folder / "folder"));
  EXPECT_TRUE(path_exists(folder / "file") && !is_folder(folder / "file") && is_file(folder / "file"));
  for (const char* absent : {"none", "none/none", "file/none"})
    EXPECT_FALSE(path_exists(folder / absent) || is_folder(folder / absent) || is_file(folder / absent)) << absent;
  EXPECT_EQ(files_in(folder / ""), (std::vector{folder / "file", folder / "folder"}));
  EXPECT_EQ(size_of_file(folder / "file"), 4U);
  const auto longest = folder / std::string(300, 'n');
  for (const auto look : {path_exists, is_folder, is_file})
    expect_error(ErrorKind::file, {"n: cannot be opened: File name too long"}, [&] { look(longest); });
  expect_error(ErrorKind::missing, {"none: cannot be read: No such file"}, [&] { files_in(folder / "none"); });
  expect_error(ErrorKind::missing, {"file: cannot be read: Not a directory"}, [&] { files_in(folder / "file"); });
  expect_error(ErrorKind::missing, {"none: cannot be read: No such file"}, [&] { size_of_file(folder / "none"); });
  expect_error(ErrorKind::file, {"folder: cannot be read: Is a directory"}, [&] { size_of_file(folder / "folder"); });
}

TEST(RemoveTree, RemovesAllOfItAndWhatIsNotThereToo) {
  const TemporaryFolder folder;
  make_folders(folder / "a/b");
  write_text_atomically(folder / "a/b/file", "x");
  write_text_atomically(folder / "file", "x");
  remove_tree(folder / "a");
  remove_tree(folder / "file");
  remove_tree(folder / "file");
  EXPECT_EQ(folder.entries(), 0u);
  expect_error(ErrorKind::file, {"n: cannot be removed: File name too long"},
               [&] { remove_tree(folder / std::string(300, 'n')); });
}

TEST(RenameFile, ReplacesAFileAndNamesBothWhereItCannot) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "a", "new");
  write_text_atomically(folder / "b", "old");
  rename_file(folder / "a", folder / "b");
  EXPECT_EQ(read_text(folder / "b"), "new");
  EXPECT_EQ(folder.entries(), 1u);
  const std::string absent = (folder / "a").string(), below = (folder / "b/c").string();
  expect_error(ErrorKind::file, {absent + ": cannot be renamed to ", "No such file"},
               [&] { rename_file(absent, folder / "c"); });
  expect_error(ErrorKind::file, {"b: cannot be renamed to " + below + ": Not a directory"},
               [&] { rename_file(folder / "b", below); });
  EXPECT_EQ(read_text(folder / "b"), "new");
}

TEST(InNewFolder, IsThereForTheWorkAndStaysWithWhatTheWorkWrote) {
  const TemporaryFolder folder;
  for (const char* name : {"a/b/c", "slash/", "dot/./"}) {
    in_new_folder(folder / name, [&] { write_text_atomically(folder / name / "result", "x"); });
    EXPECT_EQ(read_text(folder / name / "result"), "x");
  }
}

TEST(InNewFolder, NothingIsLeftOfAWorkThatThrows) {
  const TemporaryFolder folder;
  make_folders(folder / "kept");
  const auto fail = [&](const std::string& name, auto error) {
    in_new_folder(folder / name, [&] {
      make_folders(folder / name / "inner");
      write_text_atomically(folder / name / "inner/picture.svg", "x");
      throw error;
    });
  };
  EXPECT_THROW(fail("a/b/c", Error(ErrorKind::data, "no spikes")), Error);
  EXPECT_THROW(fail("kept/c", Interrupted()), Interrupted);
  EXPECT_THROW(fail("kept/d/", std::runtime_error("ours")), std::runtime_error);
  EXPECT_EQ(files_in(folder / ""), std::vector{folder / "kept"});
  EXPECT_TRUE(files_in(folder / "kept").empty());
}

TEST(InNewFolder, AFolderAboveThatAnotherUsesStays) {
  const TemporaryFolder folder;
  EXPECT_THROW(in_new_folder(folder / "shared/mine",
                             [&] {
                               make_folders(folder / "shared/theirs");
                               throw Interrupted();
                             }),
               Interrupted);
  EXPECT_EQ(files_in(folder / "shared"), std::vector{folder / "shared/theirs"});
}

TEST(InNewFolder, WhatExistsIsLeftAlone) {
  const TemporaryFolder folder;
  make_folders(folder / "folder");
  write_text_atomically(folder / "folder/file", "x");
  std::filesystem::create_symlink("nowhere", folder / "link");
  for (const char* name : {"folder", "folder/", "folder/file", "link"})
    expect_error(ErrorKind::usage, {name, "exists already, and is never overwritten"},
                 [&] { in_new_folder(folder / name, [] { FAIL(); }); });
  EXPECT_EQ(read_text(folder / "folder/file"), "x");
}

TEST(InNewFolder, TellsWhyItCannotBeMadeAndLeavesNothing) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "file", "");
  expect_error(ErrorKind::file, {"file/a/b: the folder cannot be made: Not a directory"},
               [&] { in_new_folder(folder / "file/a/b", [] { FAIL(); }); });
  const std::string longest(300, 'n');
  expect_error(ErrorKind::file, {"n: the folder cannot be made: File name too long"},
               [&] { in_new_folder(folder / ("a/b/" + longest), [] { FAIL(); }); });
  EXPECT_EQ(folder.entries(), 1U);
}

// Two calls at once: exactly one of them makes the folder, whoever is first.
TEST(InNewFolder, LetsOneOfManyIn) {
  const TemporaryFolder folder;
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> in{0}, refused{0};
    std::barrier start(4);
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
          start.arrive_and_wait();
          try {
            in_new_folder(folder / (std::to_string(round) + "/inner"), [&] { ++in; });
          } catch (const Error& error) {
            refused += error.kind() == ErrorKind::usage;
          }
        });
    }
    EXPECT_EQ(in, 1);
    EXPECT_EQ(refused, 3);
  }
}

TEST(NewFolder, IsMadeForOne) {
  const TemporaryFolder folder;
  EXPECT_TRUE(make_new_folder(folder / "a/b/"));
  EXPECT_FALSE(make_new_folder(folder / "a/b"));
  EXPECT_FALSE(make_new_folder(folder / "a/b/"));
  expect_error(ErrorKind::missing, {"x/y: cannot be made: Not a directory"}, [&] {
    write_text_atomically(folder / "x", "a file");
    make_new_folder(folder / "x/y");
  });
}

}  // namespace
}  // namespace plexiform
