#include "plexiform/recording/from_arrays.hpp"

#include <algorithm>
#include <cmath>

#include "plexiform/base/error.hpp"
#include "plexiform/base/wording.hpp"
#include "plexiform/stimulus/stored.hpp"

namespace plexiform {
namespace {

void check_stimulus(const NdArray<float>& stimulus) {
  const auto& values = stimulus.values;
  const auto frame = static_cast<std::ptrdiff_t>(stimulus.row_size());
  const auto wrong = std::ranges::find_if(values, [](float value) { return !std::isfinite(value); });
  if (wrong != values.end())
    throw Error(ErrorKind::data, "frame " + std::to_string((wrong - values.begin()) / frame) +
                                     " of the stimulus holds a value that is not finite");
  if (std::ranges::all_of(values, [&](float value) { return value == values[0]; }))
    throw Error(ErrorKind::data,
                "all values of the stimulus are " + std::to_string(values[0]) + ", expected contrasts that vary");
}

}  // namespace

Recording recording_from_arrays(NdArray<float> stimulus, NdArray<std::int32_t> counts, double frame_rate) {
  if (stimulus.shape.size() == 3) stimulus.shape.insert(stimulus.shape.begin() + 1, 1);
  if (stimulus.shape.size() != 4 || stimulus.values.empty())
    throw Error(ErrorKind::data, "the stimulus has shape " + shape_text(stimulus.shape) +
                                     ", expected [frame, row, column] or [frame, channel, row, column]");
  if (counts.shape.size() != 2 || counts.shape[1] != stimulus.shape[0])
    throw Error(ErrorKind::data, "the counts have shape " + shape_text(counts.shape) +
                                     ", expected [cell, frame] with " + counted(stimulus.shape[0], "frame") +
                                     " as the stimulus has");
  check_stimulus(stimulus);
  Recording recording;
  recording.frame_rate = frame_rate;
  recording.names.resize(static_cast<std::size_t>(counts.shape[0]));
  recording.segments = {{.start = 0, .length = counts.shape[1], .first_frame = 0, .history_begin = 0, .repeat = -1}};
  recording.counts = std::move(counts);
  recording.stimulus = memory_stimulus(std::move(stimulus));
  recording.source = "arrays in memory";
  validate(recording);
  return recording;
}

}  // namespace plexiform
