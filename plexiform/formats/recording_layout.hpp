#pragma once
#include <string>
#include <vector>

#include "plexiform/recording/recording.hpp"

namespace plexiform {

// What the reader and the writer of docs/formats/recording.md share.

inline constexpr const char* kRecordingFormat = "plexiform recording";
inline constexpr double kRecordingVersion = 4;  // the newest that is read

inline std::string truth_group(std::size_t cell) {
  return "/truth/cell_" + std::to_string(cell);
}

/// Whether names are those that versions 1 and 2 have for cells without one: "cell 0", "cell 1", ...
inline bool are_generated(const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] != shown_name("", static_cast<std::int64_t>(i))) return false;
  return true;
}

}  // namespace plexiform
