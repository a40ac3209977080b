#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "plexiform/base/context.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/reveal/block_rows.hpp"
#include "plexiform/reveal/fit.hpp"

namespace plexiform::reveal {

inline double weight_of(const Seen& seen, std::size_t block) {
  return seen.block_weights.empty() ? 1 : seen.block_weights[block];
}

/// Calls body(group, block, space) for the blocks that have a weight. Threads take whole groups of blocks, so that sums
/// that are kept by group, and added in their order, are the same bits on any number of threads.
template <class Body>
void for_blocks(const Seen& seen, std::int64_t most_groups, const Context& context, const Body& body) {
  const auto blocks = static_cast<std::int64_t>(seen.movie.blocks.size()), groups = std::min(most_groups, blocks);
  parallel_for(groups, threads_of(context), [&](std::int64_t begin, std::int64_t end) {
    BlockSpace space;
    for (auto g = begin; g < end; ++g)
      for (auto b = g * blocks / groups; b < (g + 1) * blocks / groups; ++b) {
        if (weight_of(seen, static_cast<std::size_t>(b)) == 0) continue;
        check_stop(context);
        body(static_cast<std::size_t>(g), static_cast<std::size_t>(b), space);
      }
  });
}

}  // namespace plexiform::reveal
