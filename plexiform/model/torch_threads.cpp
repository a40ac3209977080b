#include "plexiform/model/torch_threads.hpp"

#include <ATen/Parallel.h>

#include <mutex>

namespace plexiform {
namespace {

std::mutex mutex;
int living = 0, before = 0;  ///< how many there are, and the process's number before the first

}  // namespace

OneTorchThread::OneTorchThread() {
  const std::lock_guard lock(mutex);
  if (living++ == 0) before = at::get_num_threads();
  // Also where others live: OpenMP has a number for each thread.
  at::set_num_threads(1);
}

OneTorchThread::~OneTorchThread() {
  const std::lock_guard lock(mutex);
  if (--living == 0) at::set_num_threads(before);
}

}  // namespace plexiform
