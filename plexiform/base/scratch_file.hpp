#pragma once
#include <cstdint>
#include <span>

namespace plexiform {

/// A file for what does not fit into memory: without a name, so that it goes when the object does. In $TMPDIR or /tmp,
/// made by the first write.
class ScratchFile {
 public:
  ScratchFile() = default;
  ~ScratchFile();
  ScratchFile(ScratchFile&& other) noexcept;
  ScratchFile& operator=(ScratchFile&& other) noexcept;

  /// Where the bytes begin. Throws Error{file} if the file cannot be made (no such folder) or the disk is full.
  std::int64_t append(std::span<const std::byte> bytes);
  /// From any thread. Throws Error{file} if less is there.
  void read(std::int64_t begin, std::span<std::byte> out) const;
  /// Tells the system that this will be read soon.
  void read_ahead(std::int64_t begin, std::int64_t size) const noexcept;

 private:
  void make();

  int fd_ = -1;
  std::int64_t size_ = 0;
};

}  // namespace plexiform
