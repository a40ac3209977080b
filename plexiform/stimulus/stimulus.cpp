#include "plexiform/stimulus/stimulus.hpp"

#include <string>

#include "plexiform/base/error.hpp"

namespace plexiform {
namespace {

void require_block(std::int64_t begin, std::int64_t end, std::int64_t frames) {
  if (0 <= begin && begin <= end && end <= frames) return;
  throw Error(ErrorKind::data, "frames " + std::to_string(begin) + " to " + std::to_string(end) +
                                   " were asked for, the stimulus has " +
                                   (frames == kEndless ? "0 onwards" : "0 to " + std::to_string(frames)));
}

std::string size_text(std::int64_t height, std::int64_t width) {
  return std::to_string(height) + " x " + std::to_string(width);
}

void require_window(const Window& window, const FrameShape& shape) {
  // In this order no sum of large numbers can overflow.
  const bool rows =
      0 <= window.y && window.y <= shape.height && 0 < window.height && window.height <= shape.height - window.y;
  const bool columns =
      0 <= window.x && window.x <= shape.width && 0 < window.width && window.width <= shape.width - window.x;
  if (rows && columns) return;
  throw Error(ErrorKind::data, "a window of " + size_text(window.height, window.width) + " pixels at row " +
                                   std::to_string(window.y) + ", column " + std::to_string(window.x) +
                                   " was asked for, the stimulus has " + size_text(shape.height, shape.width) +
                                   " pixels (height x width)");
}

}  // namespace

void Stimulus::read(std::int64_t begin, std::int64_t end, const Window& window, std::span<float> out) const {
  require_block(begin, end, frames());
  require_window(window, shape());
  std::int64_t size = 0;
  const bool overflow = __builtin_mul_overflow(end - begin, shape().channels * window.pixels(), &size);
  if (overflow || static_cast<std::size_t>(size) != out.size()) {
    throw InternalError("Stimulus::read: room for " + std::to_string(out.size()) + " values, not for " +
                        std::to_string(end - begin) + " frames of " + std::to_string(shape().channels) + " x " +
                        size_text(window.height, window.width));
  }
  if (begin < end) read_block(begin, end, window, out);
}

}  // namespace plexiform
