#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>

#include "plexiform/base/error.hpp"
#include "plexiform/base/mat_file.hpp"
#include "plexiform/base/npy.hpp"
#include "plexiform/recording/field.hpp"
#include "plexiform/recording/formats/import.hpp"
#include "plexiform/recording/formats/import_parts.hpp"
#include "plexiform/recording/formats/native.hpp"
#include "plexiform/recording/wording.hpp"
#include "plexiform/stimulus/image_set.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& path, const std::string& message, const std::string& advice = {}) {
  throw Error(ErrorKind::data, path.string() + ": " + message, advice);
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
  WindowCounts(const FlashedImport& import, std::int64_t cells, std::int64_t trials, std::int64_t images)
      : import_(import) {
    counts_.values = NdArray<std::int32_t>({cells, trials * images});
    counts_.trials = trials;
    counts_.time = images;
    counts_.has_trials = true;
  }

  void add(const fs::path& path, std::int64_t cell, std::int64_t trial, std::int64_t image, double ms) {
    if (!std::isfinite(ms))
      refuse(path, "cell " + std::to_string(cell) + ", image " + std::to_string(image) + ", trial " +
                       std::to_string(trial) + " has a spike at " + text_of(ms) + " ms, expected a time");
    ++spikes_;
    latest_ = std::max(latest_, ms);
    if (ms < import_.window_begin || ms >= import_.window_end) return;
    ++within_;
    ++counts_.values.row(cell)[static_cast<std::size_t>(trial * counts_.time + image)];
  }

  /// The counts, unless the times cannot be what they should be.
  FlashedCounts checked(const fs::path& path) {
    constexpr double kShort = 5;  // ms: no cell of a retina answers sooner, but times in seconds are all below
    if (spikes_ > 0 && latest_ < kShort)
      refuse(path,
             "the latest spike is " + text_of(latest_) + " ms after its image, expected answers later than " +
                 text_of(kShort) + " ms",
             "are these seconds? give milliseconds");
    if (within_ == 0)
      refuse(path,
             "none of " + counted(spikes_, "spike") + " lies in the window from " + text_of(import_.window_begin) +
                 " to " + text_of(import_.window_end) + " ms",
             "choose another --window, in ms after the onset of an image");
    return {std::move(counts_), grouped(within_) + " of " + counted(spikes_, "spike") + " lie in it"};
  }

 private:
  const FlashedImport& import_;
  ImportedCounts counts_;
  std::int64_t spikes_ = 0, within_ = 0;
  double latest_ = -std::numeric_limits<double>::infinity();  ///< ms
};

FlashedCounts from_mat(const FlashedImport& import, const fs::path& path) {
  const MatValue all = read_mat_cells(path);
  const std::string layout = "expected {image} of {cell, trial} of spike times, as vectors";
  if (all.cells.empty() || std::ranges::count_if(all.shape, [](auto n) { return n > 1; }) > 1)
    refuse(path, "its cell array has shape " + shape_text(all.shape) + ", " + layout);
  const auto images = static_cast<std::int64_t>(all.cells.size());
  const std::vector<std::int64_t> size = all.cells[0].shape;
  if (!all.cells[0].is_cell || size.size() != 2 || size[0] < 1 || size[1] < 1)
    refuse(path, "image 0 is no cell array {cell, trial}, " + layout);
  WindowCounts to(import, size[0], size[1], images);
  for (std::int64_t image = 0; image < images; ++image) {
    const MatValue& of_image = all.cells[static_cast<std::size_t>(image)];
    if (!of_image.is_cell || of_image.shape != size)
      refuse(path,
             "image " + std::to_string(image) + " has {cell, trial} of " + shape_text(of_image.shape) +
                 ", image 0 has " + shape_text(size) + ", expected the same for all",
             "leave out what was not shown to all cells in all trials");
    for (std::int64_t trial = 0; trial < size[1]; ++trial)
      for (std::int64_t cell = 0; cell < size[0]; ++cell) {
        const MatValue& times = of_image.cells[static_cast<std::size_t>(trial * size[0] + cell)];
        if (times.is_cell || std::ranges::count_if(times.shape, [](auto n) { return n > 1; }) > 1)
          refuse(path, "image " + std::to_string(image) + ", cell " + std::to_string(cell) + ", trial " +
                           std::to_string(trial) + " is of shape " + shape_text(times.shape) + ", " + layout);
        for (const double ms : times.numbers) to.add(path, cell, trial, image, ms);
      }
  }
  return to.checked(path);
}

