#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "plexiform/base/ndarray.hpp"

namespace plexiform {

/// A NumPy .npy file (format 1.0 to 3.0, C order, little-endian numbers or bool), plain or gzipped, read by rows of its
/// first axis, so that a movie longer than memory can pass through. Format: numpy.lib.format.
class NpyReader {
 public:
  /// Throws Error{file} where the file is missing, is no .npy file, is Fortran-ordered, of a type that is no number (or
  /// big-endian, half or complex), or, uncompressed, shorter than its header says.
  explicit NpyReader(const std::filesystem::path& path);
  ~NpyReader();
  NpyReader(NpyReader&&) noexcept;

  const std::vector<std::int64_t>& shape() const;
  /// As NumPy writes it: "<f4", "|u1", ...
  const std::string& dtype() const;
  /// The next out.size() values as double (64-bit integers are rounded to 53 bits); throws Error{file} where the file
  /// ends early, InternalError where more is asked for than the shape holds.
  void read(std::span<double> out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A whole array as double. Memory grows with what the file holds, not with what its header claims.
NdArray<double> read_npy(const std::filesystem::path& path);

/// Writes float32, C order, version 1.0, to a temporary name first.
void write_npy(const std::filesystem::path& path, const NdArray<float>& array);

}  // namespace plexiform
