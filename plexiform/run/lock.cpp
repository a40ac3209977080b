#include "plexiform/run/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>

#include "plexiform/base/error.hpp"
#include "plexiform/run/layout.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse_system(const fs::path& folder, int problem) {
  throw Error(ErrorKind::file, "cannot be written to: " + std::generic_category().message(problem)).in_file(folder);
}

/// Who holds the lock, as it says of itself: "process 312 on node7"; empty where it has not yet.
std::string holder_in(int descriptor) {
  std::array<char, 200> text{};
  const auto length = ::pread(descriptor, text.data(), text.size(), 0);
  return length > 0 ? std::string(text.data(), static_cast<std::size_t>(length)) : std::string();
}

std::string this_process() {
  std::array<char, 100> host{};
  ::gethostname(host.data(), host.size() - 1);
  return "process " + std::to_string(::getpid()) + " on " + host.data();
}

[[noreturn]] void refuse_held(const fs::path& folder, int descriptor) {
  const std::string holder = holder_in(descriptor);
  ::close(descriptor);
  throw Error(ErrorKind::file, "is in use" + (holder.empty() ? std::string() : " by " + holder),
              "wait until it has ended, or stop it: two that write to one folder would mix their results")
      .in_file(folder);
}

/// Whether the open file is still the one of this name: who held it before may have removed it meanwhile.
bool is_at(const fs::path& path, int descriptor) {
  struct stat open {};
  struct stat named {};
  return ::fstat(descriptor, &open) == 0 && ::stat(path.c_str(), &named) == 0 && open.st_ino == named.st_ino &&
         open.st_dev == named.st_dev;
}

/// Whether the file system has no locks at all.
bool has_no_locks(int problem) {
  return problem == ENOLCK || problem == ENOSYS || problem == EOPNOTSUPP || problem == EINVAL;
}

}  // namespace

FolderLock::FolderLock(const fs::path& folder) : file_(layout::lock(folder)) {
  while (true) {
    descriptor_ = ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor_ < 0) refuse_system(folder, errno);
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      const int problem = errno;
      if (has_no_locks(problem)) return;
      if (problem == EWOULDBLOCK) refuse_held(folder, descriptor_);
      ::close(descriptor_);
      refuse_system(folder, problem);
    }
    if (is_at(file_, descriptor_)) break;
    ::close(descriptor_);
  }
  const std::string holder = this_process();
  // For people only: a disk that is too full for it will be told of by what is written next.
  if (::ftruncate(descriptor_, 0) != 0 || ::pwrite(descriptor_, holder.data(), holder.size(), 0) < 0) return;
}

FolderLock::~FolderLock() {
  std::error_code ignored;
  // While it is held, so that whoever has just opened this very file looks for it again; but not that of a folder which
  // was made anew under this name.
  if (is_at(file_, descriptor_)) fs::remove(file_, ignored);
  ::close(descriptor_);
}

}  // namespace plexiform
