#include "plexiform/run/run.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <sstream>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/formats/recording_file.hpp"
#include "plexiform/recording/geometry.hpp"
#include "plexiform/run/layout.hpp"
#include "plexiform/run/lock.hpp"
#include "plexiform/settings/settings.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;

std::string to_text(const RunInfo& info) {
  toml::array cells;
  for (const auto cell : info.cells) cells.push_back(cell);
  toml::table run{{"recording", info.recording.string()},
                  {"checksum", info.checksum},
                  {"seed", static_cast<std::int64_t>(info.seed)},
                  {"threads", info.threads},
                  {"cells", cells}};
  if (!info.models_by.empty()) run.insert("models_by", info.models_by);
  if (info.test.frames) run.insert("test_frames", *info.test.frames);
  if (info.test.parts > 0) run.insert("test_part", toml::array{info.test.part, info.test.parts});
  if (!info.names.empty()) {
    toml::array names;
    for (const auto cell : info.cells) {
      const auto name = info.names.find(cell);
      names.push_back(name == info.names.end() ? std::string() : name->second);
    }
    run.insert("names", names);
  }
  if (const auto& g = info.geometry) {
    run.insert("grid", toml::array{g->shape.channels, g->shape.height, g->shape.width});
    run.insert("frame_rate", g->frame_rate);
    if (g->pixel_um) run.insert("pixel_um", *g->pixel_um);
  }
  std::ostringstream out;
  out << "format = \"" << artefacts::config.format << "\"\nversion = " << artefacts::config.version << "\n"
      << to_toml(info.settings) << "\n"
      << toml::table{{"run", run}} << "\n";
  return out.str();
}

[[noreturn]] void refuse(const std::string& found, const std::string& expected);

/// Names that somebody gave. Runs from before files had versions name cells without one "cell 0", "cell 1", ..., all of
/// them.
void read_names(const toml::array* names, RunInfo& info) {
  if (names == nullptr) return;
  if (names->size() != info.cells.size())
    refuse("there are " + std::to_string(names->size()) + " names for " + std::to_string(info.cells.size()) + " cells",
           "one each");
  bool given = false;
  for (std::size_t i = 0; i < info.cells.size(); ++i) {
    const auto name = (*names)[i].value_exact<std::string>();
    if (!name) refuse("a name is not a text", "a text for each cell, \"\" for one without a name");
    if (name->empty()) continue;
    info.names[info.cells[i]] = *name;
    given = given || *name != shown_name("", info.cells[i]);
  }
  if (!given && info.version == 0) info.names.clear();
}

[[noreturn]] void no_run(const fs::path& run, const std::string& why) {
  throw Error(ErrorKind::missing, "not a run directory: " + why, "name a folder that a fit has made").in_file(run);
}

/// `found`: of a key in config.toml.
void refuse(const std::string& found, const std::string& expected) {
  throw Error(ErrorKind::damaged, found + ", expected " + expected,
              "the file is cut off, or was changed by hand: fit again under another name");
}

TestBlock read_test_block(const toml::table& table) {
  TestBlock test;
  if (const auto* frames = table.get("test_frames")) {
    test.frames = frames->value_exact<std::int64_t>();
    if (!test.frames || *test.frames < 0) refuse("test_frames must be a whole number", "at least 0");
  }
  if (const auto* parts = table.get("test_part")) {
    const auto* list = parts->as_array();
    const bool two = list != nullptr && list->size() == 2 && !test.frames;
    test.part = two ? (*list)[0].value_or<std::int64_t>(0) : 0;
    test.parts = two ? (*list)[1].value_or<std::int64_t>(0) : 0;
    if (test.part < 1 || test.parts < 2 || test.part > test.parts)
      refuse("test_part is not one part of several", "two whole numbers such as [3, 6]");
  }
  return test;
}

std::optional<Geometry> read_geometry(const toml::table& table) {
  if (!table.contains("grid") && !table.contains("frame_rate")) return std::nullopt;  // from before 2026-11-28
  const auto* grid = table["grid"].as_array();
  const auto side = [&](std::size_t i) { return (*grid)[i].value_exact<std::int64_t>().value_or(0); };
  if (grid == nullptr || grid->size() != 3 || side(0) < 1 || side(1) < 1 || side(2) < 1)
    refuse("grid is not that of a movie", "channels, rows and columns, such as [1, 16, 16]");
  const auto positive = [&](const char* key) {
    const auto value = table[key].value<double>();
    if (!value || !std::isfinite(*value) || *value <= 0)
      refuse(std::string(key) + " is not a number above 0", "such as 30.0");
    return *value;
  };
  Geometry geometry{{side(0), side(1), side(2)}, positive("frame_rate"), {}};
  if (table.contains("pixel_um")) geometry.pixel_um = positive("pixel_um");
  return geometry;
}

