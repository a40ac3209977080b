#include "plexiform/base/scratch_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "plexiform/base/error.hpp"

namespace plexiform {
namespace {

/// Where a folder was named that is none, making a file there fails, and says so: another place, whose disk may be
/// small, is not what was asked for.
std::string folder() {
  std::error_code code;
  const auto path = std::filesystem::temp_directory_path(code);
  if (!code) return path.string();
  const char* named = std::getenv("TMPDIR");
  return named != nullptr ? named : "/tmp";
}

[[noreturn]] void fail(const std::string& what, int code) {
  throw Error(ErrorKind::file, "a temporary file " + what + ": " + std::generic_category().message(code),
              "set the environment variable TMPDIR to a folder with more room")
      .in_file(folder());
}

}  // namespace

void ScratchFile::make() {
  std::string name = folder() + "/plexiform-XXXXXX";
  fd_ = ::mkostemp(name.data(), O_CLOEXEC);
  if (fd_ < 0) fail("cannot be made", errno);
  ::unlink(name.c_str());
}

ScratchFile::~ScratchFile() {
  if (fd_ >= 0) ::close(fd_);
}

ScratchFile::ScratchFile(ScratchFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), size_(std::exchange(other.size_, 0)) {}

ScratchFile& ScratchFile::operator=(ScratchFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(size_, other.size_);
  return *this;
}

std::int64_t ScratchFile::append(std::span<const std::byte> bytes) {
  if (fd_ < 0) make();
  const std::int64_t begin = size_;
  while (!bytes.empty()) {
    const auto written = ::pwrite(fd_, bytes.data(), bytes.size(), size_);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("cannot be written", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    size_ += written;
  }
  return begin;
}

void ScratchFile::read(std::int64_t begin, std::span<std::byte> out) const {
  while (!out.empty()) {
    const auto got = ::pread(fd_, out.data(), out.size(), begin);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) fail("cannot be read", got < 0 ? errno : EIO);
    out = out.subspan(static_cast<std::size_t>(got));
    begin += got;
  }
}

void ScratchFile::read_ahead(std::int64_t begin, std::int64_t size) const noexcept {
  static_cast<void>(::posix_fadvise(fd_, begin, size, POSIX_FADV_WILLNEED));
}

}  // namespace plexiform
