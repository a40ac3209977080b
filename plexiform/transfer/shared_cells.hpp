#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "plexiform/recording/recording.hpp"
#include "plexiform/recording/same_cells.hpp"

namespace plexiform {

/// A cell that several recordings hold: its row in each of them.
struct SharedCell {
  std::string name;               ///< for people
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

/// Cells that all recordings hold (recording/same_cells.hpp). Throws as same_cells, and Error{data} if none is in all
/// of them (saying which names there are), or the truth says that cells that were matched are different cells.
SharedCells shared_cells(std::span<const NamedRecording> recordings, CellMatch match);

}  // namespace plexiform