FlashedCounts from_table(const FlashedImport& import, const fs::path& path, std::int64_t images) {
  const NdArray<double> table = read_npy(path);
  if (table.shape.size() != 2 || table.shape[1] != 4 || table.shape[0] < 1)
    refuse(path, "has shape " + shape_text(table.shape) + ", expected [spike, 4]: cell, image, trial, ms after onset");
  constexpr const char* kColumns[] = {"cell", "image", "trial"};
  constexpr std::int64_t kMost = 1 << 16;  // cells or trials; a typing error must not ask for all memory
  const std::int64_t stated[] = {import.cells.value_or(0), images, import.trials.value_or(0)};
  std::int64_t sizes[] = {import.cells.value_or(static_cast<std::int64_t>(import.common.names.size())), images,
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
    refuse(path, "tells of " + std::to_string(sizes[0]) + " cells and " + std::to_string(sizes[2]) + " trials of " +
                     std::to_string(sizes[1]) + " images, more than can be held");
  WindowCounts to(import, sizes[0], sizes[2], sizes[1]);
  for (std::int64_t i = 0; i < table.shape[0]; ++i) {
    const auto row = table.row(i);
    to.add(path, static_cast<std::int64_t>(row[0]), static_cast<std::int64_t>(row[2]),
           static_cast<std::int64_t>(row[1]), row[3]);
  }
  return to.checked(path);
}

/// By the ending of the name, in any case.
bool is_mat(const fs::path& path) {
  std::string ending = path.extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return ending == ".mat";
}

FlashedCounts counts_of(const FlashedImport& import, std::int64_t images) {
  if (import.counts) return {read_counts(*import.counts), ""};
  return is_mat(*import.spikes) ? from_mat(import, *import.spikes) : from_table(import, *import.spikes, images);
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

std::shared_ptr<const Stimulus> images_of(const FlashedImport& import) {
  if (import.images.size() == 1 && import.images[0].extension() == ".npy") {
    if (import.raw) throw Error(ErrorKind::usage, "raw images were described, but the images are an array (.npy)");
    std::shared_ptr<const Stimulus> images = npy_stimulus(import.images[0]);
    require_contrast(*images, import.images[0]);
    return images;
  }
  return image_set(image_files(import.images), import.raw);
}

std::vector<Contour> contours_from_mat(const fs::path& path) {
  std::vector<Contour> contours;
  const MatValue all = read_mat_cells(path);
  for (std::size_t i = 0; i < all.cells.size(); ++i) {
    const MatValue& of_cell = all.cells[i];
    const bool rows = of_cell.shape.size() == 2 && of_cell.shape[0] == 2;
    if (of_cell.is_cell || of_cell.shape.size() != 2 || (!rows && of_cell.shape[1] != 2))
      refuse(path, "cell " + std::to_string(i) + " has shape " + shape_text(of_cell.shape) +
                       ", expected x and y of points: [2, point] or [point, 2]");
    Contour& contour = contours.emplace_back();
    const std::size_t points = of_cell.numbers.size() / 2;
    for (std::size_t p = 0; p < points; ++p)
      contour.push_back(rows ? Place{of_cell.numbers[2 * p], of_cell.numbers[2 * p + 1]}
                             : Place{of_cell.numbers[p], of_cell.numbers[points + p]});
  }
  return contours;
}

std::vector<Contour> contours_from_npy(const fs::path& path) {
  const NdArray<double> all = read_npy(path);
  if (all.shape.size() != 3 || all.shape[2] != 2)
    refuse(path, "has shape " + shape_text(all.shape) + ", expected [cell, point, 2]: x and y");
  std::vector<Contour> contours;
  for (std::int64_t i = 0; i < all.shape[0]; ++i) {
    const auto row = all.row(i);
    Contour& contour = contours.emplace_back();
    for (std::size_t p = 0; p + 1 < row.size(); p += 2) contour.push_back({row[p], row[p + 1]});
  }
  return contours;
}

void take_contours(const FlashedImport& import, Recording& recording) {
  if (!import.contours) return;
  const fs::path& path = *import.contours;
  recording.contours = is_mat(path) ? contours_from_mat(path) : contours_from_npy(path);
  const auto n = static_cast<std::int64_t>(recording.contours.size());
  if (n != recording.cells())
    refuse(path, "has " + counted(n, "contour") + " for " + counted(recording.cells(), "cell") + ", expected one each");
  const FrameShape shape = recording.stimulus->shape();
  if (const auto& monitor = import.monitor) {
    if (monitor->width < shape.width || monitor->height < shape.height)
      throw Error(ErrorKind::usage, "the monitor has " + std::to_string(monitor->width) + " x " +
                                        std::to_string(monitor->height) + " pixels, the images have " +
                                        std::to_string(shape.width) + " x " + std::to_string(shape.height) +
                                        ", expected them to fit on it");
    const double left = static_cast<double>(monitor->width - shape.width) / 2,
                 top = static_cast<double>(monitor->height + shape.height) / 2;
    for (Contour& contour : recording.contours)
      for (Place& place : contour) place = {place.x - left, top - place.y};
  }
  for (std::int64_t i = 0; i < n; ++i) {
    const std::string name = "the contour of cell " + std::to_string(i);
    const Contour& contour = recording.contours[static_cast<std::size_t>(i)];
    for (const Place& place : contour)
      if (!std::isfinite(place.x) || !std::isfinite(place.y)) refuse(path, name + " has a point that is not finite");
    const Field field = [&] {
      try {
        return field_of(contour);
      } catch (const Error& error) {
        throw Error(ErrorKind::data, path.string() + ": cell " + std::to_string(i) + ": " + error.what());
      }
    }();
    const Place middle = field.centre;
    const std::string on_images =
        "the images of " + std::to_string(shape.width) + " x " + std::to_string(shape.height) + " pixels";
    const std::string advice =
        import.monitor ? "is the monitor's size right?" : "are these pixels of the monitor? give its size: --monitor";
    if (!(middle.x >= 0 && middle.y >= 0 && middle.x < static_cast<double>(shape.width) &&
          middle.y < static_cast<double>(shape.height)))
      refuse(path,
             name + " lies around (x " + text_of(middle.x) + ", y " + text_of(middle.y) + "), outside of " + on_images,
             advice);
    if (field.major() > static_cast<double>(std::max(shape.width, shape.height)))
      refuse(path, name + " is " + text_of(2 * field.major()) + " pixels long, more than " + on_images, advice);
    recording.centers.push_back(middle);
  }
}

void check(const FlashedImport& import) {
  if (import.spikes.has_value() == import.counts.has_value())
    throw Error(ErrorKind::usage, "a flashed recording needs spike times or counts, one of them");
  if (import.images.empty()) throw Error(ErrorKind::usage, "a flashed recording needs the images that were shown");
  if (!(std::isfinite(import.window_begin) && std::isfinite(import.window_end) &&
        import.window_end > import.window_begin))
    throw Error(ErrorKind::usage, "the window is " + text_of(import.window_begin) + " to " +
                                      text_of(import.window_end) + " ms, expected its end after its beginning");
  constexpr double kShortest = 1, kLongest = 1e6;  // ms
  if (import.window_end - import.window_begin < kShortest || import.window_end - import.window_begin > kLongest)
    throw Error(ErrorKind::usage, "the window is " + text_of(import.window_end - import.window_begin) +
                                      " ms long, expected " + text_of(kShortest) + " to " + text_of(kLongest));
  if (import.common.lag_offset != 0) throw InternalError("import_flashed: images have no lag");
}

}  // namespace

void import_flashed(const FlashedImport& import, const fs::path& output) {
  check(import);
  constexpr double kMsPerSecond = 1000;
  Recording recording;
  recording.stimulus = images_of(import);
  const auto [counts, remark] = counts_of(import, recording.stimulus->frames());
  ImportCommon common = import.common;
  common.frame_rate = kMsPerSecond / (import.window_end - import.window_begin);
  apply_common(common, counts.values.shape[0], recording);
  const fs::path& source = import.counts ? *import.counts : *import.spikes;
  if (counts.time != recording.stimulus->frames())
    refuse(source,
           "has " + counted(counts.time, "image") + ", " + import.images[0].string() + " holds " +
               counted(recording.stimulus->frames(), "image") + ", expected as many",
           import.counts ? "counts are [cell, trial, image]" : "give the images that were shown, in their order");
  std::vector<Stretch> stretches;
  for (std::int64_t trial = 0; trial < counts.trials; ++trial)
    for (std::int64_t image = 0; image < counts.time; ++image)
      stretches.push_back({trial * counts.time + image, 1, image, image, counts.trials > 1 ? trial : std::int64_t{-1}});
  take_stretches(recording, counts.values, stretches);
  take_contours(import, recording);
  recording.source = "import flashed: " + counted(counts.time, "image") + " of " +
                     import.images[0].filename().string() + ", " + counted(counts.trials, "trial") + " of " +
                     source.filename().string() + ", spikes from " + text_of(import.window_begin) + " to " +
                     text_of(import.window_end) + " ms after onset" + (remark.empty() ? "" : ", " + remark);
  write_recording(output, recording);
}

}  // namespace plexiform
