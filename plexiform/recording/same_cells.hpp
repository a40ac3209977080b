#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plexiform/recording/recording.hpp"

namespace plexiform {

/// What tells that cells of two recordings are the same ones: names that somebody gave, or the row where the caller
/// knows that rows are the same cells.
enum class CellMatch { by_name, by_row };

/// Cells of a recording, or of a run on one.
struct CellNames {
  std::string of;                   ///< "other.h5", for people
  std::vector<std::int64_t> cells;  ///< rows in the recording
  std::vector<std::string> names;   ///< of each of them; empty: nobody gave one
};

/// All cells of a recording, or some.
CellNames names_of(const std::string& of, const Recording& recording);
CellNames names_of(const std::string& of, const Recording& recording, const std::vector<std::int64_t>& cells);

/// The row of each cell of `here` in `there`, [cell of here]; none if it is not there.
/// By name: throws Error{data} if a cell of `here` or all of `there` have no name, or a name is twice in one of them.
std::vector<std::optional<std::int64_t>> same_cells(const CellNames& here, const CellNames& there, CellMatch match);

/// Throws Error{data} if both recordings have the truth of their cells, and it is another for these two rows. `name`:
/// of the cell, for people; `a_name`, `b_name`: of the recordings.
void require_same_truth(const std::string& name, const std::string& a_name, const Recording& a, std::int64_t row_a,
                        const std::string& b_name, const Recording& b, std::int64_t row_b);

}  // namespace plexiform
