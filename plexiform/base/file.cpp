#include "plexiform/base/file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>
#include <vector>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "plexiform/base/error.hpp"

namespace plexiform {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void fail(ErrorKind kind, const fs::path& path, const std::string& what, int code) {
  const std::string advice = code == ENOSPC || code == EDQUOT ? "free some space, or write to another disk" : "";
  throw Error(kind, what + ": " + std::generic_category().message(code), advice).in_file(path);
}
[[noreturn]] void fail(const fs::path& path, const std::string& what, int code) {
  fail(code == ENOENT || code == ENOTDIR ? ErrorKind::missing : ErrorKind::file, path, what, code);
}

/// A file descriptor that closes itself.
class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  bool is_open() const { return fd_ >= 0; }
  bool sync() const { return ::fsync(fd_) == 0; }
  /// Some file systems report a full disk only here.
  bool close() { return ::close(std::exchange(fd_, -1)) == 0; }
  bool write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto written = ::write(fd_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }
  /// Whether the file is empty or ends with the end of a line.
  bool ends_line() const {
    const off_t size = ::lseek(fd_, 0, SEEK_END);
    char last = 0;
    return size == 0 || (size > 0 && ::pread(fd_, &last, 1, size - 1) == 1 && last == '\n');
  }
  /// Bytes read, 0 at the end, negative on failure.
  ssize_t read(std::span<char> out) const {
    ssize_t got = 0;
    do {
      got = ::read(fd_, out.data(), out.size());
    } while (got < 0 && errno == EINTR);
    return got;
  }

 private:
  int fd_;
};

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

/// What the names of this process' temporaries for `path` begin with.
std::string temporary_stem(const fs::path& path) {
  return "." + path.filename().string() + "." + std::to_string(::getpid()) + "-";
}

/// A name beside `path` that no other call and no other process uses.
fs::path temporary_name(const fs::path& path) {
  static std::atomic<unsigned> calls{0};
  return folder_of(path) / (temporary_stem(path) + std::to_string(calls++) + ".tmp");
}

void require_folder(const fs::path& path) {
  std::error_code code;
  if (fs::is_directory(folder_of(path), code)) return;
  throw Error(ErrorKind::missing, "the folder " + folder_of(path).string() + " does not exist").in_file(path);
}

/// A device or a pipe must not be replaced by a file: as root, `-o /dev/null` would.
void refuse_special(const fs::path& path) {
  std::error_code code;
  const auto status = fs::status(path, code);
  if (fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status))
    throw Error(ErrorKind::file, "is not a regular file, expected the name of a file to write",
                "write to a file, then copy it there")
        .in_file(path);
}

/// The same error under the own name of what is written (a file, or one in a folder), which is the one that people
/// know.
Error named(const Error& error, const fs::path& temporary, const fs::path& path) {
  const fs::path inside = error.place().file.lexically_relative(temporary);
  if (inside.empty() || *inside.begin() == "..") return error;
  std::string message = error.what();
  const auto drop = [&](const std::string& place) {
    if (message.starts_with(place + ": ")) message.erase(0, place.size() + 2);
  };
  drop(error.place().file.string());
  const std::string& object = error.place().object;
  if (!object.empty()) drop(object);
  Error renamed(error.kind(), message, error.advice());
  if (error.parameter()) renamed = renamed.mended_by(error.parameter()->name, error.parameter()->example);
  if (!object.empty()) renamed = renamed.in_object(object);
  return renamed.in_file(inside == "." ? path : path / inside);
}

void sync_file(const fs::path& temporary, const fs::path& path) {
  const Descriptor file(temporary, O_RDONLY);
  if (!file.is_open() || !file.sync()) fail(path, "cannot be written", errno);
}

/// Makes the new name last. Some file systems cannot sync a folder (EINVAL), which leaves nothing to be done.
void sync_folder(const fs::path& path) {
  const Descriptor folder(folder_of(path), O_RDONLY | O_DIRECTORY);
  if (folder.is_open() && !folder.sync() && errno != EINVAL) fail(path, "its folder cannot be synced", errno);
}

