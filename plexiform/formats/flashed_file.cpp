#include "plexiform/formats/flashed_file.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <sstream>
#include <tuple>
#include <utility>

#include "plexiform/base/error.hpp"
#include "plexiform/base/mat_file.hpp"
#include "plexiform/base/npy.hpp"
#include "plexiform/base/wording.hpp"
#include "plexiform/formats/flashed_contours.hpp"
#include "plexiform/formats/parts.hpp"
#include "plexiform/recording/field.hpp"
#include "plexiform/stimulus/image_set.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& path, const std::string& message, const std::string& advice = {}) {
  throw Error(ErrorKind::data, message, advice).in_file(path);
}

/// "0.5", "nan".
std::string text_of(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

/// Counts, and what to say of them.
struct FlashedCounts {
  ImportedCounts counts;
  std::string remark;
};

/// Spikes of each cell, trial and image in the window.
class WindowCounts {
 public:
  WindowCounts(const FlashedOptions& options, std::int64_t cells, std::int64_t trials, std::int64_t images)
      : options_(options) {
    counts_.values = NdArray<std::int32_t>({cells, trials * images});
    counts_.trials = trials;
    counts_.time = images;
    counts_.has_trials = true;
  }

  void add(const fs::path& path, std::int64_t cell, std::int64_t trial, std::int64_t image, double ms) {
    if (!std::isfinite(ms))
      throw Error(ErrorKind::data, "cell " + std::to_string(cell) + ", image " + std::to_string(image) + ", trial " +
                                       std::to_string(trial) + " has a spike at " + text_of(ms) +
                                       " ms, expected a time")
          .of_cell(cell)
          .in_file(path);
    ++spikes_;
    latest_ = std::max(latest_, ms);
    if (ms < options_.window_begin || ms >= options_.window_end) return;
    ++within_;
    ++counts_.values.row(cell)[static_cast<std::size_t>(trial * counts_.time + image)];
  }

  /// The counts, unless the times cannot be what they should be.
  FlashedCounts checked(const fs::path& path) {
    constexpr double kShort = 5;  // ms: no cell of a retina responds sooner, but times in seconds are all below
    if (spikes_ > 0 && latest_ < kShort)
      refuse(path,
             "the latest spike is " + text_of(latest_) + " ms after its image, expected responses later than " +
                 text_of(kShort) + " ms",
             "are these seconds? give milliseconds");
    if (within_ == 0)
      refuse(path,
             "none of " + counted(spikes_, "spike") + " lies in the window from " + text_of(options_.window_begin) +
                 " to " + text_of(options_.window_end) + " ms",
             "choose another window, in ms after the onset of an image");
    return {std::move(counts_), grouped(within_) + " of " + counted(spikes_, "spike") + " lie in it"};
  }

 private:
  const FlashedOptions& options_;
  ImportedCounts counts_;
  std::int64_t spikes_ = 0, within_ = 0;
  double latest_ = -std::numeric_limits<double>::infinity();  ///< ms
};

FlashedCounts from_mat(const FlashedOptions& options, const fs::path& path) {
  const MatValue all = read_mat_cells(path);
  const std::string layout = "expected {image} of {cell, trial} of spike times, as vectors";
  if (all.cells.empty() || std::ranges::count_if(all.shape, [](auto n) { return n > 1; }) > 1)
    refuse(path, "its cell array has shape " + shape_text(all.shape) + ", " + layout);
  const auto images = static_cast<std::int64_t>(all.cells.size());
  const std::vector<std::int64_t> size = all.cells[0].shape;
  if (!all.cells[0].is_cell || size.size() != 2 || size[0] < 1 || size[1] < 1)
    refuse(path, "image 0 is not a cell array {cell, trial}, " + layout);
  WindowCounts to(options, size[0], size[1], images);
  for (std::int64_t image = 0; image < images; ++image) {
    const MatValue& of_image = all.cells[static_cast<std::size_t>(image)];
    if (!of_image.is_cell || of_image.shape != size)
      refuse(path,
             "image " + std::to_string(image) + " has {cell, trial} of " + shape_text(of_image.shape) +
                 ", image 0 has " + shape_text(size) + ", expected the same for all",
             "omit what was not shown to all cells in all trials");
    for (std::int64_t trial = 0; trial < size[1]; ++trial)
      for (std::int64_t cell = 0; cell < size[0]; ++cell) {
        const MatValue& times = of_image.cells[static_cast<std::size_t>(trial * size[0] + cell)];
        if (times.is_cell || std::ranges::count_if(times.shape, [](auto n) { return n > 1; }) > 1)
          throw Error(ErrorKind::data, "image " + std::to_string(image) + ", trial " + std::to_string(trial) +
                                           " is of shape " + shape_text(times.shape) + ", " + layout)
              .of_cell(cell)
              .in_file(path);
        for (const double ms : times.numbers) to.add(path, cell, trial, image, ms);
      }
  }
  return to.checked(path);
}

FlashedCounts from_table(const FlashedOptions& options, const fs::path& path, std::int64_t images) {
  const NdArray<double> table = read_npy(path);
  if (table.shape.size() != 2 || table.shape[1] != 4 || table.shape[0] < 1)
    refuse(path, "has shape " + shape_text(table.shape) + ", expected [spike, 4]: cell, image, trial, ms after onset");
  constexpr const char* kColumns[] = {"cell", "image", "trial"};
  constexpr std::int64_t kMost = 1 << 16;  // cells or trials; a typing error must not ask for all memory
  const std::int64_t stated[] = {options.cells.value_or(0), images, options.trials.value_or(0)};
  std::int64_t sizes[] = {options.cells.value_or(static_cast<std::int64_t>(options.common.names.size())), images,
                          stated[2]};
  for (std::int64_t i = 0; i < table.shape[0]; ++i)
    for (std::size_t column = 0; column < 3; ++column) {
      const double value = table.row(i)[column];
      const auto most = static_cast<double>(stated[column] > 0 ? stated[column] : kMost);
      if (!(value >= 0 && value < most) || value != std::floor(value))
        refuse(path, "spike " + std::to_string(i) + " has " + kColumns[column] + " " + text_of(value) +
                         ", expected a number from 0 to " + text_of(most - 1));
      sizes[column] = std::max(sizes[column], static_cast<std::int64_t>(value) + 1);
    }
  if (static_cast<double>(sizes[0]) * static_cast<double>(sizes[1]) * static_cast<double>(sizes[2]) >
      std::numeric_limits<std::int32_t>::max())
    refuse(path, "lists " + std::to_string(sizes[0]) + " cells and " + std::to_string(sizes[2]) + " trials of " +
                     std::to_string(sizes[1]) + " images, too many to store");
  WindowCounts to(options, sizes[0], sizes[2], sizes[1]);
  for (std::int64_t i = 0; i < table.shape[0]; ++i) {
    const auto row = table.row(i);
    to.add(path, static_cast<std::int64_t>(row[0]), static_cast<std::int64_t>(row[2]),
           static_cast<std::int64_t>(row[1]), row[3]);
  }
  return to.checked(path);
}

FlashedCounts counts_of(const FlashedOptions& options, std::int64_t images) {
  if (options.counts) return {read_counts(*options.counts), ""};
  return is_mat(*options.spikes) ? from_mat(options, *options.spikes) : from_table(options, *options.spikes, images);
}

/// Contrast is below 0 somewhere: half of what is shown is darker than the mean.
void require_contrast(const Stimulus& images, const fs::path& path) {
  const FrameShape shape = images.shape();
  std::vector<float> image(static_cast<std::size_t>(shape.channels * shape.pixels()));
  for (std::int64_t i = 0; i < images.frames(); ++i) {
    images.read(i, i + 1, whole(shape), image);
    if (std::ranges::any_of(image, [](float v) { return v < 0 || std::isnan(v); })) return;
  }
  refuse(path, "no value is below 0, expected contrast",
         "are these luminances? give luminance / its mean over all - 1");
}

std::shared_ptr<const Stimulus> images_of(const FlashedOptions& options) {
  if (options.images.size() == 1 && options.images[0].extension() == ".npy") {
    if (options.raw) throw Error(ErrorKind::usage, "raw images were described, but the images are an array (.npy)");
    std::shared_ptr<const Stimulus> images = npy_stimulus(options.images[0]);
    require_contrast(*images, options.images[0]);
    return images;
  }
  return image_set(image_files(options.images), options.raw);
}

void check(const FlashedOptions& options) {
  if (options.spikes.has_value() == options.counts.has_value())
    throw Error(ErrorKind::usage, options.spikes ? "spike times and counts were given, expected one of them"
                                                 : "neither spike times nor counts were given, expected one of them")
        .mended_by("spikes", "spikes.mat");
  if (options.images.empty()) throw Error(ErrorKind::usage, "a flashed recording needs the images that were shown");
  if (!(std::isfinite(options.window_begin) && std::isfinite(options.window_end) &&
        options.window_end > options.window_begin))
    throw Error(ErrorKind::usage, "the window is " + text_of(options.window_begin) + " to " +
                                      text_of(options.window_end) + " ms, expected its end after its beginning");
  constexpr double kShortest = 1, kLongest = 1e6;  // ms
  if (options.window_end - options.window_begin < kShortest || options.window_end - options.window_begin > kLongest)
    throw Error(ErrorKind::usage, "the window is " + text_of(options.window_end - options.window_begin) +
                                      " ms long, expected " + text_of(kShortest) + " to " + text_of(kLongest));
  if (options.monitor && !options.contours)
    throw Error(ErrorKind::usage, "the size of a monitor without the contours that lie on it").mended_by("contours");
  if ((options.cells || options.trials) && !options.spikes)
    throw Error(ErrorKind::usage, "the number of cells or trials applies only to a spike table, not to counts")
        .mended_by("spikes");
}

}  // namespace

