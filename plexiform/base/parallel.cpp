#include "plexiform/base/parallel.hpp"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <system_error>
#include <thread>
#include <vector>

namespace plexiform {

int default_threads() {
  // The set of processors this process may run on: taskset and batch systems make it smaller than the machine.
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0) return std::max(1, CPU_COUNT(&allowed));
  return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

namespace {

using Body = std::function<void(std::int64_t, std::int64_t)>;

/// Piece i of [0, n) cut into `pieces` whose lengths differ by one at most.
std::int64_t piece_begin(std::int64_t n, std::int64_t pieces, std::int64_t i) {
  return n / pieces * i + std::min(i, n % pieces);
}

}  // namespace

// Threads live for one call. The pieces here last milliseconds and a thread starts in tens of microseconds; so none is
// left idle beside torch's pool, and a process that forks (Python's multiprocessing) inherits no dead pool.
void parallel_for(std::int64_t n, int threads, const Body& body) {
  if (n <= 0) return;
  const std::int64_t pieces = std::min<std::int64_t>(n, threads > 0 ? threads : default_threads());
  std::vector<std::exception_ptr> failures(static_cast<std::size_t>(pieces));
  const auto run = [&](std::int64_t i) {
    try {
      body(piece_begin(n, pieces, i), piece_begin(n, pieces, i + 1));
    } catch (...) {
      failures[static_cast<std::size_t>(i)] = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> workers;
    workers.reserve(static_cast<std::size_t>(pieces - 1));
    for (std::int64_t i = 1; i < pieces; ++i) {
      try {
        workers.emplace_back(run, i);
      } catch (const std::system_error&) {
        run(i);  // no more threads to be had: the work is done here
      }
    }
    run(0);
  }
  // Of several failures the first piece's is rethrown, so that the message does not depend on timing.
  for (const auto& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
}

void parallel_each(std::int64_t n, int threads, const std::function<void(std::int64_t)>& body) {
  const std::int64_t side_by_side = std::min<std::int64_t>(n, threads > 0 ? threads : default_threads());
  std::atomic<std::int64_t> next = 0;
  parallel_for(side_by_side, static_cast<int>(side_by_side), [&](std::int64_t, std::int64_t) {
    for (std::int64_t i = next++; i < n; i = next++) {
      try {
        body(i);
      } catch (...) {
        next = n;
        throw;
      }
    }
  });
}

}  // namespace plexiform
