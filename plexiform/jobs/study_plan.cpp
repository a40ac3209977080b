#include "plexiform/jobs/study_plan.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/wording.hpp"
#include "plexiform/cell/preset.hpp"
#include "plexiform/cell/presets.hpp"
#include "plexiform/form/setting_ranges.hpp"
#include "plexiform/formats/recording_file.hpp"
#include "plexiform/recording/cut.hpp"
#include "plexiform/run/layout.hpp"
#include "plexiform/settings/settings.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const StudyRequest& request, double value, const std::string& expected) {
  throw Error(ErrorKind::usage,
              "study " + to_string(request.kind) + ": found the value " + value_text(value) + ", expected " + expected);
}

/// The setting that a study changes; null where it changes something else.
const char* setting_of(StudyKind kind) {
  switch (kind) {
    case StudyKind::filters:
      return "filters";
    case StudyKind::size:
      return "filter_size";
    case StudyKind::noise:
      return "noise";
    case StudyKind::data:
    case StudyKind::threshold:
      break;
  }
  return nullptr;
}

void check_setting(const StudyRequest& request, const char* setting, double value) {
  const SettingRange& range = setting_range(setting);
  if (!is_in(range, value) || (is_whole(range) && value != std::floor(value)))
    refuse(request, value, expected_text(range));
}

void check_value(const StudyRequest& request, double value) {
  switch (request.kind) {
    case StudyKind::filters:
    case StudyKind::size:
    case StudyKind::noise:
      check_setting(request, setting_of(request.kind), value);
      break;
    case StudyKind::data:
      if (!(value > 0 && value <= 1)) refuse(request, value, "a share of the frames, above 0 and at most 1");
      break;
    case StudyKind::threshold:
      if (!(value >= 0) || !std::isfinite(value)) refuse(request, value, "a number of 0 or more");
      break;
  }
}

Settings settings_of(const StudyRequest& request, double value) {
  Settings settings = request.settings;
  if (const char* setting = setting_of(request.kind)) set_value(settings, setting, value_text(value));
  check_settings(settings);
  return settings;
}

CellRecipe recipe_of(StudyKind kind, const PresetSubject& subject, double value, std::uint64_t seed) {
  CellRecipe recipe;
  set_recipe_value(recipe, "preset", subject.preset);
  recipe.seed = seed;
  std::int64_t frames = subject.frames.value_or(preset_of(recipe.preset).frames);
  if (kind == StudyKind::data) frames = std::llround(value * static_cast<double>(frames));
  set_recipe_value(recipe, "frames", std::to_string(frames));
  if (kind == StudyKind::threshold) set_recipe_value(recipe, "threshold_of_mean", value_text(value));
  check_recipe(recipe);
  return recipe;
}

/// Whether each value needs recordings of its own.
bool changes_recording(StudyKind kind) {
  return kind == StudyKind::data || kind == StudyKind::threshold;
}

/// Where the recording of a piece lies; those of a model cell that a study does not change serve all its values.
fs::path recording_path(const StudyRequest& request, double value, std::uint64_t seed) {
  const bool changed = changes_recording(request.kind);
  if (const auto* recorded = std::get_if<RecordedSubject>(&request.subject))
    return changed ? layout::study_recording(request.folder, value_text(value)) : recorded->recording;
  return layout::study_recording(request.folder, (changed ? value_text(value) + "_" : "") + std::to_string(seed));
}

template <class T>
bool has_twice(const std::vector<T>& values) {
  return std::set(values.begin(), values.end()).size() != values.size();
}

void check_request(const StudyRequest& request, const std::vector<double>& values) {
  if (request.settings.train.try_forms && (request.kind == StudyKind::filters || request.kind == StudyKind::size))
    throw Error(ErrorKind::usage, "study " + to_string(request.kind) + " decides the form that try_forms would choose",
                "leave try_forms out")
        .mended_by("try_forms", "false");
  if (request.seeds.empty()) throw Error(ErrorKind::usage, "no seed given").mended_by("seeds");
  if (has_twice(values) || has_twice(request.seeds))
    throw Error(ErrorKind::usage, "a value or a seed is given twice", "each once is enough");
}

/// What all pieces of a study of these cells share, and what a study of them cannot be.
PlannedPiece planned_of(const StudyRequest& request, const PresetSubject&) {
  PlannedPiece piece;
  piece.cells = {0};
  piece.test_frames = 0;
  piece.settings = request.settings;
  return piece;
}
PlannedPiece planned_of(const StudyRequest& request, const RecordedSubject& subject) {
  if (request.kind == StudyKind::threshold)
    throw Error(ErrorKind::usage, "is a recording, whose threshold cannot be set", "name a preset of model cells")
        .in_file(subject.recording);
  const Recording recording = read_recording(subject.recording);
  PlannedPiece piece;
  piece.cells = checked_cells(subject.cells, recording);
  if (request.kind == StudyKind::data) piece.test_frames = usual_test_frames(recording);
  piece.settings = request.settings;
  return piece;
}

void make_recording(const StudyRequest& request, const PresetSubject& subject, const PlannedPiece& piece,
                    const Context& context) {
  write_recording(piece.recording, simulate(recipe_of(request.kind, subject, piece.value, piece.seed), context));
}
void make_recording(const StudyRequest&, const RecordedSubject& subject, const PlannedPiece& piece, const Context&) {
  write_recording(piece.recording,
                  cut_recording(read_recording(subject.recording), piece.value, piece.test_frames.value_or(0)));
}

}  // namespace

std::string name_of(const StudySubject& subject) {
  if (const auto* recorded = std::get_if<RecordedSubject>(&subject)) return recorded->recording.string();
  return std::get<PresetSubject>(subject).preset;
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
  return number_text(value);
}

std::vector<PlannedPiece> plan_study(const StudyRequest& request) {
  const auto values = request.values.empty() ? usual_values(request.kind) : request.values;
  check_request(request, values);
  const PlannedPiece shared =
      std::visit([&](const auto& subject) { return planned_of(request, subject); }, request.subject);
  const auto* preset = std::get_if<PresetSubject>(&request.subject);
  std::vector<PlannedPiece> plan;
  for (const double value : values) {
    check_value(request, value);
    for (const auto seed : request.seeds) {
      if (preset) recipe_of(request.kind, *preset, value, seed);  // refuses what cannot be made
      PlannedPiece& piece = plan.emplace_back(shared);
      piece.value = value;
      piece.seed = seed;
      piece.name = value_text(value) + "_" + std::to_string(seed);
      piece.recording = recording_path(request, value, seed);
      piece.settings = settings_of(request, value);
    }
  }
  return plan;
}

void make_recordings(const StudyRequest& request, const std::vector<PlannedPiece>& plan, const Context& context) {
  for (const auto& piece : plan) {
    if (path_exists(piece.recording)) continue;
    check_stop(context);
    std::visit([&](const auto& subject) { make_recording(request, subject, piece, context); }, request.subject);
  }
}

}  // namespace plexiform
