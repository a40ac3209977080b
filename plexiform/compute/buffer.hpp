#pragma once
#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>

namespace plexiform {

/// Floats at a cache line's boundary, for the kernels; grows, never shrinks, so that a step allocates nothing.
class Buffer {
 public:
  /// At least n floats. What they held is lost where the buffer grows.
  float* at_least(std::size_t n) {
    if (n > size_) {
      data_.reset();  // before the new one: the two need not fit together
      data_.reset(static_cast<float*>(::operator new(n * sizeof(float), kAlignment)));
      size_ = n;
    }
    return data_.get();
  }
  float* zeroed(std::size_t n) {
    std::fill_n(at_least(n), n, 0.0F);
    return data_.get();
  }
  float* data() { return data_.get(); }
  const float* data() const { return data_.get(); }
  std::size_t size() const { return size_; }

 private:
  static constexpr std::align_val_t kAlignment{64};
  struct Free {
    void operator()(float* p) const { ::operator delete(p, kAlignment); }
  };
  std::unique_ptr<float[], Free> data_;
  std::size_t size_ = 0;
};

}  // namespace plexiform
