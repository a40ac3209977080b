#include "plexiform/base/scratch_file.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "base/expect_error.hpp"
#include "base/temporary_folder.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/parallel.hpp"

namespace plexiform {
namespace {

using testing::expect_error;
using testing::TemporaryFolder;

/// TMPDIR, for as long as this lives.
class TemporariesIn {
 public:
  explicit TemporariesIn(const std::filesystem::path& folder) {
    if (const char* before = std::getenv("TMPDIR")) before_ = before;
    ::setenv("TMPDIR", folder.c_str(), 1);
  }
  ~TemporariesIn() {
    if (before_)
      ::setenv("TMPDIR", before_->c_str(), 1);
    else
      ::unsetenv("TMPDIR");
  }
  TemporariesIn(const TemporariesIn&) = delete;
  TemporariesIn& operator=(const TemporariesIn&) = delete;

 private:
  std::optional<std::string> before_;
};

/// A full disk, played by a limit on the size of files, for as long as this lives.
class FilesUpTo {
 public:
  explicit FilesUpTo(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FilesUpTo() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FilesUpTo(const FilesUpTo&) = delete;
  FilesUpTo& operator=(const FilesUpTo&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

std::vector<std::byte> some_bytes(std::size_t n, unsigned char first) {
  std::vector<std::byte> bytes(n);
  for (std::size_t i = 0; i < n; ++i) bytes[i] = static_cast<std::byte>(first + 7 * i);
  return bytes;
}

RC_GTEST_PROP(ScratchFile, AnyPartOfWhatWasWrittenComesBack, ()) {
  ScratchFile file;
  std::vector<std::byte> all;
  for (int pieces = *rc::gen::inRange(1, 6); pieces > 0; --pieces) {
    const auto piece = some_bytes(*rc::gen::inRange<std::size_t>(0, 5000), *rc::gen::arbitrary<unsigned char>());
    RC_ASSERT(file.append(piece) == static_cast<std::int64_t>(all.size()));
    all.insert(all.end(), piece.begin(), piece.end());
  }
  for (int reads = 0; reads < 4; ++reads) {
    const auto begin = *rc::gen::inRange<std::size_t>(0, all.size() + 1);
    std::vector<std::byte> part(*rc::gen::inRange<std::size_t>(0, all.size() - begin + 1));
    file.read_ahead(static_cast<std::int64_t>(begin), static_cast<std::int64_t>(part.size()));
    file.read(static_cast<std::int64_t>(begin), part);
    RC_ASSERT(std::equal(part.begin(), part.end(), all.begin() + static_cast<std::ptrdiff_t>(begin)));
  }
}

TEST(ScratchFile, LeavesNothingInItsFolder) {
  const TemporaryFolder folder;
  const TemporariesIn here(folder / "");
  {
    ScratchFile file;
    EXPECT_EQ(folder.entries(), 0U) << "nothing is made before the first write";
    file.append(some_bytes(100'000, 1));
    EXPECT_EQ(folder.entries(), 0U) << "a file without a name";
  }
  EXPECT_EQ(folder.entries(), 0U);
}

TEST(ScratchFile, IsReadFromManyThreadsAtATime) {
  constexpr std::size_t kPiece = 4096;
  constexpr std::int64_t kPieces = 64;
  ScratchFile file;
  for (std::int64_t i = 0; i < kPieces; ++i) file.append(some_bytes(kPiece, static_cast<unsigned char>(i)));
  std::vector<int> same(kPieces, 0);
  parallel_each(kPieces, 8, [&](std::int64_t i) {
    std::vector<std::byte> piece(kPiece);
    file.read(i * static_cast<std::int64_t>(kPiece), piece);
    same[static_cast<std::size_t>(i)] = piece == some_bytes(kPiece, static_cast<unsigned char>(i));
  });
  EXPECT_EQ(std::ranges::count(same, 1), kPieces);
}

TEST(ScratchFile, GoesAlongWithItsObject) {
  ScratchFile file;
  file.append(some_bytes(10, 3));
  ScratchFile other(std::move(file));
  ScratchFile third;
  third = std::move(other);
  std::vector<std::byte> back(10);
  third.read(0, back);
  EXPECT_EQ(back, some_bytes(10, 3));
  EXPECT_EQ(third.append(some_bytes(5, 0)), 10);
}

TEST(ScratchFile, ReadingBeyondItsEndIsAnError) {
  ScratchFile file;
  std::vector<std::byte> out(20);
  expect_error(ErrorKind::file, {"cannot be read"}, [&] { file.read(0, out); });
  file.append(some_bytes(10, 0));
  expect_error(ErrorKind::file, {"cannot be read"}, [&] { file.read(0, out); });
  EXPECT_NO_THROW(file.read(0, std::span(out).first(10)));
}

TEST(ScratchFile, AFolderThatIsMissingIsAnErrorThatNamesIt) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "file", "no folder");
  for (const std::string name : {"none", "file"}) {
    const TemporariesIn there(folder / name);
    try {
      ScratchFile().append(some_bytes(10, 0));
      ADD_FAILURE() << name << ": no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::file);
      EXPECT_EQ(error.place().file, folder / name);
      EXPECT_NE(std::string(error.what()).find("cannot be made"), std::string::npos) << error.what();
      EXPECT_NE(error.advice().find("TMPDIR"), std::string::npos) << error.advice();
    }
  }
  EXPECT_EQ(folder.entries(), 1U);
}

TEST(ScratchFile, AFullFolderIsAnErrorThatNamesItAndWhatWasWrittenStays) {
  const TemporaryFolder folder;
  const TemporariesIn here(folder / "");
  ScratchFile file;
  const auto before = some_bytes(4000, 9);
  file.append(before);
  {
    const FilesUpTo limit(10'000);
    expect_error(ErrorKind::file, {(folder / "").string(), "cannot be written"},
                 [&] { file.append(some_bytes(20'000, 0)); });
  }
  std::vector<std::byte> back(before.size());
  file.read(0, back);
  EXPECT_EQ(back, before);
  EXPECT_EQ(folder.entries(), 0U);
}

}  // namespace
}  // namespace plexiform
