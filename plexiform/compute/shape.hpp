#pragma once
#include <cstddef>

namespace plexiform {

/// Sizes of a layer that filters a movie: [channel, height, width] in, [filter, row, column] out. With padding the
/// contrast outside of the pixels is 0.
struct ConvShape {
  std::size_t lags = 1, channels = 1, height = 1, width = 1;
  std::size_t filters = 1, filter_rows = 1, filter_columns = 1;
  std::size_t pad = 0;

  std::size_t padded_height() const { return height + 2 * pad; }
  std::size_t padded_width() const { return width + 2 * pad; }
  std::size_t rows() const { return padded_height() - filter_rows + 1; }
  std::size_t columns() const { return padded_width() - filter_columns + 1; }
  std::size_t positions() const { return rows() * columns(); }
  std::size_t pixels() const { return channels * height * width; }
  /// Weights of one filter over space, all channels.
  std::size_t taps() const { return channels * filter_rows * filter_columns; }
  bool operator==(const ConvShape&) const = default;
};

}  // namespace plexiform