std::vector<std::int64_t> read_cells(const toml::table& table) {
  const auto* list = table["cells"].as_array();
  if (list == nullptr) refuse("there is no list of cells under [run]", "rows of the recording");
  std::vector<std::int64_t> cells;
  for (const auto& entry : *list) {
    const auto cell = entry.value_exact<std::int64_t>();
    if (!cell || *cell < 0) refuse("cells contains an invalid row", "whole numbers of at least 0");
    cells.push_back(*cell);
  }
  return cells;
}

template <class T>
T read_key(const toml::table& table, const char* key, const char* expected) {
  const auto value = table[key].value<T>();
  if (!value) refuse(std::string(key) + " is missing under [run], or of another type", expected);
  return *value;
}

void read_part(RunInfo& info, const toml::table& table) {
  info.recording = read_key<std::string>(table, "recording", "the path of the recording");
  info.checksum = read_key<std::string>(table, "checksum", "the checksum of the recording");
  info.seed = static_cast<std::uint64_t>(read_key<std::int64_t>(table, "seed", "a whole number"));
  const auto threads = read_key<std::int64_t>(table, "threads", "a whole number");
  if (threads < 1 || threads > 1024) refuse("threads is " + std::to_string(threads), "1 to 1024");
  info.threads = static_cast<int>(threads);
  // Config files of version 2 called it made_by at first.
  info.models_by = table["models_by"].value_or(table["made_by"].value_or(std::string()));
  info.test = read_test_block(table);
  info.cells = read_cells(table);
  read_names(table["names"].as_array(), info);
  info.geometry = read_geometry(table);
}

FoundVersion found_in(const toml::table& table) {
  FoundVersion found;
  if (const auto* format = table.get("format")) found.format = format->value_or(std::string("not a text"));
  if (const auto* version = table.get("version")) found.version = version->value_or(-1.0);
  return found;
}

}  // namespace

void require_new_run(const fs::path& run) {
  if (!path_exists(run)) return;
  if (is_run(run))
    throw Error(ErrorKind::usage, "exists already; a run is never overwritten", "continue it, or choose another name")
        .mended_by("resume")
        .in_file(run);
  throw Error(ErrorKind::usage, "exists already, and is not a run", "choose another name for the run").in_file(run);
}

void create_run(const fs::path& run, const RunInfo& info) {
  require_new_run(run);
  if (!make_new_folder(run))
    throw Error(ErrorKind::usage, "exists already: it was made meanwhile", "choose another name for the run")
        .in_file(run);
  try {
    write_text_atomically(layout::config(run), to_text(info));
  } catch (...) {
    std::error_code ignored;
    fs::remove(run, ignored);  // only while it is empty
    throw;
  }
}

bool is_run(const fs::path& folder) {
  return is_file(layout::config(folder));
}

std::string config_sum(const fs::path& run) {
  std::istringstream lines(read_text(layout::config(run)));
  std::string deciding;
  for (std::string line; std::getline(lines, line);)
    if (!line.starts_with("recording = ") && !line.starts_with("threads = ")) deciding += line + "\n";
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(hash_bytes(deciding)));
  return digits;
}

RunInfo read_run(const fs::path& run) {
  if (is_file(run)) no_run(run, "it is a file, expected a folder");
  if (!is_folder(run)) no_run(run, "there is no such folder");
  const fs::path config = layout::config(run);
  if (!is_run(run)) no_run(run, "it holds no " + config.filename().string());
  const std::string text = read_text(config);
  RunInfo info;
  try {
    const toml::table table = toml::parse(text);
    info.version = check_version(artefacts::config, found_in(table), Age::any);
    const auto* part = table["run"].as_table();
    if (part == nullptr) refuse("the [run] table is missing", "a [run] table");
    read_part(info, *part);
  } catch (const toml::parse_error& problem) {
    throw Error(ErrorKind::damaged, "is not TOML: " + std::string(problem.description()))
        .in_object("line " + std::to_string(problem.source().begin.line))
        .in_file(config);
  } catch (const Error& error) {
    throw error.in_file(config);
  }
  try {
    info.settings = parse_settings(text, config.string(), {});
  } catch (const Error& error) {  // whatever is wrong with a setting, the file is
    throw Error(ErrorKind::damaged, error.what(), error.advice()).in_file(config);
  }
  return info;
}

