#pragma once
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <thread>
#include <utility>

#include "plexiform/stimulus/stimulus.hpp"

namespace plexiform::testing {

/// Another stimulus and who reads it. At read number `stop_at` (0: never) its readers are asked to stop.
class WatchedStimulus final : public Stimulus {
 public:
  explicit WatchedStimulus(std::shared_ptr<const Stimulus> of, int stop_at = 0)
      : of_(std::move(of)), stop_at_(stop_at) {}

  FrameShape shape() const override { return of_->shape(); }
  std::int64_t frames() const override { return of_->frames(); }

  std::stop_token token() const { return stop_.get_token(); }
  int reads() const {
    const std::lock_guard lock(mutex_);
    return reads_;
  }
  std::set<std::thread::id> readers() const {
    const std::lock_guard lock(mutex_);
    return readers_;
  }

 private:
  void read_block(std::int64_t begin, std::int64_t end, const Window& window, std::span<float> out) const override {
    of_->read(begin, end, window, out);
    const std::lock_guard lock(mutex_);
    readers_.insert(std::this_thread::get_id());
    if (++reads_ == stop_at_) stop_.request_stop();
  }

  std::shared_ptr<const Stimulus> of_;
  int stop_at_;
  mutable std::stop_source stop_;
  mutable std::mutex mutex_;
  mutable int reads_ = 0;
  mutable std::set<std::thread::id> readers_;
};

}  // namespace plexiform::testing
