#include "plexiform/recording/formats/import.hpp"

#include <cstdio>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <tuple>

#include "plexiform/base/error.hpp"
#include "program.hpp"

namespace {

using plexiform::Error;
using plexiform::ErrorKind;

/// What is shared by the formats, as the command line gives it.
struct CommonImport {
  plexiform::ImportCommon common;
  std::optional<double> pixel_um;
  std::filesystem::path names;
  std::filesystem::path output;
};

plexiform::ImportCommon resolved(const CommonImport& options) {
  plexiform::ImportCommon common = options.common;
  common.pixel_um = options.pixel_um;
  if (options.names.empty()) return common;
  common.names_file = options.names;
  std::ifstream in(options.names);
  if (!in) throw Error(ErrorKind::file, options.names.string() + ": cannot be opened");
  for (std::string line; std::getline(in, line);)
    if (!line.empty()) common.names.push_back(line);
  return common;
}

void add_common(CLI::App* format, CommonImport& options) {
  format->add_option("--pixel-um", options.pixel_um, "side of a stimulus pixel on the retina, micrometres")
      ->check(Program::positive());
  format->add_option("--names", options.names, "text file with a cell's name a line");
  format->add_option("-o,--output", options.output, "recording to write")->required();
}

/// Of movies: what belongs to which frame.
void add_timing(CLI::App* format, CommonImport& options, bool rate_required) {
  auto* rate = format->add_option("--rate", options.common.frame_rate, "displayed frames per second")
                   ->check(Program::positive());
  if (rate_required) rate->required();
  format->add_option("--lag-offset", options.common.lag_offset, "counts[0] belongs to this stimulus frame (default 0)");
}

int written(const std::filesystem::path& output, const Context& context) {
  const auto recording = plexiform::read_recording(output);
  if (context.common.json)
    std::printf(
        "%s\n",
        nlohmann::json({{"recording", output.string()}, {"cells", recording.cells()}, {"frames", recording.bins()}})
            .dump()
            .c_str());
  else if (!context.common.quiet)
    std::fprintf(
        stderr, "%s: %ld cells, %ld frames with counts; %s\n  plexiform %s %s\n", output.c_str(), recording.cells(),
        recording.bins(), recording.source.c_str(), plexiform::is_flashed(recording) ? "flashed" : "info --check",
        (output.string() + (plexiform::is_flashed(recording) ? " -o DIR shows what they tell" : " looks for mistakes"))
            .c_str());
  return 0;
}

/// The action of a format: import under a signal guard, then say what was written.
template <class Import>
void act(Program& program, CLI::App* format, std::shared_ptr<CommonImport> common, Import import) {
  format->callback([&program, common, import] {
    program.action = [&program, common, import](const Context& context) {
      program.interrupts->end_at_once(common->output);
      import();
      return written(common->output, context);
    };
  });
}

void add_arrays(Program& program, CLI::App& verb) {
  auto common = std::make_shared<CommonImport>();
  auto import = std::make_shared<plexiform::ArraysImport>();
  auto* format =
      program.add_verb(verb, "arrays", "a stimulus and counts as .npy arrays",
                       "plexiform import arrays --stimulus stim.npy --counts counts.npy --rate 30 -o rec.h5");
  format->add_option("--stimulus", import->stimulus, ".npy, [time, h, w] or [time, c, h, w], contrast")->required();
  format->add_option("--counts", import->counts, ".npy, [cell, time] or [cell, trial, time]")->required();
  add_timing(format, *common, true);
  add_common(format, *common);
  act(program, format, common, [common, import] {
    import->common = resolved(*common);
    plexiform::import_arrays(*import, common->output);
  });
}

struct CountsOptions {
  plexiform::CountsImport import;
  std::string stimulus = "ran1", order = "xy";
  std::optional<std::int64_t> frozen_seed;
  std::optional<std::filesystem::path> centers;
};

void add_counts(Program& program, CLI::App& verb) {
  auto common = std::make_shared<CommonImport>();
  auto options = std::make_shared<CountsOptions>();
  auto* format =
      program.add_verb(verb, "counts", "counts under a stimulus that is made again from its seed",
                       "plexiform import counts --counts counts.npy.gz --stimulus ran1 --seed -10000 --width 200 "
                       "--height 150 --order xy --frozen-seed -20000 --frozen-frames 300 --running-frames 1500 "
                       "--centers centers.txt --rate 30 -o rec.h5");
  auto& recipe = options->import.stimulus;
  format->remove_option(format->get_option("--seed"));
  format->add_option("--counts", options->import.counts, ".npy or .npy.gz, [cell, frame] over the running frames")
      ->required();
  format->add_option("--stimulus", options->stimulus, "ran1 (binary) or gasdev (Gaussian)")
      ->check(CLI::IsMember({"ran1", "gasdev"}));
  format->add_option("--seed", recipe.seed, "seed of the running frames, negative")->required();
  format->add_option("--width", recipe.width, "pixels")->required();
  format->add_option("--height", recipe.height, "pixels")->required();
  format->add_option("--order", options->order, "xy: value number x * height + y of a frame; yx: y * width + x")
      ->check(CLI::IsMember({"xy", "yx"}));
  format->add_option("--contrast", recipe.contrast, "contrast (gasdev: standard deviation; default 1)");
  format->add_option("--running-frames", recipe.running_frames, "length of a running block between frozen ones");
  format->add_option("--frozen-frames", recipe.frozen_frames, "length of a frozen block");
  format->add_option("--frozen-seed", options->frozen_seed, "its seed; without it what was shown there is unknown");
  format->add_option("--centers", options->centers, "text file, a line 'x y' a cell, pixels");
  add_timing(format, *common, true);
  add_common(format, *common);
  act(program, format, common, [common, options] {
    auto& import = options->import;
    import.common = resolved(*common);
    import.stimulus.values =
        options->stimulus == "ran1" ? plexiform::NoiseValues::binary : plexiform::NoiseValues::gaussian;
    import.stimulus.order = options->order == "xy" ? plexiform::PixelOrder::xy : plexiform::PixelOrder::yx;
    import.frozen_known = options->frozen_seed.has_value();
    import.stimulus.frozen_seed = options->frozen_seed.value_or(0);
    import.centers = options->centers;
    plexiform::import_counts(import, common->output);
  });
}

void add_spikes(Program& program, CLI::App& verb) {
  auto common = std::make_shared<CommonImport>();
  auto import = std::make_shared<plexiform::SpikesImport>();
  auto* format =
      program.add_verb(verb, "spikes", "spike times in seconds with frame times",
                       "plexiform import spikes --spikes spikes.txt --frame-times frames.txt --stimulus stim.npy -o "
                       "rec.h5");
  format
      ->add_option("--spikes", import->spikes,
                   "text file with a line of times a cell, a table with columns cell,time, or a folder of .npy files")
      ->required();
  format->add_option("--stimulus", import->stimulus, ".npy, [time, h, w] or [time, c, h, w], contrast")->required();
  auto* times =
      format->add_option("--frame-times", import->frame_times, ".npy or text: onset of each displayed frame, seconds");
  format->add_option("--start", import->start, "onset of frame 0, seconds (with --rate)")->excludes(times);
  format
      ->add_option("--frames-per-update", import->frames_per_update,
                   "displayed frames that one stimulus image stayed on")
      ->check(Program::positive());
  add_timing(format, *common, false);
  add_common(format, *common);
  act(program, format, common, [common, import] {
    import->common = resolved(*common);
    if (!import->frame_times && common->common.frame_rate <= 0)
      throw Error(ErrorKind::usage, "import spikes takes --frame-times, or --rate and --start");
    plexiform::import_spikes(*import, common->output);
  });
}

struct FlashedOptions {
  plexiform::FlashedImport import;
  std::string window, raw, monitor;
};

/// "0:300" -> two numbers.
template <class T>
std::pair<T, T> two_numbers(const std::string& option, const std::string& text, char between, const char* expected) {
  std::istringstream in(text);
  T first{}, second{};
  char apart = 0, more = 0;
  if ((in >> first >> apart >> second) && apart == between && !(in >> more)) return {first, second};
  throw Error(ErrorKind::usage, option + " is '" + text + "', expected " + expected);
}

void add_flashed_recording(CLI::App* format, FlashedOptions& options) {
  auto& import = options.import;
  auto* spikes = format->add_option("--spikes", import.spikes,
                                    "spike times, ms after onset: a MATLAB file, {image} of {cell, trial} of times; or "
                                    ".npy\n[spike, 4]: cell, image, trial (from 0), ms");
  format->add_option("--counts", import.counts, ".npy, [cell, trial, image]: spikes in the window")->excludes(spikes);
  format->add_option("--trials", import.trials, "trials of each image in a table of spikes (default: as its last one)")
      ->check(Program::positive())
      ->needs(spikes);
  format
      ->add_option("--cells", import.cells,
                   "cells in a table of spikes (default: as many as names, or as its last one)")
      ->check(Program::positive())
      ->needs(spikes);
  format
      ->add_option("--images", import.images,
                   "image files or folders, in the order of the answers (in a folder by name, image2 before\nimage10); "
                   "or one .npy [image, h, w] of contrast")
      ->required();
  format->add_option("--raw", options.raw,
                     "how raw images lie: ROWSxCOLUMNS[:8|:16][:columns][:big] (columns: column by column)");
  format
      ->add_option("--window", options.window,
                   "A:B, spikes from A to B ms after the onset of an image are counted (B of them left out)")
      ->required();
  auto* contours = format->add_option("--contours", import.contours,
                                      "outlines of receptive fields: a MATLAB file, {cell} of [2, point], or .npy "
                                      "[cell, point, 2]: x, y");
  format
      ->add_option("--monitor", options.monitor,
                   "WIDTHxHEIGHT: contours are in pixels of a monitor of this size, y up, in whose middle the images\n"
                   "lay pixel for pixel (default: pixels of the images, y down)")
      ->needs(contours);
}

void add_flashed_images(Program& program, CLI::App& verb) {
  auto common = std::make_shared<CommonImport>();
  auto options = std::make_shared<FlashedOptions>();
  auto* format = program.add_verb(verb, "flashed", "answers to images that were flashed, several times each",
                                  "plexiform import flashed --spikes spikes.mat --images images --raw "
                                  "256x256:8:columns --window 0:300 --contours receptive_fields.mat --monitor 800x600 "
                                  "-o flashed.h5");
  add_flashed_recording(format, *options);
  add_common(format, *common);
  act(program, format, common, [common, options] {
    auto& import = options->import;
    import.common = resolved(*common);
    std::tie(import.window_begin, import.window_end) =
        two_numbers<double>("--window", options->window, ':', "A:B in ms, such as 0:300");
    if (!options->raw.empty()) import.raw = plexiform::raw_image_from(options->raw);
    if (!options->monitor.empty()) {
      const auto [width, height] =
          two_numbers<std::int64_t>("--monitor", options->monitor, 'x', "WIDTHxHEIGHT in pixels, such as 800x600");
      import.monitor = {width, height};
    }
    if (!import.spikes && !import.counts) throw Error(ErrorKind::usage, "import flashed takes --spikes or --counts");
    plexiform::import_flashed(import, common->output);
  });
}

}  // namespace

