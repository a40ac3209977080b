#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "plexiform/recording/recording.hpp"

namespace plexiform {

/// A cell that several recordings hold: its row in each of them.
struct SharedCell {
  std::string name;
  std::vector<std::int64_t> row;  ///< [recording]
};

/// A recording and how people know it.
struct NamedRecording {
  std::string name;
  const Recording* recording = nullptr;
  std::vector<std::int64_t> cells;  ///< rows that count
};

struct SharedCells {
  std::vector<SharedCell> cells;      ///< in the order of the first recording
  std::vector<std::string> left_out;  ///< "mosaic5 7 (not in all recordings)"
};

/// Cells that all recordings hold, by name. Throws Error{data} where no name is in all of them (saying which names
/// there are), where a name is there twice, or where the truth says that cells of one name are different cells.
SharedCells shared_cells(const std::vector<NamedRecording>& recordings);

}  // namespace plexiform
