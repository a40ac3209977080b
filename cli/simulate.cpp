#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "plexiform/base/error.hpp"
#include "plexiform/cell/presets.hpp"
#include "plexiform/formats/recording_file.hpp"
#include "plexiform/recording/recording.hpp"
#include "program.hpp"

namespace {

struct SimulateOptions {
  std::string what;
  std::filesystem::path output;
  std::optional<std::int64_t> frames, cells;
  std::string stimulus, raw;
  std::vector<std::filesystem::path> images;
  std::vector<std::string> assignments;
  bool list = false;
};

int list_presets(const Caller& caller) {
  auto list = nlohmann::json::array();
  for (const auto& preset : plexiform::presets()) {
    if (caller.common.json)
      list.push_back({{"name", preset.name}, {"description", preset.description}});
    else
      std::printf("%-21s %s\n", preset.name.c_str(), preset.description.c_str());
  }
  if (caller.common.json) std::printf("%s\n", nlohmann::json({{"presets", list}}).dump().c_str());
  return 0;
}

plexiform::CellRecipe recipe_of(const SimulateOptions& options, const Caller& caller) {
  plexiform::CellRecipe recipe;
  if (options.what.ends_with(".toml"))
    recipe = plexiform::read_recipe(options.what);
  else
    plexiform::set_recipe_value(recipe, "preset", options.what);
  if (caller.common.seed) recipe.seed = *caller.common.seed;
  if (options.frames) plexiform::set_recipe_value(recipe, "frames", std::to_string(*options.frames));
  if (options.cells) plexiform::set_recipe_value(recipe, "cells", std::to_string(*options.cells));
  if (!options.stimulus.empty()) plexiform::set_recipe_value(recipe, "stimulus", options.stimulus);
  if (!options.images.empty()) recipe.show.images = options.images;
  if (!options.raw.empty()) plexiform::set_recipe_value(recipe, "raw", options.raw);
  for (const auto& assignment : options.assignments) {
    const auto equals = assignment.find('=');
    if (equals == std::string::npos)
      throw plexiform::Error(plexiform::ErrorKind::usage, "--set takes name=value, found '" + assignment + "'");
    plexiform::set_recipe_value(recipe, assignment.substr(0, equals), assignment.substr(equals + 1));
  }
  return recipe;
}

int simulate(const SimulateOptions& options, const Caller& caller) {
  if (options.list) return list_presets(caller);
  if (options.what.empty() || options.output.empty())
    throw plexiform::Error(plexiform::ErrorKind::usage, "simulate takes a preset (or a SPEC.toml) and -o FILE",
                           "plexiform simulate --list names the presets");
  const auto recording = plexiform::simulate(recipe_of(options, caller), caller.lent());
  plexiform::write_recording(options.output, recording);
  std::int64_t spikes = 0;
  for (const auto n : recording.counts.values) spikes += n;
  const auto subunits = static_cast<std::int64_t>(plexiform::driving_subunits(recording.truth[0]).size());
  const auto suppressive = static_cast<std::int64_t>(plexiform::suppressive_subunits(recording.truth[0]).size());
  if (caller.common.json)
    std::printf("%s\n", nlohmann::json({{"recording", options.output.string()},
                                        {"frames", recording.bins()},
                                        {"cells", recording.cells()},
                                        {"spikes", spikes},
                                        {"subunits", subunits},
                                        {"suppressive", suppressive}})
                            .dump()
                            .c_str());
  else if (!caller.common.quiet)
    std::fprintf(stderr, "%s: %ld frames, %ld spikes, %ld subunits%s\n", options.output.c_str(), recording.bins(),
                 spikes, subunits,
                 suppressive > 0 ? (" and " + std::to_string(suppressive) + " that suppress").c_str() : "");
  return 0;
}

}  // namespace

void add_simulate(Program& program) {
  auto options = std::make_shared<SimulateOptions>();
  auto* verb = program.add_verb(program.app, "simulate", "make a recording of a model cell whose circuit is known",
                                "plexiform simulate mosaic5 --seed 101 --frames 30000 -o cell.h5\n  plexiform simulate "
                                "yan2020 --set gain=10 -o yan.h5\n  plexiform simulate onoff --seed 101 --set "
                                "latency_vary=1 -o onoff.h5\n  plexiform simulate mosaic5 --seed 101 --stimulus "
                                "images --images photos -o natural.h5");
  verb->add_option("preset", options->what, "a preset, or a SPEC.toml with the keys of --set");
  verb->add_option("-o,--output", options->output, "recording to write");
  verb->add_option("--frames", options->frames, "frames to simulate (default: the preset's)");
  verb->add_option("--cells", options->cells,
                   "number of cells, with seeds from --seed on, shown the same stimulus (default 1)");
  verb->add_option(
      "--stimulus", options->stimulus,
      "white (default), images, dead_leaves, drifting_gratings, reversing_gratings, flicker or chirp; the\n"
      "cell itself is unchanged");
  verb->add_option("--images", options->images,
                   "files and folders with PNG, JPEG, TIFF or raw images; patches of the last sixth of them are shown\n"
                   "in the last sixth of the frames (the test block) only");
  verb->add_option("--raw", options->raw,
                   "form of raw images: ROWSxCOLUMNS[:BITS][:columns][:big], such as 256x256:8:columns");
  verb->add_option(
      "--set", options->assignments,
      "name=value: gain, target_rate, subunits (relu, half_squared, squared, linear), amplitude, threshold,\n"
      "threshold_of_mean, output (rectified, saturating, exponential), output_scale (standard deviations of drive),\n"
      "spikes (poisson, at_most_one, negative_binomial), fano (variance over mean), sizes_vary and temporal_vary\n"
      "(0.5: by half), surround (weight of a suppressive one), noise (binary, gaussian), frame_rate, stimulus_seed;\n"
      "of its subunits: profile (gaussian, irregular, exponential), subunit_surround (0.45: a surround in each "
      "filter),\n"
      "subunit_surround_size (times the centre), latency_vary (frames), other_polarity (number of ON ones), twins "
      "(yes:\n"
      "an ON one beside each), suppressive (number), suppressive_weight (share of the others'), suppressive_delay\n"
      "(frames), suppressive_size (pixels), suppressive_polarity (same, other);\n"
      "of its gain: divisive_gain (0 to 1), drift and shared_noise (standard deviations of the log gain), refractory\n"
      "(share of the rate that a spike takes from the next frame);\n"
      "of the stimulus: contrast, frames_each (frames that each image is shown), normalisation (set, image), "
      "image_scale\n"
      "(pixels of an image to one of the stimulus), jitter (steps of a shown image, its pixels a frame)");
  verb->add_flag("--list", options->list, "name the presets");
  verb->callback([&program, options] {
    program.action = [&program, options](const Caller& caller) {
      program.interrupts->end_at_once(options->output);
      return simulate(*options, caller);
    };
  });
}
