#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plexiform/base/ndarray.hpp"

namespace plexiform {

/// The one place that calls HDF5's C API. A file is opened for reading or created; objects are named by absolute paths.
/// Every failure is an Error with file and object: missing if there is no such file, file if the system refuses to read
/// or write, damaged for everything that the file should hold and does not. Calls are serialised inside (the library is
/// not built thread-safe).
class Hdf5File {
 public:
  static Hdf5File open(const std::filesystem::path& path);
  static Hdf5File create(const std::filesystem::path& path);
  ~Hdf5File();
  Hdf5File(Hdf5File&&) noexcept;
  Hdf5File& operator=(Hdf5File&&) noexcept;

  const std::filesystem::path& path() const;
  bool has(const std::string& object) const;
  std::vector<std::string> children(const std::string& group) const;
  std::vector<std::int64_t> shape(const std::string& dataset) const;

  /// Whole datasets, converted to T (float, double, std::int32_t, std::int64_t, std::uint8_t, std::int8_t).
  template <class T>
  NdArray<T> read(const std::string& dataset) const;
  /// The block start .. start + count of a dataset (one entry an axis) into `out`.
  template <class T>
  void read_block(const std::string& dataset, std::span<const std::int64_t> start, std::span<const std::int64_t> count,
                  std::span<T> out) const;
  std::vector<std::string> read_strings(const std::string& dataset) const;

  void create_group(const std::string& group);
  /// Creates missing groups on the way. `deflate` (0 to 9) makes it chunked by rows of the first axis and compressed.
  template <class T>
  void write(const std::string& dataset, const NdArray<T>& array, int deflate = 0);
  void write_strings(const std::string& dataset, const std::vector<std::string>& values);
  /// A dataset of the given shape, chunked over the first axis, filled later by write_rows.
  template <class T>
  void create(const std::string& dataset, const std::vector<std::int64_t>& shape, std::int64_t rows_per_chunk,
              int deflate);
  template <class T>
  void write_rows(const std::string& dataset, std::int64_t first_row, std::span<const T> rows);

  std::optional<double> number(const std::string& object, const std::string& attribute) const;
  std::optional<std::string> text(const std::string& object, const std::string& attribute) const;
  void set_number(const std::string& object, const std::string& attribute, double value);
  void set_text(const std::string& object, const std::string& attribute, const std::string& value);

  /// Writes all out and closes; throws if the disk is full (a destructor could not).
  void close();

 private:
  struct State;
  explicit Hdf5File(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace plexiform
