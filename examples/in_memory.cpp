// Arrays of stimulus and counts to subunits, in memory: no file is written.
#include <cmath>
#include <cstdio>

#include "plexiform/cell/presets.hpp"
#include "plexiform/recording/from_arrays.hpp"
#include "plexiform/reveal/reveal_cell.hpp"

using namespace plexiform;

int main() {
  // Your own arrays go here: contrast [frame, row, column] and spikes [cell, frame]. These are a model cell's.
  const Recording cell = simulate({.preset = "mosaic5", .seed = 101, .frames = 10'000});
  NdArray<float> stimulus({10'000, 16, 16});
  cell.stimulus->read(0, 10'000, whole(cell.stimulus->shape()), stimulus.values);

  const Recording recording = recording_from_arrays(stimulus, cell.counts, 30.0);
  const Split split = make_split(recording, {});
  const CellSubunits found = reveal_cell(recording, 0, {8, 8}, split, {}, 1).subunits;
  std::printf("%s, p = %.3f\n", to_string(found.structure->verdict).c_str(), found.structure->p_value);
  for (const Subunit& s : found.subunits)
    std::printf("x %4.1f  y %4.1f  weight %.2f  latency %.1f frames  confidence %.2f\n", s.place.x, s.place.y, s.weight,
                s.latency, s.certainty ? s.certainty->confidence : NAN);
}
