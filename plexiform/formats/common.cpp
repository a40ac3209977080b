#include "plexiform/formats/common.hpp"

#include <cmath>
#include <cstdio>
#include <map>
#include <sstream>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/wording.hpp"
#include "plexiform/recording/magnitudes.hpp"

namespace plexiform {
namespace {

/// Of a value that the caller gave as `parameter`.
void require_given(const Magnitude& magnitude, double value, const std::string& parameter) {
  try {
    require(magnitude, value, ErrorKind::usage);
  } catch (const Error& error) {
    throw error.mended_by(parameter, "30");
  }
}

LightLevel light_of(const CommonOptions& common) {
  if (!(*common.mean_light > 0) || !std::isfinite(*common.mean_light))
    throw Error(ErrorKind::usage,
                "the mean light level is " + number_text(*common.mean_light) + ", expected a number above 0")
        .mended_by("mean_light");
  if (common.mean_light_unit.empty())
    throw Error(ErrorKind::usage, "a mean light level without its unit", "give its unit")
        .mended_by("mean_light_unit", "cd/m2");
  return {*common.mean_light, common.mean_light_unit};
}

}  // namespace

std::vector<std::string> read_names(const std::filesystem::path& path) {
  std::vector<std::string> names;
  std::map<std::string, std::int64_t> line_of;
  std::istringstream lines(read_utf8(path));
  std::string line;
  for (std::int64_t number = 1; std::getline(lines, line); ++number) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) continue;
    const auto [first, is_new] = line_of.emplace(line, number);
    if (!is_new)
      throw Error(ErrorKind::data,
                  "line " + std::to_string(number) + " is '" + line + "', as line " + std::to_string(first->second) +
                      " is, expected names that differ",
                  "cells are matched by name across recordings: give each its own")
          .in_object("line " + std::to_string(number))
          .in_file(path);
    names.push_back(line);
  }
  return names;
}

void apply_common(const CommonOptions& common, std::int64_t cells, Recording& recording) {
  if (common.pixel_um) require_given(kPixelSizes, *common.pixel_um, "pixel_um");
  recording.pixel_um = common.pixel_um;
  if (common.mean_light) recording.mean_light = light_of(common);
  recording.names = common.names;
  if (recording.names.empty()) recording.names.resize(static_cast<std::size_t>(cells));
  if (std::ssize(recording.names) != cells)
    throw Error(ErrorKind::data,
                counted(std::ssize(recording.names), "name") + " for " + counted(cells, "cell") + ", expected one each")
        .in_file(common.names_file);
  require_names_differ(recording.names);
}

void require_frame_rate(double frame_rate) {
  require_given(kFrameRates, frame_rate, "frame_rate");
}

}  // namespace plexiform
