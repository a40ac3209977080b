#pragma once
#include <filesystem>
#include <string>

#include "plexiform/recording/recording.hpp"

namespace plexiform {

/// Reads and writes docs/formats/recording.md, versions 1 to 4. Stored stimuli stay in the file and are read as asked
/// for. Reading throws Error{missing}, Error{damaged} (truncated, not a recording, a newer version) or Error{data}.
Recording read_recording(const std::filesystem::path& path);

/// A recording, and the checksum (base/file.hpp) of the file that it was read from.
struct SummedRecording {
  Recording recording;
  std::string checksum;
};
/// The checksum is taken before the file is read and after. Throws as read_recording, and Error{file} if the file
/// changed meanwhile.
SummedRecording read_summed_recording(const std::filesystem::path& path);

/// The one writer: checks the recording once, with its names and its whole movie, and leaves the file whole or absent.
/// Throws Error{data} as validate, require_names_differ, or for a movie that is not finite or never changes;
/// Error{file}.
void write_recording(const std::filesystem::path& path, const Recording& recording);

/// The number type that keeps a movie: int8 where every value is -1, 0 or 1, else float32.
enum class StoredType { int8, float32 };

}  // namespace plexiform
