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
  /// Throws Error{missing} if the file is not there, Error{file} if it cannot be opened, Error{damaged} if it is not a
  /// .npy file, is Fortran-ordered, holds something other than numbers (or big-endian, half or complex ones), or,
  /// uncompressed, is shorter than its header says.
  explicit NpyReader(const std::filesystem::path& path);
  ~NpyReader();
  NpyReader(NpyReader&&) noexcept;

  const std::vector<std::int64_t>& shape() const;
  /// As NumPy writes it: "<f4", "|u1", ...
  const std::string& dtype() const;
  /// The next out.size() values as double (64-bit integers are rounded to 53 bits); throws Error{damaged} if the file
  /// ends early, InternalError if more is asked for than the shape holds.
  void read(std::span<double> out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A whole array as double. Memory grows with what the file holds, not with what its header claims.
NdArray<double> read_npy(const std::filesystem::path& path);

/// Writes an array of int8, int32 or float32 piece by piece, C order, version 1.0, to `path` itself: use it inside
/// write_atomically. Throws Error{file} if the disk is full, Error{missing} if the folder does not exist, InternalError
/// if more or fewer values come than the shape holds.
class NpyWriter {
 public:
  template <class T>
  static NpyWriter of(const std::filesystem::path& path, const std::vector<std::int64_t>& shape);
  ~NpyWriter();
  NpyWriter(NpyWriter&&) noexcept;

  void write(std::span<const std::int8_t> values);
  void write(std::span<const std::int32_t> values);
  void write(std::span<const float> values);
  /// Syncs; without it the file is not whole.
  void close();

 private:
  struct State;
  explicit NpyWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Writes float32, C order, version 1.0, to a temporary name first.
void write_npy(const std::filesystem::path& path, const NdArray<float>& array);

}  // namespace plexiform
