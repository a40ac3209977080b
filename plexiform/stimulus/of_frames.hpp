#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "plexiform/stimulus/stimulus.hpp"

namespace plexiform {

/// A stimulus whose frames are made one by one and may stay for several frames. `Maker` has
///   std::int64_t number_of(std::int64_t frame) const;               frames of one number look the same
///   void make(std::int64_t number, std::span<float> out) const;     one channel, [height, width], contrast
/// All channels show the same.
template <class Maker>
class StimulusOfFrames final : public Stimulus {
 public:
  StimulusOfFrames(const FrameShape& shape, std::int64_t frames, Maker maker)
      : shape_(shape), frames_(frames), maker_(std::move(maker)) {}

  FrameShape shape() const override { return shape_; }
  std::int64_t frames() const override { return frames_; }

 private:
  void read_block(std::int64_t begin, std::int64_t end, const Window& window, std::span<float> out) const override {
    std::vector<float> frame(static_cast<std::size_t>(shape_.pixels()));
    std::int64_t made = -1;
    auto at = out.begin();
    for (std::int64_t t = begin; t < end; ++t) {
      if (const std::int64_t number = maker_.number_of(t); number != made) {
        maker_.make(number, frame);
        made = number;
      }
      for (std::int64_t c = 0; c < shape_.channels; ++c)
        for (std::int64_t y = window.y; y < window.y + window.height; ++y)
          at = std::copy_n(frame.begin() + y * shape_.width + window.x, window.width, at);
    }
  }

  FrameShape shape_;
  std::int64_t frames_;
  Maker maker_;
};

template <class Maker>
std::unique_ptr<Stimulus> stimulus_of_frames(const FrameShape& shape, std::int64_t frames, Maker maker) {
  return std::make_unique<StimulusOfFrames<Maker>>(shape, frames, std::move(maker));
}

}  // namespace plexiform
