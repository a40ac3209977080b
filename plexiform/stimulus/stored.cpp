#include "plexiform/stimulus/stored.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "plexiform/base/error.hpp"
#include "plexiform/base/hdf5.hpp"

namespace plexiform {
namespace {

/// The frame's shape out of [time, channel, height, width].
FrameShape frame_shape(const std::vector<std::int64_t>& shape) {
  if (shape.size() != 4) {
    throw Error(ErrorKind::data,
                "the stimulus has " + std::to_string(shape.size()) + " axes, expected 4: time, channel, height, width");
  }
  if (std::any_of(shape.begin() + 1, shape.end(), [](std::int64_t n) { return n < 1; })) {
    throw Error(ErrorKind::data, "the stimulus has " + std::to_string(shape[1]) + " channels of " +
                                     std::to_string(shape[2]) + " x " + std::to_string(shape[3]) +
                                     " pixels, expected at least one");
  }
  return {shape[1], shape[2], shape[3]};
}

/// `values`: [time, channel, height, width] of `window`, from frame `begin` on.
void require_finite(std::span<const float> values, std::int64_t begin, const FrameShape& shape, const Window& window) {
  const auto bad = std::find_if(values.begin(), values.end(), [](float v) { return !std::isfinite(v); });
  if (bad == values.end()) return;
  const std::int64_t i = bad - values.begin();
  const std::int64_t pixel = i % window.pixels();
  const auto place = [](const char* name, std::int64_t n) { return name + std::to_string(n); };
  throw Error(ErrorKind::data, "the stimulus is " + std::to_string(*bad) + " at" +
                                   place(" frame ", begin + i / (shape.channels * window.pixels())) +
                                   place(", channel ", i / window.pixels() % shape.channels) +
                                   place(", row ", window.y + pixel / window.width) +
                                   place(", column ", window.x + pixel % window.width) +
                                   ", expected a finite contrast");
}

class MemoryStimulus final : public Stimulus {
 public:
  explicit MemoryStimulus(NdArray<float> movie) : shape_(frame_shape(movie.shape)), movie_(std::move(movie)) {
    if (NdArray<float>::count(movie_.shape) != static_cast<std::int64_t>(movie_.values.size())) {
      throw InternalError("memory_stimulus: the values do not fill the shape");
    }
    require_finite(movie_.values, 0, shape_, whole(shape_));
  }

  FrameShape shape() const override { return shape_; }
  std::int64_t frames() const override { return movie_.shape[0]; }

 private:
  void read_block(std::int64_t begin, std::int64_t end, const Window& window, std::span<float> out) const override {
    auto to = out.begin();
    for (std::int64_t plane = begin * shape_.channels; plane < end * shape_.channels; ++plane) {
      for (std::int64_t y = window.y; y < window.y + window.height; ++y) {
        const auto from = movie_.values.begin() + (plane * shape_.height + y) * shape_.width + window.x;
        to = std::copy(from, from + window.width, to);
      }
    }
  }

  FrameShape shape_;
  NdArray<float> movie_;
};

/// The file stays open; Hdf5File puts calls from several threads one after the other.
class Hdf5Stimulus final : public Stimulus {
 public:
  Hdf5Stimulus(const std::filesystem::path& path, const std::string& dataset)
      : file_(Hdf5File::open(path)), dataset_(dataset), frames_(0) {
    const auto shape = file_.shape(dataset_);
    try {
      shape_ = frame_shape(shape);
    } catch (const Error& error) {
      throw error.in_object(dataset_).in_file(file_.path());
    }
    frames_ = shape[0];
  }

  FrameShape shape() const override { return shape_; }
  std::int64_t frames() const override { return frames_; }

 private:
  void read_block(std::int64_t begin, std::int64_t end, const Window& window, std::span<float> out) const override {
    const std::array<std::int64_t, 4> start{begin, 0, window.y, window.x};
    const std::array<std::int64_t, 4> count{end - begin, shape_.channels, window.height, window.width};
    file_.read_block<float>(dataset_, start, count, out);
    try {
      require_finite(out, begin, shape_, window);
    } catch (const Error& error) {
      throw error.in_object(dataset_).in_file(file_.path());
    }
  }

  Hdf5File file_;
  std::string dataset_;
  FrameShape shape_;
  std::int64_t frames_;
};

}  // namespace

std::unique_ptr<Stimulus> memory_stimulus(NdArray<float> movie) {
  return std::make_unique<MemoryStimulus>(std::move(movie));
}

std::unique_ptr<Stimulus> hdf5_stimulus(const std::filesystem::path& path, const std::string& dataset) {
  return std::make_unique<Hdf5Stimulus>(path, dataset);
}

}  // namespace plexiform
