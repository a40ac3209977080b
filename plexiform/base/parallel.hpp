#pragma once
#include <cstdint>
#include <functional>

namespace plexiform {

/// Number of threads to use where a caller asks for 0: what the machine offers.
int default_threads();

/// Calls body(begin, end) on consecutive pieces of [0, n) from up to `threads` threads (0: default_threads()).
/// Pieces depend on n and threads only. An exception in a piece is rethrown here after all pieces have ended.
void parallel_for(std::int64_t n, int threads, const std::function<void(std::int64_t, std::int64_t)>& body);

}  // namespace plexiform
