#include "plexiform/model/torch_threads.hpp"

#include <ATen/Parallel.h>

namespace plexiform {
namespace {

// torch's number of threads is OpenMP's, which each thread of a program has for itself.
thread_local int living = 0;  ///< guards of this thread
thread_local int before = 0;  ///< its number before the first of them

}  // namespace

OneTorchThread::OneTorchThread() {
  if (living++ == 0) before = at::get_num_threads();
  at::set_num_threads(1);
}

OneTorchThread::~OneTorchThread() {
  if (--living == 0) at::set_num_threads(before);
}

}  // namespace plexiform
