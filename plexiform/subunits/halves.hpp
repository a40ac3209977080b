#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/subunits/certainty.hpp"
#include "plexiform/subunits/find.hpp"

namespace plexiform::reveal {

/// A subunit as halves of a recording are compared: by its shape, its polarity and its sign.
struct Compared {
  std::vector<double> weights;   ///< [pixel], unit norm
  std::vector<double> temporal;  ///< [channel * lag]
  int sign = 1;
};
/// The subunits of a model that are `wanted` [part].
std::vector<Compared> compared(const Model& model, const Grid& grid, std::span<const char> wanted);

/// Likeness of two: the cosine of their shapes where sign and polarity agree, else 0.
double likeness(const Compared& a, const Compared& b);

/// Pairs of one list and another, one to one by the greatest sum of likenesses, that are alike by kAlike or more.
std::size_t partners(std::span<const Compared> a, std::span<const Compared> b);

/// A list mirrored through the centre of its field: subunits tile the field, so that many match by chance, and this
/// says how many.
std::vector<Compared> mirrored(std::vector<Compared> list, const Grid& grid);

/// The subunits of one half of a recording beside those of the other.
struct Halves {
  double first_spikes = 0, second_spikes = 0;
  std::size_t first = 0, second = 0;  ///< sure subunits of each, excitatory and suppressive
  std::size_t again = 0;              ///< pairs of them
  std::size_t by_chance = 0;          ///< the same after one list is mirrored
  std::size_t shorter() const { return first < second ? first : second; }
};

/// Searches each half of a movie anew and compares what is sure there. Throws as find_subunits.
Halves halves_of(const Movie& movie, const SearchSettings& settings, std::uint64_t seed, const Context& context);

}  // namespace plexiform::reveal
