#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/result/subunits.hpp"
#include "plexiform/reveal/find.hpp"
#include "plexiform/reveal/placed.hpp"

namespace plexiform::reveal {

/// A subunit of a half as it is compared: by its shape, its polarity and its sign.
struct Compared {
  NdArray<float> spatial;       ///< [height, width], unit norm
  std::vector<float> temporal;  ///< [lag]
  int sign = 1;
  bool even = false;  ///< answers to both polarities: its time course has no sign
};

/// Likeness of two: the cosine of their shapes where sign and polarity agree, else 0.
double likeness(const Compared& a, const Compared& b);

/// Pairs of one list and another, one to one by the greatest sum of likenesses, that are alike by kAlikeSubunits or
/// more.
std::size_t partners(std::span<const Compared> a, std::span<const Compared> b);

/// A list mirrored through the centre of its field: subunits tile the field, so that many match by chance, and this
/// says how many.
std::vector<Compared> mirrored(std::vector<Compared> list);

/// Why the halves of a movie cannot be searched: too few blocks or spikes; empty where they can.
std::string obstacle_to_halves(const Movie& movie);

/// Searches each half of a movie anew, in the same window, and compares what is sure there (kSure). Throws as
/// find_subunits.
Halves halves_of(const Movie& movie, const SearchSettings& settings, const Placing& placing, std::uint64_t seed,
                 const Context& context);

}  // namespace plexiform::reveal
