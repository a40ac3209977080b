#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stop_token>

#include "plexiform/base/error.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/base/progress.hpp"

namespace plexiform {

/// What a caller lends to one call of the library. The call keeps nothing of it, and leaves the process as it was.
struct Context {
  /// Threads that the call may use; 0: what the machine offers. Results do not depend on it.
  int threads = 0;
  /// A request to stop ends the call with Interrupted.
  std::stop_token stop = {};
  /// Receives how far the call is; may be empty.
  ProgressSink progress = {};
  /// Bytes of the movie that are kept in memory at a time; what is beyond them lies in a scratch file without a name.
  /// Results do not depend on it.
  std::size_t memory_bytes = std::size_t{1} << 30;
};

/// The number of threads of a context, 1 or more.
inline int threads_of(const Context& context) {
  return context.threads > 0 ? context.threads : default_threads();
}

/// The context of one of `parts` parts of the work that go side by side, which has `threads` of its own and an equal
/// share of the memory (all of it where it goes alone). It sees the same stop request; `progress` is not passed on,
/// since the whole has a progress of its own.
inline Context part_of(const Context& context, int threads, std::int64_t parts) {
  const auto shares = static_cast<std::size_t>(std::max<std::int64_t>(parts, 1));
  return {threads, context.stop, {}, context.memory_bytes / shares};
}

/// Throws Interrupted if the caller asked to stop.
inline void check_stop(const Context& context) {
  if (context.stop.stop_requested()) throw Interrupted();
}

inline void tell(const Context& context, const Progress& progress) {
  if (context.progress) context.progress(progress);
}

}  // namespace plexiform
