#include "plexiform/formats/flashed_contours.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>

#include "plexiform/base/error.hpp"
#include "plexiform/base/mat_file.hpp"
#include "plexiform/base/npy.hpp"
#include "plexiform/base/wording.hpp"
#include "plexiform/recording/field.hpp"

namespace plexiform {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void refuse(const fs::path& path, const std::string& message) {
  throw Error(ErrorKind::data, message).in_file(path);
}
[[noreturn]] void refuse_cell(const fs::path& path, std::int64_t cell, const std::string& message,
                              const std::string& advice = {}) {
  throw Error(ErrorKind::data, message, advice).of_cell(cell).in_file(path);
}

/// "0.5", "nan".
std::string text_of(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

std::vector<Contour> contours_from_mat(const fs::path& path) {
  std::vector<Contour> contours;
  const MatValue all = read_mat_cells(path);
  for (std::size_t i = 0; i < all.cells.size(); ++i) {
    const MatValue& of_cell = all.cells[i];
    const bool rows = of_cell.shape.size() == 2 && of_cell.shape[0] == 2;
    if (of_cell.is_cell || of_cell.shape.size() != 2 || (!rows && of_cell.shape[1] != 2))
      refuse_cell(path, static_cast<std::int64_t>(i),
                  "its contour has shape " + shape_text(of_cell.shape) +
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

}  // namespace

bool is_mat(const fs::path& path) {
  std::string ending = path.extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return ending == ".mat";
}

void take_contours(const FlashedOptions& options, Recording& recording) {
  if (!options.contours) return;
  const fs::path& path = *options.contours;
  recording.contours = is_mat(path) ? contours_from_mat(path) : contours_from_npy(path);
  const auto n = static_cast<std::int64_t>(recording.contours.size());
  if (n != recording.cells())
    refuse(path, "has " + counted(n, "contour") + " for " + counted(recording.cells(), "cell") + ", expected one each");
  const FrameShape shape = recording.stimulus->shape();
  if (const auto& monitor = options.monitor) {
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
    const Contour& contour = recording.contours[static_cast<std::size_t>(i)];
    for (const Place& place : contour)
      if (!std::isfinite(place.x) || !std::isfinite(place.y))
        refuse_cell(path, i, "its contour has a point that is not finite");
    const Field field = [&] {
      try {
        return field_of(contour);
      } catch (const Error& error) {
        throw error.of_cell(i).in_file(path);
      }
    }();
    const Place middle = field.centre;
    const std::string on_images =
        "the images of " + std::to_string(shape.width) + " x " + std::to_string(shape.height) + " pixels";
    const std::string advice =
        options.monitor ? "is the monitor's size right?" : "are these pixels of the monitor? give its size";
    if (!(middle.x >= 0 && middle.y >= 0 && middle.x < static_cast<double>(shape.width) &&
          middle.y < static_cast<double>(shape.height)))
      refuse_cell(
          path, i,
          "its contour lies around (x " + text_of(middle.x) + ", y " + text_of(middle.y) + "), outside of " + on_images,
          advice);
    if (field.major() > static_cast<double>(std::max(shape.width, shape.height)))
      refuse_cell(path, i, "its contour is " + text_of(2 * field.major()) + " pixels long, more than " + on_images,
                  advice);
    recording.centers.push_back(middle);
  }
}

}  // namespace plexiform
