#include "plexiform/formats/counts_file.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/wording.hpp"
#include "plexiform/formats/parts.hpp"

namespace plexiform {
namespace {

std::vector<Place> read_centers(const std::filesystem::path& path, std::int64_t cells) {
  std::vector<Place> centers;
  std::istringstream lines(read_utf8(path));
  std::string line;
  for (std::int64_t number = 1; std::getline(lines, line); ++number) {
    std::replace(line.begin(), line.end(), ',', ' ');
    if (line.find_first_not_of(" \t\r") == std::string::npos || line[0] == '#') continue;
    std::istringstream fields(line);
    Place place;
    std::string more;
    if (!(fields >> place.x >> place.y) || (fields >> more) || !std::isfinite(place.x) || !std::isfinite(place.y))
      throw Error(ErrorKind::data, "line " + std::to_string(number) + " is '" + line + "', expected two numbers: x y")
          .in_object("line " + std::to_string(number))
          .in_file(path);
    centers.push_back(place);
  }
  if (static_cast<std::int64_t>(centers.size()) != cells)
    throw Error(
        ErrorKind::data,
        "has " + counted(std::ssize(centers), "line") + " with centres, the counts have " + counted(cells, "cell"),
        "give one line 'x y' a cell")
        .in_file(path);
  return centers;
}

/// Where each count stands: running blocks of the displayed order running, frozen, running, ...
std::vector<Stretch> running_blocks(const CountsOptions& options, std::int64_t bins) {
  const std::int64_t offset = options.timing.lag_offset;
  const std::int64_t endless = std::numeric_limits<std::int64_t>::max();
  if (!options.frozen) return {cut({0, bins, offset, 0, -1}, {0, endless})};
  const std::int64_t running = options.frozen->running_frames;
  std::vector<Stretch> stretches;
  for (std::int64_t block = 0; block * running < bins; ++block) {
    const std::int64_t begin = block * running;
    const std::int64_t length = std::min(running, bins - begin);
    if (options.frozen->seed) {
      const std::int64_t first = block * (running + options.frozen->frozen_frames);
      stretches.push_back(cut({begin, length, first + offset, 0, -1}, {0, endless}));
    } else {  // the stream of the running frames alone; what a shifted block shares with frozen frames is unknown
      stretches.push_back(cut({begin, length, begin + offset, begin, -1}, {begin, begin + running}));
    }
  }
  return stretches;
}

void check(const FrozenBlocks& frozen) {
  if (frozen.frozen_frames < 1)
    throw Error(ErrorKind::usage, "a seed of frozen frames without their number").mended_by("frozen_frames", "300");
  if (frozen.running_frames < 1)
    throw Error(ErrorKind::usage, "frozen frames without the length of a running block")
        .mended_by("running_frames", "1500");
}

Ran1Recipe recipe_of(const CountsOptions& options) {
  Ran1Recipe recipe = options.stimulus;
  recipe.frozen_frames = recipe.running_frames = recipe.frozen_seed = 0;
  if (options.frozen && options.frozen->seed) {
    recipe.running_frames = options.frozen->running_frames;
    recipe.frozen_frames = options.frozen->frozen_frames;
    recipe.frozen_seed = *options.frozen->seed;
  }
  return recipe;
}

std::string words_of(const std::optional<FrozenBlocks>& frozen) {
  if (!frozen) return "";
  if (!frozen->seed) return ", unknown frozen blocks between";
  return ", frozen blocks of " + counted(frozen->frozen_frames, "frame") + " (seed " + std::to_string(*frozen->seed) +
         ") between";
}

}  // namespace

Recording read_counts_file(const CountsOptions& options) {
  require_frame_rate(options.timing.frame_rate);
  if (options.frozen) check(*options.frozen);
  const ImportedCounts counts = read_counts(options.counts);
  if (counts.has_trials)
    throw Error(ErrorKind::data, "has three axes, expected [cell, bin] over the running frames",
                "join the trials in the order they were shown")
        .in_file(options.counts);
  Recording recording;
  apply_common(options.common, counts.values.shape[0], recording);
  recording.frame_rate = options.timing.frame_rate;
  recording.recipe = recipe_of(options);
  try {
    show(recording, make_stimulus(*recording.recipe));
  } catch (const Error& error) {  // here the recipe is the caller's, not a file's
    throw Error(ErrorKind::usage, error.what(), error.advice());
  }
  take_stretches(recording, counts.values, running_blocks(options, counts.time));
  if (recording.bins() == 0)
    throw Error(ErrorKind::data,
                "with lag offset " + std::to_string(options.timing.lag_offset) + " no count lies within the stimulus")
        .in_file(options.counts);
  if (options.centers) recording.centers = read_centers(*options.centers, recording.cells());
  recording.source = "import counts: " + options.counts.filename().string() + ", stimulus " +
                     (options.stimulus.values == NoiseValues::binary ? "ran1" : "gasdev") + " seed " +
                     std::to_string(options.stimulus.seed) + words_of(options.frozen) + ", lag offset " +
                     std::to_string(options.timing.lag_offset) +
                     omitted(counts.time - recording.bins(), "outside the known stimulus");
  validate(recording);
  return recording;
}

namespace {

using O = CountsOptions;

FrozenBlocks& frozen_of(O& o) {
  return o.frozen ? *o.frozen : o.frozen.emplace();
}

std::vector<BoundOption<O>> recipe_options() {
  return {
      bound_text<O>({.name = "stimulus",
                     .about = "ran1 (binary, the default) or gasdev (Gaussian)",
                     .example = "ran1",
                     .choices = {"ran1", "gasdev"}},
                    [](O& o, const std::string& text) {
                      o.stimulus.values = text == "ran1" ? NoiseValues::binary : NoiseValues::gaussian;
                    }),
      bound<O>(
          {.name = "seed",
           .type = OptionType::integer,
           .about = "seed of the running frames, negative",
           .example = "-10000",
           .need = Need::required},
          [](O & o) -> auto& { return o.stimulus.seed; }),
      bound<O>(
          {.name = "width", .type = OptionType::integer, .about = "pixels", .example = "200", .need = Need::required},
          [](O & o) -> auto& { return o.stimulus.width; }),
      bound<O>(
          {.name = "height", .type = OptionType::integer, .about = "pixels", .example = "150", .need = Need::required},
          [](O & o) -> auto& { return o.stimulus.height; }),
      bound_text<O>(
          {.name = "order",
           .about = "xy (the default): value number x * height + y of a frame; yx: y * width + x",
           .example = "xy",
           .choices = {"xy", "yx"}},
          [](O& o, const std::string& text) { o.stimulus.order = text == "xy" ? PixelOrder::xy : PixelOrder::yx; }),
      bound<O>(
          {.name = "contrast", .type = OptionType::number, .about = "contrast (gasdev: standard deviation; default 1)"},
          [](O & o) -> auto& { return o.stimulus.contrast; }),
      bound<O>(
          {.name = "running_frames",
           .type = OptionType::integer,
           .about = "length of a running block between frozen ones",
           .example = "1500"},
          [](O & o) -> auto& { return o.stimulus.running_frames; }),
      bound<O>(
          {.name = "frozen_frames", .type = OptionType::integer, .about = "length of a frozen block", .example = "300"},
          [](O & o) -> auto& { return frozen_of(o).frozen_frames; }),
      bound<O>(
          {.name = "frozen_seed",
           .type = OptionType::integer,
           .about = "its seed; without it what was shown there is unknown",
           .example = "-20000"},
          [](O & o) -> auto& { return frozen_of(o).seed; }),
  };
}

/// As the table's parameters give them; without frozen frames there are no blocks.
Recording read_resolved(const O& given) {
  O options = given;
  const bool frozen = options.frozen && (options.frozen->frozen_frames != 0 || options.frozen->seed);
  if (options.stimulus.running_frames > 0 && !frozen)
    throw Error(ErrorKind::usage, "running blocks of " + std::to_string(options.stimulus.running_frames) +
                                      " frames without frozen ones between them")
        .mended_by("frozen_frames", "300");
  if (!frozen) options.frozen.reset();
  if (options.frozen) options.frozen->running_frames = options.stimulus.running_frames;
  return read_counts_file(options);
}

}  // namespace

Format counts_format() {
  return make_format<O>(
      "counts", "counts under a stimulus that is regenerated from its seed",
      joined<O>({{bound<O>(
                     {.name = "counts",
                      .about = ".npy or .npy.gz, [cell, frame] over the running frames",
                      .example = "counts.npy.gz",
                      .need = Need::required},
                     [](O & o) -> auto& { return o.counts; })},
                 recipe_options(),
                 {bound<O>(
                     {.name = "centers", .about = "text file, a line 'x y' a cell, pixels", .example = "centers.txt"},
                     [](O & o) -> auto& { return o.centers; })},
                 timing_options<O>(Need::required),
                 common_options<O>()}),
      read_resolved, [](const std::filesystem::path& path) { return is_npy_of(path, 2, 2); });
}

}  // namespace plexiform