Recording read_flashed(const FlashedOptions& options) {
  check(options);
  constexpr double kMsPerSecond = 1000;
  Recording recording;
  recording.kind = RecordingKind::flashed;
  show(recording, images_of(options));
  const auto [counts, remark] = counts_of(options, recording.stimulus->frames());
  recording.frame_rate = kMsPerSecond / (options.window_end - options.window_begin);
  apply_common(options.common, counts.values.shape[0], recording);
  const fs::path& source = options.counts ? *options.counts : *options.spikes;
  if (counts.time != recording.stimulus->frames())
    refuse(source,
           "has " + counted(counts.time, "image") + ", " + options.images[0].string() + " holds " +
               counted(recording.stimulus->frames(), "image") + ", expected as many",
           options.counts ? "counts are [cell, trial, image]" : "give the images that were shown, in their order");
  std::vector<Stretch> stretches;
  for (std::int64_t trial = 0; trial < counts.trials; ++trial)
    for (std::int64_t image = 0; image < counts.time; ++image)
      stretches.push_back({trial * counts.time + image, 1, image, image, counts.trials > 1 ? trial : std::int64_t{-1}});
  take_stretches(recording, counts.values, stretches);
  take_contours(options, recording);
  recording.source = "import flashed: " + counted(counts.time, "image") + " of " +
                     options.images[0].filename().string() + ", " + counted(counts.trials, "trial") + " of " +
                     source.filename().string() + ", spikes from " + text_of(options.window_begin) + " to " +
                     text_of(options.window_end) + " ms after onset" + (remark.empty() ? "" : ", " + remark);
  validate(recording);
  return recording;
}

