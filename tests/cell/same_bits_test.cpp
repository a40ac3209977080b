#include <gtest/gtest.h>

#include <cstring>

#include "plexiform/cell/presets.hpp"

namespace plexiform {
namespace {

/// FNV-1a of an array's bytes.
template <class T>
std::uint64_t hash_of(const NdArray<T>& array) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const T value : array.values) {
    std::array<unsigned char, sizeof(T)> bytes;
    std::memcpy(bytes.data(), &value, sizeof(T));
    for (const unsigned char byte : bytes) hash = (hash ^ byte) * 0x100000001b3u;
  }
  return hash;
}

struct Pinned {
  const char* preset;
  std::uint64_t counts, spatial, temporal, weight;
  double threshold, gain;
};

// What version 0.1.0 made of seed 103, 3000 frames: recordings that people have can be made again.
constexpr Pinned kPinned[] = {
    {"linear", 0xaefe848b169e5820u, 0x5a7b56cb770f3ed5u, 0x7f3fee398854e96au, 0x4b72477f9c5c2f98u, 0x1.93e36c74a2dddp-3,
     0x1.51296142e9c53p-2},
    {"mosaic5", 0x83ffa1e4bf4fb407u, 0xe2132744a2425c2fu, 0x271a69deb499226au, 0x0e5a49aeb27ab567u,
     0x1.eb0830eed09cbp-1, 0x1.7085de82a9150p-4},
    {"mosaic9", 0x581e8b92fc83b952u, 0x689d03d893181f59u, 0x98845be941ba5b6au, 0x6bf48503abc70470u,
     0x1.c081effcb675bp+0, 0x1.99c0e246a629cp-5},
    {"yan2020", 0xea46e2c87a1f6f94u, 0x0c383b64e11ce0a5u, 0x5b0c60229cd71c25u, 0xba01ef54a0fea6c5u,
     0x1.4000000000000p+1, 0x1.1111111111111p-4},
};

void expect_pinned(const Recording& recording, const Pinned& pinned) {
  const Circuit& circuit = recording.truth[0];
  EXPECT_EQ(hash_of(recording.counts), pinned.counts) << pinned.preset;
  EXPECT_EQ(hash_of(circuit.spatial), pinned.spatial) << pinned.preset;
  EXPECT_EQ(hash_of(circuit.temporal), pinned.temporal) << pinned.preset;
  EXPECT_EQ(hash_of(circuit.weight), pinned.weight) << pinned.preset;
  EXPECT_DOUBLE_EQ(circuit.threshold, pinned.threshold) << pinned.preset;
  EXPECT_DOUBLE_EQ(circuit.gain, pinned.gain) << pinned.preset;
}

TEST(SameBits, OfThePresetsOfTheFirstVersion) {
  for (const Pinned& pinned : kPinned) {
    CellRecipe recipe;
    recipe.preset = pinned.preset;
    recipe.seed = 103;
    recipe.frames = 3000;
    expect_pinned(simulate(recipe), pinned);
  }
}

TEST(SameBits, OfOtherSubunitsSpikesAndNoise) {
  CellRecipe recipe;
  recipe.seed = 7;
  recipe.frames = 2000;
  recipe.subunits = SubunitNonlinearity::half_squared;
  recipe.spikes = SpikeRule::at_most_one;
  recipe.noise = NoiseValues::gaussian;
  expect_pinned(simulate(recipe), {"mosaic5", 0xb8fc30dec31f2d94u, 0xdce987b9aab18a8cu, 0x271a69deb499226au,
                                   0x7ee8541754081b03u, 0x1.45c6bbc01dee9p+0, 0x1.f81122c564cb6p-5});
}

}  // namespace
}  // namespace plexiform
