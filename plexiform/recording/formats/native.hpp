#pragma once
#include <filesystem>

#include "plexiform/recording/recording.hpp"

namespace plexiform {

/// The number type that keeps a movie: int8 where every value is -1, 0 or 1, else float32.
enum class StoredType { int8, float32 };

/// Reads the whole stimulus once, by blocks. Throws Error{data} where a value is not finite (naming frame and pixel) or
/// where all values are the same.
StoredType scan_stimulus(const Stimulus& stimulus);

/// write_recording for a stimulus that has been scanned already.
void write_recording_as(const std::filesystem::path& path, const Recording& recording, StoredType type);

}  // namespace plexiform
