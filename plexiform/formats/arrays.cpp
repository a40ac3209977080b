#include "plexiform/formats/arrays.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "plexiform/base/error.hpp"
#include "plexiform/base/wording.hpp"
#include "plexiform/formats/parts.hpp"

namespace plexiform {
namespace {

/// Shape mistakes that are easy to make and easy to name.
void check_lengths(const ArraysOptions& options, const ImportedCounts& counts, std::int64_t frames) {
  const std::int64_t cells = counts.values.shape[0];
  if (!counts.has_trials && cells == frames && counts.time != frames)
    throw Error(ErrorKind::data,
                "has shape " + shape_text(counts.values.shape) + ", expected [cell, " + std::to_string(frames) +
                    "] as the stimulus has " + counted(frames, "frame"),
                "these counts look like [time, cell]: give the transposed array")
        .in_file(options.counts);
  same_length(options.counts, counts.has_trials ? "each trial " : "", counts.time, "count", frames,
              options.timing.lag_offset, options.bin);
}

}  // namespace

Recording read_arrays(const ArraysOptions& options) {
  check_bin_width(options.bin);
  require_frame_rate(options.timing.frame_rate);
  const std::int64_t offset = offset_in_bins(options.timing.lag_offset, options.bin);
  Recording recording;
  const ImportedCounts counts = read_counts(options.counts);
  apply_common(options.common, counts.values.shape[0], recording);
  recording.frame_rate = options.timing.frame_rate;
  std::shared_ptr<const Stimulus> movie = npy_stimulus(options.stimulus);
  show(recording, movie, options.bin);
  const std::int64_t frames = recording.stimulus->frames();
  check_lengths(options, counts, frames);

  std::vector<Stretch> stretches;
  for (std::int64_t trial = 0; trial < counts.trials; ++trial)
    stretches.push_back(
        cut({trial * counts.time, counts.time, offset, 0, counts.has_trials ? trial : -1}, {0, frames}));
  take_stretches(recording, counts.values, stretches);
  if (recording.bins() == 0)
    throw Error(ErrorKind::data, "with lag offset " + std::to_string(options.timing.lag_offset) +
                                     " no count lies within the " + counted(movie->frames(), "frame") +
                                     " of the stimulus")
        .in_file(options.counts);
  require_change(*movie, options.stimulus);
  recording.source = "import arrays: stimulus " + options.stimulus.filename().string() + ", counts " +
                     options.counts.filename().string() + ", lag offset " + std::to_string(options.timing.lag_offset) +
                     omitted(counts.values.shape[1] - recording.bins(), "outside the stimulus");
  validate(recording);
  return recording;
}

Format arrays_format() {
  using O = ArraysOptions;
  return make_format<O>("arrays", "a stimulus and counts as .npy arrays",
                        joined<O>({{bound<O>(
                                        {.name = "stimulus",
                                         .about = ".npy, [time, h, w] or [time, c, h, w], contrast",
                                         .example = "stim.npy",
                                         .need = Need::required},
                                        [](O & o) -> auto& { return o.stimulus; }),
                                    bound<O>(
                                        {.name = "counts",
                                         .about = ".npy, [cell, time] or [cell, trial, time]",
                                         .example = "counts.npy",
                                         .need = Need::required},
                                        [](O & o) -> auto& { return o.counts; })},
                                   timing_options<O>(Need::required),
                                   bin_options<O>(),
                                   common_options<O>()}),
                        read_arrays, [](const std::filesystem::path& path) { return is_npy_of(path, 2, 3); });
}

}  // namespace plexiform
