#pragma once

namespace plexiform {

/// While one of these lives, operations of torch use one thread each: the library's threads are its own, and sums have
/// the same order on any number of them. The number belongs to the thread that makes the guard; it is put back when the
/// last guard of that thread is gone, so that a caller finds it as it was. Destroyed on the thread that made it.
class OneTorchThread {
 public:
  OneTorchThread();
  ~OneTorchThread();
  OneTorchThread(const OneTorchThread&) = delete;
  OneTorchThread& operator=(const OneTorchThread&) = delete;
};

}  // namespace plexiform
