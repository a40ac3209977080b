#pragma once
#include <cstdint>
#include <functional>
#include <numeric>
#include <span>
#include <vector>

namespace plexiform {

/// A dense array in row-major order (the last index runs fastest).
template <class T>
struct NdArray {
  std::vector<std::int64_t> shape;
  std::vector<T> values;

  NdArray() = default;
  explicit NdArray(std::vector<std::int64_t> shape_of, T fill = {}) : shape(std::move(shape_of)) {
    values.assign(static_cast<std::size_t>(count(shape)), fill);
  }

  static std::int64_t count(const std::vector<std::int64_t>& shape) {
    return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
  }
  /// Row i of the first axis, as a flat view.
  std::span<T> row(std::int64_t i) { return {values.data() + i * row_size(), static_cast<std::size_t>(row_size())}; }
  std::span<const T> row(std::int64_t i) const {
    return {values.data() + i * row_size(), static_cast<std::size_t>(row_size())};
  }
  std::int64_t row_size() const { return shape.empty() || shape[0] == 0 ? 0 : count(shape) / shape[0]; }
};

/// A half-open range of indices, [begin, end).
struct Range {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t size() const { return end - begin; }
  bool operator==(const Range&) const = default;
};

}  // namespace plexiform
