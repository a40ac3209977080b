#pragma once
#include <filesystem>

namespace plexiform {

/// The right to write to a folder, for one process at a time and until this goes. It is held by an open file of the
/// folder (layout::lock), so that the system takes it back from a process that was killed; the file then stays, and
/// holds nobody up. Where the file system knows no locks there is none, and nothing is refused.
class FolderLock {
 public:
  /// Throws Error{file} if another process, or another call in this one, works in the folder, or if it cannot be
  /// written to.
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  std::filesystem::path file_;
  int descriptor_ = -1;
};

}  // namespace plexiform