namespace {

using O = FlashedOptions;

/// "0:300" -> two numbers.
template <class T>
std::pair<T, T> two_numbers(const std::string& name, const std::string& text, char between, const std::string& form,
                            const std::string& example) {
  std::istringstream in(text);
  T first{}, second{};
  char apart = 0, more = 0;
  if ((in >> first >> apart >> second) && apart == between && !(in >> more)) return {first, second};
  throw Error(ErrorKind::usage, name + " is '" + text + "', expected " + form + ", such as " + example)
      .mended_by(name, example);
}

void set_monitor(O& o, const std::string& text) {
  const auto [width, height] = two_numbers<std::int64_t>("monitor", text, 'x', "WIDTHxHEIGHT in pixels", "800x600");
  o.monitor = {width, height};
}

std::vector<BoundOption<O>> response_options() {
  return {
      bound<O>(
          {.name = "spikes",
           .about = "spike times, ms after onset: a MATLAB file, {image} of {cell, trial} of times; or .npy "
                    "[spike, 4]: cell, image, trial (from 0), ms",
           .example = "spikes.mat"},
          [](O & o) -> auto& { return o.spikes; }),
      bound<O>(
          {.name = "counts", .about = "in place of spikes: .npy, [cell, trial, image], spikes in the window"},
          [](O & o) -> auto& { return o.counts; }),
      bound<O>(
          {.name = "trials",
           .type = OptionType::integer,
           .about = "trials of each image in a table of spikes (default: as its last one)",
           .values = Values::positive},
          [](O & o) -> auto& { return o.trials; }),
      bound<O>(
          {.name = "cells",
           .type = OptionType::integer,
           .about = "cells in a table of spikes (default: as many as names, or as its last one)",
           .values = Values::positive},
          [](O & o) -> auto& { return o.cells; }),
  };
}

std::vector<BoundOption<O>> image_options() {
  return {
      bound<O>(
          {.name = "images",
           .type = OptionType::paths,
           .about = "image files or folders, in the order of the responses (in a folder by name, image2 before "
                    "image10); or one .npy [image, h, w] of contrast",
           .example = "images",
           .need = Need::required},
          [](O & o) -> auto& { return o.images; }),
      bound_text<O>({.name = "raw",
                     .about = "layout of raw images: ROWSxCOLUMNS[:8|:16][:columns][:big] (columns: column by column)",
                     .example = "256x256:8:columns"},
                    [](O& o, const std::string& text) { o.raw = raw_image_from(text); }),
      bound_text<O>({.name = "window_ms",
                     .about = "A:B, spikes from A to B ms after the onset of an image are counted (B of them omitted)",
                     .example = "0:300",
                     .need = Need::required},
                    [](O& o, const std::string& text) {
                      std::tie(o.window_begin, o.window_end) =
                          two_numbers<double>("window_ms", text, ':', "A:B in ms", "0:300");
                    }),
      bound<O>(
          {.name = "contours",
           .about = "outlines of receptive fields: a MATLAB file, {cell} of [2, point], or .npy [cell, point, 2]: "
                    "x, y",
           .example = "receptive_fields.mat"},
          [](O & o) -> auto& { return o.contours; }),
      bound_text<O>({.name = "monitor",
                     .about = "WIDTHxHEIGHT: contours are in pixels of a monitor of this size, y up, with the images "
                              "at its centre, pixel for pixel (default: pixels of the images, y down)",
                     .example = "800x600"},
                    set_monitor),
  };
}

}  // namespace

Format flashed_format() {
  return make_format<O>("flashed", "responses to images that were flashed, several times each",
                        joined<O>({response_options(), image_options(), common_options<O>()}), read_flashed,
                        [](const fs::path& path) { return is_mat(path) || is_npy_of(path, 2, 3); });
}

}  // namespace plexiform
