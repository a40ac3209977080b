#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

namespace plexiform {

/// A value of a MATLAB file: an array of numbers, or of values (a cell array). Column-major, as MATLAB keeps them.
struct MatValue {
  std::vector<std::int64_t> shape;
  bool is_cell = false;
  std::vector<double> numbers;  ///< of an array of numbers; 64-bit integers are rounded to 53 bits
  std::vector<MatValue> cells;  ///< of a cell array
};

/// The cell array of a MATLAB file (versions 5 to 7, and 7.3 as far as matio reads it) that holds one, whatever its
/// name. Throws Error{missing} if the file is not there, Error{file} if it cannot be opened, Error{damaged} if it is
/// damaged or not a MATLAB file, or holds no or several cell arrays, or something in them that is neither a real number
/// nor a cell array.
MatValue read_mat_cells(const std::filesystem::path& path);

}  // namespace plexiform
