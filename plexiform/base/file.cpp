#include "plexiform/base/file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
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
  return error.in_renamed_file(inside == "." ? path : path / inside);
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

std::string read_utf8(const fs::path& path) {
  std::string text = read_text(path);
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
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

namespace {

fs::file_status status_of(const fs::path& path) {
  std::error_code problem;
  const fs::file_status status = fs::status(path, problem);
  if (!fs::status_known(status)) fail(ErrorKind::file, path, "cannot be opened", problem.value());
  return status;
}

}  // namespace

bool path_exists(const fs::path& path) {
  return fs::exists(status_of(path));
}
bool is_folder(const fs::path& path) {
  return fs::is_directory(status_of(path));
}
bool is_file(const fs::path& path) {
  return fs::is_regular_file(status_of(path));
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code problem;
  for (fs::directory_iterator entry(folder, problem), end; !problem && entry != end; entry.increment(problem))
    files.push_back(entry->path());
  if (problem) fail(folder, "cannot be read", problem.value());
  std::ranges::sort(files);
  return files;
}

std::uintmax_t size_of_file(const fs::path& path) {
  std::error_code problem;
  const auto size = fs::file_size(path, problem);
  if (problem) fail(path, "cannot be read", problem.value());
  return size;
}

namespace {

/// Folders that a call has made, the innermost last; those above it are removed again only while they are empty.
class MadeFolders {
 public:
  /// Whether it was made here: not where it was there, or another process was faster.
  bool make(const fs::path& path, std::error_code& problem) {
    const bool made = fs::create_directory(path, problem);
    if (made) paths_.push_back(path);
    return made;
  }
  void remove_empty() {
    std::error_code ignored;
    for (; !paths_.empty(); paths_.pop_back()) fs::remove(paths_.back(), ignored);
  }
  void remove_innermost_with_all_in_it() {
    std::error_code ignored;
    fs::remove_all(paths_.back(), ignored);
    remove_empty();
  }

 private:
  std::vector<fs::path> paths_;
};

/// Folders above one that are not there, the outermost first.
std::vector<fs::path> missing_above(const fs::path& folder) {
  std::vector<fs::path> missing;
  std::error_code ignored;  // it shows where they are made
  for (auto path = folder.parent_path(); path.has_relative_path() && !fs::exists(path, ignored);
       path = path.parent_path())
    missing.push_back(path);
  std::ranges::reverse(missing);
  return missing;
}

/// The same also when the process' current folder changes, and without the slash of "folder/".
fs::path whole_name(const fs::path& folder) {
  std::error_code problem;
  fs::path whole = fs::absolute(folder, problem);
  if (problem) whole = folder;
  while (whole.has_relative_path() && (!whole.has_filename() || whole.filename() == ".")) whole = whole.parent_path();
  return whole;
}

}  // namespace

bool make_new_folder(const fs::path& folder) {
  const fs::path whole = whole_name(folder);
  std::error_code problem;
  fs::create_directories(whole.parent_path(), problem);
  const bool made = !problem && fs::create_directory(whole, problem);
  if (problem && !path_exists(whole)) fail(folder, "cannot be made", problem.value());
  return made;
}

void in_new_folder(const fs::path& folder, const std::function<void()>& work) {
  if (folder.empty()) throw Error(ErrorKind::usage, "the name of the folder to make is empty");
  const fs::path whole = whole_name(folder);
  MadeFolders made;
  std::error_code problem;
  for (const auto& above : missing_above(whole))
    if (!problem) made.make(above, problem);
  if (problem || !made.make(whole, problem)) {
    made.remove_empty();
    if (!problem || problem == std::errc::file_exists)
      throw Error(ErrorKind::usage, "exists already, and is never overwritten", "choose another name").in_file(folder);
    throw Error(ErrorKind::file, "the folder cannot be made: " + problem.message(), "choose another place")
        .in_file(folder);
  }
  try {
    work();
  } catch (...) {
    made.remove_innermost_with_all_in_it();
    throw;
  }
}

}  // namespace plexiform
