#pragma once
#include <cstdint>
#include <memory>
#include <span>

#include "plexiform/stimulus/recipe.hpp"

namespace plexiform {

/// The stimulus of a recipe that make_stimulus has checked.
std::unique_ptr<Stimulus> ran1_stimulus(const Ran1Recipe& recipe);

/// A binary replay that also gives its values as bits.
class BinaryReplay : public Stimulus {
 public:
  /// One whole frame in the order of the stream, a bit a value, 1 for +contrast; (pixels + 63) / 64 words.
  virtual void read_signs(std::int64_t frame, std::span<std::uint64_t> out) const = 0;
};
/// Of a binary recipe. Throws InternalError if it is not binary.
std::unique_ptr<BinaryReplay> binary_replay(const Ran1Recipe& recipe);

}  // namespace plexiform
