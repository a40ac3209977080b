#include "plexiform/study/study_plan.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "plexiform/base/error.hpp"
#include "plexiform/base/nearest.hpp"
#include "plexiform/cell/preset.hpp"
#include "plexiform/cell/presets.hpp"
#include "plexiform/recording/cut.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string>& kind_names() {
  static const std::vector<std::string> names = {"filters", "size", "data", "noise", "threshold"};
  return names;
}

bool is_recording(const StudyRequest& request) {
  return request.what.ends_with(".h5") || fs::exists(request.what);
}

[[noreturn]] void refuse(const StudyRequest& request, double value, const std::string& expected) {
  throw Error(ErrorKind::usage,
              "study " + to_string(request.kind) + ": found the value " + value_text(value) + ", expected " + expected);
}

void check_value(const StudyRequest& request, double value) {
  switch (request.kind) {
    case StudyKind::filters:
    case StudyKind::size:
      if (value < 1 || value > 256 || value != std::floor(value))
        refuse(request, value, "a whole number from 1 to 256");
      break;
    case StudyKind::data:
      if (!(value > 0 && value <= 1)) refuse(request, value, "a share of the frames, above 0 and at most 1");
      break;
    case StudyKind::noise:
    case StudyKind::threshold:
      if (!(value >= 0) || !std::isfinite(value)) refuse(request, value, "a number of 0 or more");
      break;
  }
}

Settings settings_of(const StudyRequest& request, double value) {
  Settings settings = request.settings;
  if (request.kind == StudyKind::filters) set_value(settings, "filters", value_text(value));
  if (request.kind == StudyKind::size) set_value(settings, "filter_size", value_text(value));
  if (request.kind == StudyKind::noise) set_value(settings, "noise", value_text(value));
  check_settings(settings);
  return settings;
}

CellRecipe recipe_of(const StudyRequest& request, double value, std::uint64_t seed) {
  CellRecipe recipe;
  set_recipe_value(recipe, "preset", request.what);
  recipe.seed = seed;
  std::int64_t frames = request.frames.value_or(preset_of(recipe.preset).frames);
  if (request.kind == StudyKind::data) frames = std::llround(value * static_cast<double>(frames));
  set_recipe_value(recipe, "frames", std::to_string(frames));
  if (request.kind == StudyKind::threshold) set_recipe_value(recipe, "threshold_of_mean", value_text(value));
  check_recipe(recipe);
  return recipe;
}

/// Where the recording of a piece lies; those of a model cell that a study does not change serve all its values.
fs::path recording_path(const StudyRequest& request, double value, std::uint64_t seed) {
  const fs::path folder = request.folder / "recordings";
  const bool changed = request.kind == StudyKind::data || request.kind == StudyKind::threshold;
  if (is_recording(request)) return changed ? folder / (value_text(value) + ".h5") : fs::path(request.what);
  return folder / ((changed ? value_text(value) + "_" : "") + std::to_string(seed) + ".h5");
}

}  // namespace

StudyKind study_kind_from(const std::string& name) {
  const auto& names = kind_names();
  const auto at = std::find(names.begin(), names.end(), name);
  if (at != names.end()) return static_cast<StudyKind>(at - names.begin());
  const auto near = nearest(name, names);
  throw Error(ErrorKind::usage, "unknown study '" + name + "'" + (near ? "; did you mean '" + *near + "'?" : ""),
              "known studies: filters, size, data, noise, threshold");
}

std::string to_string(StudyKind kind) {
  return kind_names()[static_cast<std::size_t>(kind)];
}

std::vector<double> usual_values(StudyKind kind) {
  switch (kind) {
    case StudyKind::filters:
      return {1, 2, 4, 8};
    case StudyKind::size:
      return {3, 5, 7, 9};
    case StudyKind::data:
      return {0.1, 0.25, 0.5, 1};
    case StudyKind::noise:
      return {0, 0.1, 0.3, 1};
    case StudyKind::threshold:
      break;
  }
  return {0, 0.5, 1, 1.5};
}

std::string value_text(double value) {
  char text[64];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return {text, end};
}

std::vector<PlannedPiece> plan_study(const StudyRequest& request) {
  const bool recorded = is_recording(request);
  if (recorded && request.kind == StudyKind::threshold)
    throw Error(ErrorKind::usage, "study threshold: " + request.what + " is a recording, whose threshold is what it is",
                "name a preset of model cells: plexiform simulate --list");
  if (recorded && request.frames)
    throw Error(ErrorKind::usage, "--frames is for model cells, and " + request.what + " is a recording",
                "leave it out; study data takes shares of the recording's frames");
  if (!recorded && request.cells != "all")
    throw Error(ErrorKind::usage, "--cells is for recordings, and a model cell is one cell", "leave it out");
  if (request.settings.train.try_forms && (request.kind == StudyKind::filters || request.kind == StudyKind::size))
    throw Error(ErrorKind::usage, "study " + to_string(request.kind) + " decides the form that try_forms would choose",
                "leave try_forms out");
  const auto values = request.values.empty() ? usual_values(request.kind) : request.values;
  if (request.seeds.empty()) throw Error(ErrorKind::usage, "no seed given", "--seeds 101-103");
  if (std::set(values.begin(), values.end()).size() != values.size() ||
      std::set(request.seeds.begin(), request.seeds.end()).size() != request.seeds.size())
    throw Error(ErrorKind::usage, "a value or a seed is given twice", "each once is enough");
  std::optional<std::int64_t> test_frames = 0;
  std::vector<std::int64_t> cells{0};
  if (recorded) {
    const Recording recording = read_recording(request.what);
    cells = parse_cells(request.cells, recording.cells());
    test_frames.reset();
    if (request.kind == StudyKind::data) test_frames = usual_test_frames(recording);
  }
  std::vector<PlannedPiece> plan;
  for (const double value : values) {
    check_value(request, value);
    for (const auto seed : request.seeds) {
      if (!recorded) recipe_of(request, value, seed);
      plan.push_back({value, seed, value_text(value) + "_" + std::to_string(seed), recording_path(request, value, seed),
                      cells, test_frames, settings_of(request, value)});
    }
  }
  return plan;
}

void make_recordings(const StudyRequest& request, const std::vector<PlannedPiece>& plan) {
  for (const auto& piece : plan) {
    if (fs::exists(piece.recording)) continue;
    if (is_recording(request))
      write_recording(piece.recording,
                      cut_recording(read_recording(request.what), piece.value, piece.test_frames.value_or(0)));
    else
      write_recording(piece.recording, simulate(recipe_of(request, piece.value, piece.seed), request.threads));
  }
}

}  // namespace plexiform
