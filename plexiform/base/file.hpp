#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plexiform {

/// Writes a file so that it is either whole or absent: `write` gets a temporary path in the same folder, which is
/// synced and renamed to `path` when `write` returns, and removed when it throws. A file that was there is replaced.
/// Throws Error{missing} if the folder does not exist, Error{file} if it cannot be written or the disk is full. An
/// error of `write` that names the temporary names `path` when it leaves.
void write_atomically(const std::filesystem::path& path,
                      const std::function<void(const std::filesystem::path& temporary)>& write);
/// The same for bytes at hand: the parts one after the other.
void write_bytes_atomically(const std::filesystem::path& path, std::span<const std::string_view> parts);
void write_text_atomically(const std::filesystem::path& path, std::string_view text);

/// Adds a line (given without its end) to a file, which is made if it is missing: in one piece, so that a reader
/// finds only whole lines. What an interruption left of a line before it stays a line of its own. Throws
/// Error{missing} if the folder does not exist, Error{file} if the file cannot be written.
void append_line(const std::filesystem::path& path, const std::string& line);

/// Removes what this process has begun to write to `path` and not finished: for a program that ends at a signal.
void remove_temporaries(const std::filesystem::path& path) noexcept;

/// The whole file. Throws Error{missing} if it is not there, Error{file} if it cannot be read.
std::string read_text(const std::filesystem::path& path);

/// The same of a text that a person may have saved in an editor, some of which begin UTF-8 with a byte order mark
/// (EF BB BF): without it.
std::string read_utf8(const std::filesystem::path& path);

/// XXH3-64 of bytes at hand.
std::uint64_t hash_bytes(std::string_view bytes);

/// XXH3-128 of a file's bytes, 32 hex digits (as printed by `xxhsum -H2`).
std::string checksum(const std::filesystem::path& path);

/// What the system does to folders and names, with its refusal as an Error{file} of the path: `make_folders` a folder
/// and those above it, as far as they are not there; `remove_tree` a file or a folder with all that lies in it, or
/// nothing; `rename_file` a file or a folder, in the place of a file that was there.
void make_folders(const std::filesystem::path& path);
/// make_folders() for one caller only: false if the folder is there already, or somebody else makes it at the same
/// time.
bool make_new_folder(const std::filesystem::path& folder);
void remove_tree(const std::filesystem::path& path);
void rename_file(const std::filesystem::path& from, const std::filesystem::path& to);

/// What lies at a path, links followed: anything, a folder, a regular file. Throws Error{file} where the system does
/// not say, as for a name that is too long or in a folder that may not be looked into.
bool path_exists(const std::filesystem::path& path);
bool is_folder(const std::filesystem::path& path);
bool is_file(const std::filesystem::path& path);

/// What lies in a folder, in order of name, and the bytes of a file. Throw Error{missing} if it is not there,
/// Error{file} if it cannot be read.
std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder);
std::uintmax_t size_of_file(const std::filesystem::path& path);

/// Makes a folder (and those above it) for the files that `work` writes: before the work, so that it is not in vain. Of
/// two calls at once, also of two processes, one makes it. If the work throws, nothing of what this call has made is
/// left, so that the same call can be made again: it is for work that writes a result at its end, not for one that a
/// later call goes on with. Throws Error{usage} if the folder exists already, Error{file} if it cannot be made.
void in_new_folder(const std::filesystem::path& folder, const std::function<void()>& work);

}  // namespace plexiform
