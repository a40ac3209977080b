#include "plexiform/settings/run.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <sstream>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/recording/geometry.hpp"

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
  if (info.test.frames) run.insert("test_frames", *info.test.frames);
  if (info.test.parts > 0) run.insert("test_part", toml::array{info.test.part, info.test.parts});
  if (!info.names.empty()) {
    toml::array names;
    for (const auto cell : info.cells) names.push_back(info.names.at(cell));
    run.insert("names", names);
  }
  if (const auto& g = info.geometry) {
    run.insert("grid", toml::array{g->shape.channels, g->shape.height, g->shape.width});
    run.insert("frame_rate", g->frame_rate);
    if (g->pixel_um) run.insert("pixel_um", *g->pixel_um);
  }
  std::ostringstream out;
  out << to_toml(info.settings) << "\n" << toml::table{{"run", run}} << "\n";
  return out.str();
}

[[noreturn]] void no_run(const fs::path& run, const std::string& why) {
  throw Error(ErrorKind::file, run.string() + ": not a run directory: " + why,
              "a run directory is what `plexiform fit rec.h5 -o RUN` makes");
}

TestBlock read_test_block(const fs::path& run, const toml::table& table) {
  TestBlock test;
  if (const auto* frames = table.get("test_frames")) {
    test.frames = frames->value_exact<std::int64_t>();
    if (!test.frames || *test.frames < 0) no_run(run, "config.toml has no number of frames as test_frames");
  }
  if (const auto* parts = table.get("test_part")) {
    const auto* list = parts->as_array();
    const bool two = list != nullptr && list->size() == 2 && !test.frames;
    test.part = two ? (*list)[0].value_or<std::int64_t>(0) : 0;
    test.parts = two ? (*list)[1].value_or<std::int64_t>(0) : 0;
    if (test.part < 1 || test.parts < 2 || test.part > test.parts)
      no_run(run, "config.toml has no part of several as test_part, such as [3, 6]");
  }
  return test;
}

std::optional<Geometry> read_geometry(const toml::table& table) {
  const auto* grid = table["grid"].as_array();
  const auto rate = table["frame_rate"].value<double>();
  if (grid == nullptr || grid->size() != 3 || !rate) return std::nullopt;
  const auto side = [&](std::size_t i) { return (*grid)[i].value_or<std::int64_t>(0); };
  return Geometry{{side(0), side(1), side(2)}, *rate, table["pixel_um"].value<double>()};
}

}  // namespace

void create_run(const fs::path& run, const RunInfo& info) {
  if (fs::exists(run))
    throw Error(ErrorKind::usage, run.string() + ": exists already; a run is never overwritten",
                "continue it with --resume, or choose another name");
  std::error_code problem;
  if (!fs::create_directories(run, problem))
    throw Error(ErrorKind::file, run.string() + ": cannot be made: " + problem.message());
  try {
    write_text_atomically(run / "config.toml", to_text(info));
  } catch (...) {
    fs::remove(run, problem);  // only while it is empty
    throw;
  }
}

RunInfo read_run(const fs::path& run) {
  if (!fs::is_directory(run)) no_run(run, "no such directory");
  const fs::path config = run / "config.toml";
  if (!fs::is_regular_file(config)) no_run(run, "it holds no config.toml");
  const std::string text = read_text(config);
  RunInfo info;
  info.settings = parse_settings(text, config.string(), {});
  const toml::table table = toml::parse(text);
  const auto part = table["run"];
  const auto recording = part["recording"].value<std::string>();
  const auto sum = part["checksum"].value<std::string>();
  const auto seed = part["seed"].value<std::int64_t>();
  const auto threads = part["threads"].value<std::int64_t>();
  const auto* cells = part["cells"].as_array();
  if (!recording || !sum || !seed || !threads || cells == nullptr) no_run(run, "config.toml has no whole [run] table");
  info.recording = *recording;
  info.checksum = *sum;
  info.seed = static_cast<std::uint64_t>(*seed);
  info.threads = static_cast<int>(*threads);
  info.test = read_test_block(run, *table["run"].as_table());
  for (const auto& cell : *cells) info.cells.push_back(cell.value_or<std::int64_t>(-1));
  if (const auto* names = part["names"].as_array())
    for (std::size_t i = 0; i < std::min(names->size(), info.cells.size()); ++i)
      info.names[info.cells[i]] = (*names)[i].value_or(std::string());
  info.geometry = read_geometry(*table["run"].as_table());
  if (info.threads < 1 || info.threads > 1024)
    no_run(run, "config.toml has threads = " + std::to_string(*threads) + ", expected 1 to 1024");
  return info;
}

Recording open_run_recording(const RunInfo& info, const std::optional<fs::path>& moved_to) {
  const fs::path path = moved_to.value_or(info.recording);
  if (!fs::exists(path))
    throw Error(ErrorKind::file, path.string() + ": the recording of this run is not there",
                "say where it is now: --recording PATH");
  const std::string found = checksum(path);
  if (found != info.checksum)
    throw Error(ErrorKind::data,
                path.string() + ": is not the recording of this run: checksum " + found + ", expected " + info.checksum,
                "the file has changed since the fit; fit again, or name the unchanged file with --recording PATH");
  Recording recording = read_recording(path);
  use_kept_replay(recording, false);
  for (const auto cell : info.cells)
    if (cell < 0 || cell >= recording.cells())
      throw Error(ErrorKind::data, "the run's config.toml has cell " + std::to_string(cell) + ", " + path.string() +
                                       " has cells 0 to " + std::to_string(recording.cells() - 1));
  return recording;
}

Recording open_other_recording(const RunInfo& info, const std::filesystem::path& other, bool rescale,
                               const std::optional<std::filesystem::path>& moved_to) {
  Recording recording = read_recording(other);
  if (is_flashed(recording))
    throw Error(ErrorKind::data, other.string() + ": is a recording of flashed images, expected one of a movie",
                "plexiform transfer RUN --to FLASHED.h5 tests models of movies on images");
  const Geometry own = info.geometry ? *info.geometry : geometry_of(open_run_recording(info, moved_to));
  const Geometry there = geometry_of(recording);
  if (same_geometry(own, there)) return recording;
  if (!rescale) require_same_geometry("the run's recording", own, other.string(), there);
  const Range all{0, recording.bins()};
  try {
    return rescaled(recording, {&all, 1}, own);
  } catch (const Error& error) {
    throw error.at(other.string());
  }
}

Split run_split(const RunInfo& info, const Recording& recording) {
  SplitSettings split;
  split.lags = info.settings.model.lags;
  split.test = info.test;
  split.block_seconds = info.settings.train.block_seconds;
  return make_split(recording, split);
}

fs::path cell_folder(const fs::path& run, std::int64_t cell) {
  return run / ("cell_" + std::to_string(cell));
}

void mark_done(const fs::path& folder) {
  write_text_atomically(folder / "DONE", "");
}

bool is_done(const fs::path& folder) {
  return fs::exists(folder / "DONE");
}

std::optional<std::string> cell_error(const fs::path& folder) {
  const fs::path file = folder / "error.txt";
  if (!fs::exists(file)) return std::nullopt;
  return read_text(file);
}

void set_cell_error(const fs::path& folder, const std::string& error) {
  write_text_atomically(folder / "error.txt", error);
}

}  // namespace plexiform