Age age_of(const RunInfo& info) {
  return info.version > 0 ? Age::versioned : Age::any;
}

Origin origin_of(const fs::path& run, const RunInfo& info) {
  Origin origin{info.checksum, {}};
  for (const auto cell : info.cells)
    if (const fs::path model = layout::model(run, cell); is_file(model)) origin.models[cell] = checksum(model);
  return origin;
}

Home home_of(const fs::path& run, const RunInfo& info) {
  std::vector<std::int64_t> ended;  // looked for before the models are: a fit may go on meanwhile
  for (const auto cell : info.cells)
    if (is_done(layout::cell(run, cell))) ended.push_back(cell);
  RunInfo of_ended = info;
  of_ended.cells = ended;
  return {age_of(info), origin_of(run, of_ended)};
}

void require_recording(const RunInfo& info, const fs::path& recording) {
  const std::string found = checksum(recording);
  if (found != info.checksum)
    throw Error(ErrorKind::data, "is not the recording of this run: checksum " + found + ", expected " + info.checksum,
                "the file has changed since the fit began; fit again, or give the path of the unchanged file")
        .in_file(recording)
        .mended_by("recording");
}

Recording open_run_recording(const RunInfo& info, const std::optional<fs::path>& moved_to, const Context& context) {
  const fs::path path = moved_to.value_or(info.recording);
  if (!path_exists(path))
    throw Error(ErrorKind::missing, "the recording of this run was not found", "give its new path")
        .in_file(path)
        .mended_by("recording");
  require_recording(info, path);
  Recording recording = read_recording(path);
  use_kept_replay(recording, false, context);
  for (const auto cell : info.cells)
    if (cell < 0 || cell >= recording.cells())
      throw Error(ErrorKind::data, "has cells 0 to " + std::to_string(recording.cells() - 1) +
                                       ", the run's config.toml has cell " + std::to_string(cell))
          .in_file(path);
  return recording;
}

Recording open_other_recording(const RunInfo& info, const std::filesystem::path& other, bool rescale,
                               const std::optional<std::filesystem::path>& moved_to) {
  Recording recording = read_recording(other);
  if (recording.kind == RecordingKind::flashed)
    throw Error(ErrorKind::data, "is a recording of flashed images, expected one of a movie",
                "a transfer tests models of movies on flashed images")
        .in_file(other);
  const Geometry own = info.geometry ? *info.geometry : geometry_of(open_run_recording(info, moved_to));
  const Geometry there = geometry_of(recording);
  if (same_geometry(own, there)) return recording;
  if (!rescale) require_same_geometry("the run's recording", own, other.string(), there);
  const Range all{0, recording.bins()};
  try {
    return rescaled(recording, {&all, 1}, own);
  } catch (const Error& error) {
    throw error.in_file(other);
  }
}

SplitSettings split_settings(const RunInfo& info) {
  SplitSettings split;
  split.lags = info.settings.model.lags;
  split.test = info.test;
  split.block_seconds = info.settings.train.block_seconds;
  return split;
}

Split run_split(const RunInfo& info, const Recording& recording) {
  return make_split(recording, split_settings(info));
}

fs::path cell_folder(const fs::path& run, std::int64_t cell) {
  return layout::cell(run, cell);
}

fs::path model_path(const fs::path& run, std::int64_t cell) {
  return layout::model(run, cell);
}

std::string mend_of(const RunInfo& info) {
  return info.models_by.empty() ? artefacts::kFitAgain
                                : info.models_by + " again: these models are not fitted by resuming";
}

void mark_done(const fs::path& run) {
  write_text_atomically(layout::done(run), "");
}

bool is_done(const fs::path& folder) {
  return path_exists(layout::done(folder));
}

std::optional<std::string> cell_error(const fs::path& folder) {
  const fs::path file = layout::error(folder);
  if (!path_exists(file)) return std::nullopt;
  return read_text(file);
}

void set_cell_error(const fs::path& folder, const std::string& error) {
  write_text_atomically(layout::error(folder), error);
}

std::vector<Piece> cell_pieces(const RunInfo& info, const Recording& recording) {
  std::vector<Piece> pieces;
  for (const auto cell : info.cells) pieces.push_back({cell, shown_name(recording, cell)});
  return pieces;
}

}  // namespace plexiform
