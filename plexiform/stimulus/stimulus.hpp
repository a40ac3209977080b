#pragma once
#include <cstdint>
#include <limits>
#include <memory>
#include <span>

namespace plexiform {

/// The grid a stimulus is shown on.
struct FrameShape {
  std::int64_t channels = 1;
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t pixels() const { return height * width; }
  bool operator==(const FrameShape&) const = default;
};

/// A rectangle of pixels: rows y .. y + height, columns x .. x + width. (0, 0) is the first pixel of a frame.
struct Window {
  std::int64_t y = 0;
  std::int64_t x = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t pixels() const { return height * width; }
  bool operator==(const Window&) const = default;
};

inline Window whole(const FrameShape& shape) {
  return {0, 0, shape.height, shape.width};
}

/// frames() of a stimulus without end.
inline constexpr std::int64_t kEndless = std::numeric_limits<std::int64_t>::max();

/// What was shown: a movie of contrast values, asked for by block and window; the whole need never be in memory.
/// Reading is const and may be done from several threads.
class Stimulus {
 public:
  virtual ~Stimulus() = default;
  virtual FrameShape shape() const = 0;
  virtual std::int64_t frames() const = 0;

  /// Frames [begin, end) of `window` into `out`: [time, channel, height, width], contrast (binary noise is +-1).
  /// Throws Error{data} if the block or the window leaves the stimulus, InternalError if `out` has another size.
  void read(std::int64_t begin, std::int64_t end, const Window& window, std::span<float> out) const;

 private:
  virtual void read_block(std::int64_t begin, std::int64_t end, const Window& window, std::span<float> out) const = 0;
};

}  // namespace plexiform
