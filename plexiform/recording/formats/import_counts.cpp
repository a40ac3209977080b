#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/recording/formats/import.hpp"
#include "plexiform/recording/formats/import_parts.hpp"
#include "plexiform/recording/formats/native.hpp"
#include "plexiform/recording/wording.hpp"

namespace plexiform {
namespace {

std::vector<Place> read_centers(const std::filesystem::path& path, std::int64_t cells) {
  std::vector<Place> centers;
  std::istringstream lines(read_text(path));
  std::string line;
  for (std::int64_t number = 1; std::getline(lines, line); ++number) {
    std::replace(line.begin(), line.end(), ',', ' ');
    if (line.find_first_not_of(" \t\r") == std::string::npos || line[0] == '#') continue;
    std::istringstream fields(line);
    Place place;
    std::string more;
    if (!(fields >> place.x >> place.y) || (fields >> more) || !std::isfinite(place.x) || !std::isfinite(place.y))
      throw Error(ErrorKind::data,
                  path.string() + ": line " + std::to_string(number) + " is '" + line + "', expected two numbers: x y");
    centers.push_back(place);
  }
  if (static_cast<std::int64_t>(centers.size()) != cells)
    throw Error(ErrorKind::data,
                path.string() + ": has " + counted(static_cast<std::int64_t>(centers.size()), "line") +
                    " with centres, the counts have " + counted(cells, "cell"),
                "give one line 'x y' a cell");
  return centers;
}

/// Where each count stands: running blocks of the displayed order running, frozen, running, ...
std::vector<Stretch> running_blocks(const CountsImport& import, std::int64_t bins) {
  const Ran1Recipe& stimulus = import.stimulus;
  const std::int64_t offset = import.common.lag_offset;
  const std::int64_t endless = std::numeric_limits<std::int64_t>::max();
  if (stimulus.frozen_frames == 0) return {cut({0, bins, offset, 0, -1}, {0, endless})};
  const std::int64_t running = stimulus.running_frames;
  std::vector<Stretch> stretches;
  for (std::int64_t block = 0; block * running < bins; ++block) {
    const std::int64_t begin = block * running;
    const std::int64_t length = std::min(running, bins - begin);
    if (import.frozen_known) {
      const std::int64_t first = block * (running + stimulus.frozen_frames);
      stretches.push_back(cut({begin, length, first + offset, 0, -1}, {0, endless}));
    } else {  // the stream of the running frames alone; what a shifted block shares with frozen frames is unknown
      stretches.push_back(cut({begin, length, begin + offset, begin, -1}, {begin, begin + running}));
    }
  }
  return stretches;
}

}  // namespace

void import_counts(const CountsImport& import, const std::filesystem::path& output) {
  const Ran1Recipe& stimulus = import.stimulus;
  if (stimulus.frozen_frames > 0 && stimulus.running_frames < 1)
    throw Error(ErrorKind::usage, "frozen frames without the length of a running block",
                "say it: --running-frames 1500");
  if (import.frozen_known && stimulus.frozen_frames < 1)
    throw Error(ErrorKind::usage, "a seed of frozen frames without their number", "say it: --frozen-frames 300");
  const ImportedCounts counts = read_counts(import.counts);
  if (counts.has_trials)
    throw Error(ErrorKind::data,
                import.counts.string() + ": has three axes, expected [cell, bin] over the running frames",
                "join the trials in the order they were shown");
  Recording recording;
  apply_common(import.common, counts.values.shape[0], recording);
  Ran1Recipe kept = stimulus;
  if (!import.frozen_known || kept.frozen_frames == 0) kept.frozen_frames = kept.running_frames = kept.frozen_seed = 0;
  recording.recipe = kept;
  try {
    recording.stimulus = make_stimulus(*recording.recipe);
  } catch (const Error& error) {  // here the recipe is the caller's, not a file's
    throw Error(ErrorKind::usage, error.what(), error.advice());
  }
  take_stretches(recording, counts.values, running_blocks(import, counts.time));
  if (recording.bins() == 0)
    throw Error(ErrorKind::data, import.counts.string() + ": with lag offset " +
                                     std::to_string(import.common.lag_offset) + " no count lies within the stimulus");
  if (import.centers) recording.centers = read_centers(*import.centers, recording.cells());
  recording.source = "import counts: " + import.counts.filename().string() + ", stimulus " +
                     (stimulus.values == NoiseValues::binary ? "ran1" : "gasdev") + " seed " +
                     std::to_string(stimulus.seed) +
                     (stimulus.frozen_frames == 0 ? ""
                      : import.frozen_known       ? ", frozen blocks of " + counted(stimulus.frozen_frames, "frame") +
                                                  " (seed " + std::to_string(stimulus.frozen_seed) + ") between"
                                            : ", unknown frozen blocks between") +
                     ", lag offset " + std::to_string(import.common.lag_offset) +
                     left_out(counts.time - recording.bins(), "outside the known stimulus");
  write_recording_as(output, recording, StoredType::int8);
}

}  // namespace plexiform
