#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace plexiform {

/// A file that a result was made from.
struct Source {
  std::string what;            ///< "recording"
  std::filesystem::path path;  ///< absolute
  std::string checksum;        ///< see base/file.hpp; empty for a folder
};
/// Reads the whole file. Throws Error{file} where it cannot be read.
Source source_of(const std::string& what, const std::filesystem::path& path);

/// How a program was called to make what is in a folder.
struct Call {
  std::string command;  ///< as a shell takes it
  std::vector<Source> sources;
  std::string version = {};  ///< of the program; read_calls sets it, log_call writes this library's
};

/// Adds a call to FOLDER/metrics.jsonl (docs/formats/run.md); nothing where it has no command.
void log_call(const std::filesystem::path& folder, const Call& call);
/// Does the work of a call, then logs it; also where it ends early and leaves a folder that it made itself, since that
/// holds what a later call goes on with.
void logged_call(const std::filesystem::path& folder, const Call& call, const std::function<void()>& work);

/// The calls that are logged in a folder, in order; lines that make no sense are left out.
std::vector<Call> read_calls(const std::filesystem::path& folder);

}  // namespace plexiform
