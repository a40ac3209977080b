#pragma once

namespace plexiform {

/// While one of these lives, operations of torch use one thread each: the library's threads are its own, and sums have
/// the same order on any number of them. The number of threads is the process's; it is put back when the last one that
/// lives is gone, so that a caller finds it as it was.
class OneTorchThread {
 public:
  OneTorchThread();
  ~OneTorchThread();
  OneTorchThread(const OneTorchThread&) = delete;
  OneTorchThread& operator=(const OneTorchThread&) = delete;
};

}  // namespace plexiform