/// Hands all bytes of a file to `take`, a piece at a time.
template <class Take>
void read_pieces(const fs::path& path, Take take) {
  const Descriptor file(path, O_RDONLY);
  if (!file.is_open()) fail(path, "cannot be opened", errno);
  std::vector<char> buffer(1 << 18);
  for (;;) {
    const auto got = file.read(buffer);
    if (got < 0) fail(path, "cannot be read", errno);
    if (got == 0) return;
    take(std::string_view(buffer.data(), static_cast<std::size_t>(got)));
  }
}

}  // namespace

void write_atomically(const fs::path& path, const std::function<void(const fs::path& temporary)>& write) {
  require_folder(path);
  refuse_special(path);
  const fs::path temporary = temporary_name(path);
  try {
    write(temporary);
    sync_file(temporary, path);
    if (std::rename(temporary.c_str(), path.c_str()) != 0) fail(path, "cannot be written", errno);
  } catch (const Error& error) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    throw named(error, temporary, path);
  } catch (...) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    throw;
  }
  sync_folder(path);
}

void write_bytes_atomically(const fs::path& path, std::span<const std::string_view> parts) {
  write_atomically(path, [&](const fs::path& temporary) {
    Descriptor file(temporary, O_WRONLY | O_CREAT | O_TRUNC);
    bool good = file.is_open();
    for (const auto part : parts) good = good && file.write(part);
    if (!good || !file.close()) fail(path, "cannot be written", errno);
  });
}

void write_text_atomically(const fs::path& path, std::string_view text) {
  write_bytes_atomically(path, std::span(&text, 1));
}

void append_line(const fs::path& path, const std::string& line) {
  Descriptor file(path, O_RDWR | O_CREAT | O_APPEND);
  if (!file.is_open()) fail(path, "cannot be opened", errno);
  if (!file.write((file.ends_line() ? "" : "\n") + line + "\n") || !file.close())
    fail(path, "cannot be written", errno);
}

void remove_temporaries(const fs::path& path) noexcept {
  std::error_code ignored;
  for (fs::directory_iterator entry(folder_of(path), ignored), end; entry != end; entry.increment(ignored))
    if (entry->path().filename().string().starts_with(temporary_stem(path))) fs::remove(entry->path(), ignored);
}

std::string read_text(const fs::path& path) {
  std::string text;
  read_pieces(path, [&](std::string_view piece) { text.append(piece); });
  return text;
}

std::uint64_t hash_bytes(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::string checksum(const fs::path& path) {
  XXH3_state_t state;
  XXH3_128bits_reset(&state);
  read_pieces(path, [&](std::string_view piece) { XXH3_128bits_update(&state, piece.data(), piece.size()); });
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state));
  std::string hex;
  for (const unsigned char byte : canonical.digest) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

void make_folders(const fs::path& path) {
  if (path.empty()) throw Error(ErrorKind::usage, "the name of the folder to make is empty");
  std::error_code problem;
  fs::create_directories(path, problem);
  if (problem) fail(ErrorKind::file, path, "cannot be made", problem.value());
}

void remove_tree(const fs::path& path) {
  std::error_code problem;
  fs::remove_all(path, problem);
  if (problem) fail(ErrorKind::file, path, "cannot be removed", problem.value());
}

void rename_file(const fs::path& from, const fs::path& to) {
  std::error_code problem;
  fs::rename(from, to, problem);
  if (problem) fail(ErrorKind::file, from, "cannot be renamed to " + to.string(), problem.value());
}

void in_new_folder(const std::filesystem::path& folder, const std::function<void()>& work) {
  if (folder.empty()) throw Error(ErrorKind::usage, "the name of the folder to make is empty");
  if (std::filesystem::exists(folder))
    throw Error(ErrorKind::usage, "exists already, and is never overwritten", "choose another name").in_file(folder);
  std::vector<std::filesystem::path> made;  // the folder first
  for (auto path = std::filesystem::absolute(folder); !std::filesystem::exists(path); path = path.parent_path())
    made.push_back(path);
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed)
    throw Error(ErrorKind::file, "the folder cannot be made: " + failed.message(), "choose another place")
        .in_file(folder);
  try {
    work();
  } catch (...) {
    std::error_code ignored;
    for (const auto& path : made) std::filesystem::remove(path, ignored);  // only while they are empty
    throw;
  }
}

}  // namespace plexiform