void add_import(Program& program) {
  auto* verb = program.add_verb(program.app, "import", "turn foreign data into a recording",
                                "plexiform import arrays --stimulus stim.npy --counts counts.npy --rate 30 -o rec.h5");
  verb->require_subcommand(0, 1);
  auto list = std::make_shared<bool>(false);
  verb->add_flag("--list", *list, "name the formats");
  // Before the formats' own callbacks, which CLI11 runs later.
  verb->preparse_callback([&program, list, verb](std::size_t) {
    program.action = [verb, list](const Context& context) {
      if (!*list) throw Error(ErrorKind::usage, "import takes a format", "plexiform import --list names them");
      auto formats = nlohmann::json::array();
      for (const auto* format : verb->get_subcommands([](const CLI::App*) { return true; })) {
        if (context.common.json)
          formats.push_back({{"name", format->get_name()}, {"description", format->get_description()}});
        else
          std::printf("%-8s %s\n", format->get_name().c_str(), format->get_description().c_str());
      }
      if (context.common.json) std::printf("%s\n", nlohmann::json({{"formats", formats}}).dump().c_str());
      return 0;
    };
  });
  add_arrays(program, *verb);
  add_counts(program, *verb);
  add_spikes(program, *verb);
  add_flashed_images(program, *verb);
}
