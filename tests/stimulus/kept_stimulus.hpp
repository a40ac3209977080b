#pragma once
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "plexiform/base/ndarray.hpp"
#include "plexiform/stimulus/stimulus.hpp"
#include "plexiform/stimulus/stored.hpp"

namespace plexiform::testing {

/// Another stimulus whose first frames are kept in memory, for tests that read them again and again.
class KeptStimulus final : public Stimulus {
 public:
  KeptStimulus(std::shared_ptr<const Stimulus> of, std::int64_t kept) : of_(std::move(of)), kept_(kept) {
    std::vector<float> movie(static_cast<std::size_t>(kept * of_->shape().channels * of_->shape().pixels()));
    of_->read(0, kept, whole(of_->shape()), movie);
    NdArray<float> frames({kept, of_->shape().channels, of_->shape().height, of_->shape().width});
    frames.values = std::move(movie);
    front_ = memory_stimulus(std::move(frames));
  }

  FrameShape shape() const override { return of_->shape(); }
  std::int64_t frames() const override { return of_->frames(); }

 private:
  void read_block(std::int64_t begin, std::int64_t end, const Window& window, std::span<float> out) const override {
    (end <= kept_ ? *front_ : *of_).read(begin, end, window, out);
  }

  std::shared_ptr<const Stimulus> of_, front_;
  std::int64_t kept_;
};

}  // namespace plexiform::testing
