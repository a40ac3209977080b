#include "plexiform/fit/movie.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include "plexiform/base/error.hpp"

namespace plexiform {
namespace {

constexpr std::int64_t kBlockFrames = 256;

bool fits_int8(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float v) { return v == -1.0F || v == 0.0F || v == 1.0F; });
}

/// Rows of `window` out of frames of `outer` that hold it.
void copy_window(std::span<const float> from, const Window& outer, std::int64_t planes, const Window& window,
                 float* to) {
  for (std::int64_t plane = 0; plane < planes; ++plane)
    for (std::int64_t row = 0; row < window.height; ++row) {
      const auto offset = (plane * outer.height + window.y - outer.y + row) * outer.width + window.x - outer.x;
      std::memcpy(to, from.data() + offset, static_cast<std::size_t>(window.width) * sizeof(float));
      to += window.width;
    }
}

/// The smallest window that holds all.
Window hull(std::span<const Window> windows) {
  Window all = windows[0];
  for (const auto& w : windows) {
    const auto bottom = std::max(all.y + all.height, w.y + w.height),
               right = std::max(all.x + all.width, w.x + w.width);
    all.y = std::min(all.y, w.y);
    all.x = std::min(all.x, w.x);
    all.height = bottom - all.y;
    all.width = right - all.x;
  }
  return all;
}

/// Writes a float block into a movie, which turns to float at the first value that int8 cannot hold.
void store(Movie& movie, std::int64_t frame, const at::Tensor& block) {
  const std::span<const float> values(block.const_data_ptr<float>(), static_cast<std::size_t>(block.numel()));
  if (movie.frames.scalar_type() == at::kChar && !fits_int8(values)) movie.frames = movie.frames.to(at::kFloat);
  movie.frames.narrow(0, frame, block.size(0)).copy_(block);
}

}  // namespace

at::Tensor Movie::block(std::int64_t begin, std::int64_t end) const {
  return frames.narrow(0, begin - first_frame, end - begin).to(at::kFloat);
}

void Movie::read(std::int64_t begin, std::int64_t end, std::span<float> out) const {
  if (begin < first_frame || end > first_frame + frames.size(0) || begin > end ||
      out.size() != static_cast<std::size_t>((end - begin) * frames[0].numel()))
    throw InternalError("movie of frames " + std::to_string(first_frame) + " to " +
                        std::to_string(first_frame + frames.size(0)) + " asked for " + std::to_string(begin) + " to " +
                        std::to_string(end));
  const auto offset = (begin - first_frame) * frames[0].numel();
  if (frames.scalar_type() == at::kChar)
    std::transform(frames.const_data_ptr<std::int8_t>() + offset,
                   frames.const_data_ptr<std::int8_t>() + offset + out.size(), out.begin(),
                   [](std::int8_t v) { return static_cast<float>(v); });
  else
    std::copy_n(frames.const_data_ptr<float>() + offset, out.size(), out.begin());
}

std::vector<Movie> cut_movies(const Stimulus& stimulus, std::int64_t begin, std::int64_t end,
                              std::span<const Window> windows) {
  if (windows.empty()) return {};
  const auto channels = stimulus.shape().channels;
  const Window outer = hull(windows);
  std::vector<Movie> movies;
  for (const auto& w : windows)
    movies.push_back({at::empty({end - begin, channels, w.height, w.width}, at::kChar), begin});
  std::vector<float> buffer(static_cast<std::size_t>(kBlockFrames * channels * outer.pixels()));
  for (std::int64_t first = begin; first < end; first += kBlockFrames) {
    const auto count = std::min(kBlockFrames, end - first);
    const std::span<float> block(buffer.data(), static_cast<std::size_t>(count * channels * outer.pixels()));
    stimulus.read(first, first + count, outer, block);
    for (std::size_t i = 0; i < windows.size(); ++i) {
      at::Tensor part = at::empty({count, channels, windows[i].height, windows[i].width});
      copy_window(block, outer, count * channels, windows[i], part.data_ptr<float>());
      store(movies[i], first - begin, part);
    }
  }
  return movies;
}

FrameShape network_input(std::int64_t window, const FrameShape& stimulus) {
  return {stimulus.channels, std::min(window, stimulus.height), std::min(window, stimulus.width)};
}

Range displayed_range(const Recording& recording) {
  Range range{recording.segments.front().history_begin, 0};
  for (const auto& s : recording.segments) {
    range.begin = std::min(range.begin, s.history_begin);
    range.end = std::max(range.end, s.first_frame + s.length);
  }
  return range;
}

}  // namespace plexiform
