#include "plexiform/base/error.hpp"
#include "plexiform/recording/formats/import.hpp"
#include "plexiform/recording/formats/import_parts.hpp"
#include "plexiform/recording/formats/native.hpp"
#include "plexiform/recording/wording.hpp"

namespace plexiform {
namespace {

/// Shape mistakes that are easy to make and easy to name.
void check_lengths(const ArraysImport& import, const ImportedCounts& counts, std::int64_t frames) {
  const std::int64_t cells = counts.values.shape[0];
  if (!counts.has_trials && cells == frames && counts.time != frames)
    throw Error(ErrorKind::data,
                import.counts.string() + ": has shape " + shape_text(counts.values.shape) + ", expected [cell, " +
                    std::to_string(frames) + "] as the stimulus has " + counted(frames, "frame"),
                "these counts look like [time, cell]: give the transposed array");
  same_length(import.counts.string() + ":" + (counts.has_trials ? " each trial" : ""), counts.time, "count", frames,
              import.common.lag_offset);
}

}  // namespace

void import_arrays(const ArraysImport& import, const std::filesystem::path& output) {
  Recording recording;
  const ImportedCounts counts = read_counts(import.counts);
  apply_common(import.common, counts.values.shape[0], recording);
  recording.stimulus = npy_stimulus(import.stimulus);
  const std::int64_t frames = recording.stimulus->frames();
  check_lengths(import, counts, frames);

  std::vector<Stretch> stretches;
  for (std::int64_t trial = 0; trial < counts.trials; ++trial)
    stretches.push_back(cut(
        {trial * counts.time, counts.time, import.common.lag_offset, 0, counts.has_trials ? trial : -1}, {0, frames}));
  take_stretches(recording, counts.values, stretches);
  if (recording.bins() == 0)
    throw Error(ErrorKind::data, import.counts.string() + ": with lag offset " +
                                     std::to_string(import.common.lag_offset) + " no count lies within the " +
                                     counted(frames, "frame") + " of the stimulus");
  recording.source = "import arrays: stimulus " + import.stimulus.filename().string() + ", counts " +
                     import.counts.filename().string() + ", lag offset " + std::to_string(import.common.lag_offset) +
                     left_out(counts.values.shape[1] - recording.bins(), "outside the stimulus");
  StoredType type = StoredType::float32;
  try {
    type = scan_stimulus(*recording.stimulus);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::file) throw;  // names the file already
    throw error.at(import.stimulus.string());
  }
  write_recording_as(output, recording, type);
}

}  // namespace plexiform
