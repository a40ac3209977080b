#pragma once
#include <cstdint>
#include <functional>

namespace plexiform {

/// Number of threads to use when a caller asks for 0: what the machine offers.
int default_threads();

/// Calls body(begin, end) on consecutive pieces of [0, n) from up to `threads` threads (0: default_threads()).
/// Pieces depend on n and threads only. An exception in a piece is rethrown here after all pieces have ended.
void parallel_for(std::int64_t n, int threads, const std::function<void(std::int64_t, std::int64_t)>& body);

/// For pieces of uneven length: calls body(i) once for each i in [0, n), in order of i from up to `threads` threads,
/// each of which takes the next when it is done with its own. After a failure no more are begun, and it is rethrown
/// here.
void parallel_each(std::int64_t n, int threads, const std::function<void(std::int64_t)>& body);

}  // namespace plexiform
