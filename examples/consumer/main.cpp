// A program of your own on the library: simulates a model cell with five subunits and counts its spikes.
#include <iostream>
#include <numeric>

#include "plexiform/cell/presets.hpp"

int main() {
  const plexiform::Recording recording = plexiform::simulate({.preset = "mosaic5", .seed = 101, .frames = 3000});
  const auto& counts = recording.counts.values;
  std::cout << std::accumulate(counts.begin(), counts.end(), 0) << " spikes in " << recording.bins() << " frames\n";
}
